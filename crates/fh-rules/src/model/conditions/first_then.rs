use serde::Serialize;

use super::ConditionKind;
use crate::diagnostic::{Code, Diagnostic};
use crate::explain::Teller;
use crate::model::{ConditionIndex, Reach, Scope};
use crate::syntax::Surface;
use crate::syntax::condition::{AT_LEAST, ConditionReader, IN};
use crate::syntax::fields::{Field, Fields, Shape};

/// `first: a, then: [b, c], within: 30s`: conditions hit one after another; or
/// `together: [a, b], within: 30s`: near one another in any order.
///
/// A hit is the earliest completion of the steps for each hit of the first step, and spans them
/// all; two hits of this condition never share their first step's hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirstThen {
    /// The conditions, all above this one. At least two.
    pub steps: Vec<ConditionIndex>,
    /// Each step's hit begins at or after the end of the one before; `false` for any order.
    pub in_order: bool,
    /// How far from one step's hit to the next one's (in any order: from the first in time to the
    /// last in time).
    pub within: Reach,
}

/// How it is written.
pub(crate) const SURFACE: Surface = Surface {
    name: "first_then",
    heads: &["first", "together"],
    doc: "Conditions above this one are hit one after another (`first`, `then`), or near one another in any order (`together`).",
    example: "soothed: { first: upset, then: sorry, within: 30s }",
    fields: &[
        Field::optional("first", Shape::Condition, "The condition that must be hit first."),
        Field::optional(
            "then",
            Shape::Conditions,
            "What must be hit after it: one condition, or several in their order.",
        ),
        Field::optional(
            "together",
            Shape::Conditions,
            "At least two conditions that must be hit near one another.",
        ),
        Field::optional(
            "within",
            Shape::Reach,
            "How far it may be from one hit to the next; as far as the call goes where it is left out.",
        ),
    ],
    scope: &[IN, AT_LEAST],
    counts_utterances: false,
    read,
};

fn read(fields: &Fields<'_>, context: &mut ConditionReader<'_>) -> Option<ConditionKind> {
    let (first, then, together) = (fields.get("first"), fields.get("then"), fields.get("together"));
    let (steps, in_order) = match (first, then, together) {
        (Some(first), Some(then), None) => {
            let (first, then) = (context.condition(first), context.conditions(then));
            let mut steps = vec![first?];
            steps.extend(then?);
            (steps, true)
        }
        (None, None, Some(together)) => {
            let steps = context.conditions(together)?;
            if steps.len() < 2 {
                context.reader.report(
                    Diagnostic::new(
                        Code::EMPTY,
                        together.place,
                        "one condition alone is not together",
                    )
                    .expecting("at least two conditions"),
                );
                return None;
            }
            (steps, false)
        }
        _ => {
            let key = fields.key("together").or_else(|| fields.key("first")).unwrap_or(fields.node);
            let (code, message) = if together.is_some() {
                (Code::FIELDS_CLASH, "`together` stands beside `first` or `then`")
            } else {
                (Code::MISSING_FIELD, "`first` stands without `then`")
            };
            context.reader.report(
                Diagnostic::new(code, key.place, message)
                    .expecting("`first` and `then`, or `together` alone"),
            );
            return None;
        }
    };
    let within = context.reach_or(fields.get("within"), Reach::Unlimited)?;
    Some(ConditionKind::FirstThen(FirstThen { steps, in_order, within }))
}

impl FirstThen {
    pub(crate) fn tell(&self, _: &Scope, teller: &Teller<'_>) -> String {
        let names: Vec<&str> = self.steps.iter().map(|&step| teller.condition(step)).collect();
        let within = teller.within(self.within);
        if self.in_order {
            let arrow = teller.say(", then ", "，然后 ");
            let steps = names.join(arrow);
            match within.is_empty() {
                true => format!("{}{steps}", teller.say("first ", "先 ")),
                false => format!(
                    "{}{steps}{}{within}",
                    teller.say("first ", "先 "),
                    teller.say(", each", "，间隔")
                ),
            }
        } else {
            let names = names.join(teller.say(" and ", " 与 "));
            match within.is_empty() {
                true => format!("{names}{}", teller.say(" both in the call", " 均出现")),
                false => format!("{names}{}{within}", teller.say("", " 相距")),
            }
        }
    }

    pub(crate) fn refers_to(&self) -> Vec<ConditionIndex> {
        self.steps.clone()
    }

    pub(crate) const fn phrase_lists(&self) -> Vec<&str> {
        Vec::new()
    }
}
