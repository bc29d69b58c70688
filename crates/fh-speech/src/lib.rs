//! Samples in, transcript out.
//!
//! What goes in: where speech is on each channel, and a way to read its samples; or the bytes of a
//! transcript that somebody else made. What comes out: a [`fh_model::Transcript`] with times on the
//! call's own clock. This crate opens no recording, recognises nothing that voice activity
//! detection did not find, fetches nothing unasked and logs nothing of what was said. Native
//! recognisers run in a child process, because they end the process they are in when a model is
//! damaged.
//!
//! ```
//! use fh_model::{ChannelIndex, Language, Millis, Role, Span};
//! use fh_speech::engines::scripted::{Script, Scripted, ScriptedWord};
//! use fh_speech::{ChannelSpeech, transcribe};
//!
//! let hello = Span::new(Millis(1_000), Millis(1_400));
//! let word = ScriptedWord { channel: ChannelIndex(0), span: hello, text: "hello".to_owned() };
//! let mut engine = Scripted::new(Script { words: vec![word] });
//! let speech = ChannelSpeech { channel: ChannelIndex(0), role: Role::Agent, speech: vec![hello] };
//! let mut read = |_channel: ChannelIndex, span: Span| {
//!     Ok(vec![0.1; span.length().to_samples(16_000) as usize])
//! };
//! let transcript = transcribe(
//!     &mut engine, &[speech], Language::EnUs, &mut read, &mut |_recognised| {},
//! )?;
//! assert_eq!(transcript.utterances[0].text, "hello");
//! assert_eq!(transcript.utterances[0].words[0].span, hello);
//! # Ok::<(), fh_speech::SpeechError>(())
//! ```

pub mod accuracy;
mod beside;
mod child;
mod conformance;
mod cutting;
mod engine;
pub mod engines;
mod error;
pub mod importers;
mod language_name;
pub mod models;
mod parallel;
mod spacing;
mod transcribe;
mod word_place;

pub use beside::{transcript_beside, transcript_names};
pub use child::{ChildProgram, recognize_child_main};
pub use conformance::check_engine;
pub use engine::{
    Clip, ENGINES, Engine, EngineEntry, EngineInfo, EngineSettings, ModelChoice, OpenEngine,
    Recognized, RecognizedWord, SAMPLE_RATE_HZ, choose_engine, open_engine, open_engine_for,
};
pub use error::{NoRecognizer, SpeechError};
pub use importers::{IMPORTERS, ImportError, ImportOptions, import_transcript};
pub use transcribe::{ChannelSpeech, speech_time, transcribe};
