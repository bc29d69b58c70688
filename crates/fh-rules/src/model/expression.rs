use serde::Serialize;

use super::ConditionIndex;

/// `flag_if`: which conditions must hold for the rule to flag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expression {
    /// The condition holds: it has [`Scope::at_least`](super::Scope::at_least) hits.
    Holds(ConditionIndex),
    /// `!a`, `not a`.
    Not(Box<Self>),
    /// `a && b`, `a and b`. At least two.
    All(Vec<Self>),
    /// `a || b`, `a or b`. At least two.
    Any(Vec<Self>),
    /// `2 of (a, b, c)`: at least that many of them. `1 <= count <= of.len()`.
    AtLeast {
        /// How many.
        count: u32,
        /// Of these.
        of: Vec<Self>,
    },
}

impl Expression {
    /// Calls `visit` with every condition named, in the order written, and whether it stands under
    /// an odd number of `not`s (its absence is what counts).
    pub fn for_each_condition(&self, visit: &mut impl FnMut(ConditionIndex, bool)) {
        self.walk(false, visit);
    }

    fn walk(&self, negated: bool, visit: &mut impl FnMut(ConditionIndex, bool)) {
        match self {
            Self::Holds(condition) => visit(*condition, negated),
            Self::Not(inner) => inner.walk(!negated, visit),
            Self::All(parts) | Self::Any(parts) | Self::AtLeast { of: parts, .. } => {
                for part in parts {
                    part.walk(negated, visit);
                }
            }
        }
    }
}
