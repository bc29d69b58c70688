use serde::Serialize;

use crate::model::{Phrase, PhraseGroup};

/// `say: [$greeting, 您好]`: words are said.
///
/// A hit is an occurrence of a phrase in one utterance; it never crosses from one utterance to the
/// next. Occurrences that overlap count as one hit (the longest). A phrase of Latin letters or
/// digits matches whole words only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Say {
    /// What is looked for. Never empty.
    pub groups: Vec<PhraseGroup>,
    /// How many different groups must have a hit for any hit to count.
    pub needed: Needed,
    /// `same_utterance: yes`: `needed` is counted within one utterance instead of over the window.
    /// Only with `needed` other than `Any`.
    pub same_utterance: bool,
    /// `not_part_of`: a hit that overlaps one of these in its utterance does not count
    /// (投诉 in 没有投诉).
    pub not_part_of: Vec<Phrase>,
    /// `not_beside`: a hit in an utterance that has one of these anywhere does not count.
    pub not_beside: Vec<Phrase>,
}

/// How many of the groups must be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Needed {
    /// One is enough.
    Any,
    /// Every one.
    All,
    /// `needed: 2`: that many different ones. At least 2, at most the number of groups.
    AtLeast(u32),
}
