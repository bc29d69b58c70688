//! The text that regular expressions search: letters and digits folded, all else as it stands.
//!
//! A rule author who writes `\d{3}-\d{4}` or `\s` means what stands in the transcript, so
//! punctuation and spaces stay; but width, script and accents are folded as they are for phrases,
//! and case is ignored by the expression itself.

use super::fold::fold_letter;

/// One utterance as regular expressions see it, with the way back.
#[derive(Debug, Clone)]
pub(crate) struct RegexView {
    /// What is searched.
    pub(crate) text: String,
    /// Where each character of `text` begins in it, and which character of the original it is.
    origins: Vec<(u32, u32)>,
}

impl RegexView {
    pub(crate) fn new(original: &str) -> Self {
        let mut view = Self { text: String::with_capacity(original.len()), origins: Vec::new() };
        for (origin, character) in (0u32..).zip(original.chars()) {
            if stays(character) {
                view.push(character, origin);
            } else {
                for folded in fold_letter(character) {
                    view.push(folded, origin);
                }
            }
        }
        view
    }

    fn push(&mut self, character: char, origin: u32) {
        self.origins.push((self.text.len() as u32, origin));
        self.text.push(character);
    }

    /// The characters of the original that the bytes `start..end` of the view come from.
    pub(crate) fn original_chars(&self, start: usize, end: usize) -> std::ops::Range<u32> {
        let first = self.origins.partition_point(|&(byte, _)| (byte as usize) < start);
        let after = self.origins.partition_point(|&(byte, _)| (byte as usize) < end);
        match (self.origins.get(first), self.origins.get(after.wrapping_sub(1))) {
            (Some(&(_, from)), Some(&(_, last))) if first < after => from..last + 1,
            (Some(&(_, from)), _) => from..from,
            (None, _) => {
                let end = self.origins.last().map_or(0, |&(_, last)| last + 1);
                end..end
            }
        }
    }
}

/// Whether a character stands in the view as it does in the text.
fn stays(character: char) -> bool {
    // Accents leave nothing, letters and digits fold; everything else is punctuation or space.
    character.is_ascii()
        || !(character.is_alphanumeric()
            || unicode_normalization::char::is_combining_mark(character))
}

/// Folds the letters of a regular expression's text as the view's are folded.
///
/// The ends of a range (`[一-龥]`) stay, or the range would change; so does anything in ASCII.
pub(crate) fn fold_regex(pattern: &str) -> String {
    let characters: Vec<char> = pattern.chars().collect();
    let mut folded = String::with_capacity(pattern.len());
    for (index, &character) in characters.iter().enumerate() {
        let neighbours_range = characters.get(index + 1) == Some(&'-')
            || index.checked_sub(1).and_then(|before| characters.get(before)) == Some(&'-');
        if stays(character) || neighbours_range {
            folded.push(character);
        } else {
            folded.extend(fold_letter(character));
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold_phrase;

    #[test]
    fn the_fold_does_not_see_whether_it_folds_the_text_or_its_view() {
        // Or the words that an expression requires would be looked for in vain.
        for character in (0..0x3_0000).filter_map(char::from_u32) {
            for text in [format!("a{character}b"), format!("1{character}2 你")] {
                let view = RegexView::new(&text).text;
                assert_eq!(fold_phrase(&view), fold_phrase(&text), "{character:?} {view:?}");
            }
        }
    }

    #[test]
    fn the_view_folds_letters_and_keeps_the_rest() {
        let view = RegexView::new("我要投訴，１０分钟! Café");
        assert_eq!(view.text, "我要投诉，10分钟! Cafe");
        let start = view.text.find("Cafe").unwrap();
        assert_eq!(view.original_chars(start, start + 4), 11..15);
        assert_eq!(fold_regex("投訴.{0,3}[一-龥]é"), "投诉.{0,3}[一-龥]e");
    }
}
