//! The fold: NFKC, lower case, width, traditional to simplified, punctuation to space.
//!
//! What comes out are UTF-16 code units. They are half the size of code points for the text at
//! hand, a pair of them makes a good key for the matcher, and a character outside the basic plane
//! is two of them that nothing else can match, so no text is lost.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// What stands between two words.
pub(super) const SPACE: u16 = 0x20;

// Codes in the table that no character of the basic plane can fold to: they are surrogates.
/// Whitespace, comma or hyphen: separates words, but not the digits of a number.
const WEAK: u16 = 0xD800;
/// Other punctuation and symbols.
const STRONG: u16 = 0xD801;
/// A combining mark or an apostrophe: nothing is left of it.
const NOTHING: u16 = 0xD802;
/// More than one unit: look into `several`.
const SEVERAL: u16 = 0xD803;
/// The lowest code point that needs two UTF-16 units.
const SUPPLEMENTARY: u32 = 0x1_0000;

struct Table {
    /// For each character of the basic plane its unit, or one of the codes above.
    units: Vec<u16>,
    /// What the others fold to.
    several: HashMap<char, Vec<Piece>>,
    /// Han characters and the face of their class, from OpenCC.
    han: HashMap<char, char>,
}

/// What a character leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Unit(char),
    Weak,
    Strong,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut han = HashMap::new();
    for line in include_str!("han_fold.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut members = line.chars();
        let Some(face) = members.next() else { continue };
        han.extend(members.map(|member| (member, face)));
    }
    let mut units = vec![STRONG; 1 << 16];
    let mut several = HashMap::new();
    for (code, unit) in (0u32..).zip(units.iter_mut()) {
        // Surrogates are not characters; text never holds one alone.
        let Some(character) = char::from_u32(code) else { continue };
        let pieces = pieces_of(character, &han);
        *unit = match pieces[..] {
            [] => NOTHING,
            [Piece::Weak] => WEAK,
            [Piece::Strong] => STRONG,
            [Piece::Unit(only)] if u32::from(only) < SUPPLEMENTARY => only as u16,
            _ => {
                several.insert(character, pieces);
                SEVERAL
            }
        };
    }
    Table { units, several, han }
});

/// How one character folds, worked out at length.
fn pieces_of(character: char, han: &HashMap<char, char>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for compatible in std::iter::once(character).nfkc() {
        for lower in compatible.to_lowercase() {
            // Accents go, so that `café` meets `cafe`; the marks of other scripts stay.
            let bare: Vec<char> = if is_european(lower) {
                std::iter::once(lower).nfd().filter(|&part| !is_accent(part)).collect()
            } else {
                vec![lower]
            };
            for part in bare {
                let part = match part {
                    // Final sigma is the same letter; a regex that ignores case agrees.
                    'ς' => 'σ',
                    'ı' => 'i',
                    other => han.get(&other).copied().unwrap_or(other),
                };
                pieces.extend(piece_of(part));
            }
        }
    }
    // `…` is three full stops in NFKC; one separator says as much.
    pieces.dedup_by(|a, b| a == b && !matches!(a, Piece::Unit(_)));
    pieces
}

fn piece_of(character: char) -> Option<Piece> {
    match character {
        // `don't`, `don’t` and `dont` are one word.
        '\'' | '\u{2018}' | '\u{2019}' | '\u{02BC}' | '`' | '\u{00B4}' => None,
        character if is_accent(character) => None,
        // Variation selectors and joiners are not seen.
        '\u{FE00}'..='\u{FE0F}'
        | '\u{200B}'..='\u{200D}'
        | '\u{2060}'
        | '\u{FEFF}'
        | '\u{00AD}' => None,
        ',' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => Some(Piece::Weak),
        character if character.is_whitespace() => Some(Piece::Weak),
        // Symbols that are spoken: `3%` is not `3`.
        '%' | '‰' | '$' | '€' | '£' | '¥' | '+' | '#' | '@' | '&' | '=' | '°' => {
            Some(Piece::Unit(character))
        }
        character if character.is_alphanumeric() || is_combining_mark(character) => {
            Some(Piece::Unit(character))
        }
        _ => Some(Piece::Strong),
    }
}

const fn is_accent(character: char) -> bool {
    matches!(character, '\u{0300}'..='\u{036F}')
}

/// Latin, Greek and Cyrillic, where an accent is an ornament to a recogniser.
const fn is_european(character: char) -> bool {
    matches!(character, '\u{00C0}'..='\u{052F}' | '\u{1E00}'..='\u{1FFF}')
}

/// What a unit is to its neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Part of a script that is written without spaces, or a symbol: spaces beside it go.
    Free,
    Digit,
    Letter,
}

const fn kind_of(character: char) -> Kind {
    match character {
        '0'..='9' => Kind::Digit,
        'a'..='z' => Kind::Letter,
        '%' | '‰' | '$' | '€' | '£' | '¥' | '+' | '#' | '@' | '&' | '=' | '°' => Kind::Free,
        // Han and its marks, kana, bopomofo; then the planes that hold only Han.
        '\u{2E80}'..='\u{312F}'
        | '\u{31A0}'..='\u{31BF}'
        | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' => Kind::Free,
        _ => Kind::Letter,
    }
}

