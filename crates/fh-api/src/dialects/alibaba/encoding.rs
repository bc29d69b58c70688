//! Percent encoding as Alibaba signs it, and the decoding of queries and forms.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but `A-Z a-z 0-9 - _ . ~` (RFC 3986's unreserved characters).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Encodes for a canonical string: a space becomes `%20`, `*` becomes `%2A`, `~` stays.
pub fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Decodes one name or value of a query or form: `+` is a space, `%E4%B8%AD` is a character.
///
/// `None` where a `%` is not followed by two hexadecimal digits or the bytes are not UTF-8. Nothing
/// is decoded twice: `%252B` gives `%2B`.
pub fn form_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => (hex_digit(rest.next()?)? << 4) | hex_digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Writes bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(percent_encode("aZ09-_.~"), "aZ09-_.~");
        assert_eq!(percent_encode("a b*+/%中"), "a%20b%2A%2B%2F%25%E4%B8%AD");
    }

    #[test]
    fn forms_are_decoded_once() {
        let check =
            |text, expected: Option<&str>| assert_eq!(form_decode(text).as_deref(), expected);
        check("a+b%20c", Some("a b c"));
        check("%252B%2b", Some("%2B+"));
        check("%E4%b8%AD:,/?", Some("中:,/?"));
        check("%", None);
        check("%4", None);
        check("%zz", None);
        check("%+1", None);
        check("%FF", None);
    }

    #[test]
    fn hexadecimal_is_lower_case() {
        assert_eq!(hex(&[0, 0x9f, 0xff]), "009fff");
    }
}
