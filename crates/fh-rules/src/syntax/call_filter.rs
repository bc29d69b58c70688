//! Reads `applies_to`.

use super::fields::{Field, Fields, Shape};
use super::reader::{LANGUAGES, Reader};
use super::tree::{Node, Value};
use crate::model::CallFilter;

/// The fields of `applies_to`.
pub(crate) const FIELDS: &[Field] = &[
    Field::optional("language", Shape::Words(LANGUAGES), "The language spoken."),
    Field::optional("direction", Shape::Texts, "`inbound` or `outbound`, as the centre writes it."),
    Field::optional("skill_group", Shape::Texts, "The skill group or team."),
    Field::optional("agent_id", Shape::Texts, "The agent's identifier."),
    Field::optional(
        "attributes",
        Shape::TextMap,
        "Whatever else the centre sends along: each attribute named must have the value, or one of the values.",
    ),
    Field::optional("longer_than", Shape::Duration, "The recording is longer than this."),
    Field::optional("shorter_than", Shape::Duration, "The recording is shorter than this."),
    Field::optional("begun_from", Shape::DateTime, "The call began then or later."),
    Field::optional("begun_before", Shape::DateTime, "The call began earlier."),
];

/// Reads the filter; what is wrong is reported and left out.
pub(crate) fn read(node: Option<&Node>, reader: &mut Reader) -> CallFilter {
    let mut filter = CallFilter::default();
    let Some(node) = node else { return filter };
    let Some(fields) = Fields::of(node, "`applies_to`", &[FIELDS], reader) else { return filter };
    if let Some(node) = fields.get("language") {
        let nodes = reader.one_or_many(node, "`language`");
        filter.languages = nodes.iter().filter_map(|node| reader.language(node)).collect();
    }
    let texts = |name: &str, reader: &mut Reader| {
        fields.get(name).map(|node| reader.texts(node, &format!("`{name}`"))).unwrap_or_default()
    };
    filter.directions = texts("direction", reader);
    filter.skill_groups = texts("skill_group", reader);
    filter.agent_ids = texts("agent_id", reader);
    if let Some(node) = fields.get("attributes") {
        match &node.value {
            Value::Map(entries) => {
                for (key, value) in entries {
                    let Some(name) = reader.text(key, "an attribute's name") else { continue };
                    let values = reader.texts(value, &format!("attribute `{name}`"));
                    filter.attributes.insert(name.to_owned(), values);
                }
            }
            _ => reader
                .wrong_type(node, "names of attributes, each with a value or a list of values"),
        }
    }
    let duration = |name: &str, reader: &mut Reader| {
        fields.get(name).and_then(|node| reader.duration(node, &format!("`{name}`"), false))
    };
    filter.longer_than = duration("longer_than", reader);
    filter.shorter_than = duration("shorter_than", reader);
    let date_time = |name: &str, reader: &mut Reader| {
        fields.get(name).and_then(|node| reader.date_time(node, &format!("`{name}`")))
    };
    filter.begun_from = date_time("begun_from", reader);
    filter.begun_before = date_time("begun_before", reader);
    filter
}
