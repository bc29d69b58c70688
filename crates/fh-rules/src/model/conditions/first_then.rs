use serde::Serialize;

use crate::model::{ConditionIndex, Reach};

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
