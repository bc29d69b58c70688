//! The JSON Schema accepts what the reader accepts and refuses what an author gets wrong most.

use fh_rules::{json_schema, shipped_packs};
use serde_json::Value;

/// Checks `value` against the part of JSON Schema that ours uses; the first fault as text.
fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let fault = |what: String| Err(format!("{at}: {what}"));
    if let Some(path) = schema["$ref"].as_str() {
        let target =
            root.pointer(path.trim_start_matches('#')).expect("the reference leads somewhere");
        check(root, target, value, at)?;
    }
    let passes = |part: &Value| check(root, part, value, at).is_ok();
    if schema["anyOf"].as_array().is_some_and(|parts| !parts.iter().any(passes)) {
        return fault(format!("none of the alternatives fits {value}"));
    }
    let fitting = |parts: &Vec<Value>| parts.iter().filter(|part| passes(part)).count();
    if schema["oneOf"].as_array().is_some_and(|parts| fitting(parts) != 1) {
        return fault(format!("not exactly one alternative fits {value}"));
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if part.get("if").is_none_or(passes) {
            check(root, part.get("then").unwrap_or(part), value, at)?;
        }
    }
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        other => panic!("the schema uses a type `{other}` that this check does not know"),
    };
    let fits = match &schema["type"] {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    };
    if !fits {
        return fault(format!("{value} is not of type {}", schema["type"]));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        return fault(format!("{value} is not {}", schema["const"]));
    }
    if schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
        return fault(format!("{value} is not one of {}", schema["enum"]));
    }
    if let Some(number) = value.as_f64() {
        let below = schema["minimum"].as_f64().is_some_and(|min| number < min);
        let above = schema["maximum"].as_f64().is_some_and(|max| number > max);
        if below || above {
            return fault(format!("{number} is out of range"));
        }
    }
    let sound = |pattern| regex::Regex::new(pattern).expect("a sound pattern");
    if let (Some(text), Some(pattern)) = (value.as_str(), schema["pattern"].as_str())
        && !sound(pattern).is_match(text)
    {
        return fault(format!("`{text}` does not match `{pattern}`"));
    }
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(name) {
                return fault(format!("`{name}` is missing"));
            }
        }
        for (name, member) in object {
            let at = format!("{at}.{name}");
            match (schema["properties"].get(name), &schema["additionalProperties"]) {
                (Some(part), _) | (None, part @ Value::Object(_)) => {
                    check(root, part, member, &at)?
                }
                (None, Value::Bool(false)) => return Err(format!("{at}: unknown field")),
                _ => {}
            }
        }
    }
    if let (Some(items), true) = (value.as_array(), schema["items"].is_object()) {
        for (index, item) in items.iter().enumerate() {
            check(root, &schema["items"], item, &format!("{at}[{index}]"))?;
        }
    }
    Ok(())
}

fn check_file(yaml: &str) -> Result<(), String> {
    let schema: Value = serde_json::from_str(&json_schema()).expect("the schema is JSON");
    let value: Value = serde_saphyr::from_str(yaml).expect("the file is YAML");
    check(&schema, &schema, &value, "file")
}

#[test]
fn the_schema_accepts_the_shipped_packs() {
    for source in shipped_packs().iter().flat_map(|pack| &pack.sources) {
        check_file(&source.text).unwrap_or_else(|fault| panic!("{}: {fault}", source.name));
    }
}

#[test]
fn the_schema_refuses_unknown_fields_and_words() {
    let check = |condition: &str, rest: &str| {
        check_file(&format!(
            "pack: p\nrules:\n  - id: r\n    listen_for:\n      a: {condition}\n    flag_if: a\n{rest}"
        ))
    };
    assert_eq!(check("{ say: [hello], by: agent }", ""), Ok(()));
    assert_eq!(check("{ silence: 10s }", "    points: -2.5\n"), Ok(()));
    assert_eq!(
        check("{ say: [hello], role: agent }", ""),
        Err("file.rules[0].listen_for.a.role: unknown field".to_owned())
    );
    for condition in [
        "{ says: [hello] }",
        "{ say: [hello], by: staff }",
        "{ say: [hello], in: first 2 turns }",
        "{ say: [hello], silence: 3s }",
        "{ say: [] , at_least: 0 }",
        "{ silence: 10 }",
        "{ silence: ten seconds }",
        "{ faster_than: 300, slower_than: 100, per: call }",
        "{ faster_than: { fr: 300 }, per: call }",
        "hello",
    ] {
        assert!(check(condition, "").is_err(), "{condition}");
    }
    assert!(check("{ say: hello }", "    score: -5\n").is_err());
    assert!(check("{ say: hello }", "    severity: severe\n").is_err());
    assert!(check("{ say: hello }", "unknown: 1\n").is_err());
}
