//! The fields of a JSON object, read as leniently as Alibaba's own samples write them.
//!
//! A number may come as a string and a string as a number, a flag as `1`, `true` or `"True"`, and an
//! object as a string of JSON. Null and the empty string are as good as absent. What nobody asked
//! for is kept and can be taken at the end.

use serde_json::{Map, Value};

use crate::strict_json::{self, JsonLimits};

/// A field that is not what it must be.
///
/// The text may quote the client: it is meant for the client, never for a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at `{path}`, found {found}")]
pub struct FieldError {
    /// Where, such as `callList[3].voiceFileUrl`.
    pub path: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub found: String,
}

/// An object whose fields are taken out one by one.
#[derive(Debug, Clone)]
pub struct Fields {
    path: String,
    values: Map<String, Value>,
    limits: JsonLimits,
}

impl Fields {
    /// Reads the object in `json`; objects in strings inside it obey the same `limits`.
    pub fn read(json: &str, limits: &JsonLimits) -> Result<Self, super::error::ScaError> {
        let value = strict_json::from_slice(json.as_bytes(), limits)?;
        Ok(Self::of(String::new(), value, *limits)?)
    }

    fn of(path: String, value: Value, limits: JsonLimits) -> Result<Self, FieldError> {
        match value {
            Value::Object(values) => Ok(Self { path, values, limits }),
            other => {
                let path = if path.is_empty() { "JsonStr".to_owned() } else { path };
                Err(FieldError { path, expected: "an object".to_owned(), found: described(&other) })
            }
        }
    }

    /// The fault that `name` is not `expected`, for checks of one's own.
    pub fn fault(
        &self,
        name: &str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> FieldError {
        FieldError { path: self.path_of(name), expected: expected.into(), found: found.into() }
    }

    /// Whether `name` is there and filled.
    pub fn has(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(is_filled)
    }

    /// Takes a text; numbers become text.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, FieldError> {
        self.take(name).map(|value| self.as_text(name, value)).transpose()
    }

    /// Takes a text of at most `max` characters.
    pub fn short_text(&mut self, name: &str, max: usize) -> Result<Option<String>, FieldError> {
        let text = self.text(name)?;
        match text.as_ref().map(|text| text.chars().count()).filter(|&length| length > max) {
            Some(length) => {
                let expected = format!("at most {max} characters");
                Err(self.fault(name, expected, format!("{length} characters")))
            }
            None => Ok(text),
        }
    }

    /// Takes a text that must be there.
    pub fn required_text(&mut self, name: &str) -> Result<String, FieldError> {
        self.text(name)?.ok_or_else(|| self.fault(name, "a text", "nothing"))
    }

    /// Takes a whole number.
    pub fn integer(&mut self, name: &str) -> Result<Option<i64>, FieldError> {
        self.take(name).map(|value| self.as_integer(name, value)).transpose()
    }

    /// Takes a whole number that `of` understands; `expected` says which those are.
    pub fn choice<T>(
        &mut self,
        name: &str,
        expected: &str,
        of: impl Fn(i64) -> Option<T>,
    ) -> Result<Option<T>, FieldError> {
        let Some(number) = self.integer(name)? else { return Ok(None) };
        match of(number) {
            Some(chosen) => Ok(Some(chosen)),
            None => Err(self.fault(name, expected, format!("`{number}`"))),
        }
    }