/// Whether a phrase that begins or ends with `unit` must do so at a word's border.
pub(crate) fn is_word_unit(unit: u16) -> bool {
    // Surrogates: rare Han and historic scripts, neither of which has word borders to check.
    // At or below the space: separators, the line feed between utterances among them.
    unit > SPACE
        && char::from_u32(u32::from(unit)).is_some_and(|character| kind_of(character) != Kind::Free)
}

/// Folds `text` and tells `emit` each unit with the index of the character that it comes from.
///
/// A separator is held back until the next unit is known: it goes beside [`Kind::Free`], a
/// [`Piece::Weak`] one goes between digits too (`138 0013` is `1380013`), and none stands at
/// either end.
pub(super) fn fold_with(text: &str, mut emit: impl FnMut(u16, u32)) {
    let table = &*TABLE;
    let mut before: Option<Kind> = None;
    let mut pending: Option<(Piece, u32)> = None;
    let mut put = |piece: Piece, at: u32| match piece {
        Piece::Unit(character) => {
            let kind = kind_of(character);
            if let (Some((separator, separator_at)), Some(before)) = (pending.take(), before) {
                let digits = before == Kind::Digit && kind == Kind::Digit;
                let goes = before == Kind::Free
                    || kind == Kind::Free
                    || (digits && separator == Piece::Weak);
                if !goes {
                    emit(SPACE, separator_at);
                }
            }
            let mut buffer = [0; 2];
            for unit in character.encode_utf16(&mut buffer) {
                emit(*unit, at);
            }
            before = Some(kind);
        }
        // The strongest of several separators counts, wherever it stands.
        Piece::Strong => pending = Some((Piece::Strong, at)),
        Piece::Weak => {
            pending.get_or_insert((Piece::Weak, at));
        }
    };
    for (at, character) in (0u32..).zip(text.chars()) {
        let code = u32::from(character);
        if code >= SUPPLEMENTARY {
            for piece in pieces_of(character, &table.han) {
                put(piece, at);
            }
            continue;
        }
        match table.units[code as usize] {
            WEAK => put(Piece::Weak, at),
            STRONG => put(Piece::Strong, at),
            NOTHING => {}
            SEVERAL => {
                for &piece in &table.several[&character] {
                    put(piece, at);
                }
            }
            unit => {
                // Every other entry is one character of the basic plane.
                if let Some(folded) = char::from_u32(u32::from(unit)) {
                    put(Piece::Unit(folded), at);
                }
            }
        }
    }
}

/// Appends the folded units of `text` to `units`.
pub(crate) fn fold_into(text: &str, units: &mut Vec<u16>) {
    fold_with(text, |unit, _| units.push(unit));
}

/// The folded units of a rule's phrase; empty where nothing but punctuation is in it.
pub(crate) fn fold_phrase(phrase: &str) -> Vec<u16> {
    let mut units = Vec::with_capacity(phrase.len());
    fold_into(phrase, &mut units);
    units
}

/// How one character looks where it stands in a regular expression: folded, but never to or
/// around a separator (a space stays a space, `¼` stays as it is). Empty for what leaves nothing.
pub(super) fn fold_letter(character: char) -> impl Iterator<Item = char> {
    let mut pieces = pieces_of(character, &TABLE.han);
    if !pieces.iter().all(|piece| matches!(piece, Piece::Unit(_))) {
        pieces = vec![Piece::Unit(character)];
    }
    pieces.into_iter().filter_map(|piece| match piece {
        Piece::Unit(folded) => Some(folded),
        Piece::Weak | Piece::Strong => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::NORMALIZER_VERSION;

    fn folded(text: &str) -> String {
        String::from_utf16(&fold_phrase(text)).unwrap()
    }

    #[test]
    fn spellings_meet() {
        let check = |text: &str, expected: &str| assert_eq!(folded(text), expected, "{text}");
        check("很高興為您服務", "很高兴为您服务");
        check("乾淨", "干净");
        check("着急", "着急");
        check("著急", "着急");
        check("妳好", "你好");
        check("ＡＢＣ１２３", "abc123");
        check("Thank you, for  calling!", "thank you for calling");
        check("Don't / don’t / DONT", "dont dont dont");
        check("您好 ， 欢迎。致电", "您好欢迎致电");
        check("我的 iPhone 坏了", "我的iphone坏了");
        check("138-0013 8000", "13800138000");
        check("1,000", "1000");
        check("3.5", "3 5");
        check("3.5 %", "3 5%");
        check("cafe\u{301} café", "cafe cafe");
        check("…", "");
        check("ﬁne", "fine");
        check("𠮷野家", "𠮷野家");
    }

    #[test]
    fn the_version_stands_for_this_very_table() {
        let mut hasher = blake3::Hasher::new();
        for character in ('\0'..=char::MAX).filter(|c| !matches!(c, '\u{E000}'..='\u{F8FF}')) {
            for unit in fold_phrase(character.encode_utf8(&mut [0; 4])) {
                hasher.update(&unit.to_le_bytes());
            }
            hasher.update(b"\n");
        }
        // Where this fails, some text folds differently: raise the version and put the new digest.
        assert_eq!(NORMALIZER_VERSION, "fold/1");
        assert_eq!(hasher.finalize().to_hex().as_str()[..16], *"ee0613ae75ba3b9e");
    }
}
