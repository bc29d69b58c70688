//! How one call is inspected, whoever asks: the program on its command line and the jobs of the
//! service use the same code, so that the same call gives the same bytes.
//!
//! [`listened`](Listened::to) hears the sound, [`Recognizer`] and [`GivenTranscript`] find the words,
//! [`assemble`] holds both against the rules.

mod assemble;
mod chat;
mod given_transcript;
mod listened;
mod recognizer;
mod settings;
mod spoken_language;
mod words;

pub use assemble::assemble;
pub use chat::{ChatLine, inspect_chat};
pub use given_transcript::GivenTranscript;
pub use listened::Listened;
pub use recognizer::{
    EngineWish, REMEDY_ENGINE_NONE, REMEDY_SAY_LANGUAGE, RecognizeError, Recognizer,
};
pub use settings::InspectionSettings;
pub use spoken_language::language_of_text;
pub use words::Words;
