//! JSON from strangers, read so that no two readers can understand it differently.
//!
//! `serde_json` alone keeps the last of two equal keys, so that a filter in front of us and we
//! ourselves could see two different tenants or roles in the same bytes. Here a repeated key is an
//! error, and so are nesting beyond a limit, size beyond a limit, a byte order mark, half a
//! surrogate pair, a number that a double cannot hold, the character NUL, which not every database
//! can keep, and anything after the value.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// How much JSON is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonLimits {
    /// Size of the text in bytes; what is larger is refused unread.
    pub max_bytes: usize,
    /// How deep arrays and objects may stand in one another; `[[1]]` is 2 deep. From 128 on the
    /// parser itself refuses.
    pub max_depth: usize,
}

impl Default for JsonLimits {
    /// One MiB, 32 deep.
    fn default() -> Self {
        Self { max_bytes: 1 << 20, max_depth: 32 }
    }
}

/// Why JSON was refused.
///
/// Lines count from 1; the column is the byte of the line up to which the text was read. The text
/// may quote what the client sent: it is meant for the client, never for a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The text is larger than the limit.
    #[error("expected at most {limit} bytes of JSON, found {found}")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
        /// The size in bytes.
        found: usize,
    },
    /// The text is not JSON.
    #[error("expected {expected} at line {line}, column {column}")]
    Syntax {
        /// What should stand there.
        expected: String,
        /// The line, from 1.
        line: usize,
        /// The byte in the line, from 1.
        column: usize,
    },
    /// An object has a key twice.
    #[error("expected each key once, found `{key}` again at line {line}, column {column}")]
    DuplicateKey {
        /// The key.
        key: String,
        /// The line, from 1.
        line: usize,
        /// The byte in the line, from 1.
        column: usize,
    },
    /// Arrays and objects stand too deep in one another.
    #[error(
        "expected at most {limit} arrays and objects in one another at line {line}, column {column}"
    )]
    TooDeep {
        /// The limit.
        limit: usize,
        /// The line, from 1.
        line: usize,
        /// The byte in the line, from 1.
        column: usize,
    },
    /// It is JSON, but not of the shape that was asked for.
    #[error("{problem} at `{path}`, line {line}, column {column}")]
    Shape {
        /// Where, such as `calls[0].begin`; `.` for the whole value.
        path: String,
        /// What came and what was expected.
        problem: String,
        /// The line, from 1.
        line: usize,
        /// The byte in the line, from 1.
        column: usize,
    },
}

/// Reads one JSON value of type `T` from `bytes`.
///
/// ```
/// use fh_api::strict_json::{JsonLimits, from_slice};
///
/// let limits = JsonLimits::default();
/// let numbers: Vec<u8> = from_slice(b"[1, 2]", &limits).expect("it is a list of bytes");
/// assert_eq!(numbers, [1, 2]);
///
/// let error = from_slice::<serde_json::Value>(br#"{"role":"agent","role":"admin"}"#, &limits);
/// assert_eq!(
///     error.unwrap_err().to_string(),
///     "expected each key once, found `role` again at line 1, column 22"
/// );
/// ```
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8], limits: &JsonLimits) -> Result<T, JsonError> {
    let text = check(bytes, limits)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        JsonError::Shape {
            path,
            problem: without_place(&inner),
            line: inner.line(),
            column: inner.column(),
        }
    })
}

/// Whether `bytes` are JSON within `limits`, without building anything; gives them back as text.
pub fn check<'a>(bytes: &'a [u8], limits: &JsonLimits) -> Result<&'a str, JsonError> {
    if bytes.len() > limits.max_bytes {
        return Err(JsonError::TooLarge { limit: limits.max_bytes, found: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        JsonError::Syntax {
            expected: "UTF-8".to_owned(),
            line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
            column: 1 + before.len() - line_start,
        }
    })?;
    if text.starts_with('\u{feff}') {
        let expected = "a JSON value without a byte order mark before it".to_owned();
        return Err(JsonError::Syntax { expected, line: 1, column: 1 });
    }
    let fault = Cell::new(None);
    let strict = Strict { depth_left: limits.max_depth, fault: &fault };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    strict.deserialize(&mut deserializer).and_then(|()| deserializer.end()).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        match fault.take() {
            Some(Fault::DuplicateKey(key)) => JsonError::DuplicateKey { key, line, column },
            Some(Fault::TooDeep) => JsonError::TooDeep { limit: limits.max_depth, line, column },
            Some(Fault::Nul) => {
                let expected = "text without the character NUL".to_owned();
                JsonError::Syntax { expected, line, column }
            }
            None if error.to_string().starts_with("recursion limit") => {
                JsonError::TooDeep { limit: limits.max_depth, line, column }
            }
            None => JsonError::Syntax { expected: expected(&without_place(&error)), line, column },
        }
    })?;
    Ok(text)
}

