use serde::Serialize;

use crate::model::Place;

/// `regex: '...'`: a regular expression matches within one utterance of the normalised text.
///
/// A hit is a match; matches of one expression do not overlap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Regex {
    /// The expression in the syntax of Rust's `regex` crate. Checked by the engine.
    pub pattern: String,
    /// Where the expression is written.
    #[serde(skip)]
    pub pattern_place: Place,
    /// `not_matching`: utterances in which this matches do not count. Checked by the engine.
    pub not_matching: Option<String>,
    /// Where that is written.
    #[serde(skip)]
    pub not_matching_place: Place,
}
