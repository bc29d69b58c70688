use std::ffi::OsString;
use std::path::PathBuf;

use fh_model::{Millis, RoleMap};

use crate::{Limits, VoiceActivityChoice};

/// The program that runs [`decode_child_main`](crate::decode_child_main), and what to say to it
/// before the request: for `fairhearing` its own path and the hidden subcommand `decode-child`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildProgram {
    /// The executable.
    pub program: PathBuf,
    /// Arguments that come before the request.
    pub args: Vec<OsString>,
}

/// Where the `ffmpeg` program is, for the formats that nothing built in decodes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Ffmpeg {
    /// The first one on `PATH`, if there is one.
    #[default]
    FromPath,
    /// This one.
    At(PathBuf),
    /// Not to be used.
    Never,
}

/// Whether foreign bytes may be decoded without the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SandboxPolicy {
    /// The child refuses to decode where the kernel cannot lock it in.
    #[default]
    Required,
    /// Limits on memory and processor time only. A decoder with a fault can then do whatever the
    /// user can do.
    Off,
}

/// What becomes of a recording of which only a part could be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PartialPolicy {
    /// The part is used, and the recording says that it is one.
    #[default]
    Accept,
    /// It is an error.
    Refuse,
}

/// How to decode.
#[derive(Debug, Clone)]
pub struct DecodeOptions {
    /// How much it may cost.
    pub limits: Limits,
    /// The call's length by its begin and end times. Tells the rate of files without a header,
    /// and stands in for the declared length where the container has none.
    pub expected_duration: Option<Millis>,
    /// Where `ffmpeg` is.
    pub ffmpeg: Ffmpeg,
    /// Whether the sandbox may be missing.
    pub sandbox: SandboxPolicy,
    /// What becomes of partial recordings.
    pub partial: PartialPolicy,
    /// The program that decodes.
    pub child: ChildProgram,
}

impl DecodeOptions {
    /// The defaults: usual limits, `ffmpeg` from `PATH`, sandbox required, partial calls accepted.
    pub fn new(child: ChildProgram) -> Self {
        Self {
            limits: Limits::default(),
            expected_duration: None,
            ffmpeg: Ffmpeg::default(),
            sandbox: SandboxPolicy::default(),
            partial: PartialPolicy::default(),
            child,
        }
    }
}

/// How to listen to a call.
#[derive(Debug, Clone)]
pub struct ListenOptions {
    /// How to decode.
    pub decode: DecodeOptions,
    /// Who speaks on which channel.
    pub roles: RoleMap,
    /// How speech is told from silence.
    pub voice_activity: VoiceActivityChoice,
    /// Whether the samples are kept for the recogniser, as [`Heard::sound`](crate::Heard::sound).
    pub keep_samples: bool,
}

/// What a preview is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewOptions {
    /// The length that each peak covers; from 10 ms. Default: by the call's length, 10 ms for six
    /// minutes and 100 ms for half an hour and more.
    pub bucket: Option<Millis>,
    /// Whether to encode the call as Ogg Opus. Default yes.
    pub opus: bool,
    /// Bits per second of the Opus stream, all channels together. Default 24,000 for one channel
    /// and 32,000 for two.
    pub bits_per_second: Option<u32>,
}

impl Default for PreviewOptions {
    fn default() -> Self {
        Self { bucket: None, opus: true, bits_per_second: None }
    }
}
