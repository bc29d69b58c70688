//! Reads one line under `listen_for`.

use super::fields::{Field, Fields, Shape};
use super::phrases::PhraseBook;
use super::reader::{Reader, WordTable};
use super::suggest::closest;
use super::tree::{Node, Text, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Condition, ConditionIndex, ConditionKind, PhraseGroup, Reach, Scope, Window};

/// Who can be listened to.
pub(crate) const ROLES: WordTable = &[
    ("agent", "The contact centre's person."),
    ("customer", "The person who called or was called."),
];

/// `by`.
pub(crate) const BY: Field = Field::optional(
    "by",
    Shape::Word(ROLES),
    "Whose words or whose doing; anybody's where it is left out.",
);
/// `in`.
pub(crate) const IN: Field = Field::optional(
    "in",
    Shape::Window,
    "Where in the conversation: `first 2 utterances` (of the party in `by`), `last utterance`, `first 30s`, `last 30s`. Anywhere where it is left out.",
);
/// `at_least`.
pub(crate) const AT_LEAST: Field = Field::optional(
    "at_least",
    Shape::Whole(1, 1_000),
    "How many hits are needed for the condition to hold; one where it is left out.",
);

/// How a kind of condition is written: all that the reader, the schema and the reference need.
#[derive(Debug)]
pub struct Surface {
    /// The kind's name, which is also how a reader finds its page.
    pub name: &'static str,
    /// The fields of which one tells that a condition is of this kind.
    pub heads: &'static [&'static str],
    /// What it listens for, in a sentence or two.
    pub doc: &'static str,
    /// A condition of this kind, as written.
    pub example: &'static str,
    /// Its own fields, heads first.
    pub fields: &'static [Field],
    /// Which of `by`, `in` and `at_least` it takes.
    pub scope: &'static [Field],
    /// Whether `in` counts utterances (else only time has a meaning).
    pub counts_utterances: bool,
    pub(crate) read: fn(&Fields<'_>, &mut ConditionReader<'_>) -> Option<ConditionKind>,
}

/// What a condition's own fields are read with.
pub(crate) struct ConditionReader<'a> {
    pub(crate) reader: &'a mut Reader,
    pub(crate) phrases: &'a PhraseBook,
    /// The pack whose phrase lists are meant.
    pub(crate) pack: &'a str,
    /// The names of all conditions of the rule, in order.
    pub(crate) names: &'a [&'a str],
    /// How many of them stand above the one that is read.
    pub(crate) above: usize,
}

/// Reads the condition `names[above]`.
pub(crate) fn read(
    key: &Node,
    node: &Node,
    context: &mut ConditionReader<'_>,
) -> Option<Condition> {
    let surface = surface_of(node, context.reader)?;
    let what = format!("a `{}` condition", surface.name);
    let fields = Fields::of(node, &what, &[surface.fields, surface.scope], context.reader)?;
    let scope = read_scope(&fields, surface, context.reader);
    let kind = (surface.read)(&fields, context);
    Some(Condition {
        name: context.names.get(context.above).map(|name| (*name).to_owned())?,
        scope: scope?,
        kind: kind?,
        place: key.place,
    })
}

/// The kind of condition, told from the fields that are there.
fn surface_of(node: &Node, reader: &mut Reader) -> Option<&'static Surface> {
    let heads = || ConditionKind::SURFACES.iter().flat_map(|surface| surface.heads.iter().copied());
    let Value::Map(entries) = &node.value else {
        reader.wrong_type(node, "a condition such as `{ say: [您好], by: agent }`");
        return None;
    };
    let mut found: Option<(&'static Surface, &str)> = None;
    for (key, _) in entries {
        let Value::Text(Text { text, .. }) = &key.value else { continue };
        let surface =
            ConditionKind::SURFACES.iter().find(|surface| surface.heads.contains(&text.as_str()));
        match (surface, found) {
            (Some(surface), Some((other, first))) if surface.name != other.name => {
                reader.report(
                    Diagnostic::new(
                        Code::FIELDS_CLASH,
                        key.place,
                        format!("`{text}` and `{first}` stand in one condition"),
                    )
                    .expecting("a condition of its own for each, joined in `flag_if`"),
                );
                return None;
            }
            (Some(surface), None) => found = Some((surface, text)),
            _ => {}
        }
    }
    if let Some((surface, _)) = found {
        return Some(surface);
    }
    let known: Vec<&str> = heads().collect();
    // The field that looks most like one of ours is the one that was meant to tell the kind.
    let near = entries.iter().find_map(|(key, _)| match &key.value {
        Value::Text(Text { text, .. }) if !["by", "in", "at_least"].contains(&text.as_str()) => {
            closest(text, known.iter().copied()).map(|meant| (key.place, text, meant))
        }
        _ => None,
    });
    let diagnostic = match near {
        Some((place, text, meant)) => Diagnostic::new(
            Code::UNKNOWN_FIELD,
            place,
            format!("a condition has no field `{text}`"),
        )
        .suggesting(meant),
        None => Diagnostic::new(
            Code::MISSING_FIELD,
            entries.first().map_or(node.place, |(key, _)| key.place),
            "the condition says not what to listen for",
        ),
    };
    reader.report(diagnostic.expecting_one_of(&known));
    None
}

