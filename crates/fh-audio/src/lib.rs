//! Sound in.

mod analyzer;
mod channel_check;
mod error;
mod limits;
mod measures;
mod options;
mod vad;

pub use analyzer::{Analysis, Analyzer};
pub use error::{AudioError, LimitKind, Place};
pub use limits::Limits;
pub use measures::{MEASURES, Measure};
pub use options::{
    ChildProgram, DecodeOptions, Ffmpeg, ListenOptions, PartialPolicy, PreviewOptions,
    SandboxPolicy,
};
pub use vad::VoiceActivityChoice;
