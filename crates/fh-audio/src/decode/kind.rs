use serde::{Deserialize, Serialize};

use super::g711::Law;

/// What a recording is, by its content; see [`sniff`](super::sniff::sniff).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// RIFF, RF64 or BW64 with WAVE inside.
    Wav,
    /// AIFF or AIFF-C.
    Aiff,
    /// The stream begins at this offset, after a tag where there is one.
    Flac {
        start: u64,
    },
    Ogg,
    /// Matroska or WebM.
    Matroska,
    /// MP4, M4A, QuickTime, 3GP.
    Mp4,
    /// MPEG layer III; the first frame is at this offset.
    Mp3 {
        start: u64,
    },
    /// AAC in ADTS; the first frame is at this offset.
    Adts {
        start: u64,
    },
    AmrNb,
    AmrWb,
    /// Dialogic/OKI ADPCM without a header, at this rate.
    OkiAdpcm {
        rate_hz: u32,
    },
    /// One byte a sample at 8 kHz without a header.
    RawG711 {
        law: Law,
    },
    /// Only ffmpeg reads it.
    Foreign(Foreign),
}

/// A format that is left to ffmpeg, which is told the format's name and guesses nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Foreign {
    Asf,
    Au,
    Avi,
    Caf,
    Flv,
    MpegLayer2,
    W64,
    RawGsm,
    RawG722,
    RawG726,
    RawG729,
}

impl Kind {
    /// The container's name, the first half of [`Recording::format`](fh_model::Recording::format).
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Aiff => "aiff",
            Self::Flac { .. } => "flac",
            Self::Ogg => "ogg",
            Self::Matroska => "matroska",
            Self::Mp4 => "mp4",
            Self::Mp3 { .. } => "mp3",
            Self::Adts { .. } => "adts",
            Self::AmrNb | Self::AmrWb => "amr",
            Self::OkiAdpcm { .. } | Self::RawG711 { .. } => "raw",
            Self::Foreign(foreign) => match foreign {
                Foreign::Asf => "asf",
                Foreign::Au => "au",
                Foreign::Avi => "avi",
                Foreign::Caf => "caf",
                Foreign::Flv => "flv",
                Foreign::MpegLayer2 => "mpeg",
                Foreign::W64 => "w64",
                Foreign::RawGsm | Foreign::RawG722 | Foreign::RawG726 | Foreign::RawG729 => "raw",
            },
        }
    }

    /// The input arguments that make ffmpeg read it as what it is; `None` where ffmpeg must not
    /// be asked.
    pub(crate) const fn ffmpeg_input(&self) -> Option<&'static [&'static str]> {
        Some(match self {
            Self::Wav => &["-f", "wav"],
            Self::Aiff => &["-f", "aiff"],
            Self::Flac { .. } => &["-f", "flac"],
            Self::Ogg => &["-f", "ogg"],
            Self::Matroska => &["-f", "matroska"],
            Self::Mp4 => &["-f", "mov"],
            Self::Mp3 { .. } => &["-f", "mp3"],
            Self::Adts { .. } => &["-f", "aac"],
            // ffmpeg drops the silence frames of discontinuous AMR (25.8 s of 60 s with 5.1): the
            // call would be scored on a wrong time line.
            Self::AmrNb | Self::AmrWb => return None,
            Self::OkiAdpcm { .. } | Self::RawG711 { .. } => return None,
            Self::Foreign(foreign) => match foreign {
                Foreign::Asf => &["-f", "asf"],
                Foreign::Au => &["-f", "au"],
                Foreign::Avi => &["-f", "avi"],
                Foreign::Caf => &["-f", "caf"],
                Foreign::Flv => &["-f", "flv"],
                Foreign::MpegLayer2 => &["-f", "mp3"],
                Foreign::W64 => &["-f", "w64"],
                Foreign::RawGsm => &["-f", "gsm"],
                Foreign::RawG722 => &["-f", "g722"],
                // 32 kbit/s, the only rate in common use; a header would say.
                Foreign::RawG726 => &["-f", "g726", "-code_size", "4", "-sample_rate", "8000"],
                Foreign::RawG729 => &["-f", "g729"],
            },
        })
    }
}
