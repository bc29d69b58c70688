use fh_model::Millis;
use serde::Serialize;

use super::ConditionKind;
use crate::diagnostic::{Code, Diagnostic};
use crate::explain::Teller;
use crate::model::{ConditionIndex, Reach, Scope};
use crate::syntax::Surface;
use crate::syntax::condition::{AT_LEAST, ConditionReader, IN};
use crate::syntax::fields::{Field, Fields, Shape};

/// `silence: 10s`: nobody speaks for at least so long, between the first and the last speech.
///
/// A hit is a mutual silence of at least `at_least_long`. A silence that is excused is no hit, but
/// is reported as excused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Silence {
    /// From which length on. More than zero.
    pub at_least_long: Millis,
    /// `unless_before: wait`: excused when one of these (conditions above this one) has a hit that
    /// ends at or before the silence's end and at most `within` before its start. May be empty.
    pub unless_before: Vec<ConditionIndex>,
    /// `unless_after: back`: excused when one of these has a hit that begins at or after the
    /// silence's start and at most `within` after its end. May be empty.
    pub unless_after: Vec<ConditionIndex>,
    /// How near the excuse must be; 15 seconds where the file does not say.
    pub within: Reach,
}

/// How it is written.
pub(crate) const SURFACE: Surface = Surface {
    name: "silence",
    heads: &["silence"],
    doc: "Nobody speaks for at least so long, between the first and the last speech of the call.",
    example: "gap: { silence: 10s, unless_before: please-wait, within: 15s }",
    fields: &[
        Field::required("silence", Shape::Duration, "From which length on a silence counts."),
        Field::optional(
            "unless_before",
            Shape::Conditions,
            "A silence is excused when one of these conditions was hit shortly before it, or in it.",
        ),
        Field::optional(
            "unless_after",
            Shape::Conditions,
            "A silence is excused when one of these conditions is hit shortly after it, or in it.",
        ),
        Field::optional(
            "within",
            Shape::Reach,
            "How near the excuse must be; 15 seconds where it is left out.",
        ),
    ],
    scope: &[IN, AT_LEAST],
    counts_utterances: false,
    read,
};

/// How near an excuse must be where the file does not say.
const EXCUSE_WITHIN: Reach = Reach::Time(Millis::from_secs(15));

fn read(fields: &Fields<'_>, context: &mut ConditionReader<'_>) -> Option<ConditionKind> {
    let at_least_long =
        fields.get("silence").and_then(|node| context.reader.duration(node, "`silence`", false));
    let unless_before = context.optional_conditions(fields.get("unless_before"));
    let unless_after = context.optional_conditions(fields.get("unless_after"));
    let within = context.reach_or(fields.get("within"), EXCUSE_WITHIN);
    let (unless_before, unless_after) = (unless_before?, unless_after?);
    if let Some(key) =
        fields.key("within").filter(|_| unless_before.is_empty() && unless_after.is_empty())
    {
        context.reader.report(
            Diagnostic::new(
                Code::FIELDS_CLASH,
                key.place,
                "`within` has no effect without an excuse",
            )
            .expecting("`unless_before` or `unless_after` beside it"),
        );
        return None;
    }
    Some(ConditionKind::Silence(Silence {
        at_least_long: at_least_long?,
        unless_before,
        unless_after,
        within: within?,
    }))
}

impl Silence {
    pub(crate) fn tell(&self, _: &Scope, teller: &Teller<'_>) -> String {
        let length = teller.duration(self.at_least_long);
        let en = format!("nobody speaks for {length} or longer");
        let zh = format!("双方静默达到 {length}");
        let mut text = teller.say(&en, &zh).to_owned();
        for (excuses, en, zh) in
            [(&self.unless_before, "before", "之前"), (&self.unless_after, "after", "之后")]
        {
            if !excuses.is_empty() {
                let (names, within) = (teller.any_condition(excuses), teller.within(self.within));
                let en = format!(", unless {names} comes{within} {en} it");
                let zh = format!("，除非静默{zh}{within}有 {names}");
                text.push_str(teller.say(&en, &zh));
            }
        }
        text
    }

    pub(crate) fn refers_to(&self) -> Vec<ConditionIndex> {
        self.unless_before.iter().chain(&self.unless_after).copied().collect()
    }

    pub(crate) const fn phrase_lists(&self) -> Vec<&str> {
        Vec::new()
    }
}