/// The parser's message less its ` at line 1 column 2`, which we say in our own way.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}

/// What the parser missed, told from its message.
fn expected(message: &str) -> String {
    let known = [
        ("expected value", "a JSON value"),
        ("EOF while parsing", "the rest of the JSON, which ends too early,"),
        ("trailing characters", "the end of the JSON"),
        ("trailing comma", "a value after the comma"),
        ("key must be a string", "a key in quotes"),
        ("number out of range", "a number that a double can hold"),
        ("invalid number", "a number"),
        ("invalid escape", "an escape such as `\\n` or `\\u4e2d`"),
        ("control character", "control characters of a string to be escaped"),
        ("lone leading surrogate", "both halves of a surrogate pair"),
        ("unexpected end of hex escape", "both halves of a surrogate pair"),
    ];
    known.iter().find(|(start, _)| message.starts_with(start)).map_or_else(
        || message.strip_prefix("expected ").unwrap_or(message).to_owned(),
        |(_, expected)| (*expected).to_owned(),
    )
}

enum Fault {
    DuplicateKey(String),
    TooDeep,
    Nul,
}

/// Walks over one value and keeps nothing but the keys of the objects that it is in.
#[derive(Clone, Copy)]
struct Strict<'f> {
    depth_left: usize,
    fault: &'f Cell<Option<Fault>>,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth_left = self.depth_left.checked_sub(1).ok_or_else(|| {
            self.fault.set(Some(Fault::TooDeep));
            E::custom("too deep")
        })?;
        Ok(Self { depth_left, ..self })
    }

    fn text<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        if text.contains('\0') {
            self.fault.set(Some(Fault::Nul));
            return Err(E::custom("NUL"));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inside = self.deeper()?;
        while items.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let inside = self.deeper()?;
        let mut keys = HashSet::new();
        while let Some(Key(key)) = entries.next_key()? {
            self.text(&key)?;
            if keys.contains(&key) {
                self.fault.set(Some(Fault::DuplicateKey(key.into_owned())));
                return Err(A::Error::custom("duplicate key"));
            }
            keys.insert(key);
            entries.next_value_seed(inside)?;
        }
        Ok(())
    }
}

