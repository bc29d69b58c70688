use std::collections::BTreeMap;

use fh_model::Language;
use serde::Serialize;

use crate::model::{ConditionIndex, Reach};

/// `faster_than: { zh: 320, en: 190 }, by: agent, per: call`: how fast somebody speaks.
///
/// Speed is units (Han characters; words of other scripts; no punctuation) a minute of speech.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Speed {
    /// `faster_than` or `slower_than`.
    pub direction: SpeedLimit,
    /// Units per minute by the call's language; 1 to 10,000. A call in a language that is not
    /// here cannot be evaluated. Never empty.
    pub per_minute: BTreeMap<Language, u32>,
    /// Over what the speed is taken.
    pub per: SpeedPer,
    /// `min_length: 12`: with [`SpeedPer::Utterance`], utterances of fewer units do not count;
    /// with [`SpeedPer::Call`], nor do channels of fewer. At least 1.
    pub min_length: u32,
    /// `unless: x`: excused when one of these (conditions above this one) has a hit within reach
    /// of the utterance (either side), or anywhere in the call for [`SpeedPer::Call`].
    pub unless: Vec<ConditionIndex>,
    /// How near the excuse must be; the whole call where the file does not say.
    pub within: Reach,
}

/// Which side of the limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SpeedLimit {
    /// Strictly above it.
    FasterThan,
    /// Strictly below it.
    SlowerThan,
}

/// Over what a speed is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SpeedPer {
    /// Each utterance: a hit is an utterance beyond the limit, over its own length.
    Utterance,
    /// A channel's whole speech, over its speech time: at most one hit a channel.
    Call,
}
