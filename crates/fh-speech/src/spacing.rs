use fh_model::Span;

use crate::engine::{Recognized, RecognizedWord};

/// Whether the character belongs to a script that is written without spaces between words:
/// Han, kana, and the full-width punctuation that goes with them. Hangul uses spaces.
pub(crate) fn is_unspaced(character: char) -> bool {
    matches!(u32::from(character),
        0x2E80..=0x2FDF        // radicals
        | 0x3000..=0x30FF      // CJK punctuation, hiragana, katakana
        | 0x31F0..=0x31FF      // katakana extensions
        | 0x3400..=0x4DBF      // Han, extension A
        | 0x4E00..=0x9FFF      // Han
        | 0xF900..=0xFAFF      // compatibility Han
        | 0xFF00..=0xFF65      // full-width forms, up to the half-width katakana
        | 0x20000..=0x3FFFF) // Han, extensions B and later
}

/// Whether a space belongs between a text that ends in `left` and one that begins with `right`.
pub(crate) fn space_between(left: Option<char>, right: Option<char>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => {
            !left.is_whitespace()
                && !right.is_whitespace()
                && !is_unspaced(left)
                && !is_unspaced(right)
        }
        _ => false,
    }
}

/// Puts words together into a text, with spaces where the script has them, and keeps where each
/// word stands.
#[derive(Debug, Default)]
pub(crate) struct WordJoiner {
    text: String,
    words: Vec<RecognizedWord>,
}

impl WordJoiner {
    /// Adds one word; a word of nothing but space is left out.
    pub(crate) fn push(&mut self, word: &str, span: Span, confidence_permille: Option<u16>) {
        let word = word.trim();
        if word.is_empty() {
            return;
        }
        if space_between(self.text.chars().next_back(), word.chars().next()) {
            self.text.push(' ');
        }
        let start = self.text.len() as u32;
        self.text.push_str(word);
        let bytes = start..self.text.len() as u32;
        self.words.push(RecognizedWord { bytes, span, confidence_permille });
    }

    /// The text and its words.
    pub(crate) fn finish(self) -> Recognized {
        Recognized { text: self.text, words: self.words, ..Recognized::default() }
    }
}

#[cfg(test)]
mod tests {
    use fh_model::Millis;

    use super::*;

    #[test]
    fn spaces_stand_between_latin_words_only() {
        let check = |words: &[&str], expected: &str| {
            let mut joiner = WordJoiner::default();
            for word in words {
                joiner.push(word, Span::new(Millis(0), Millis(1)), None);
            }
            assert_eq!(joiner.finish().text, expected);
        };
        check(&["good", "morning"], "good morning");
        check(&["您", "好"], "您好");
        check(&["您", "的", "VIP", "card", "号"], "您的VIP card号");
        check(&["好", "。", "yes"], "好。yes");
        check(&["안녕", "하세요"], "안녕 하세요");
        check(&[" ", "a"], "a");
    }
}
