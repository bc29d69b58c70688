//! The fold again, spelled out step by step over whole lists, for text over a few known
//! characters.

use unicode_normalization::UnicodeNormalization as _;

/// The traditional characters that the random texts use, and what they fold to.
const SIMPLIFIED: &[(char, char)] = &[
    ('訴', '诉'),
    ('請', '请'),
    ('興', '兴'),
    ('為', '为'),
    ('乾', '干'),
    ('著', '着'),
    ('妳', '你'),
    ('說', '说'),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Letter(char),
    Weak,
    Strong,
}

/// The folded text as characters, each with the index of the character it comes from.
pub(crate) fn slow_fold(text: &str) -> Vec<(char, usize)> {
    let mut marks: Vec<(Mark, usize)> = Vec::new();
    for (index, character) in text.chars().enumerate() {
        for part in character.to_string().nfkc().collect::<String>().to_lowercase().nfd() {
            let simple = SIMPLIFIED.iter().find(|(from, _)| *from == part).map_or(part, |p| p.1);
            let mark = match simple {
                '\'' | '’' | '‘' | '\u{300}'..='\u{36F}' => continue,
                ',' | '-' => Mark::Weak,
                c if c.is_whitespace() => Mark::Weak,
                '%' | '$' | '&' | '+' | '#' | '@' => Mark::Letter(simple),
                c if c.is_alphanumeric() => Mark::Letter(c),
                _ => Mark::Strong,
            };
            marks.push((mark, index));
        }
    }
    let mut folded: Vec<(char, usize)> = Vec::new();
    let letters: Vec<usize> =
        (0..marks.len()).filter(|&at| matches!(marks[at].0, Mark::Letter(_))).collect();
    for (count, &at) in letters.iter().enumerate() {
        let Mark::Letter(letter) = marks[at].0 else { unreachable!("only letters were kept") };
        if count > 0 {
            let before_at = letters[count - 1];
            let Mark::Letter(before) = marks[before_at].0 else { unreachable!("as above") };
            let between = &marks[before_at + 1..at];
            let strong = between.iter().any(|(mark, _)| *mark == Mark::Strong);
            let spaced = |c: char| c.is_ascii_alphanumeric();
            let digits = before.is_ascii_digit() && letter.is_ascii_digit();
            if !between.is_empty() && spaced(before) && spaced(letter) && (strong || !digits) {
                folded.push((' ', between[between.len() - 1].1));
            }
        }
        folded.push((letter, marks[at].1));
    }
    folded
}

/// Where `phrase` stands in `text` as words of its own, in characters of the folded text.
pub(crate) fn slow_find(text: &[(char, usize)], phrase: &[(char, usize)]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    if phrase.is_empty() {
        return found;
    }
    let is_word = |c: char| c.is_ascii_alphanumeric();
    for start in 0..text.len() {
        let end = start + phrase.len();
        if end > text.len() || (0..phrase.len()).any(|i| text[start + i].0 != phrase[i].0) {
            continue;
        }
        let joined_before = start > 0 && is_word(text[start - 1].0) && is_word(text[start].0);
        let joined_after = end < text.len() && is_word(text[end].0) && is_word(text[end - 1].0);
        if !joined_before && !joined_after {
            found.push((start, end));
        }
    }
    found
}
