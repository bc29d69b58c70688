//! Finding words in transcripts: one tokenizer for every engine.
//!
//! A text is read as [`Unit`]s: single characters where a script has no spaces (Han, kana, hangul) and
//! for digits, whole words elsewhere; letter case, full-width forms and punctuation do not count.
//! The index has for each call the [`Token`]s of its texts: each two neighbouring characters, the last
//! character of a stretch alone, and each word. A [`Query`] says which tokens a call with the keyword
//! must have; where that does not prove that it has the keyword, the text is looked at.

mod find;
mod query;
mod tokens;
mod units;

pub(crate) use find::{Needle, find};
pub(crate) use query::Query;
pub(crate) use tokens::{Token, tokens_of};
use units::{Unit, units_of};
