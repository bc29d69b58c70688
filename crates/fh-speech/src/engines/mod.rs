//! One file for each recogniser.

pub mod openai_compatible;
pub mod pocketsphinx;
pub mod scripted;
pub mod sherpa_onnx;
