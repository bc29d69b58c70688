//! Which calls a rule or a scenario is about.

use std::collections::BTreeMap;

use fh_model::{CallMetadata, Language, Millis};
use jiff::civil::DateTime;

use crate::model::CallFilter;
use crate::view::CallView;

/// A [`CallFilter`] with its texts in lower case, ready to be compared.
#[derive(Debug)]
pub(crate) struct CompiledFilter {
    filter: CallFilter,
    empty: bool,
}

impl CompiledFilter {
    pub(crate) fn new(filter: &CallFilter) -> Self {
        let lower = |texts: &[String]| texts.iter().map(|text| text.to_lowercase()).collect();
        let attributes: BTreeMap<String, Vec<String>> =
            filter.attributes.iter().map(|(name, values)| (name.clone(), lower(values))).collect();
        let empty = filter.is_empty();
        let filter = CallFilter {
            directions: lower(&filter.directions),
            skill_groups: lower(&filter.skill_groups),
            agent_ids: lower(&filter.agent_ids),
            attributes,
            ..filter.clone()
        };
        Self { filter, empty }
    }

    /// Whether it lets every call through.
    pub(crate) const fn is_empty(&self) -> bool {
        self.empty
    }

    /// Whether it lets this call through.
    pub(crate) fn lets_through(&self, facts: &CallFacts<'_>) -> bool {
        if self.empty {
            return true;
        }
        let filter = &self.filter;
        let one_of = |wanted: &[String], given: Option<&str>| {
            wanted.is_empty() || given.is_some_and(|given| wanted.iter().any(|w| w == given))
        };
        (filter.languages.is_empty()
            || facts.language.is_some_and(|language| filter.languages.contains(&language)))
            && one_of(&filter.directions, facts.direction.as_deref())
            && one_of(&filter.skill_groups, facts.skill_group.as_deref())
            && one_of(&filter.agent_ids, facts.agent_id.as_deref())
            && filter.attributes.iter().all(|(name, wanted)| {
                let given = facts.metadata.attributes.get(name).map(|value| value.to_lowercase());
                given.is_some_and(|given| wanted.contains(&given))
            })
            && filter.longer_than.is_none_or(|limit| facts.duration > limit)
            && filter.shorter_than.is_none_or(|limit| facts.duration < limit)
            && filter.begun_from.is_none_or(|from| facts.begun.is_some_and(|begun| begun >= from))
            && filter.begun_before.is_none_or(|end| facts.begun.is_some_and(|begun| begun < end))
    }
}

/// What filters ask about a call, worked out once.
#[derive(Debug)]
pub(crate) struct CallFacts<'a> {
    /// The transcript's, else the metadata's.
    pub(crate) language: Option<Language>,
    direction: Option<String>,
    skill_group: Option<String>,
    agent_id: Option<String>,
    metadata: &'a CallMetadata,
    duration: Millis,
    begun: Option<DateTime>,
}

impl<'a> CallFacts<'a> {
    pub(crate) fn new(call: &CallView<'a>) -> Self {
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        Self {
            language: call.transcript.map(|t| t.language).or(call.metadata.language),
            direction: lower(&call.metadata.direction),
            skill_group: lower(&call.metadata.skill_group),
            agent_id: lower(&call.metadata.agent_id),
            metadata: call.metadata,
            duration: call.measures.duration,
            begun: call.metadata.begin_time,
        }
    }
}
