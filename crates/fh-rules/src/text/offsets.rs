use std::ops::Range;

use super::fold::fold_with;

/// A stretch of a text, counted in the three ways that people count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRange {
    /// In Unicode code points.
    pub chars: Range<u32>,
    /// In bytes of UTF-8.
    pub bytes: Range<u32>,
    /// In UTF-16 code units, as JavaScript and Java count.
    pub utf16: Range<u32>,
}

/// Leads from the folded units of one text back to the text. Made only where evidence is shown.
#[derive(Debug, Clone)]
pub struct OffsetMap {
    /// For each folded unit the index of the character it comes from.
    origins: Vec<u32>,
    /// For each character, and for the end, its place in bytes and in UTF-16 units.
    places: Vec<(u32, u32)>,
    /// For each character whether it is a mark that belongs to the one before.
    marks: Vec<bool>,
}

impl OffsetMap {
    /// The map of `text`.
    pub fn new(text: &str) -> Self {
        let mut origins = Vec::with_capacity(text.len());
        fold_with(text, |_, origin| origins.push(origin));
        let (mut places, mut marks) = (Vec::new(), Vec::new());
        let (mut bytes, mut utf16) = (0u32, 0u32);
        for character in text.chars() {
            places.push((bytes, utf16));
            marks.push(unicode_normalization::char::is_combining_mark(character));
            bytes += character.len_utf8() as u32;
            utf16 += character.len_utf16() as u32;
        }
        places.push((bytes, utf16));
        Self { origins, places, marks }
    }

    /// Where the folded units `units` stand in the text.
    ///
    /// An empty stretch, or one past the end, gives an empty one at the end.
    pub fn original(&self, units: Range<usize>) -> TextRange {
        let end_of_text = self.marks.len() as u32;
        let stretch = self.origins.get(units).unwrap_or_default();
        let (Some(&first), Some(&last)) = (stretch.first(), stretch.last()) else {
            return self.range_of_chars(end_of_text..end_of_text);
        };
        let mut end = last + 1;
        // An accent that folded to nothing still belongs to its letter.
        while self.marks.get(end as usize) == Some(&true) {
            end += 1;
        }
        self.range_of_chars(first..end)
    }

    /// The characters `chars`, counted in every way.
    fn range_of_chars(&self, chars: Range<u32>) -> TextRange {
        let place = |index: u32| {
            let last = self.places.len() - 1;
            self.places[(index as usize).min(last)]
        };
        let ((start, start16), (end, end16)) = (place(chars.start), place(chars.end));
        TextRange { chars, bytes: start..end, utf16: start16..end16 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_leads_back_to_the_text_as_written() {
        let check = |text: &str, units: Range<usize>, expected: &str| {
            let range = OffsetMap::new(text).original(units);
            let bytes = range.bytes.start as usize..range.bytes.end as usize;
            assert_eq!(&text[bytes], expected);
            let by_chars: String =
                text.chars().skip(range.chars.start as usize).take(range.chars.len()).collect();
            assert_eq!(by_chars, expected);
            let utf16: Vec<u16> = text.encode_utf16().collect();
            let units = &utf16[range.utf16.start as usize..range.utf16.end as usize];
            assert_eq!(String::from_utf16(units).unwrap(), expected);
        };
        // Folded: 您好很高兴为您服务
        check("您好, 很高興為您服務", 2..7, "很高興為您");
        // Folded: hello cafe world
        check("Hello  cafe\u{301} wörld", 6..10, "cafe\u{301}");
        check("😀 Hello", 0..5, "Hello");
        // ﬁ is two units of one character.
        check("ﬁne", 1..3, "ﬁn");
        check("x", 5..6, "");
    }
}
