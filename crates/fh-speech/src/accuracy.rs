//! How many words or characters a transcript has wrong.
//!
//! The error rate is the least number of substitutions, insertions and deletions that turn the
//! reference into what was recognised (Levenshtein), divided by the length of the reference.
//!
//! Before counting, both texts are made alike: letters lower case; full-width forms of ASCII as
//! ASCII; apostrophes inside a word dropped (`it's` and `its` are the same); every other
//! character that is neither letter nor digit parts words. Numbers are not spelled out, so a
//! recogniser that writes digits should be held against a reference with digits.
//! - A *word* is a run of letters and digits between such characters; each Han or kana character is a
//!   word of its own.
//! - A *character* is each letter or digit.

use fh_model::{ChannelIndex, Transcript};

/// Errors against the length of the reference. Counts of several texts add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ErrorCount {
    /// Units that were heard as something else.
    pub substitutions: u64,
    /// Units that were heard and not said.
    pub insertions: u64,
    /// Units that were said and not heard.
    pub deletions: u64,
    /// Units in the reference.
    pub reference: u64,
}

impl ErrorCount {
    /// Errors of every kind.
    pub const fn errors(&self) -> u64 {
        self.substitutions + self.insertions + self.deletions
    }

    /// Errors for each unit of the reference, 0.17 for 17 %; more than 1 where much was invented.
    /// `None` for an empty reference.
    pub fn rate(&self) -> Option<f64> {
        (self.reference > 0).then(|| self.errors() as f64 / self.reference as f64)
    }

    /// This and another count together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            substitutions: self.substitutions + other.substitutions,
            insertions: self.insertions + other.insertions,
            deletions: self.deletions + other.deletions,
            reference: self.reference + other.reference,
        }
    }
}

/// The most units of one text: the alignment's time grows with the product of both lengths.
const MOST_UNITS: usize = 100_000;

/// Errors in words (WER). Texts of more than 100,000 words are compared up to there.
pub fn word_errors(reference: &str, recognized: &str) -> ErrorCount {
    errors(&words(reference), &words(recognized))
}

/// Errors in characters (CER), as is usual for Chinese. Texts of more than 100,000 characters are
/// compared up to there.
pub fn character_errors(reference: &str, recognized: &str) -> ErrorCount {
    let characters =
        |text: &str| words(text).iter().flat_map(|word| word.chars()).collect::<Vec<char>>();
    errors(&characters(reference), &characters(recognized))
}

/// All that is said on a channel, or on all of them, in order, as one text.
pub fn spoken_text(transcript: &Transcript, channel: Option<ChannelIndex>) -> String {
    transcript
        .utterances
        .iter()
        .filter(|utterance| channel.is_none_or(|channel| utterance.channel == channel))
        .map(|utterance| utterance.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for character in text.chars().map(narrow).flat_map(char::to_lowercase) {
        let own_word = crate::spacing::is_unspaced(character);
        if character.is_alphanumeric() && !own_word {
            word.push(character);
        } else if !matches!(character, '\'' | '\u{2019}') {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            if own_word && character.is_alphanumeric() {
                words.push(character.to_string());
            }
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// The ASCII character that a full-width form stands for (U+FF01 to U+FF5E).
fn narrow(character: char) -> char {
    match u32::from(character) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(character),
        _ => character,
    }
}

/// Counts along the cheapest alignment; where several cost the same, the one with most
/// substitutions, then most deletions.
fn errors<T: PartialEq>(reference: &[T], recognized: &[T]) -> ErrorCount {
    let reference = &reference[..reference.len().min(MOST_UNITS)];
    let recognized = &recognized[..recognized.len().min(MOST_UNITS)];
    // One row of the table at a time; a cell holds the counts of its cheapest alignment.
    let insertions = |count: usize| ErrorCount { insertions: count as u64, ..Default::default() };
    let mut row: Vec<ErrorCount> = (0..=recognized.len()).map(insertions).collect();
    for (index, wanted) in reference.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = ErrorCount { deletions: index as u64 + 1, ..Default::default() };
        for (column, heard) in recognized.iter().enumerate() {
            let above = row[column + 1];
            let left = row[column];
            let substituted = match wanted == heard {
                true => diagonal,
                false => ErrorCount { substitutions: diagonal.substitutions + 1, ..diagonal },
            };
            let deleted = ErrorCount { deletions: above.deletions + 1, ..above };
            let inserted = ErrorCount { insertions: left.insertions + 1, ..left };
            let mut best = substituted;
            for other in [deleted, inserted] {
                if other.errors() < best.errors() {
                    best = other;
                }
            }
            row[column + 1] = best;
            diagonal = above;
        }
    }
    ErrorCount { reference: reference.len() as u64, ..row[recognized.len()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(count: ErrorCount) -> (u64, u64, u64, u64) {
        (count.substitutions, count.insertions, count.deletions, count.reference)
    }

    #[test]
    fn words_are_aligned_with_fewest_errors() {
        let check = |reference, recognized, expected| {
            assert_eq!(counts(word_errors(reference, recognized)), expected);
        };
        check("the cat sat on the mat", "the cat sat on the mat", (0, 0, 0, 6));
        check("the cat sat on the mat", "the bat sat the mat now", (1, 1, 1, 6));
        check("", "one two", (0, 2, 0, 0));
        check("one two", "", (0, 0, 2, 2));
        check("It's 5 o'clock.", "its 5 oclock", (0, 0, 0, 3));
        check("Ｈｅｌｌｏ，ｗｏｒｌｄ", "hello world", (0, 0, 0, 2));
    }

    #[test]
    fn chinese_is_counted_by_character() {
        // 您 for 你 is one substitution; 的 is missing.
        assert_eq!(counts(character_errors("你好，我的订单。", "您好我订单")), (1, 0, 1, 6));
        assert_eq!(counts(word_errors("你好VIP卡", "你好 vip 卡")), (0, 0, 0, 4));
    }

    #[test]
    fn the_rate_is_errors_by_reference() {
        let count = word_errors("a b c d", "a b x d").plus(word_errors("e f", "e f"));
        assert_eq!(count.rate(), Some(1.0 / 6.0));
        assert_eq!(word_errors("", "x").rate(), None);
    }
}
