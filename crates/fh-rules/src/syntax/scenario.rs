//! Reads one business scenario.

use std::collections::BTreeSet;

use fh_model::Points;

use super::call_filter;
use super::fields::{Field, Fields, Shape};
use super::reader::Reader;
use super::tree::{Node, Text, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{LocalText, Place, Scenario, ScenarioRules};

/// The fields of a scenario.
pub(crate) const FIELDS: &[Field] = &[
    Field::required("id", Shape::Id, "The scenario's id, by which results refer to it for ever."),
    Field::optional("name", Shape::LocalText, "What people call it; the id where it is left out."),
    Field::optional("why", Shape::LocalText, "What it is for."),
    Field::optional("base", Shape::Points, "Where the score starts; 100 where it is left out."),
    Field::optional(
        "lower",
        Shape::Points,
        "The least that the score can be; 0 where it is left out.",
    ),
    Field::optional(
        "upper",
        Shape::Points,
        "The most that the score can be; 100 where it is left out.",
    ),
    Field::optional(
        "ignore_sensitive",
        Shape::Flag,
        "`true` leaves out the rules on sensitive words.",
    ),
    Field::optional(
        "applies_to",
        Shape::Map("applies_to"),
        "Which calls the scenario is about; all where it is left out.",
    ),
    Field::required("rules", Shape::RuleChoice, "`all`, or the ids of the rules that count."),
];

/// A scenario as read, with the places of the rule ids, which are checked when all rules are known.
pub(crate) struct ReadScenario {
    pub(crate) scenario: Scenario,
    pub(crate) rule_places: Vec<Place>,
}

/// Reads `node`, a scenario in a file of `pack`.
pub(crate) fn read(node: &Node, pack: &str, reader: &mut Reader) -> Option<ReadScenario> {
    let fields = Fields::of(node, "a scenario", &[FIELDS], reader)?;
    let id = fields.get("id").and_then(|node| reader.name(node, "the id of a scenario"));
    let name = fields.get("name").and_then(|node| reader.local_text(node, "`name`"));
    let why = fields.get("why").and_then(|node| reader.local_text(node, "`why`"));
    let bound = |name: &str, default: i32, reader: &mut Reader| match fields.get(name) {
        Some(node) => reader.points(node, &format!("`{name}`")),
        None => Some(Points::whole(default)),
    };
    let (base, lower, upper) =
        (bound("base", 100, reader), bound("lower", 0, reader), bound("upper", 100, reader));
    let ignore =
        fields.get("ignore_sensitive").and_then(|node| reader.flag(node, "`ignore_sensitive`"));
    let applies_to = call_filter::read(fields.get("applies_to"), reader);
    let rules = fields.get("rules").map(|node| read_rules(node, reader));
    let (base, lower, upper) = (base?, lower?, upper?);
    if !(lower <= base && base <= upper && lower < upper) {
        let key = ["base", "lower", "upper"].iter().find_map(|name| fields.key(name));
        reader.report(
            Diagnostic::new(
                Code::FIELDS_CLASH,
                key.map_or(node.place, |key| key.place),
                format!("the score starts at {base} and goes from {lower} to {upper}"),
            )
            .expecting("`lower` below `upper`, and `base` between them"),
        );
        return None;
    }
    let id = id?;
    let (rules, rule_places) = rules??;
    Some(ReadScenario {
        scenario: Scenario {
            id: id.to_owned(),
            pack: pack.to_owned(),
            name: name.unwrap_or_else(|| LocalText::same(id)),
            why: why.unwrap_or_default(),
            base,
            lower,
            upper,
            ignore_sensitive: ignore.unwrap_or(false),
            applies_to,
            rules,
            place: fields.get("id")?.place,
        },
        rule_places,
    })
}

fn read_rules(node: &Node, reader: &mut Reader) -> Option<(ScenarioRules, Vec<Place>)> {
    match &node.value {
        Value::Text(Text { text, .. }) if text == "all" => Some((ScenarioRules::All, Vec::new())),
        Value::List(items) => {
            let mut ids: Vec<String> = Vec::new();
            let mut seen: BTreeSet<&str> = BTreeSet::new();
            let mut places = Vec::new();
            for item in items {
                let Some(id) = reader.text(item, "a rule's id") else { continue };
                if !seen.insert(id) {
                    reader.report(Diagnostic::new(
                        Code::DUPLICATE_NAME,
                        item.place,
                        format!("the scenario already has the rule `{id}`"),
                    ));
                    continue;
                }
                ids.push(id.to_owned());
                places.push(item.place);
            }
            Some((ScenarioRules::Listed(ids), places))
        }
        _ => {
            reader.wrong_type(node, "`all`, or a list of rule ids");
            None
        }
    }
}
