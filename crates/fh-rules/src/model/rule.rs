use fh_model::{Points, RuleKind, Severity};
use serde::Serialize;

use super::{
    CallFilter, Condition, ConditionIndex, ConditionKind, Expression, LocalText, Place, RuleTest,
};

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Unique over everything that is compiled together; letters, digits, `-`, `_`.
    pub id: String,
    /// The pack that it belongs to.
    #[serde(skip)]
    pub pack: String,
    /// For people.
    #[serde(skip)]
    pub name: LocalText,
    /// Why the rule exists, for people; may be empty.
    #[serde(skip)]
    pub why: LocalText,
    /// How grave a finding is.
    pub severity: Severity,
    /// What a finding adds to the score.
    pub points: RulePoints,
    /// A sensitive-word rule: it counts in every scenario of its pack that does not ignore
    /// sensitive words, whether listed there or not, and in none that does.
    pub sensitive: bool,
    /// Which calls it is about; on others it is not evaluated.
    pub applies_to: CallFilter,
    /// What is listened for, in the order written. Each refers only to those above it.
    pub conditions: Vec<Condition>,
    /// When it flags.
    pub flag_if: Expression,
    /// Where `flag_if` is written.
    #[serde(skip)]
    pub flag_if_place: Place,
    /// Its own tests.
    #[serde(skip)]
    pub tests: Vec<RuleTest>,
    /// Where its id is written.
    #[serde(skip)]
    pub place: Place,
}

impl Rule {
    /// What the rule listens to, by the conditions that its `flag_if` names: one kind of sound
    /// where all of them are of that kind. Conditions that only excuse or anchor others do not
    /// count.
    pub fn kind(&self) -> RuleKind {
        if self.sensitive {
            return RuleKind::SensitiveWord;
        }
        let mut kind = None;
        self.flag_if.for_each_condition(&mut |index, _| {
            let this = match self.condition(index).map(|condition| &condition.kind) {
                Some(ConditionKind::Silence(_)) => RuleKind::Silence,
                Some(ConditionKind::Speed(_)) => RuleKind::Speed,
                Some(ConditionKind::Interrupts(_)) => RuleKind::Interruption,
                _ => RuleKind::Dialog,
            };
            kind = match kind {
                Some(other) if other != this => Some(RuleKind::Dialog),
                _ => Some(this),
            };
        });
        kind.unwrap_or_default()
    }

    /// The condition at `index`; an index out of this rule has none.
    pub fn condition(&self, index: ConditionIndex) -> Option<&Condition> {
        self.conditions.get(index.0)
    }
}

/// What a finding adds to the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RulePoints {
    /// Points of a finding, or of each hit; negative deducts. -1000 to 1000.
    pub each: Points,
    /// `points_per: hit`: `each` counts for every hit of the conditions that made the rule flag
    /// (those that hold and do not stand under a `not`), at least once.
    pub per_hit: bool,
    /// `cap`: with `per_hit`, the sum goes no further than this (same sign as `each`).
    pub cap: Option<Points>,
}

impl RulePoints {
    /// What `hits` hits come to.
    pub fn total(&self, hits: u32) -> Points {
        if !self.per_hit {
            return self.each;
        }
        let sum =
            Points::from_hundredths(self.each.hundredths().saturating_mul(i64::from(hits.max(1))));
        match self.cap {
            Some(cap) if cap < Points::default() => sum.max(cap),
            Some(cap) => sum.min(cap),
            None => sum,
        }
    }
}
