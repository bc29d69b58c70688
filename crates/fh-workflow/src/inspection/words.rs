use fh_model::{CallWarning, Transcript, TranscriptState};
use serde::{Deserialize, Serialize};

/// What was found out about what was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Whether there are words, and if not, why not.
    pub state: TranscriptState,
    /// The words.
    pub transcript: Option<Transcript>,
    /// What a person should know of where they come from.
    pub warning: Option<CallWarning>,
}

impl Words {
    /// No words, for this reason.
    pub const fn none(state: TranscriptState) -> Self {
        Self { state, transcript: None, warning: None }
    }

    /// These words.
    pub const fn known(transcript: Transcript) -> Self {
        Self { state: TranscriptState::Available, transcript: Some(transcript), warning: None }
    }
}
