//! Sound in.

mod error;
mod limits;
mod options;

pub use error::{AudioError, LimitKind, Place};
pub use limits::Limits;
pub use options::{
    ChildProgram, DecodeOptions, Ffmpeg, ListenOptions, PartialPolicy, PreviewOptions,
    SandboxPolicy, VoiceActivityChoice,
};
