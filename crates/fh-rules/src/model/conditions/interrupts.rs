use fh_model::Millis;
use serde::Serialize;

use super::ConditionKind;
use crate::explain::Teller;
use crate::model::{ConditionIndex, Scope};
use crate::syntax::Surface;
use crate::syntax::condition::{AT_LEAST, BY, ConditionReader, IN};
use crate::syntax::fields::{Field, Fields, Shape};

/// `interrupts: 500ms, by: agent`: somebody begins to speak while the other still does.
///
/// A hit is a talk-over of at least `overlap`, begun by [`Scope::by`](crate::model::Scope::by).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Interrupts {
    /// From which overlap on. More than zero.
    pub overlap: Millis,
    /// `after_other_spoke: 1s`: only where the other had been speaking at least this long. Zero
    /// for at once.
    pub other_spoke_for: Millis,
    /// `backchannel: 1s`: speech wholly inside the other's and at most this long ("mhm") does not
    /// count; 1 second where the file does not say, zero to count all.
    pub backchannel: Millis,
}

/// How it is written.
pub(crate) const SURFACE: Surface = Surface {
    name: "interrupts",
    heads: &["interrupts"],
    doc: "Somebody begins to speak while the other party still does, and both speak for at least so long.",
    example: "cut_in: { interrupts: 500ms, by: agent, at_least: 2 }",
    fields: &[
        Field::required(
            "interrupts",
            Shape::Duration,
            "From which length of speaking at once on it counts.",
        ),
        Field::optional(
            "after_other_spoke",
            Shape::Duration,
            "Only where the other had been speaking at least so long.",
        ),
        Field::optional(
            "backchannel",
            Shape::Duration,
            "Speech wholly inside the other's and at most so long (\"mhm\") does not count; 1 second where it is left out, `0s` to count all.",
        ),
    ],
    scope: &[BY, IN, AT_LEAST],
    counts_utterances: false,
    read,
};

fn read(fields: &Fields<'_>, context: &mut ConditionReader<'_>) -> Option<ConditionKind> {
    let overlap = fields
        .get("interrupts")
        .and_then(|node| context.reader.duration(node, "`interrupts`", false));
    let mut or_default = |name: &str, default: Millis| match fields.get(name) {
        Some(node) => context.reader.duration(node, &format!("`{name}`"), true),
        None => Some(default),
    };
    let other_spoke_for = or_default("after_other_spoke", Millis::ZERO);
    let backchannel = or_default("backchannel", Millis::from_secs(1));
    Some(ConditionKind::Interrupts(Interrupts {
        overlap: overlap?,
        other_spoke_for: other_spoke_for?,
        backchannel: backchannel?,
    }))
}

impl Interrupts {
    pub(crate) fn tell(&self, scope: &Scope, teller: &Teller<'_>) -> String {
        let (who, overlap) = (teller.who(scope.by), teller.duration(self.overlap));
        let en = format!("{who} cuts in and both speak for {overlap} or longer");
        let zh = format!("{who}抢话，双方同时说话达到 {overlap}");
        let mut text = teller.say(&en, &zh).to_owned();
        if self.other_spoke_for > Millis::ZERO {
            let spoke = teller.duration(self.other_spoke_for);
            let en = format!(", the other having spoken for {spoke}");
            let zh = format!("，且对方已说了 {spoke}");
            text.push_str(teller.say(&en, &zh));
        }
        if self.backchannel > Millis::ZERO {
            let length = teller.duration(self.backchannel);
            let en = format!("; \"mhm\" of up to {length} does not count");
            let zh = format!("；不超过 {length} 的应答语不算");
            text.push_str(teller.say(&en, &zh));
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
