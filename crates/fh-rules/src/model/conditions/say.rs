use serde::Serialize;

use super::ConditionKind;
use crate::diagnostic::{Code, Diagnostic};
use crate::explain::Teller;
use crate::model::{ConditionIndex, Phrase, PhraseGroup, Scope};
use crate::syntax::Surface;
use crate::syntax::condition::{AT_LEAST, BY, ConditionReader, IN};
use crate::syntax::fields::{Field, Fields, Shape};
use crate::syntax::reader::Reader;
use crate::syntax::tree::Node;

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
    /// The phrase lists that `not_part_of` and `not_beside` refer to; for lints.
    #[serde(skip)]
    pub excluded_lists: Vec<String>,
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

/// How it is written.
pub(crate) const SURFACE: Surface = Surface {
    name: "say",
    heads: &["say"],
    doc: "Words are said. A hit is an occurrence of a phrase within one utterance; case, width, punctuation and traditional or simplified characters make no difference. Latin words match whole words only.",
    example: "greeted: { say: [$greeting, 很高兴为您服务], by: agent, in: first 2 utterances }",
    fields: &[
        Field::required(
            "say",
            Shape::Phrases,
            "What is looked for: phrases, and phrase lists as `$name`.",
        ),
        Field::optional(
            "needed",
            Shape::Needed,
            "How many of the entries of `say` must be said: `any` (where it is left out), `all`, or a number. A phrase list is one entry.",
        ),
        Field::optional(
            "same_utterance",
            Shape::Flag,
            "With `needed`, `true` asks for the entries in one utterance instead of anywhere in the window.",
        ),
        Field::optional(
            "not_part_of",
            Shape::Phrases,
            "A hit that is part of one of these does not count: 投诉 in 没有投诉.",
        ),
        Field::optional(
            "not_beside",
            Shape::Phrases,
            "A hit in an utterance that also has one of these does not count.",
        ),
    ],
    scope: &[BY, IN, AT_LEAST],
    counts_utterances: true,
    read,
};

fn read(fields: &Fields<'_>, context: &mut ConditionReader<'_>) -> Option<ConditionKind> {
    let groups = fields.get("say").and_then(|node| context.phrase_groups(node, "`say`"));
    let mut excluded_lists = Vec::new();
    let mut excluded = |name: &str| -> Option<Vec<Phrase>> {
        let Some(node) = fields.get(name) else { return Some(Vec::new()) };
        let groups = context.phrase_groups(node, &format!("`{name}`"))?;
        excluded_lists.extend(groups.iter().filter_map(|group| group.list.clone()));
        Some(groups.into_iter().flat_map(|group| group.phrases).collect())
    };
    let not_part_of = excluded("not_part_of");
    let not_beside = excluded("not_beside");
    let same_utterance = match fields.get("same_utterance") {
        Some(node) => context.reader.flag(node, "`same_utterance`")?,
        None => false,
    };
    let groups = groups?;
    let needed = match fields.get("needed") {
        Some(node) => read_needed(node, groups.len(), context.reader)?,
        None => Needed::Any,
    };
    if same_utterance && needed == Needed::Any {
        let key = fields.key("same_utterance")?;
        context.reader.report(
            Diagnostic::new(
                Code::FIELDS_CLASH,
                key.place,
                "`same_utterance` has no effect where one phrase is enough",
            )
            .expecting("`needed: all` or a number beside it"),
        );
        return None;
    }
    Some(ConditionKind::Say(Say {
        groups,
        needed,
        same_utterance,
        not_part_of: not_part_of?,
        not_beside: not_beside?,
        excluded_lists,
    }))
}

fn read_needed(node: &Node, groups: usize, reader: &mut Reader) -> Option<Needed> {
    match reader.text(node, "`needed`")? {
        "any" => Some(Needed::Any),
        "all" => Some(Needed::All),
        text => {
            let number = text.parse::<u32>().ok();
            let found = number.filter(|&number| number >= 2 && number as usize <= groups);
            if found.is_none() {
                reader.report(
                    Diagnostic::new(Code::INVALID_NUMBER, node.place, format!("`{text}` of {groups} entries cannot be needed"))
                        .expecting(if groups < 2 {
                            "several entries in `say`; a phrase list is one entry".to_owned()
                        } else {
                            format!("`any`, `all`, or a number from 2 to {groups}; a phrase list is one entry")
                        }),
                );
            }
            found.map(Needed::AtLeast)
        }
    }
}

impl Say {
    pub(crate) fn tell(&self, scope: &Scope, teller: &Teller<'_>) -> String {
        let (en, zh) = match self.needed {
            _ if self.groups.len() == 1 => (" says ".to_owned(), "说到".to_owned()),
            Needed::Any => (" says any of ".to_owned(), "说到任一：".to_owned()),
            Needed::All => (" says all of ".to_owned(), "全部说到：".to_owned()),
            Needed::AtLeast(count) => {
                (format!(" says at least {count} of "), format!("说到至少 {count} 项："))
            }
        };
        let mut text = format!(
            "{}{}{}",
            teller.who(scope.by),
            teller.say(&en, &zh),
            teller.groups(&self.groups)
        );
        if self.same_utterance {
            text.push_str(teller.say(" in one utterance", "，须在同一句内"));
        }
        for (phrases, en, zh) in [
            (&self.not_part_of, ", but not as part of ", "，但不含于"),
            (&self.not_beside, ", but not beside ", "，但同句不含"),
        ] {
            if !phrases.is_empty() {
                text.push_str(teller.say(en, zh));
                text.push_str(&teller.phrases(phrases));
            }
        }
        text
    }

    pub(crate) const fn refers_to(&self) -> Vec<ConditionIndex> {
        Vec::new()
    }

    pub(crate) fn phrase_lists(&self) -> Vec<&str> {
        let excluded = self.excluded_lists.iter().map(String::as_str);
        self.groups.iter().filter_map(|group| group.list.as_deref()).chain(excluded).collect()
    }
}
