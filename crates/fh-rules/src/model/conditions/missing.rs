use serde::Serialize;

use crate::model::{ConditionIndex, Reach};

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
