use serde::Serialize;

use super::ConditionKind;
use crate::diagnostic::{Code, Diagnostic};
use crate::explain::Teller;
use crate::model::{ConditionIndex, Reach, Scope};
use crate::syntax::Surface;
use crate::syntax::condition::{AT_LEAST, ConditionReader, IN};
use crate::syntax::fields::{Field, Fields, Shape};

/// `missing: check, before: change, within: 60s`: a condition does not hit near another.
///
/// A hit is a hit of `anchor` around which, on the side given and within reach, `wanted` has no
/// hit. Its evidence is the window searched and the nearest miss. Without a hit of the anchor there
/// is nothing to miss and no hit. (`!check` says that something is missing from the whole call.)
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// What should have been there. A condition above this one.
    pub wanted: ConditionIndex,
    /// Beside what. A condition above this one.
    pub anchor: ConditionIndex,
    /// On which side of the anchor's hit.
    pub side: Side,
    /// How far from it.
    pub within: Reach,
    /// `of_which: first`: which of the anchor's hits count.
    pub which: AnchorHits,
}

/// A side of the anchor's hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// `before: x`: ends at or before the anchor's hit begins.
    Before,
    /// `after: x`: begins at or after the anchor's hit ends.
    After,
    /// `around: x`: either.
    Around,
}

/// Which of the anchor's hits are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorHits {
    /// Every one: each that misses is a hit.
    #[default]
    Each,
    /// The first in time.
    First,
    /// The last in time.
    Last,
}

/// How it is written.
pub(crate) const SURFACE: Surface = Surface {
    name: "missing",
    heads: &["missing"],
    doc: "A condition above this one is not hit near a hit of another. Where the other is not hit, nothing is missing. (What is missing from the whole call is said with `!` in `flag_if`.)",
    example: "unchecked: { missing: check, before: change, within: 60s }",
    fields: &[
        Field::required("missing", Shape::Condition, "What should have been there."),
        Field::optional("before", Shape::Condition, "It should have come before this."),
        Field::optional("after", Shape::Condition, "It should have come after this."),
        Field::optional("around", Shape::Condition, "It should have come before or after this."),
        Field::optional(
            "within",
            Shape::Reach,
            "How far from it; as far as the call goes where it is left out.",
        ),
        Field::optional(
            "of_which",
            Shape::Word(WHICH),
            "Which hits of the other condition count; each where it is left out.",
        ),
    ],
    scope: &[IN, AT_LEAST],
    counts_utterances: false,
    read,
};

/// Which hits of the anchor count.
const WHICH: &[(&str, &str)] = &[
    ("each", "Every one: each that misses is a hit."),
    ("first", "The first in time."),
    ("last", "The last in time."),
];

fn read(fields: &Fields<'_>, context: &mut ConditionReader<'_>) -> Option<ConditionKind> {
    let wanted = fields.get("missing").and_then(|node| context.condition(node));
    let sides = [("before", Side::Before), ("after", Side::After), ("around", Side::Around)];
    let mut given = sides.iter().filter_map(|(name, side)| Some((fields.get(name)?, *side)));
    let (anchor, another) = (given.next(), given.next());
    let Some((anchor, side)) = anchor.filter(|_| another.is_none()) else {
        let code = if another.is_some() { Code::FIELDS_CLASH } else { Code::MISSING_FIELD };
        let message = if another.is_some() {
            "`missing` has more than one side"
        } else {
            "`missing` says not beside what"
        };
        let key = fields.key("missing").unwrap_or(fields.node);
        context.reader.report(Diagnostic::new(code, key.place, message).expecting(
            "one of `before`, `after` and `around`; for the whole call, `!` before the condition in `flag_if`",
        ));
        return None;
    };
    let anchor = context.condition(anchor);
    let within = context.reach_or(fields.get("within"), Reach::Unlimited);
    let which = match fields.get("of_which") {
        Some(node) => match context.reader.word(node, "`of_which`", WHICH)? {
            "first" => AnchorHits::First,
            "last" => AnchorHits::Last,
            _ => AnchorHits::Each,
        },
        None => AnchorHits::Each,
    };
    Some(ConditionKind::Missing(Missing {
        wanted: wanted?,
        anchor: anchor?,
        side,
        within: within?,
        which,
    }))
}

impl Missing {
    pub(crate) fn tell(&self, _: &Scope, teller: &Teller<'_>) -> String {
        let (wanted, anchor) = (teller.condition(self.wanted), teller.condition(self.anchor));
        let within = teller.within(self.within);
        let (which_en, which_zh) = match self.which {
            AnchorHits::Each => ("", ""),
            AnchorHits::First => ("the first ", "首次 "),
            AnchorHits::Last => ("the last ", "末次 "),
        };
        let (side_en, side_zh) = match self.side {
            Side::Before => ("before", "之前"),
            Side::After => ("after", "之后"),
            Side::Around => ("around", "前后"),
        };
        let en = format!("no {wanted}{within} {side_en} {which_en}{anchor}");
        let zh = format!("{which_zh}{anchor} {side_zh}{within}没有 {wanted}");
        teller.say(&en, &zh).to_owned()
    }

    pub(crate) fn refers_to(&self) -> Vec<ConditionIndex> {
        vec![self.wanted, self.anchor]
    }

    pub(crate) const fn phrase_lists(&self) -> Vec<&str> {
        Vec::new()
    }
}
