//! Telling speech from silence.
//!
//! Sound is cut into frames of 10 ms, each with a [`Level`]. Two things propose speech: the
//! Silero [`network`], which knows voices but overlooks some loud and distorted ones, and the
//! level's rise over the line's own noise ([`noise_floor`]), which overlooks nothing loud but
//! takes a ringing tone for a voice. Whenever the level rises, the network listens afresh
//! ([`silero`]). [`silero_with_energy`] keeps what the network finds, unless the same sound goes on
//! when the network has changed its mind, and what the level finds where the network at least half
//! believes it. [`own_voice`] then sets the edges by
//! the level, and takes away what is only the other party, heard through a leak.

mod by_level;
mod frames;
mod level;
mod network;
mod noise_floor;
mod own_voice;
mod silero;
mod silero_with_energy;

use fh_model::Span;

pub(crate) use frames::FRAME_MS;
pub(crate) use level::{Level, LevelMeter};
pub(crate) use network::Network;
pub(crate) use noise_floor::{floor_at, noise_floor};
pub(crate) use silero::SileroTrack;

use silero::Probability;

/// How speech is told from silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VoiceActivityChoice {
    /// The Silero network, joined with what the level proposes. The network is built in: it needs
    /// nothing installed, and no memory to speak of.
    #[default]
    Silero,
    /// Level alone: ten times cheaper, and tones, music and noise count as speech. The call says so
    /// in [`CallWarning::VoiceActivityByLevelOnly`](fh_model::CallWarning).
    EnergyOnly,
}

impl VoiceActivityChoice {
    /// The method and its version; results of different versions may differ.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Silero => "silero-v6-16k+energy/2",
            Self::EnergyOnly => "energy/1",
        }
    }
}

/// What is known of one channel.
pub(crate) struct Track {
    /// The level of each frame of 10 ms.
    pub(crate) levels: Vec<Level>,
    /// The network's opinion on each 32 ms, where it was asked.
    pub(crate) probabilities: Option<Vec<Probability>>,
}

/// The speech on each channel, in order and apart from one another.
pub(crate) fn speech(tracks: &[Track]) -> Vec<Vec<Span>> {
    let found: Vec<_> = tracks
        .iter()
        .map(|track| match &track.probabilities {
            Some(probabilities) => silero_with_energy::speech(&track.levels, probabilities),
            None => by_level::speech(&track.levels),
        })
        .collect();
    own_voice::keep(tracks, found)
        .into_iter()
        .map(|runs| runs.into_iter().map(frames::Run::span).collect())
        .collect()
}