/// A key, borrowed from the text where it has no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(bytes: &[u8]) -> Result<Value, JsonError> {
        from_slice(bytes, &JsonLimits::default())
    }

    #[track_caller]
    fn refused(bytes: &[u8], message: &str) {
        assert_eq!(read(bytes).unwrap_err().to_string(), message);
    }

    #[test]
    fn ordinary_json_is_read() {
        let text = r#" {"a": [1, -2.5, 1e308, true, null, "中\n\ud83d\ude00"], "b": {"a": {}}} "#;
        assert_eq!(
            read(text.as_bytes()).unwrap(),
            json!({"a": [1, -2.5, 1e308, true, null, "中\n😀"], "b": {"a": {}}})
        );
    }

    #[test]
    fn an_object_has_each_key_once() {
        refused(
            br#"{"tenant":"a","tenant":"b"}"#,
            "expected each key once, found `tenant` again at line 1, column 22",
        );
        // The same key may be written in two ways.
        refused(
            b"{\"a\":1,\n \"\\u0061\":2}",
            "expected each key once, found `a` again at line 2, column 9",
        );
        refused(
            br#"[{"x":{"k":1,"k":1}}]"#,
            "expected each key once, found `k` again at line 1, column 16",
        );
        assert!(read(br#"[{"k":1},{"k":2},{"K":3}]"#).is_ok());
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(read(&nested(32)).is_ok());
        let refused = |bytes: &[u8]| {
            let error = read(bytes).unwrap_err();
            assert!(matches!(error, JsonError::TooDeep { limit: 32, line: 1, .. }), "{error}");
        };
        refused(&nested(33));
        refused(&nested(100_000));
        refused(&br#"{"a":"#.repeat(100_000));
        // A limit beyond the parser's own changes nothing.
        let wide = JsonLimits { max_depth: 1000, ..JsonLimits::default() };
        assert!(matches!(
            from_slice::<Value>(&nested(1000), &wide),
            Err(JsonError::TooDeep { limit: 1000, .. })
        ));
    }

    #[test]
    fn size_is_limited_before_anything_is_read() {
        let limits = JsonLimits { max_bytes: 10, ..JsonLimits::default() };
        assert!(from_slice::<Value>(b"[1,2,3,45]", &limits).is_ok());
        assert_eq!(
            from_slice::<Value>(b"not JSON at all", &limits).unwrap_err().to_string(),
            "expected at most 10 bytes of JSON, found 15"
        );
        let long_string = [b"\"".as_slice(), &vec![b'x'; 50_000_000], b"\""].concat();
        refused(&long_string, "expected at most 1048576 bytes of JSON, found 50000002");
    }

    #[test]
    fn numbers_are_finite() {
        refused(b"[1e400]", "expected a number that a double can hold at line 1, column 6");
        refused(b"-1e999", "expected a number that a double can hold at line 1, column 6");
        refused(b"[NaN]", "expected a JSON value at line 1, column 2");
        refused(b"[Infinity]", "expected a JSON value at line 1, column 2");
        refused(b"[01]", "expected a number at line 1, column 3");
    }

    #[test]
    fn surrogates_come_in_pairs() {
        for text in [r#""\ud83d""#, r#""\ud83dx""#, r#""\ude00""#, r#""\ud83d\u0041""#] {
            let error = read(text.as_bytes()).unwrap_err().to_string();
            assert!(
                error.starts_with("expected both halves of a surrogate pair at line 1"),
                "{error}"
            );
        }
        let error = read(br#"{"\ud800":1}"#).unwrap_err().to_string();
        assert!(error.starts_with("expected both halves"), "{error}");
    }

    #[test]
    fn text_has_no_nul() {
        refused(br#"["a\u0000"]"#, "expected text without the character NUL at line 1, column 10");
        refused(br#"{"\u0000":1}"#, "expected text without the character NUL at line 1, column 9");
        assert!(read(br#"["\\u0000"]"#).is_ok());
    }

    #[test]
    fn only_utf_8_without_a_mark() {
        refused(
            b"\xef\xbb\xbf{}",
            "expected a JSON value without a byte order mark before it at line 1, column 1",
        );
        // GB 18030 for the character that means "middle".
        refused(b"{\n\"a\":\"\xd6\xd0\"}", "expected UTF-8 at line 2, column 6");
        // UTF-16, with and without its mark.
        refused(b"\xff\xfe{\0}\0", "expected UTF-8 at line 1, column 1");
        refused(b"{\0}\0", "expected a key in quotes at line 1, column 2");
    }

    #[test]
    fn one_value_and_nothing_after_it() {
        refused(b"{} {}", "expected the end of the JSON at line 1, column 4");
        refused(b"[1,]", "expected a value after the comma at line 1, column 4");
        refused(b"", "expected the rest of the JSON, which ends too early, at line 1, column 0");
        refused(
            b"{\"a\":",
            "expected the rest of the JSON, which ends too early, at line 1, column 5",
        );
        refused(b"{a:1}", "expected a key in quotes at line 1, column 2");
        refused(b"{\"a\" 1}", "expected `:` at line 1, column 6");
        refused(b"[1 2]", "expected `,` or `]` at line 1, column 4");
        refused(
            b"\"\n\"",
            "expected control characters of a string to be escaped at line 2, column 0",
        );
    }

    #[test]
    fn a_wrong_shape_names_its_place() {
        #[derive(Debug, Deserialize)]
        struct Call {
            #[expect(dead_code, reason = "only its type matters")]
            begin: u32,
        }
        let error =
            from_slice::<Vec<Call>>(b"[{\"begin\":1},\n{\"begin\":\"x\"}]", &JsonLimits::default());
        assert_eq!(
            error.unwrap_err().to_string(),
            "invalid type: string \"x\", expected u32 at `[1].begin`, line 2, column 12"
        );
    }
}
