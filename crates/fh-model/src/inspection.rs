use serde::{Deserialize, Serialize};

use crate::{
    AcousticMeasures, CallMetadata, CallWarning, Recording, ScoreCard, SpeechRate, Transcript,
    VoiceActivity,
};

/// The name and version of the JSON that an [`Inspection`] is written as.
pub const INSPECTION_SCHEMA: &str = "fairhearing.inspection/1";

/// Which code and data made a result; the same lineage gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    /// Fairhearing's own version.
    pub fairhearing: String,
    /// The decoder's version, such as `wav/1` or `symphonia/0.6.1`.
    pub decoder: String,
    /// How speech was told from silence.
    pub voice_activity: VoiceActivity,
    /// The voice activity detector's version.
    pub voice_activity_version: String,
    /// The text normaliser's version.
    pub normalizer: String,
    /// blake3 of the rule pack, in hex.
    pub rule_pack_digest: String,
}

/// Whether there are words, and if not, why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TranscriptState {
    /// There are words.
    Available,
    /// Nobody speaks in the call.
    NoSpeech,
    /// No recogniser for the language is installed and no transcript lies beside the recording.
    NoRecognizer {
        /// What to run to get one.
        remedy: String,
    },
    /// The recogniser failed.
    Failed {
        /// What went wrong.
        reason: String,
    },
}

/// All that was found out about one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// [`INSPECTION_SCHEMA`].
    pub schema: String,
    /// What was known beforehand.
    pub call: CallMetadata,
    /// The recording.
    pub recording: Recording,
    /// What a person should know before trusting the score.
    pub warnings: Vec<CallWarning>,
    /// What was measured on the sound.
    pub measures: AcousticMeasures,
    /// How fast each channel speaks; empty without words.
    pub speech_rates: Vec<SpeechRate>,
    /// Whether there are words.
    pub transcript_state: TranscriptState,
    /// The words.
    pub transcript: Option<Transcript>,
    /// One card for each scenario that applies.
    pub score_cards: Vec<ScoreCard>,
    /// Which code and data made this.
    pub lineage: Lineage,
}