fn read_scope(fields: &Fields<'_>, surface: &Surface, reader: &mut Reader) -> Option<Scope> {
    let mut scope = Scope::default();
    if let Some(node) = fields.get("by") {
        scope.by = Some(reader.role(node)?);
    }
    if let Some(node) = fields.get("in") {
        scope.window = reader.window(node)?;
        let counts = matches!(scope.window, Window::FirstUtterances(_) | Window::LastUtterances(_));
        if counts && !surface.counts_utterances {
            reader.report(
                Diagnostic::new(
                    Code::INVALID_WINDOW,
                    node.place,
                    format!("a `{}` condition is placed by time, not by utterances", surface.name),
                )
                .expecting("a part of the call such as `first 30s`"),
            );
            return None;
        }
    }
    if let Some(node) = fields.get("at_least") {
        scope.at_least = reader.whole(node, "`at_least`", 1, 1_000)?;
    }
    Some(scope)
}

impl ConditionReader<'_> {
    /// A condition above this one, by name.
    pub(crate) fn condition(&mut self, node: &Node) -> Option<ConditionIndex> {
        let name = self.reader.text(node, "a condition's name")?;
        let own = self.names.get(self.above).copied().unwrap_or_default();
        match self.names.iter().position(|known| *known == name) {
            Some(index) if index < self.above => return Some(ConditionIndex(index)),
            Some(index) if index == self.above => self.reader.report(
                Diagnostic::new(
                    Code::CONDITION_BELOW,
                    node.place,
                    format!("condition `{name}` refers to itself"),
                )
                .expecting("the name of a condition above it"),
            ),
            Some(_) => self.reader.report(
                Diagnostic::new(
                    Code::CONDITION_BELOW,
                    node.place,
                    format!("condition `{name}` stands below `{own}`, which refers to it"),
                )
                .expecting(format!("`{name}` above `{own}`")),
            ),
            None => {
                let above = &self.names[..self.above.min(self.names.len())];
                let mut diagnostic = Diagnostic::new(
                    Code::UNKNOWN_CONDITION,
                    node.place,
                    format!("the rule listens for no condition `{name}`"),
                );
                diagnostic = match above {
                    [] => diagnostic.expecting("a condition above this one; there is none"),
                    above => diagnostic.expecting_one_of(above),
                };
                if let Some(meant) = closest(name, above.iter().copied()) {
                    diagnostic = diagnostic.suggesting(meant);
                }
                self.reader.report(diagnostic);
            }
        }
        None
    }

    /// Conditions above this one: a name, or a list of names.
    pub(crate) fn conditions(&mut self, node: &Node) -> Option<Vec<ConditionIndex>> {
        let nodes = self.reader.one_or_many(node, "the list of conditions");
        let found: Vec<ConditionIndex> =
            nodes.iter().filter_map(|node| self.condition(node)).collect();
        (found.len() == nodes.len() && !found.is_empty()).then_some(found)
    }

    /// The same for a field that may be left out: none then.
    pub(crate) fn optional_conditions(
        &mut self,
        node: Option<&Node>,
    ) -> Option<Vec<ConditionIndex>> {
        node.map_or(Some(Vec::new()), |node| self.conditions(node))
    }

    /// `within`, or `default` where it is left out.
    pub(crate) fn reach_or(&mut self, node: Option<&Node>, default: Reach) -> Option<Reach> {
        node.map_or(Some(default), |node| self.reader.reach(node))
    }

    /// Phrases and phrase lists, each entry a group.
    pub(crate) fn phrase_groups(&mut self, node: &Node, what: &str) -> Option<Vec<PhraseGroup>> {
        let nodes = self.reader.one_or_many(node, what);
        let groups: Vec<PhraseGroup> =
            nodes.iter().filter_map(|node| self.phrase_group(node)).collect();
        (groups.len() == nodes.len() && !groups.is_empty()).then_some(groups)
    }

    fn phrase_group(&mut self, node: &Node) -> Option<PhraseGroup> {
        let phrase = self.phrases.read_phrase(node, self.reader)?;
        let Some(name) = list_name(&phrase.text) else {
            if !self.reader.take_phrases(1, node.place) {
                return None;
            }
            return Some(PhraseGroup { list: None, phrases: vec![phrase], place: node.place });
        };
        let Some(list) = self.phrases.find(self.pack, name) else {
            let names = self.phrases.names(self.pack);
            let mut diagnostic = Diagnostic::new(
                Code::UNKNOWN_PHRASES,
                node.place,
                format!("pack `{}` has no phrase list `{name}`", self.pack),
            );
            diagnostic = if names.is_empty() {
                diagnostic.expecting(format!("a list `{name}` under `phrases`"))
            } else {
                let mut written: Vec<String> =
                    names.iter().take(12).map(|name| format!("`${name}`")).collect();
                if names.len() > written.len() {
                    written.push(format!("{} more", names.len() - written.len()));
                }
                diagnostic.expecting(format!("one of {}", written.join(", ")))
            };
            diagnostic.choices = names.iter().take(12).map(|name| format!("${name}")).collect();
            if let Some(meant) = closest(name, names.iter().copied()) {
                diagnostic = diagnostic.suggesting(format!("${meant}"));
            }
            self.reader.report(diagnostic);
            return None;
        };
        if !self.reader.take_phrases(list.phrases.len(), node.place) {
            return None;
        }
        Some(PhraseGroup {
            list: Some(name.to_owned()),
            phrases: list.phrases.clone(),
            place: node.place,
        })
    }
}

/// The name in `$name`; `$100` is a phrase.
fn list_name(text: &str) -> Option<&str> {
    text.strip_prefix('$').filter(|name| name.starts_with(char::is_alphabetic))
}
