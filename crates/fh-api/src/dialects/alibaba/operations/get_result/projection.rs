//! The fields that a client wants: `requiredFields` and `excludeFields`.

use serde_json::{Map, Value};

/// What is given where the client names nothing.
const DEFAULT: &str = "score,status,taskId,hitResult";

/// A choice of fields, by their names with a small first letter and dots between levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    required: Vec<Vec<String>>,
    excluded: Vec<Vec<String>>,
}

impl Projection {
    /// Reads both lists, whose names are separated by commas. Names that mean nothing are ignored.
    pub fn read(required: Option<&str>, excluded: Option<&str>) -> Self {
        let paths = |list: &str| {
            let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
            names.map(|name| name.split('.').map(wire_name).collect()).collect()
        };
        Self {
            required: paths(required.unwrap_or(DEFAULT)),
            excluded: paths(excluded.unwrap_or_default()),
        }
    }

    /// Whether anything of the field `name` (such as `asrResult`) is wanted at all.
    pub fn wants(&self, name: &str) -> bool {
        let is_first = |path: &Vec<String>| path.first().is_some_and(|first| first == name);
        let is_whole = |path: &Vec<String>| path.len() == 1 && path[0] == name;
        self.required.iter().any(is_first) && !self.excluded.iter().any(is_whole)
    }

    /// The wanted part of one result.
    ///
    /// `LastDataId` is always there: without it nobody could go on beyond 10,000 results.
    pub(super) fn apply(&self, result: Map<String, Value>) -> Map<String, Value> {
        let last = result.get("LastDataId").cloned();
        let mut wanted = self.object(result, &mut Vec::new(), false);
        wanted.extend(last.map(|last| ("LastDataId".to_owned(), last)));
        wanted
    }

    /// `whole` says that an outer field was asked for, so that only exclusions count.
    fn object(
        &self,
        fields: Map<String, Value>,
        path: &mut Vec<String>,
        whole: bool,
    ) -> Map<String, Value> {
        let mut wanted = Map::new();
        for (key, value) in fields {
            path.push(lower_first(&key));
            let whole = whole || self.required.contains(path);
            let inner = self.required.iter().any(|required| required.starts_with(path));
            if !self.excluded.contains(path) && (whole || inner) {
                wanted.insert(key, self.value(value, path, whole));
            }
            path.pop();
        }
        wanted
    }

    fn value(&self, value: Value, path: &mut Vec<String>, whole: bool) -> Value {
        match value {
            // The object around a list has no name in a path: `hitResult.hits` goes through
            // `HitResult.HitResult[].Hits`.
            Value::Object(fields) if is_wrapper(&fields) => {
                let unwrapped =
                    fields.into_iter().map(|(key, value)| (key, self.value(value, path, whole)));
                Value::Object(unwrapped.collect())
            }
            Value::Object(fields) => Value::Object(self.object(fields, path, whole)),
            Value::Array(items) => {
                Value::Array(items.into_iter().map(|item| self.value(item, path, whole)).collect())
            }
            other => other,
        }
    }
}

fn is_wrapper(fields: &Map<String, Value>) -> bool {
    fields.len() == 1 && fields.values().all(Value::is_array)
}

/// `recording.dataSet` is the documented name of `DataSetName`.
fn wire_name(name: &str) -> String {
    match name.trim() {
        "dataSet" => "dataSetName".to_owned(),
        name => lower_first(name),
    }
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(required: Option<&str>, excluded: Option<&str>, expected: Value) {
        let Value::Object(result) = json!({
            "Score": 90,
            "Status": 1,
            "TaskId": "T",
            "LastDataId": "L",
            "Comments": "c",
            "HitResult": {"HitResult": [{"Rid": "1", "Hits": {"Hit": [{"Cid": {"Cid": ["a"]}}]}}]},
            "Recording": {"Name": "n", "Url": "u", "DataSetName": "d"},
        }) else {
            unreachable!()
        };
        assert_eq!(Value::Object(Projection::read(required, excluded).apply(result)), expected);
    }

    #[test]
    fn nothing_said_gives_the_documented_four() {
        check(
            None,
            None,
            json!({
                "Score": 90, "Status": 1, "TaskId": "T", "LastDataId": "L",
                "HitResult": {"HitResult": [{"Rid": "1", "Hits": {"Hit": [{"Cid": {"Cid": ["a"]}}]}}]},
            }),
        );
    }

    #[test]
    fn fields_inside_fields() {
        check(
            Some("status, recording.name,recording.dataSet, hitResult,Nothing"),
            Some("hitResult.hits, recording.url"),
            json!({
                "Status": 1, "LastDataId": "L",
                "HitResult": {"HitResult": [{"Rid": "1"}]},
                "Recording": {"Name": "n", "DataSetName": "d"},
            }),
        );
        check(
            Some("recording,hitResult.rid"),
            Some("recording.url"),
            json!({
                "LastDataId": "L",
                "HitResult": {"HitResult": [{"Rid": "1"}]},
                "Recording": {"Name": "n", "DataSetName": "d"},
            }),
        );
        check(Some("comments"), Some("comments"), json!({"LastDataId": "L"}));
    }

    #[test]
    fn what_is_not_wanted_need_not_be_made() {
        let projection = Projection::read(Some("asrResult.words,score"), Some("score"));
        assert!(projection.wants("asrResult"));
        assert!(!projection.wants("score"));
        assert!(!projection.wants("hitResult"));
    }
}
