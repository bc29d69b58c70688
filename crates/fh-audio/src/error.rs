use std::fmt;
use std::io;
use std::path::PathBuf;

use fh_model::Millis;
use serde::{Deserialize, Serialize};

/// Where in a recording something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Place {
    /// An offset from the start of the file.
    Byte(u64),
    /// A packet, counted from 0 over all tracks.
    Packet(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(offset) => write!(f, "byte {offset}"),
            Self::Packet(packet) => write!(f, "packet {packet}"),
        }
    }
}

/// What a [`Limits`](crate::Limits) field bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LimitKind {
    /// The file's size in bytes.
    Bytes,
    /// The decoded length in milliseconds.
    Duration,
    /// Channels over all audio tracks.
    Channels,
    /// The sampling rate in hertz.
    Rate,
    /// Memory of the decoding process in bytes.
    Memory,
    /// Processor time of the decoding process in seconds.
    Cpu,
    /// Wall time without a sign of life from the decoding process, in milliseconds.
    Wait,
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Duration => "milliseconds of sound",
            Self::Channels => "channels",
            Self::Rate => "hertz",
            Self::Memory => "bytes of memory",
            Self::Cpu => "seconds of processor time",
            Self::Wait => "milliseconds without a block",
        })
    }
}

/// Why a recording could not be listened to.
///
/// Every variant that is about a recording names its file. [`AudioError::code`] is what other
/// programs should look at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AudioError {
    /// The file cannot be opened or read.
    #[error("cannot read `{}`: {source}", file.display())]
    Unreadable {
        /// The recording.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder, a device or a pipe.
    #[error("expected a regular file, found something else at `{}`", file.display())]
    NotAFile {
        /// What was given.
        file: PathBuf,
    },
    /// There is not one sample in it. Trying again will not help.
    #[error("expected sound in `{}`, found {found}", file.display())]
    Empty {
        /// The recording.
        file: PathBuf,
        /// What there is: "0 bytes", "a header and no samples".
        found: String,
    },
    /// The bytes are no recording that we know.
    #[error("expected a recording in `{}`, found {found}", file.display())]
    UnknownFormat {
        /// The recording.
        file: PathBuf,
        /// What the bytes look like.
        found: String,
    },
    /// A known format that nothing installed decodes.
    #[error("cannot decode `{}`: {format} is not supported: {detail}", file.display())]
    Unsupported {
        /// The recording.
        file: PathBuf,
        /// The container, and the codec where it is known.
        format: String,
        /// What exactly, and what was tried.
        detail: String,
    },
    /// A known format whose decoder is not installed.
    #[error(
        "cannot decode `{}`: {format} needs `{needs}`, which is not installed; \
         `apt install {package}` installs it",
        file.display()
    )]
    MissingDecoder {
        /// The recording.
        file: PathBuf,
        /// The container, and the codec where it is known.
        format: String,
        /// The program or library.
        needs: String,
        /// The Debian package that has it.
        package: String,
    },
    /// The bytes break their own format's rules before there is any sound.
    #[error("`{}` is damaged at {place}: expected {expected}, found {found}", file.display())]
    Malformed {
        /// The recording.
        file: PathBuf,
        /// Where.
        place: Place,
        /// What belongs there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A file without a header whose length fits none of the codecs it may be in.
    #[error(
        "cannot tell the codec of `{}`: expected {expected}, found {bytes} bytes",
        file.display()
    )]
    HeaderlessLength {
        /// The recording.
        file: PathBuf,
        /// Its size.
        bytes: u64,
        /// The sizes that would fit the call's length.
        expected: String,
    },
    /// The recording costs more than allowed.
    #[error("`{}` is over a limit: at most {allowed} {limit} allowed, found {found}", file.display())]
    LimitReached {
        /// The recording.
        file: PathBuf,
        /// Which limit.
        limit: LimitKind,
        /// Its value.
        allowed: u64,
        /// What the recording has or asked for; for memory and time, the limit itself.
        found: u64,
    },
    /// Only a part could be decoded, and partial recordings are refused.
    #[error("`{}` is partial: {reason}", file.display())]
    Partial {
        /// The recording.
        file: PathBuf,
        /// What is missing.
        reason: String,
        /// The length that was decoded.
        decoded: Millis,
    },
    /// The decoding process died before it gave any sound.
    #[error("the decoder died on `{}`: {how}", file.display())]
    DecoderCrashed {
        /// The recording.
        file: PathBuf,
        /// Signal or exit status, and the last thing it said.
        how: String,
    },
    /// The decoding process said something that it must not say.
    #[error("the decoder of `{}` broke the protocol: {detail}", file.display())]
    DecoderProtocol {
        /// The recording.
        file: PathBuf,
        /// What was wrong.
        detail: String,
    },
    /// The decoding process cannot be started.
    #[error("cannot start the decoder `{}`: {source}", program.display())]
    DecoderNotStarted {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The kernel cannot lock the decoding process in, and the sandbox is required.
    #[error("refused to decode without a sandbox: {missing}")]
    SandboxUnavailable {
        /// What the kernel lacks.
        missing: String,
    },
    /// The temporary file for the samples cannot be written or read.
    #[error("cannot keep the samples in a temporary file: {source}")]
    Spill {
        /// What the system said.
        source: io::Error,
    },
    /// The preview cannot be encoded.
    #[error("cannot encode the preview: {detail}")]
    Preview {
        /// What the encoder said.
        detail: String,
    },
    /// The voice activity network cannot be used.
    #[error("cannot analyse the sound: {detail}")]
    VoiceActivity {
        /// Why not.
        detail: String,
    },
}

impl AudioError {
    /// A stable name for programs: what went wrong, without the file.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable",
            Self::NotAFile { .. } => "not_a_file",
            Self::Empty { .. } => "empty",
            Self::UnknownFormat { .. } => "unknown_format",
            Self::Unsupported { .. } => "unsupported",
            Self::MissingDecoder { .. } => "missing_decoder",
            Self::Malformed { .. } => "malformed",
            Self::HeaderlessLength { .. } => "headerless_length",
            Self::LimitReached { .. } => "limit_reached",
            Self::Partial { .. } => "partial",
            Self::DecoderCrashed { .. } => "decoder_crashed",
            Self::DecoderProtocol { .. } => "decoder_protocol",
            Self::DecoderNotStarted { .. } => "decoder_not_started",
            Self::SandboxUnavailable { .. } => "sandbox_unavailable",
            Self::Spill { .. } => "spill",
            Self::Preview { .. } => "preview",
            Self::VoiceActivity { .. } => "voice_activity",
        }
    }
}
