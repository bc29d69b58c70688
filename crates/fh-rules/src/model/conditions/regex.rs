use serde::Serialize;

use super::ConditionKind;
use crate::diagnostic::{Code, Diagnostic};
use crate::explain::Teller;
use crate::model::{ConditionIndex, Place, Scope};
use crate::syntax::Surface;
use crate::syntax::condition::{AT_LEAST, BY, ConditionReader, IN};
use crate::syntax::fields::{Field, Fields, Shape};

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

/// How it is written.
pub(crate) const SURFACE: Surface = Surface {
    name: "regex",
    heads: &["regex"],
    doc: "A regular expression matches what is said, within one utterance. It sees the text as rules see it: lower case, half width, simplified characters, no punctuation.",
    example: "asks: { regex: '(密码|验证码).{0,6}(多少|告诉|报一下)', by: agent }",
    fields: &[
        Field::required("regex", Shape::Pattern, "The expression, best in single quotes."),
        Field::optional(
            "not_matching",
            Shape::Pattern,
            "An utterance in which this expression matches does not count.",
        ),
    ],
    scope: &[BY, IN, AT_LEAST],
    counts_utterances: true,
    read,
};

/// Characters of an expression.
const MAX_PATTERN_CHARS: usize = 2_000;

fn read(fields: &Fields<'_>, context: &mut ConditionReader<'_>) -> Option<ConditionKind> {
    let mut pattern = |name: &str| -> Option<Option<(String, Place)>> {
        let Some(node) = fields.get(name) else { return Some(None) };
        let text = context.reader.text(node, &format!("`{name}`"))?;
        if text.chars().count() > MAX_PATTERN_CHARS {
            context.reader.report(
                Diagnostic::new(Code::TOO_LARGE, node.place, "the regular expression is too long")
                    .expecting(format!("at most {MAX_PATTERN_CHARS} characters")),
            );
            return None;
        }
        // The inside of the quotes, so that the engine can point at a part of it.
        Some(Some((text.to_owned(), node.part(0, text.chars().count()))))
    };
    let wanted = pattern("regex");
    let unwanted = pattern("not_matching");
    let (pattern, pattern_place) = wanted??;
    let (not_matching, not_matching_place) = match unwanted? {
        Some((text, place)) => (Some(text), place),
        None => (None, Place::default()),
    };
    Some(ConditionKind::Regex(Regex { pattern, pattern_place, not_matching, not_matching_place }))
}

impl Regex {
    pub(crate) fn tell(&self, scope: &Scope, teller: &Teller<'_>) -> String {
        let mut text = format!(
            "{}{} /{}/",
            teller.who(scope.by),
            teller.say(" says what matches", "所说匹配"),
            self.pattern
        );
        if let Some(not_matching) = &self.not_matching {
            text.push_str(teller.say(", in an utterance that does not match", "，且该句不匹配"));
            text.push_str(&format!(" /{not_matching}/"));
        }
        text
    }

    pub(crate) const fn refers_to(&self) -> Vec<ConditionIndex> {
        Vec::new()
    }

    pub(crate) const fn phrase_lists(&self) -> Vec<&str> {
        Vec::new()
    }
}
