use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Millis;

/// A channel of a recording, counted from 0 (left).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ChannelIndex(pub u8);

impl fmt::Display for ChannelIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The code that turned the bytes into samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DecoderPath {
    /// Our RIFF/RF64 reader: PCM, float, A-law, mu-law, ADPCM.
    Wav,
    /// Our AIFF and AIFF-C reader.
    Aiff,
    /// Our reader of headerless OKI/Dialogic ADPCM (`.vox`, Huawei `.V3`).
    OkiAdpcm,
    /// Our reader of headerless A-law or mu-law.
    RawG711,
    /// The symphonia library, with libopus for Opus.
    Symphonia,
    /// The opencore-amr libraries.
    OpencoreAmr,
    /// The ffmpeg program.
    Ffmpeg,
    /// None: a chat has no sound.
    Chat,
}

/// Whether all of the recording could be decoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Completeness {
    /// Everything that the container declares is there.
    Complete,
    /// Less was decoded than declared, or a fault ended decoding early.
    Partial {
        /// What is missing and where the fault lies, for a person.
        reason: String,
        /// The length that the container or the call's own times declare.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        declared: Option<Millis>,
    },
}

impl Completeness {
    /// Whether something is missing.
    pub const fn is_partial(&self) -> bool {
        matches!(self, Self::Partial { .. })
    }
}

/// How speech was told from silence.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VoiceActivity {
    /// The Silero network, joined with an energy proposal that it confirms.
    SileroWithEnergy,
    /// Level alone, because somebody asked for it.
    EnergyOnly,
    /// There is no sound: the call is a chat.
    NoSound,
}

/// A recording as it was decoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// The file's name without its folder.
    pub file_name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// blake3 of the bytes, in hex.
    pub digest: String,
    /// The container and codec, such as `wav/pcm_mulaw` or `ogg/opus`.
    pub format: String,
    /// The code that decoded it.
    pub decoder: DecoderPath,
    /// The rate it was recorded at.
    pub sample_rate_hz: u32,
    /// Channels in the file; identical channels still count here.
    pub channels: u8,
    /// The decoded length.
    pub duration: Millis,
    /// Whether all of it was decoded.
    pub completeness: Completeness,
}
