use serde::{Deserialize, Serialize};

use crate::{ChannelIndex, Decibels};

/// Something about a call that a person should know before trusting its score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CallWarning {
    /// The channels carry the same sound; the call is treated as mono.
    IdenticalChannels,
    /// One channel never carries a voice or any level.
    DeadChannel {
        /// The silent channel.
        channel: ChannelIndex,
    },
    /// Samples at full scale.
    Clipping {
        /// The channel.
        channel: ChannelIndex,
        /// Clipped samples per million.
        per_million: u32,
    },
    /// The samples do not swing around zero.
    DcOffset {
        /// The channel.
        channel: ChannelIndex,
        /// Mean of the samples, in millionths of full scale.
        millionths: i32,
    },
    /// Both parties are on one channel: who spoke is not known, so rules on a role are not evaluated.
    MixedParties,
    /// Nobody said which channel is the agent's, and nothing tells.
    RolesUnknown,
    /// What is said suggests that agent and customer are on each other's channels.
    RolesLookSwapped,
    /// Speech leaks from one channel into the other.
    Crosstalk {
        /// The channel that hears the other.
        channel: ChannelIndex,
        /// How much weaker the leak is than its source.
        leak: Decibels,
    },
    /// Speech was told from silence by level alone; interruption findings are not to be trusted.
    VoiceActivityByLevelOnly,
    /// The words come from a try-out recogniser that is wrong too often to score real calls.
    TryOutRecognizer {
        /// The engine's id.
        engine: String,
    },
}

impl CallWarning {
    /// The stable name, as in JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::IdenticalChannels => "identical_channels",
            Self::DeadChannel { .. } => "dead_channel",
            Self::Clipping { .. } => "clipping",
            Self::DcOffset { .. } => "dc_offset",
            Self::MixedParties => "mixed_parties",
            Self::RolesUnknown => "roles_unknown",
            Self::RolesLookSwapped => "roles_look_swapped",
            Self::Crosstalk { .. } => "crosstalk",
            Self::VoiceActivityByLevelOnly => "voice_activity_by_level_only",
            Self::TryOutRecognizer { .. } => "try_out_recognizer",
        }
    }
}
