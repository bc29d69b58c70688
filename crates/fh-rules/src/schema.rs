//! The JSON Schema of rule files, made from the tables of fields that the reader itself uses, so
//! that an editor completes, explains and refuses what the reader would.

use serde_json::{Map, Value, json};

use crate::model::ConditionKind;
use crate::syntax::{Field, Shape, Surface, TABLES};

/// The schema (draft 2020-12) of a rule file.
///
/// It is a little more lenient than the reader: names that refer to something, expressions and
/// durations are checked for their form only.
pub fn json_schema() -> String {
    let mut definitions = Map::new();
    for &(name, doc, fields) in TABLES {
        definitions.insert(name.to_owned(), object(doc, &[fields]));
    }
    for surface in ConditionKind::SURFACES {
        definitions.insert(format!("condition_{}", surface.name), condition(surface));
    }
    definitions.insert("condition".to_owned(), any_condition());
    for (name, shape) in shapes() {
        definitions.insert(name.to_owned(), shape);
    }
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Fairhearing rule file",
        "$ref": "#/$defs/file",
        "$defs": definitions,
    });
    let mut text = serde_json::to_string_pretty(&sorted(schema))
        .expect("a tree of maps with text keys can always be written");
    text.push('\n');
    text
}

/// Keys in the order of the alphabet, whatever order the JSON library keeps them in.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().collect();
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            entries.into_iter().map(|(key, value)| (key, sorted(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

fn object(doc: &str, tables: &[&[Field]]) -> Value {
    let fields = || tables.iter().flat_map(|table| table.iter());
    let properties: Map<String, Value> =
        fields().map(|field| (field.name.to_owned(), property(field))).collect();
    let required: Vec<&str> =
        fields().filter(|field| field.required).map(|field| field.name).collect();
    json!({
        "type": "object",
        "description": doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// A condition of any kind. Which kind it is, its fields tell; then only that kind's fields are
/// looked at, so that a mistake is reported as what it is and not as "no kind fits".
fn any_condition() -> Value {
    let mut heads = Vec::new();
    let mut kinds = Vec::new();
    for surface in ConditionKind::SURFACES {
        for head in surface.heads {
            let has_head = json!({ "required": [head] });
            let kind = json!({ "$ref": format!("#/$defs/condition_{}", surface.name) });
            kinds.push(json!({ "if": has_head, "then": kind }));
            heads.push(has_head);
        }
    }
    json!({ "type": "object", "anyOf": heads, "allOf": kinds })
}

fn condition(surface: &Surface) -> Value {
    let mut schema = object(surface.doc, &[surface.fields, surface.scope]);
    schema["examples"] = json!([surface.example]);
    if surface.heads.len() > 1 {
        let heads: Vec<Value> =
            surface.heads.iter().map(|head| json!({ "required": [head] })).collect();
        schema["oneOf"] = Value::Array(heads);
    }
    schema
}

fn property(field: &Field) -> Value {
    let mut schema = shape(field.shape);
    schema["description"] = Value::String(field.doc.to_owned());
    schema
}

fn shape(shape: Shape) -> Value {
    let words = |table: &[(&str, &str)]| -> Vec<Value> {
        table
            .iter()
            .map(|(word, meaning)| json!({ "const": word, "description": meaning }))
            .collect()
    };
    let reference = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    match shape {
        Shape::Text => reference("text"),
        Shape::Id | Shape::Condition => reference("name"),
        Shape::LocalText => reference("local_text"),
        Shape::Whole(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::Points => json!({ "type": "number", "minimum": -1000, "maximum": 1000 }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Word(table) => json!({ "oneOf": words(table) }),
        Shape::Words(table) => {
            let one = json!({ "oneOf": words(table) });
            json!({ "anyOf": [one, { "type": "array", "minItems": 1, "items": one }] })
        }
        Shape::Duration => reference("duration"),
        Shape::Window => reference("window"),
        Shape::Reach => reference("reach"),
        Shape::Phrases | Shape::Texts => reference("texts"),
        Shape::Needed => {
            json!({ "anyOf": [{ "enum": ["any", "all"] }, { "type": "integer", "minimum": 2 }] })
        }
        Shape::Pattern | Shape::Expression | Shape::Dialogue => {
            json!({ "type": "string", "minLength": 1 })
        }
        Shape::Conditions => {
            let one = reference("name");
            json!({ "anyOf": [one, { "type": "array", "minItems": 1, "items": one }] })
        }
        Shape::Rates => reference("rates"),
        Shape::TextMap => {
            json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/texts" } })
        }
        Shape::DateTime => {
            json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+)?$" })
        }
        Shape::RuleChoice => {
            json!({ "anyOf": [{ "const": "all" }, { "type": "array", "items": { "$ref": "#/$defs/name" }, "uniqueItems": true }] })
        }
        Shape::Map(name) => reference(name),
        Shape::ListOf(name) => json!({ "type": "array", "items": reference(name) }),
        Shape::PhraseLists => {
            json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/texts" } })
        }
        Shape::ConditionMap => {
            json!({ "type": "object", "minProperties": 1, "additionalProperties": { "$ref": "#/$defs/condition" } })
        }
    }
}

/// What several fields share.
fn shapes() -> [(&'static str, Value); 8] {
    // A letter, then letters, digits, `-` and `_`: without `\p{L}`, which not every validator knows.
    const NAME: &str = "^[^\\s!-@\\[-`{-~][^\\s!-,./:-@\\[-\\^`{-~]*$";
    const DURATION: &str = "[0-9]+(\\.[0-9]{1,3})? ?(ms|s|m|h)";
    let duration = format!("^{DURATION}$");
    let window = format!("^(first|last) (utterance|[0-9]+ utterances?|{DURATION})$");
    let reach = format!("^({DURATION}|utterance|[0-9]+ utterances?)$");
    let rate = json!({ "type": "integer", "minimum": 1, "maximum": 10_000 });
    [
        // A phrase such as 12315 is a number to YAML and text to us.
        ("text", json!({ "type": ["string", "number"] })),
        (
            "texts",
            json!({ "anyOf": [
                { "$ref": "#/$defs/text" },
                { "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/text" } },
            ] }),
        ),
        ("name", json!({ "type": "string", "pattern": NAME, "maxLength": 100 })),
        (
            "local_text",
            json!({ "anyOf": [
                { "$ref": "#/$defs/text" },
                {
                    "type": "object",
                    "properties": {
                        "en": { "$ref": "#/$defs/text", "description": "In English." },
                        "zh": { "$ref": "#/$defs/text", "description": "In Chinese." },
                    },
                    "minProperties": 1,
                    "additionalProperties": false,
                },
            ] }),
        ),
        ("duration", json!({ "type": "string", "pattern": duration })),
        ("window", json!({ "type": "string", "pattern": window })),
        ("reach", json!({ "type": "string", "pattern": reach })),
        (
            "rates",
            json!({ "anyOf": [
                rate,
                {
                    "type": "object",
                    "properties": { "en": rate, "zh": rate },
                    "minProperties": 1,
                    "additionalProperties": false,
                },
            ] }),
        ),
    ]
}
