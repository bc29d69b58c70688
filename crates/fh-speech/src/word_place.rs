use std::ops::Range;

/// How far after the last word the next is looked for in a text, in bytes: a few words, so that a
/// word that the text does not have costs itself only.
const LOOK_AHEAD: usize = 48;

/// Where a word stands in a text, at `at` or a few words later.
pub(crate) fn word_place(text: &str, at: usize, word: &str) -> Option<Range<usize>> {
    let word = word.trim();
    if word.is_empty() {
        return None;
    }
    let mut end = text.len().min(at + LOOK_AHEAD + word.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let found = at + text.get(at..end)?.find(word)?;
    Some(found..found + word.len())
}
