//! What a mapping may hold: one table a kind of mapping, from which come the check for unknown
//! fields, the suggestions, the JSON Schema and the reference page.

use std::collections::BTreeSet;

use super::reader::Reader;
use super::tree::{Node, Value};
use crate::diagnostic::{Code, Diagnostic};

/// One field of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in the file.
    pub name: &'static str,
    /// What it takes.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, for the reference and for editors.
    pub doc: &'static str,
}

impl Field {
    /// A field that must be there.
    pub const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self { name, shape, required: true, doc }
    }

    /// A field that may be left out.
    pub const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self { name, shape, required: false, doc }
    }
}

/// What a field takes.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Any text.
    Text,
    /// An id: letters, digits, `-`, `_`.
    Id,
    /// A text, or `{ en: ..., zh: ... }`.
    LocalText,
    /// A whole number from the first to the second.
    Whole(u32, u32),
    /// Points: a number with two decimals at most.
    Points,
    /// `true` or `false`.
    Flag,
    /// One of these words, each with its meaning.
    Word(&'static [(&'static str, &'static str)]),
    /// One of these words, or several in a list.
    Words(&'static [(&'static str, &'static str)]),
    /// A duration such as `3s`.
    Duration,
    /// A place in the call such as `first 2 utterances`.
    Window,
    /// A distance: a duration, or `3 utterances`.
    Reach,
    /// A phrase, a `$list`, or a list of such.
    Phrases,
    /// `any`, `all`, or a number from 2.
    Needed,
    /// A regular expression.
    Pattern,
    /// The name of a condition above.
    Condition,
    /// The name of a condition above, or several in a list.
    Conditions,
    /// Units per minute: a number, or `{ zh: ..., en: ... }`.
    Rates,
    /// A `flag_if` expression.
    Expression,
    /// A text, or several in a list.
    Texts,
    /// Names with a text, or several in a list.
    TextMap,
    /// A date and time such as `2026-01-31T09:00:00`.
    DateTime,
    /// A dialogue, one utterance a line.
    Dialogue,
    /// `all`, or a list of rule ids.
    RuleChoice,
    /// A mapping with these fields.
    Map(&'static str),
    /// A list of mappings with these fields.
    ListOf(&'static str),
    /// Names, each with a list of phrases.
    PhraseLists,
    /// Names, each with a condition.
    ConditionMap,
}

/// A mapping whose fields have been checked against its table.
pub(crate) struct Fields<'n> {
    entries: &'n [(Node, Node)],
    pub(crate) node: &'n Node,
}

impl<'n> Fields<'n> {
    /// Checks that `node` is a mapping, that it has only fields of `tables`, each once, and all that
    /// are required. `what` names it in messages: "a rule". `None` where it is no mapping.
    pub(crate) fn of(
        node: &'n Node,
        what: &str,
        tables: &[&[Field]],
        reader: &mut Reader,
    ) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            reader.wrong_type(node, &format!("{what}: a mapping of fields"));
            return None;
        };
        let known = || tables.iter().flat_map(|table| table.iter());
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for (key, _) in entries {
            let Some(name) = reader.key(key) else { continue };
            if !seen.insert(name) {
                reader.report(Diagnostic::new(
                    Code::DUPLICATE_FIELD,
                    key.place,
                    format!("field `{name}` is written twice"),
                ));
            }
            if !known().any(|field| field.name == name) {
                reader.unknown_field(key, name, what, known().map(|field| field.name));
            }
        }
        for field in known().filter(|field| field.required && !seen.contains(field.name)) {
            reader.report(
                Diagnostic::new(
                    Code::MISSING_FIELD,
                    entries.first().map_or(node.place, |(key, _)| key.place),
                    format!("{what} has no `{}`", field.name),
                )
                .expecting_one_of(&[field.name])
                .expecting(format!("`{}`: {}", field.name, lower_first(field.doc))),
            );
        }
        Some(Self { entries, node })
    }

    /// The field's value, where it is there.
    pub(crate) fn get(&self, name: &str) -> Option<&'n Node> {
        self.entry(name).map(|(_, value)| value)
    }

    /// The field's key, where it is there.
    pub(crate) fn key(&self, name: &str) -> Option<&'n Node> {
        self.entry(name).map(|(key, _)| key)
    }

    fn entry(&self, name: &str) -> Option<&'n (Node, Node)> {
        self.entries
            .iter()
            .find(|(key, _)| matches!(&key.value, Value::Text(text) if text.text == name))
    }
}

fn lower_first(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut characters = text.chars();
    match characters.next() {
        // `A list ...` becomes `a list ...`; `JSON` and `N utterances` stay.
        Some(first) if characters.clone().next().is_none_or(|next| !next.is_uppercase()) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}
