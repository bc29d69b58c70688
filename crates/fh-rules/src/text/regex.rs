//! Regular expressions search the folded text, so their letters are folded like everything else.

use super::fold::fold_letter;

/// Folds the letters of a regular expression's text: `投訴` finds what `投诉` finds, and `don't`
/// what `dont` does.
///
/// The ends of a range (`[一-龥]`) stay, or the range would change; so does all that could be
/// syntax.
pub(crate) fn fold_regex(pattern: &str) -> String {
    let characters: Vec<char> = pattern.chars().collect();
    let mut folded = String::with_capacity(pattern.len());
    for (index, &character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| characters.get(before)).copied();
        let end_of_range = before == Some('-') || characters.get(index + 1) == Some(&'-');
        if matches!(character, '\'' | '\u{2019}') && before != Some('\\') {
            continue;
        }
        if character.is_ascii() || !character.is_alphanumeric() || end_of_range {
            folded.push(character);
        } else {
            folded.extend(fold_letter(character));
        }
    }
    folded
}

/// The units of a text that stands in an expression, letter by letter: unlike a phrase's, its
/// spaces are meant as they are.
pub(crate) fn fold_literal(literal: &str) -> Vec<u16> {
    let folded: String = literal.chars().flat_map(fold_letter).collect();
    folded.encode_utf16().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold_phrase;

    #[test]
    fn letters_fold_and_syntax_stays() {
        assert_eq!(fold_regex("投訴.{0,3}[一-龥]é"), "投诉.{0,3}[一-龥]e");
        assert_eq!(fold_regex(r"don't\s１"), r"dont\s1");
    }

    #[test]
    fn folded_text_is_its_own_literal() {
        // Or the words that an expression requires would be looked for in vain.
        for character in (0..0x3_0000).filter_map(char::from_u32) {
            let folded = fold_phrase(&format!("1{character}2 b {character}"));
            let text = String::from_utf16(&folded).unwrap();
            assert_eq!(fold_literal(&text), folded, "{character:?}");
        }
    }
}
