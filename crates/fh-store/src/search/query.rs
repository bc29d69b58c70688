use super::tokens::character_at;
use super::units::What;
use super::{Token, units_of};

/// What the index is asked for a keyword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Query {
    /// The keyword has neither letters nor digits: no call has it.
    Nothing,
    /// A single character: a call with any token that begins with it has it.
    Prefix(Token),
    /// Exactly the calls with this token have it.
    One(Token),
    /// Calls with all of these tokens may have it: their texts must be looked at.
    All(Vec<Token>),
}

impl Query {
    /// What to ask for `keyword`.
    pub(crate) fn new(keyword: &str) -> Self {
        let units = units_of(keyword);
        let mut tokens: Vec<Token> = Vec::new();
        for (place, unit) in units.iter().enumerate() {
            let token = match &unit.what {
                What::Word(word) => Token::of_word(word),
                &What::Character(first) => match character_at(&units, place + 1) {
                    Some(second) => Token::of_characters(first, Some(second)),
                    // Within a text something may follow: it is in the token before.
                    None if place > 0 && character_at(&units, place - 1).is_some() => continue,
                    None if units.len() == 1 => {
                        return Self::Prefix(Token::of_characters(first, None));
                    }
                    // Alone between words: the words must do.
                    None => continue,
                },
            };
            if !tokens.contains(&token) {
                tokens.push(token);
            }
        }
        // As many tokens as units say: one word, or two characters and nothing else.
        let is_proof = match units.as_slice() {
            [unit] => matches!(unit.what, What::Word(_)),
            [first, second] => {
                matches!((&first.what, &second.what), (What::Character(_), What::Character(_)))
            }
            _ => false,
        };
        match tokens.len() {
            0 => Self::Nothing,
            1 if is_proof => Self::One(tokens.remove(0)),
            _ => Self::All(tokens),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keyword: &str, expected: &str) {
        let seen = match Query::new(keyword) {
            Query::Nothing => "nothing".to_owned(),
            Query::Prefix(token) => format!("{}*", token.as_str()),
            Query::One(token) => token.as_str().to_owned(),
            Query::All(tokens) => {
                let tokens: Vec<&str> = tokens.iter().map(Token::as_str).collect();
                format!("look: {}", tokens.join(" "))
            }
        };
        assert_eq!(seen, expected, "{keyword}");
    }

    #[test]
    fn a_query_says_what_proves_the_keyword() {
        check("退", "退*");
        check("退款", "退款");
        check("要退款", "look: 要退 退款");
        check("5", "5*");
        check("12", "12");
        check("121", "look: 12 21");
        check("111", "look: 11");
        check("Refund", "refund");
        check("my refund", "look: my refund");
        check("VIP客户", "look: vip 客户");
        check("VIP客", "look: vip");
        check("？！", "nothing");
        check("", "nothing");
    }
}
