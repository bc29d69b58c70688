//! Text as the rules see it.
//!
//! Transcript and rule phrases go through the same many-to-one fold, so that spelling, width, case
//! and script never stand between a rule and what was said. Matches are reported in the text as it
//! stands in the transcript: [`OffsetMap`] leads back.

mod fold;
mod offsets;
mod regex;

pub(crate) use fold::{fold_into, fold_phrase, is_word_unit};
pub use offsets::{OffsetMap, TextRange};
pub(crate) use regex::{fold_literal, fold_regex};

/// The version of the fold; part of every rule's digest.
///
/// It changes whenever any text folds differently than before, and a test holds it to that.
pub const NORMALIZER_VERSION: &str = "fold/1";
