use serde::Serialize;

use super::{ConditionKind, Place, Scope};

/// A condition of a rule, by its position in [`Rule::conditions`](super::Rule::conditions).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ConditionIndex(pub usize);

/// One named line under `listen_for`.
///
/// A condition yields *hits*, each with a place in time (and in an utterance, where it has words);
/// it holds when [`Scope::at_least`] hits lie in [`Scope::window`]. Other conditions may refer to
/// its hits by its name, and only to conditions above them, so one pass from top to bottom
/// evaluates all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Its name: starts with a letter; letters of any script, digits, `_` and `-`.
    pub name: String,
    /// Who, where, how often.
    pub scope: Scope,
    /// What is listened for.
    pub kind: ConditionKind,
    /// Where its name is written.
    #[serde(skip)]
    pub place: Place,
}
