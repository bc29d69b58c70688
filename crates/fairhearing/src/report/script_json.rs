use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// Writes `value` as JSON that is safe inside a `<script>` element.
///
/// A data block ends at the first `</script`, and `<!--` changes how the rest is read; both need a
/// `<`, and in JSON a `<` can only stand inside a string, where `\u003c` means the same. `&` and
/// `>` are escaped for readers that treat the page as XML, U+2028 and U+2029 for readers that treat
/// the JSON as JavaScript.
pub(super) fn write_script_json(out: impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, ScriptSafe)).map_err(io::Error::from)
}

struct ScriptSafe;

impl Formatter for ScriptSafe {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unsafe) {
            let (before, found) = rest.split_at(at);
            CompactFormatter.write_string_fragment(writer, before)?;
            let mut characters = found.chars();
            if let Some(character) = characters.next() {
                write!(writer, "\\u{:04x}", u32::from(character))?;
            }
            rest = characters.as_str();
        }
        CompactFormatter.write_string_fragment(writer, rest)
    }
}

const fn is_unsafe(character: char) -> bool {
    matches!(character, '<' | '>' | '&' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_string_can_leave_its_script_element() {
        let check = |text: &str, expected: &str| {
            let mut out = Vec::new();
            write_script_json(&mut out, &text).unwrap();
            let json = String::from_utf8(out).unwrap();
            assert_eq!(json, expected);
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        };
        check("</script>", r#""\u003c/script\u003e""#);
        check("<!--<script>", r#""\u003c!--\u003cscript\u003e""#);
        check("a & b", r#""a \u0026 b""#);
        check("\u{2028}\u{2029}", r#""\u2028\u2029""#);
        check("\"\\\n", r#""\"\\\n""#);
        check("您好", r#""您好""#);
    }
}
