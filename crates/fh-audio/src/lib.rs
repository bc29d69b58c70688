//! Bytes to samples to measures.
//!
//! What goes in: a recording's path, who speaks on which channel, how much it may cost. What comes
//! out: the [`Recording`](fh_model::Recording) as it was decoded, its acoustic measures, warnings
//! about its channels and, if asked, its samples at 16 kHz. This crate never sees a word of what is
//! said, and never parses a foreign byte in its caller's process: decoding runs in a child that
//! locks itself in first.
//!
//! ```no_run
//! use std::path::Path;
//! use fh_audio::{ChildProgram, DecodeOptions, ListenOptions, VoiceActivityChoice, listen};
//! use fh_model::{Role, RoleMap};
//!
//! // A program whose subcommand `decode-child` is `fh_audio::decode_child_main`.
//! let child = ChildProgram {
//!     program: std::env::current_exe()?,
//!     args: vec!["decode-child".into()],
//! };
//! let options = ListenOptions {
//!     decode: DecodeOptions::new(child),
//!     roles: RoleMap(vec![Role::Agent, Role::Customer]),
//!     voice_activity: VoiceActivityChoice::Silero,
//!     keep_samples: false,
//! };
//! let heard = listen(Path::new("call.wav"), &options, &mut |_| {})?;
//! println!("{} of {}", heard.measures.channels[0].speech_time, heard.recording.duration);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod analyzer;
mod channel_check;
mod decode;
mod error;
mod limits;
mod listen;
mod measures;
mod options;
mod opus;
mod preview;
mod resample;
mod sandbox;
mod sound;
mod vad;

pub use analyzer::{Analysis, Analyzer};
#[doc(hidden)]
pub use decode::bare::decode_in_this_process;
pub use decode::child::decode_child_main;
pub use decode::parent::{Decoded, Receiver, decode};
pub use error::{AudioError, LimitKind, Place};
pub use limits::Limits;
pub use listen::{Heard, listen};
pub use measures::{MEASURES, Measure};
pub use options::{
    ChildProgram, DecodeOptions, Ffmpeg, ListenOptions, PartialPolicy, PreviewOptions,
    SandboxPolicy,
};
pub use preview::{ChannelPeaks, Preview, preview};
pub use sandbox::SandboxSupport;
pub use sound::Sound;
pub use vad::VoiceActivityChoice;
