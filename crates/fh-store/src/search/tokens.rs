use std::collections::BTreeSet;

use super::units::What;
use super::{Unit, units_of};

/// What the index knows: one or two characters, or a word. Without spaces, never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Token(String);

impl Token {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn of_characters(first: char, second: Option<char>) -> Self {
        Self(first.to_string() + &second.map(String::from).unwrap_or_default())
    }

    pub(super) fn of_word(word: &str) -> Self {
        Self(word.to_owned())
    }
}

/// What the index is told of a call: each token once, in order.
///
/// To take a call out of the index its tokens are made again: a change here needs a migration that
/// builds the index anew.
pub(crate) fn tokens_of(texts: &[String]) -> Vec<Token> {
    let mut tokens = BTreeSet::new();
    for text in texts {
        let units = units_of(text);
        for (place, unit) in units.iter().enumerate() {
            tokens.insert(match &unit.what {
                What::Word(word) => Token::of_word(word),
                &What::Character(first) => {
                    Token::of_characters(first, character_at(&units, place + 1))
                }
            });
        }
    }
    tokens.into_iter().collect()
}

pub(super) fn character_at(units: &[Unit], place: usize) -> Option<char> {
    match units.get(place)?.what {
        What::Character(character) => Some(character),
        What::Word(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_pair_and_the_last_of_a_stretch_stands_alone() {
        let tokens = tokens_of(&["要退款。OK 12".to_owned(), "退款".to_owned()]);
        let tokens: Vec<&str> = tokens.iter().map(Token::as_str).collect();
        assert_eq!(tokens, ["12", "2", "ok", "款", "要退", "退款"]);
    }
}
