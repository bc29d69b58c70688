//! Texts of which every match of a regular expression must contain at least one.
//!
//! The scan finds them together with the phrases, so that the expression itself is only run where
//! it can match. Literals are folded as the text is, hence found wherever the expression could
//! match, in whatever case.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::text::fold_literal;

/// More alternatives than this are not worth their hits.
const MOST_LITERALS: usize = 64;
/// A class of more characters than this is no literal.
const MOST_OF_A_CLASS: usize = 8;

/// `None` where some match may contain none.
pub(super) fn required(pattern: &str) -> Option<Vec<Vec<u16>>> {
    // Case is folded in the literals, not spread over the expression: `[Aa][Bb]` has none.
    let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
    let mut literals = best_of(&hir)?;
    literals.sort();
    literals.dedup();
    Some(literals)
}

/// The best set of required literals in `hir`: the one whose shortest is longest.
fn best_of(hir: &Hir) -> Option<Vec<Vec<u16>>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            usable(vec![fold_literal(text)])
        }
        HirKind::Class(Class::Unicode(class)) => {
            let count: usize = class.iter().map(|range| range.len()).sum();
            if count > MOST_OF_A_CLASS {
                return None;
            }
            let characters = class.iter().flat_map(|range| range.start()..=range.end());
            usable(characters.map(|c| fold_literal(c.encode_utf8(&mut [0; 4]))).collect())
        }
        HirKind::Capture(capture) => best_of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min >= 1 => best_of(&repetition.sub),
        // All parts are required: the best of them will do.
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(best_of)
            .reduce(|best, next| if worth(&next) > worth(&best) { next } else { best }),
        // One of the parts is required: each must have its own.
        HirKind::Alternation(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(best_of).collect();
            usable(all?.into_iter().flatten().collect())
        }
        HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Class(Class::Bytes(_))
        | HirKind::Repetition(_) => None,
    }
}

/// `None` where a literal has nothing to look for (punctuation alone) or there are too many.
fn usable(literals: Vec<Vec<u16>>) -> Option<Vec<Vec<u16>>> {
    let usable = !literals.is_empty()
        && literals.len() <= MOST_LITERALS
        && literals.iter().all(|literal| !literal.is_empty());
    usable.then_some(literals)
}

/// How well a set tells places apart: long literals first, then few of them.
fn worth(literals: &[Vec<u16>]) -> (usize, usize) {
    let shortest = literals.iter().map(Vec::len).min().unwrap_or(0);
    (shortest, MOST_LITERALS - literals.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_required_text_is_found() {
        let check = |pattern: &str, expected: Option<&[&str]>| {
            let found = required(pattern).map(|literals| {
                literals.iter().map(|units| String::from_utf16(units).unwrap()).collect::<Vec<_>>()
            });
            let expected = expected.map(|texts| {
                let mut texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
                texts.sort_by_key(|text| fold_literal(text));
                texts
            });
            assert_eq!(found, expected, "{pattern}");
        };
        check("投诉.{0,4}经理", Some(&["投诉"]));
        check(r"\d{3}-\d{4}", Some(&["-"]));
        check(r"\d{11}", None);
        check(r"(?:refund|money back) within \d+ days", Some(&[" within "]));
        check("(?:退款|退货)", Some(&["退款", "退货"]));
        check("退?款", Some(&["款"]));
        check("a*", None);
        check("[甲乙]方", Some(&["方"]));
        check("(?:abc|.)", None);
        check(r"Dont\s+Call", Some(&["dont"]));
        // Spread over upper and lower case by the author: each letter is a class of its own.
        check("(?i)ABC", Some(&["a"]));
    }
}
