//! Every key of a real answer stands in the published metadata, with the published type.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::stage::Stage;
use crate::story::{bank, bank_call, params};

fn published(file: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/spec/alibaba");
    serde_json::from_slice(&fs::read(folder.join(file)).unwrap()).unwrap()
}

/// Holds an answer to a schema of the metadata; counts the keys.
fn check(answer: &Value, schema: &Value, place: &str) -> usize {
    let expected = schema["type"].as_str().unwrap_or("object");
    match answer {
        Value::Object(fields) => {
            assert_eq!(expected, "object", "{place}");
            let inner = fields.iter().map(|(key, value)| {
                let schema = &schema["properties"][key];
                assert!(schema.is_object(), "{place}.{key} is not published");
                1 + check(value, schema, &format!("{place}.{key}"))
            });
            inner.sum()
        }
        Value::Array(items) => {
            assert_eq!(expected, "array", "{place}");
            let inner = items.iter().enumerate();
            inner.map(|(at, item)| check(item, &schema["items"], &format!("{place}[{at}]"))).sum()
        }
        other => {
            let found = match other {
                Value::String(_) => "string",
                Value::Bool(_) => "boolean",
                Value::Number(number) if number.is_i64() => "integer",
                Value::Number(_) => "number",
                _ => "null",
            };
            assert_eq!(found, expected, "{place}");
            0
        }
    }
}

fn schema(metadata: &Value, operation: &str) -> Value {
    let schema = metadata["apis"][operation]["responses"]["200"]["schema"].clone();
    assert!(schema["properties"].is_object(), "{operation}");
    schema
}

#[test]
#[ignore = "needs ../shared"]
fn answers_have_the_published_keys_and_types() {
    let stage: Stage = bank(None);
    bank_call(&stage);
    let metadata = published("qualitycheck-2019-01-15.openmeta.json");
    let (_, uploaded) = stage.ask("UploadAudioData", "JsonStr", &params(&stage).to_string());
    assert_eq!(check(&uploaded, &schema(&metadata, "UploadAudioData"), "UploadAudioData"), 5);
    let task = uploaded["Data"].as_str().unwrap();
    // `Vid` is left out: the SDK has it, the metadata is older.
    let fields = "status,score,taskId,taskName,hitResult,hitScore,asrResult,recording,agent,\
                  errorMessage,createTime,createTimeLong,reviewStatus,reviewResult,comments";
    stage.result(task, fields);
    let asked = json!({ "taskId": task, "requiredFields": fields }).to_string();
    let (_, answer) = stage.ask("GetResult", "JsonStr", &asked);
    let keys = check(&answer, &schema(&metadata, "GetResult"), "GetResult");
    // 11 sentences of 6 keys, some of which may be absent, and 5 rules with their hits.
    assert!(keys > 100, "{keys}");
}

/// The keys of the published example of `ParamsStr`, of which nothing else is published.
#[test]
#[ignore = "needs ../shared"]
fn params_have_the_keys_of_the_published_example() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/seeds");
    let page = fs::read_dir(seeds).unwrap().map(|entry| entry.unwrap().path());
    let page = page.into_iter().find(|path| path.to_string_lossy().contains("/003_")).unwrap();
    let page = fs::read_to_string(page).unwrap();
    let example = page.lines().find(|line| line.contains("\"autoSplit\": 1")).unwrap();
    let stage = bank(None);
    bank_call(&stage);
    let params = params(&stage);
    let mut keys = Vec::new();
    keys_of(&params, &mut keys);
    // Every key in quotes before a colon, in the order in which they stand.
    let mut published: Vec<&str> = example
        .split("\": ")
        .filter_map(|before| before.rsplit_once('"').map(|(_, key)| key))
        .filter(|key| key.chars().all(|letter| letter.is_ascii_alphabetic() || letter == '_'))
        .collect();
    published.retain(|key| !key.is_empty());
    published.sort_unstable();
    keys.sort_unstable();
    assert_eq!(keys, published);
}

fn keys_of<'v>(value: &'v Value, keys: &mut Vec<&'v str>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                keys.push(key);
                keys_of(value, keys);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys_of(item, keys)),
        _ => {}
    }
}
