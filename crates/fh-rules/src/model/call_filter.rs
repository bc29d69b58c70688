use std::collections::BTreeMap;

use fh_model::{Language, Millis};
use jiff::civil::DateTime;
use serde::Serialize;

/// `applies_to`: which calls a rule or a scenario is about. Every part that is given must hold; a
/// list holds when one of its values is the call's. Text is compared without regard to case.
///
/// What the call does not tell (`None` in its metadata) does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CallFilter {
    /// `language: zh`; the transcript's language, else the metadata's. Empty for any.
    pub languages: Vec<Language>,
    /// `direction: inbound`. Empty for any.
    pub directions: Vec<String>,
    /// `skill_group: [sales, retention]`. Empty for any.
    pub skill_groups: Vec<String>,
    /// `agent_id: [...]`. Empty for any.
    pub agent_ids: Vec<String>,
    /// `attributes: { product: [loan, card] }`: each named attribute has one of its values.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// `longer_than: 20s`: the recording's duration is above this.
    pub longer_than: Option<Millis>,
    /// `shorter_than: 1h`: the recording's duration is below this.
    pub shorter_than: Option<Millis>,
    /// `begun_from: 2026-01-01T00:00:00`: the call's begin time is this or later.
    pub begun_from: Option<DateTime>,
    /// `begun_before: 2027-01-01T00:00:00`: the call's begin time is earlier than this.
    pub begun_before: Option<DateTime>,
}

impl CallFilter {
    /// Whether it lets every call through.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
