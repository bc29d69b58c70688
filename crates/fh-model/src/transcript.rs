use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{ChannelIndex, Language, Role, Span};

/// A word (in Chinese, often one character) with its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// Where it stands in the utterance's text, in bytes of UTF-8.
    pub bytes: Range<u32>,
    /// When it was said.
    pub span: Span,
    /// The recogniser's confidence in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_permille: Option<u16>,
}

/// One stretch of speech by one speaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utterance {
    /// 1, 2, 3 ... in order of start over all channels; Huawei's `segment_id`.
    pub id: u32,
    /// The channel it was heard on.
    pub channel: ChannelIndex,
    /// Who said it.
    pub role: Role,
    /// When it was said.
    pub span: Span,
    /// What was said, as the recogniser wrote it.
    pub text: String,
    /// The words with their times, in order; empty where the source has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
    /// The recogniser's confidence in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_permille: Option<u16>,
    /// The language heard in this utterance, where the recogniser tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The emotion heard, in the recogniser's word (`happy`, `angry`, `neutral`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emotion: Option<String>,
}

/// Where the words came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TranscriptSource {
    /// One of our engines.
    Engine {
        /// The engine's id, such as `sherpa-onnx`.
        engine: String,
        /// The engine's version.
        version: String,
        /// The model's id, such as `sensevoice-small-int8-2024-07-17`.
        model: String,
        /// blake3 or sha256 of the model, in hex; empty where the engine cannot tell (remote).
        model_digest: String,
    },
    /// A file beside the recording.
    Import {
        /// The format it was read as, such as `webvtt`.
        format: String,
        /// blake3 of the file, in hex.
        digest: String,
    },
}

/// What was said in a call. Utterances are in order of start, then of channel; ids count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// The call's language.
    pub language: Language,
    /// Where the words came from.
    pub source: TranscriptSource,
    /// All channels' utterances.
    pub utterances: Vec<Utterance>,
}

impl Transcript {
    /// Puts utterances in their order and numbers them from 1.
    pub fn new(
        language: Language,
        source: TranscriptSource,
        mut utterances: Vec<Utterance>,
    ) -> Self {
        utterances
            .sort_by_key(|utterance| (utterance.span.start, utterance.channel, utterance.span.end));
        for (id, utterance) in (1..).zip(&mut utterances) {
            utterance.id = id;
        }
        Self { language, source, utterances }
    }
}
