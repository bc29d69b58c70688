//! Phrase lists, shared by name within a pack.

use std::collections::{BTreeMap, BTreeSet};

use super::reader::Reader;
use super::tree::{Node, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Phrase, PhraseList, Place};

/// All phrase lists of all sources, found by pack and name.
#[derive(Debug, Default)]
pub(crate) struct PhraseBook {
    lists: Vec<PhraseList>,
    by_name: BTreeMap<(String, String), usize>,
    repeated: Vec<(Place, String)>,
}

impl PhraseBook {
    /// Reads the value of `phrases` in a file of `pack`.
    pub(crate) fn read_lists(&mut self, pack: &str, node: &Node, reader: &mut Reader) {
        let Value::Map(entries) = &node.value else {
            reader.wrong_type(node, "names, each with a list of phrases");
            return;
        };
        for (key, value) in entries {
            let Some(name) = reader.name(key, "the name of a phrase list") else { continue };
            let mut phrases: Vec<Phrase> = Vec::new();
            let mut seen = BTreeSet::new();
            for item in reader.one_or_many(value, &format!("phrase list `{name}`")) {
                let Some(phrase) = self.read_phrase(item, reader) else { continue };
                if seen.insert(phrase.text.clone()) {
                    phrases.push(phrase);
                } else {
                    self.repeated.push((phrase.place, phrase.text));
                }
            }
            let known = self.by_name.get(&(pack.to_owned(), name.to_owned()));
            if known.is_some() {
                reader.report(
                    Diagnostic::new(
                        Code::DUPLICATE_NAME,
                        key.place,
                        format!("pack `{pack}` already has a phrase list `{name}`"),
                    )
                    .expecting("another name"),
                );
                continue;
            }
            self.by_name.insert((pack.to_owned(), name.to_owned()), self.lists.len());
            self.lists.push(PhraseList {
                pack: pack.to_owned(),
                name: name.to_owned(),
                phrases,
                place: key.place,
            });
        }
    }

    /// Reads one phrase, or the `$name` of a list.
    pub(crate) fn read_phrase(&self, node: &Node, reader: &mut Reader) -> Option<Phrase> {
        let text = reader.text(node, "a phrase")?.trim();
        let length = text.chars().count();
        if length > reader.limits.phrase_chars {
            reader.report(
                Diagnostic::new(
                    Code::TOO_LARGE,
                    node.place,
                    format!("the phrase has {length} characters"),
                )
                .expecting(format!("at most {}", reader.limits.phrase_chars)),
            );
            return None;
        }
        let referred = text.strip_prefix('@').filter(|name| name.starts_with(char::is_alphabetic));
        if let Some(name) = referred {
            reader.report(
                Diagnostic::new(
                    Code::UNKNOWN_PHRASES,
                    node.place,
                    format!("`{text}` does not refer to a phrase list"),
                )
                .expecting("`$` before the name of a list")
                .suggesting(format!("${name}")),
            );
            return None;
        }
        Some(Phrase { text: text.to_owned(), place: node.place })
    }

    pub(crate) fn find(&self, pack: &str, name: &str) -> Option<&PhraseList> {
        let index = self.by_name.get(&(pack.to_owned(), name.to_owned()))?;
        self.lists.get(*index)
    }

    /// The names of a pack's lists.
    pub(crate) fn names(&self, pack: &str) -> Vec<&str> {
        self.lists.iter().filter(|list| list.pack == pack).map(|list| list.name.as_str()).collect()
    }

    /// How many phrases all lists have together.
    pub(crate) fn phrases(&self) -> usize {
        self.lists.iter().map(|list| list.phrases.len()).sum()
    }

    /// The lists, and the phrases that stood in theirs twice.
    pub(crate) fn into_parts(self) -> (Vec<PhraseList>, Vec<(Place, String)>) {
        (self.lists, self.repeated)
    }
}