    /// Takes a flag: 0 or 1, `true` or `false`.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, FieldError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let flag = match &value {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => number.as_i64().and_then(flag_of),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            Value::String(text) => text.trim().parse().ok().and_then(flag_of),
            _ => None,
        };
        flag.map(Some).ok_or_else(|| self.fault(name, "0 or 1", described(&value)))
    }

    /// Takes a list of texts.
    pub fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, FieldError> {
        let Some(values) = self.list(name)? else { return Ok(None) };
        let texts = (0..).zip(values).map(|(at, value)| self.as_text(&item(name, at), value));
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// Takes a list of whole numbers.
    pub fn integers(&mut self, name: &str) -> Result<Option<Vec<i64>>, FieldError> {
        let Some(values) = self.list(name)? else { return Ok(None) };
        let numbers = (0..).zip(values).map(|(at, value)| self.as_integer(&item(name, at), value));
        numbers.collect::<Result<_, _>>().map(Some)
    }

    /// Takes a list of objects.
    pub fn objects(&mut self, name: &str) -> Result<Option<Vec<Self>>, FieldError> {
        let Some(values) = self.list(name)? else { return Ok(None) };
        let objects = (0..)
            .zip(values)
            .map(|(at, value)| Self::of(self.path_of(&item(name, at)), value, self.limits));
        objects.collect::<Result<_, _>>().map(Some)
    }

    /// Takes an object, which may stand in a string of JSON.
    pub fn object(&mut self, name: &str) -> Result<Option<Map<String, Value>>, FieldError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        match self.unquoted(name, value)? {
            Value::Object(values) => Ok(Some(values)),
            other => {
                Err(self.fault(name, "an object, or a string of JSON with one", described(&other)))
            }
        }
    }

    /// Takes all that is left.
    pub fn rest(self) -> Map<String, Value> {
        self.values
    }

    fn list(&mut self, name: &str) -> Result<Option<Vec<Value>>, FieldError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        match self.unquoted(name, value)? {
            Value::Array(values) => Ok(Some(values)),
            other => Err(self.fault(name, "a list", described(&other))),
        }
    }

    /// Reads the JSON in a string; what is no string stays.
    fn unquoted(&self, name: &str, value: Value) -> Result<Value, FieldError> {
        let Value::String(text) = value else { return Ok(value) };
        strict_json::from_slice(text.as_bytes(), &self.limits)
            .map_err(|error| self.fault(name, "JSON in the string", format!("a fault: {error}")))
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.values.remove(name).filter(is_filled)
    }

    fn as_text(&self, name: &str, value: Value) -> Result<String, FieldError> {
        match value {
            Value::String(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(flag) => Ok(flag.to_string()),
            other => Err(self.fault(name, "a text", described(&other))),
        }
    }

    fn as_integer(&self, name: &str, value: Value) -> Result<i64, FieldError> {
        let number = match &value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            Value::Bool(flag) => Some(i64::from(*flag)),
            _ => None,
        };
        number.ok_or_else(|| self.fault(name, "a whole number of 64 bits", described(&value)))
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

fn is_filled(value: &Value) -> bool {
    !value.is_null() && value != ""
}

fn item(name: &str, at: usize) -> String {
    format!("{name}[{at}]")
}

const fn flag_of(number: i64) -> Option<bool> {
    match number {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// A value in a few words: short ones as they are.
fn described(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > 40 => {
            format!("a text of {} characters", text.chars().count())
        }
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        Fields::read(&value.to_string(), &JsonLimits::default()).unwrap()
    }

    #[test]
    fn numbers_and_texts_stand_for_each_other() {
        let mut all = fields(json!({
            "a": "30", "b": 30, "c": 203_242_802_123_456_789_i64, "d": true, "e": null, "f": "", "g": " 7 ",
        }));
        assert_eq!(all.integer("a"), Ok(Some(30)));
        assert_eq!(all.text("b"), Ok(Some("30".to_owned())));
        assert_eq!(all.text("c"), Ok(Some("203242802123456789".to_owned())));
        assert_eq!(all.integer("d"), Ok(Some(1)));
        assert_eq!(
            (all.integer("e"), all.text("f"), all.text("no")),
            (Ok(None), Ok(None), Ok(None))
        );
        assert_eq!(all.integer("g"), Ok(Some(7)));
    }

    #[test]
    fn flags_have_many_spellings() {
        for (value, flag) in [
            (json!(1), true),
            (json!("1"), true),
            (json!(true), true),
            (json!("True"), true),
            (json!(0), false),
            (json!("0"), false),
            (json!(false), false),
            (json!("FALSE"), false),
        ] {
            assert_eq!(fields(json!({"f": value})).flag("f"), Ok(Some(flag)));
        }
        for value in [json!(2), json!("yes"), json!([]), json!(1.5)] {
            assert!(fields(json!({"f": value})).flag("f").is_err());
        }
    }

    #[test]
    fn lists_and_objects_may_stand_in_strings() {
        let mut all = fields(json!({
            "a": [1, "2"], "b": "[1,2]", "c": {"x": 1}, "d": "{\"x\":1}", "e": ["p", 5], "f": [{"y": 1}],
        }));
        assert_eq!(all.integers("a"), Ok(Some(vec![1, 2])));
        assert_eq!(all.integers("b"), Ok(Some(vec![1, 2])));
        assert_eq!(all.object("c"), all.clone().object("d"));
        assert_eq!(all.texts("e"), Ok(Some(vec!["p".to_owned(), "5".to_owned()])));
        let mut objects = all.objects("f").unwrap().unwrap();
        assert_eq!(objects[0].integer("y"), Ok(Some(1)));
        assert_eq!(Value::Object(all.rest()), json!({"d": "{\"x\":1}"}));
    }

    #[test]
    fn a_fault_names_its_place() {
        let mut all = fields(
            json!({"list": [{"n": "x"}, 3], "d": "{\"x\":1,\"x\":2}", "t": "abc", "big": 1e20}),
        );
        let message = |result: Result<_, FieldError>| match result {
            Err(error) => error.to_string(),
            Ok(()) => "accepted".to_owned(),
        };
        assert_eq!(
            message(all.clone().objects("list").map(drop)),
            "expected an object at `list[1]`, found `3`"
        );
        assert_eq!(
            message(all.clone().integers("list").map(drop)),
            "expected a whole number of 64 bits at `list[0]`, found an object"
        );
        assert_eq!(
            message(all.clone().short_text("t", 2).map(drop)),
            "expected at most 2 characters at `t`, found 3 characters"
        );
        assert_eq!(
            message(all.required_text("u").map(drop)),
            "expected a text at `u`, found nothing"
        );
        assert!(
            message(all.integer("big").map(drop)).starts_with("expected a whole number of 64 bits")
        );
        let duplicate = message(all.object("d").map(drop));
        assert!(duplicate.contains("found `x` again"), "{duplicate}");
        let refused = Fields::read("[]", &JsonLimits::default()).unwrap_err();
        assert_eq!(refused.to_string(), "expected an object at `JsonStr`, found a list");
    }
}
