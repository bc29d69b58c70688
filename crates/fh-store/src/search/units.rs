/// What is compared: a character of a script without spaces or a digit, or a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) what: What,
    /// Its first character in the text, counted in characters.
    pub(super) start: u32,
    /// The character after its last.
    pub(super) end: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Character(char),
    Word(String),
}

/// Words longer than this are cut: nobody searches for the rest, and an index entry has limits.
const LONGEST_WORD: usize = 64;

/// Reads a text.
pub(super) fn units_of(text: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut word: Option<Unit> = None;
    let mut characters = (0..).zip(text.chars()).peekable();
    while let Some((place, raw)) = characters.next() {
        let character = narrow(raw);
        if is_letter_of_word(character) {
            let open = word.get_or_insert_with(|| Unit {
                what: What::Word(String::new()),
                start: place,
                end: place,
            });
            if let What::Word(letters) = &mut open.what
                && letters.len() < LONGEST_WORD
            {
                letters.extend(character.to_lowercase());
            }
            open.end = place + 1;
            continue;
        }
        // "don't" is one word.
        let goes_on = matches!(character, '\'' | '\u{2019}')
            && characters.peek().is_some_and(|&(_, next)| is_letter_of_word(narrow(next)));
        if word.is_some() && goes_on {
            continue;
        }
        units.extend(word.take());
        if let Some(folded) = unit_character(character) {
            units.push(Unit { what: What::Character(folded), start: place, end: place + 1 });
        }
    }
    units.extend(word);
    units
}

/// The character as it is compared, where it is a unit of its own.
pub(super) fn unit_character(raw: char) -> Option<char> {
    // Most of a Chinese text.
    if matches!(raw, '\u{4e00}'..='\u{9fff}') {
        return Some(raw);
    }
    let character = narrow(raw);
    if !character.is_alphanumeric() || is_letter_of_word(character) {
        return None;
    }
    // The few with a lower case of several characters are written with its first.
    character.to_lowercase().next()
}

/// Whether a character is of a word.
pub(super) fn is_break(raw: char) -> bool {
    is_letter_of_word(narrow(raw))
}

/// The full-width forms of ASCII (U+FF01 to U+FF5E, and the wide space) are ASCII.
fn narrow(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        '\u{3000}' => ' ',
        _ => character,
    }
}

fn is_letter_of_word(character: char) -> bool {
    character.is_alphabetic() && !is_of_script_without_spaces(character)
}

/// Scripts that write words without spaces between them, as far as one character says something.
fn is_of_script_without_spaces(character: char) -> bool {
    matches!(
        character,
        '\u{0e00}'..='\u{0eff}'      // Thai, Lao
        | '\u{1000}'..='\u{109f}'    // Burmese
        | '\u{1100}'..='\u{11ff}'    // Hangul Jamo
        | '\u{1780}'..='\u{17ff}'    // Khmer
        | '\u{2e80}'..='\u{2fdf}'    // radicals
        | '\u{3005}'..='\u{3007}'    // 々 〆 〇
        | '\u{3040}'..='\u{30ff}'    // kana
        | '\u{3100}'..='\u{318f}'    // bopomofo, Hangul compatibility Jamo
        | '\u{31a0}'..='\u{31ff}'    // bopomofo and kana, extended
        | '\u{3400}'..='\u{4dbf}'    // Han, extension A
        | '\u{4e00}'..='\u{9fff}'    // Han
        | '\u{a960}'..='\u{a97f}'    // Hangul Jamo, extended
        | '\u{ac00}'..='\u{d7ff}'    // hangul
        | '\u{f900}'..='\u{faff}'    // Han, compatibility
        | '\u{ff66}'..='\u{ffdc}'    // half-width kana and hangul
        | '\u{1b000}'..='\u{1b16f}'  // kana, further
        | '\u{20000}'..='\u{3ffff}'  // Han, further extensions
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, u32, u32)]) {
        let units = units_of(text);
        let seen: Vec<(String, u32, u32)> = units
            .iter()
            .map(|unit| match &unit.what {
                What::Character(character) => (character.to_string(), unit.start, unit.end),
                What::Word(word) => (word.clone(), unit.start, unit.end),
            })
            .collect();
        let expected: Vec<(String, u32, u32)> =
            expected.iter().map(|&(what, start, end)| (what.to_owned(), start, end)).collect();
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn han_and_digits_stand_alone_and_words_together() {
        check("您好", &[("您", 0, 1), ("好", 1, 2)]);
        check(
            "订单12，OK吗？",
            &[("订", 0, 1), ("单", 1, 2), ("1", 2, 3), ("2", 3, 4), ("ok", 5, 7), ("吗", 7, 8)],
        );
        check("I don't know", &[("i", 0, 1), ("dont", 2, 7), ("know", 8, 12)]);
        check("rock 'n roll'", &[("rock", 0, 4), ("n", 6, 7), ("roll", 8, 12)]);
    }

    #[test]
    fn case_and_width_do_not_count() {
        check("ＶＩＰ　１２", &[("vip", 0, 3), ("1", 4, 5), ("2", 5, 6)]);
        check("Straße ÉTÉ", &[("straße", 0, 6), ("été", 7, 10)]);
        check("", &[]);
        check("，。！ —", &[]);
    }
}
