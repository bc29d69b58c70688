//! Reads `flag_if`: names of conditions, `&& || ! ( )` or the words for them, `2 of (a, b, c)`.

use super::reader::Reader;
use super::suggest::closest;
use super::tree::Node;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ConditionIndex, Expression};

/// Words that cannot name a condition.
pub(crate) const RESERVED: &[&str] = &["and", "or", "not", "of", "any", "all", "none"];

/// Parentheses and `not`s within one another.
const MAX_DEPTH: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    Name(&'t str),
    Number(&'t str),
    Not,
    And,
    Or,
    Of,
    Open,
    Close,
    Comma,
    /// What belongs to no expression.
    Stray(char),
    End,
}

/// A token and where it stands, in characters.
#[derive(Debug, Clone, Copy)]
struct Placed<'t> {
    token: Token<'t>,
    at: usize,
    length: usize,
    /// As it is written.
    text: &'t str,
}

/// Reads the text of `node`; `names` are the rule's conditions in order.
pub(crate) fn parse(node: &Node, names: &[&str], reader: &mut Reader) -> Option<Expression> {
    let text = reader.text(node, "`flag_if`")?;
    let tokens = tokens(text);
    if tokens.len() > reader.limits.expression_terms {
        reader.report(
            Diagnostic::new(Code::TOO_LARGE, node.place, "the expression is too long")
                .expecting(format!("at most {} names and signs", reader.limits.expression_terms)),
        );
        return None;
    }
    let mut parser = ExpressionParser {
        tokens: &tokens,
        next: 0,
        node,
        names,
        reader,
        depth: 0,
        unknown: false,
    };
    let expression = parser.any_of_alternatives()?;
    let rest = parser.peek();
    match rest.token {
        Token::End => {}
        Token::Close => return parser.fail(rest, "`)` closes nothing", "`(` before it"),
        Token::Name(_) | Token::Not | Token::Open | Token::Number(_) => {
            return parser.fail(
                rest,
                &format!("`{}` follows without a sign between", rest.text),
                "`&&` or `||` before it",
            );
        }
        _ => return parser.unexpected(rest, "`&&`, `||` or the end"),
    }
    (!parser.unknown).then_some(expression)
}

fn tokens(text: &str) -> Vec<Placed<'_>> {
    let mut tokens = Vec::new();
    let mut characters = text.char_indices().enumerate().peekable();
    while let Some((at, (start, character))) = characters.next() {
        let mut end = start + character.len_utf8();
        let mut length = 1;
        let mut take_while = |belongs: &dyn Fn(char) -> bool| {
            while let Some((_, (next, _))) = characters.next_if(|(_, (_, c))| belongs(*c)) {
                end = next + text[next..].chars().next().map_or(0, char::len_utf8);
                length += 1;
            }
        };
        let token = match character {
            _ if character.is_whitespace() => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '!' => Token::Not,
            '&' | '|' => {
                let mut signs = 1;
                while characters.next_if(|(_, (_, c))| *c == character).is_some() {
                    signs += 1;
                    end += 1;
                    length += 1;
                }
                match (character, signs) {
                    ('&', 2) => Token::And,
                    ('|', 2) => Token::Or,
                    _ => Token::Stray(character),
                }
            }
            _ if character.is_ascii_digit() => {
                take_while(&|c| c.is_alphanumeric());
                Token::Number(&text[start..end])
            }
            _ if character.is_alphabetic() => {
                take_while(&|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
                match &text[start..end] {
                    "and" => Token::And,
                    "or" => Token::Or,
                    "not" => Token::Not,
                    "of" => Token::Of,
                    name => Token::Name(name),
                }
            }
            _ => Token::Stray(character),
        };
        tokens.push(Placed { token, at, length, text: &text[start..end] });
    }
    let at = text.trim_end().chars().count();
    tokens.push(Placed { token: Token::End, at: at.saturating_sub(1), length: 1, text: "" });
    tokens
}

struct ExpressionParser<'a> {
    tokens: &'a [Placed<'a>],
    next: usize,
    node: &'a Node,
    names: &'a [&'a str],
    reader: &'a mut Reader,
    depth: usize,
    /// A name was unknown: reading goes on, to find more, but there will be no expression.
    unknown: bool,
}

