use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::Segment;

use super::error::{Fault, Place};

/// Reads a JSON text; depth is limited to 128 by the library, size by the caller.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer: String = error
            .path()
            .iter()
            .map(|segment| match segment {
                Segment::Seq { index } => format!("/{index}"),
                Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
                Segment::Enum { variant } => format!("/{variant}"),
                Segment::Unknown => String::new(),
            })
            .collect();
        fault(pointer, error.inner())
    })?;
    deserializer.end().map_err(|error| fault(String::new(), &error))?;
    Ok(value)
}

/// The keys of a JSON object; of a key that stands twice, one.
pub(super) fn keys_of_object(text: &str) -> Result<BTreeSet<String>, Fault> {
    let object: BTreeMap<String, IgnoredAny> = read(text)?;
    Ok(object.into_keys().collect())
}

/// A place by its JSON pointer alone.
pub(super) fn pointer(pointer: impl Into<String>) -> Place {
    Place::Json { pointer: pointer.into(), line: 0, column: 0 }
}

fn fault(pointer: String, error: &serde_json::Error) -> Fault {
    let place = Place::Json { pointer, line: error.line(), column: error.column() };
    let message = error.to_string();
    // The place stands in `place`; serde_json repeats it at the end.
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(front, _)| front);
    let (expected, found) = match message.split_once(", expected ") {
        Some((found, expected)) => (expected.to_owned(), without_values(found)),
        None => match (message.strip_prefix("missing "), message.strip_prefix("duplicate ")) {
            (Some(field), _) => (format!("the {field}"), "none"),
            (_, Some(field)) => (format!("the {field} once"), "it twice"),
            _ => match message.strip_prefix("expected ") {
                Some(expected) => (expected.to_owned(), "something else"),
                None => ("well-formed JSON".to_owned(), without_values(message)),
            },
        },
    };
    Fault::new(place, expected, found)
}

/// Takes string values, which may be what somebody said, out of a message: `invalid type: string
/// "my card is"` becomes `invalid type: string`.
fn without_values(message: &str) -> &str {
    message.split_once('"').map_or(message, |(front, _)| front).trim_end()
}

/// A number of seconds, as floating point, in a JSON file.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(super) struct Seconds(pub(super) f64);
