use serde::Serialize;

use super::Place;

/// A phrase to listen for, as its author wrote it; the engine normalises it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Phrase {
    /// The words. Never blank.
    pub text: String,
    /// Where it is written: in the condition, or in its phrase list.
    #[serde(skip)]
    pub place: Place,
}

/// Phrases of which one is as good as another: a phrase list, or one phrase standing alone.
///
/// `say: [$greeting, $company, 您好]` has three groups; `needed: all` asks for one hit of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhraseGroup {
    /// The phrase list's name; `None` for a phrase that stands in the condition itself.
    #[serde(skip)]
    pub list: Option<String>,
    /// The phrases, in the order written, without repetition. Never empty.
    pub phrases: Vec<Phrase>,
    /// Where the condition refers to it.
    #[serde(skip)]
    pub place: Place,
}

/// A named phrase list, shared by all rules of its pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhraseList {
    /// The pack that it belongs to; names are told apart by pack.
    pub pack: String,
    /// Its name, without the `$` that refers to it.
    pub name: String,
    /// The phrases. Never empty.
    pub phrases: Vec<Phrase>,
    /// Where its name is written.
    pub place: Place,
}