impl<'a> ExpressionParser<'a> {
    fn peek(&self) -> Placed<'a> {
        let last = self.tokens.len() - 1;
        self.tokens[self.next.min(last)]
    }

    fn take(&mut self) -> Placed<'a> {
        let token = self.peek();
        self.next += 1;
        token
    }

    /// `a || b || c`: binds loosest.
    fn any_of_alternatives(&mut self) -> Option<Expression> {
        let mut parts = vec![self.all_of_terms()?];
        while self.peek().token == Token::Or {
            self.take();
            parts.push(self.all_of_terms()?);
        }
        Some(single_or(parts, Expression::Any))
    }

    /// `a && b && c`.
    fn all_of_terms(&mut self) -> Option<Expression> {
        let mut parts = vec![self.term()?];
        while self.peek().token == Token::And {
            self.take();
            parts.push(self.term()?);
        }
        Some(single_or(parts, Expression::All))
    }

    fn term(&mut self) -> Option<Expression> {
        self.depth += 1;
        let token = self.take();
        let term = if self.depth > MAX_DEPTH {
            self.fail(
                token,
                "the expression is nested too deeply",
                &format!("at most {MAX_DEPTH} levels"),
            )
        } else {
            match token.token {
                Token::Not => self.term().map(|inner| Expression::Not(Box::new(inner))),
                Token::Open => {
                    let inner = self.any_of_alternatives()?;
                    self.close(token)?;
                    Some(inner)
                }
                Token::Number(_) => self.count_of(token),
                Token::Name("any" | "all" | "none") if self.peek().token == Token::Of => {
                    self.count_of(token)
                }
                Token::Name(name) => self.condition(token, name),
                _ => self.unexpected(token, "a condition's name, `!`, `(` or `2 of (...)`"),
            }
        };
        self.depth -= 1;
        term
    }

    /// `2 of (a, b, c)`, `any of (a, b)`, `all of (a, b)`, `none of (a, b)`.
    fn count_of(&mut self, count: Placed<'a>) -> Option<Expression> {
        let of = self.take();
        if of.token != Token::Of {
            return self.unexpected(of, &format!("`of` after `{}`", count.text));
        }
        let open = self.take();
        if open.token != Token::Open {
            return self.unexpected(open, "`(` and the conditions to choose from");
        }
        let mut of = vec![self.any_of_alternatives()?];
        while self.peek().token == Token::Comma {
            self.take();
            of.push(self.any_of_alternatives()?);
        }
        self.close(open)?;
        match count.text {
            "any" => Some(single_or(of, Expression::Any)),
            "all" => Some(single_or(of, Expression::All)),
            "none" => Some(Expression::Not(Box::new(single_or(of, Expression::Any)))),
            number => match number.parse::<u32>() {
                Ok(number) if (1..=of.len()).contains(&(number as usize)) => {
                    Some(Expression::AtLeast { count: number, of })
                }
                _ => self.fail(
                    count,
                    &format!("`{number} of` cannot be counted among {} conditions", of.len()),
                    &format!("a number from 1 to {}", of.len()),
                ),
            },
        }
    }

    fn close(&mut self, open: Placed<'a>) -> Option<()> {
        let token = self.take();
        match token.token {
            Token::Close => Some(()),
            Token::End => self.fail(open, "`(` is never closed", "`)` behind it"),
            _ => self.unexpected(token, "`&&`, `||` or `)`"),
        }
    }

    fn condition(&mut self, token: Placed<'a>, name: &str) -> Option<Expression> {
        if let Some(index) = self.names.iter().position(|known| *known == name) {
            return Some(Expression::Holds(ConditionIndex(index)));
        }
        let place = self.node.part(token.at, token.length);
        let message = format!("the rule listens for no condition `{name}`");
        let mut diagnostic =
            Diagnostic::new(Code::UNKNOWN_CONDITION, place, message).expecting_one_of(self.names);
        if let Some(meant) = closest(name, self.names.iter().copied()) {
            diagnostic = diagnostic.suggesting(meant);
        }
        self.reader.report(diagnostic);
        self.unknown = true;
        Some(Expression::Holds(ConditionIndex(0)))
    }

    fn unexpected<T>(&mut self, token: Placed<'a>, expected: &str) -> Option<T> {
        let (message, suggestion) = match token.token {
            Token::End => ("the expression ends too early".to_owned(), None),
            Token::Stray('&') => ("`&` is written once".to_owned(), Some("&&")),
            Token::Stray('|') => ("`|` is written once".to_owned(), Some("||")),
            Token::Stray('（') => ("`（` is a full-width sign".to_owned(), Some("(")),
            Token::Stray('）') => ("`）` is a full-width sign".to_owned(), Some(")")),
            Token::Stray('，') => ("`，` is a full-width sign".to_owned(), Some(",")),
            Token::Stray('！') => ("`！` is a full-width sign".to_owned(), Some("!")),
            Token::Stray('~') => ("`~` is no sign of the language".to_owned(), Some("!")),
            _ => (format!("`{}` does not belong here", token.text), None),
        };
        let place = self.node.part(token.at, token.length);
        let mut diagnostic =
            Diagnostic::new(Code::INVALID_EXPRESSION, place, message).expecting(expected);
        if let Some(suggestion) = suggestion {
            diagnostic = diagnostic.suggesting(suggestion);
        }
        self.reader.report(diagnostic);
        None
    }

    fn fail<T>(&mut self, token: Placed<'a>, message: &str, expected: &str) -> Option<T> {
        let place = self.node.part(token.at, token.length);
        self.reader
            .report(Diagnostic::new(Code::INVALID_EXPRESSION, place, message).expecting(expected));
        None
    }
}

fn single_or(
    mut parts: Vec<Expression>,
    many: impl FnOnce(Vec<Expression>) -> Expression,
) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}
