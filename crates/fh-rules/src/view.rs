use fh_model::{
    AcousticMeasures, CallMetadata, CallWarning, ScoreCard, SpeechRate, Transcript, VoiceActivity,
};

/// All that the rules see of a call.
#[derive(Debug, Clone, Copy)]
pub struct CallView<'a> {
    /// What was known beforehand.
    pub metadata: &'a CallMetadata,
    /// The words; `None` where they are not known. A call in which nobody speaks has an empty
    /// transcript, which is something else.
    pub transcript: Option<&'a Transcript>,
    /// What was measured on the sound.
    pub measures: &'a AcousticMeasures,
    /// How speech was told from silence.
    pub voice_activity: &'a VoiceActivity,
    /// What is known to be wrong with the recording.
    pub warnings: &'a [CallWarning],
}

/// What the rules say of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How fast each channel speaks; empty without words.
    pub speech_rates: Vec<SpeechRate>,
    /// One card for each scenario that applies, in the order of the pack.
    pub score_cards: Vec<ScoreCard>,
    /// What the words tell about the recording, such as roles that look swapped.
    pub warnings: Vec<CallWarning>,
}
