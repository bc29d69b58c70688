use fh_model::Points;
use serde::Serialize;

use super::{CallFilter, LocalText, Place};

/// Which of its pack's rules a scenario counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScenarioRules {
    /// `rules: all`: every rule of the scenario's pack.
    All,
    /// These ids, in this order. Every one exists. They may belong to other packs.
    Listed(Vec<String>),
}

/// A business scenario: which rules count for which calls, and where the score starts and ends.
///
/// Score = `base` + the points of the findings, held between `lower` and `upper`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scenario {
    /// Unique over everything that is compiled together.
    pub id: String,
    /// The pack that it belongs to.
    pub pack: String,
    /// For people.
    #[serde(skip)]
    pub name: LocalText,
    /// What it is for, for people; may be empty.
    #[serde(skip)]
    pub why: LocalText,
    /// Where the score starts; between `lower` and `upper`.
    pub base: Points,
    /// The least the score can be.
    pub lower: Points,
    /// The most the score can be.
    pub upper: Points,
    /// Whether sensitive-word rules are left out.
    pub ignore_sensitive: bool,
    /// Which calls it is about; the others get no score card of it.
    pub applies_to: CallFilter,
    /// The rules that count. Sensitive-word rules come on top, see
    /// [`Rule::sensitive`](super::Rule::sensitive).
    pub rules: ScenarioRules,
    /// Where its id is written.
    #[serde(skip)]
    pub place: Place,
}
