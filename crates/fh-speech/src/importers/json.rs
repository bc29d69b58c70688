use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeOwned, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
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

/// The most elements of one list in a file. Checked while reading, so that a file of many small
/// elements does not become many times its size in memory.
const MOST_ELEMENTS: usize = 200_000;

/// A list of at most [`MOST_ELEMENTS`].
#[derive(Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> List<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(elements: Vec<T>) -> Self {
        Self(elements)
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MOST_ELEMENTS} elements")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<List<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(element) = elements.next_element()? {
                    if list.len() == MOST_ELEMENTS {
                        return Err(de::Error::invalid_length(MOST_ELEMENTS + 1, &self));
                    }
                    list.push(element);
                }
                Ok(List(list))
            }
        }

        deserializer.deserialize_seq(Elements(PhantomData))
    }
}

/// A number of seconds, as floating point, in a JSON file.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(super) struct Seconds(pub(super) f64);
