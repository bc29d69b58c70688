//! Measures that need words.

mod roles_look_swapped;
mod speech_rate;

pub(crate) use roles_look_swapped::roles_look_swapped;
pub use speech_rate::{SpeechCounting, count_speech_units, speech_rates};
