//! Logic with three values: what cannot be told is neither true nor false.

use fh_model::NotEvaluatedReason;

use crate::model::{ConditionIndex, Expression};

/// True, false, or not known for a reason (Kleene's strong logic).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    Unknown(NotEvaluatedReason),
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// What `expression` comes to, where `truths` has one entry for each condition of the rule.
pub(crate) fn value_of(expression: &Expression, truths: &[Truth]) -> Truth {
    match expression {
        Expression::Holds(ConditionIndex(index)) => truths[*index],
        Expression::Not(inner) => match value_of(inner, truths) {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            unknown => unknown,
        },
        Expression::All(parts) => count_of(parts, truths, parts.len()),
        Expression::Any(parts) => count_of(parts, truths, 1),
        Expression::AtLeast { count, of } => count_of(of, truths, *count as usize),
    }
}

/// Whether at least `wanted` of `parts` are true. `and` wants all, `or` wants one.
fn count_of(parts: &[Expression], truths: &[Truth], wanted: usize) -> Truth {
    let (mut holding, mut possible, mut first_reason) = (0, 0, None);
    for part in parts {
        match value_of(part, truths) {
            Truth::True => holding += 1,
            Truth::False => {}
            Truth::Unknown(reason) => {
                possible += 1;
                first_reason.get_or_insert(reason);
            }
        }
    }
    match first_reason {
        _ if holding >= wanted => Truth::True,
        Some(reason) if holding + possible >= wanted => Truth::Unknown(reason),
        _ => Truth::False,
    }
}

/// Calls `visit` with each condition that the expression's being `value` rests on, and whether it
/// does so by holding or by not holding.
///
/// In `(a && b) || c` with `b` false, a flag rests on `c` alone.
pub(crate) fn grounds_of(
    expression: &Expression,
    value: bool,
    truths: &[Truth],
    visit: &mut impl FnMut(usize, bool),
) {
    match expression {
        Expression::Holds(ConditionIndex(index)) => visit(*index, value),
        Expression::Not(inner) => grounds_of(inner, !value, truths, visit),
        Expression::All(parts) | Expression::Any(parts) | Expression::AtLeast { of: parts, .. } => {
            for part in parts {
                if value_of(part, truths) == Truth::from(value) {
                    grounds_of(part, value, truths, visit);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_decides_where_it_can() {
        const UNKNOWN: Truth = Truth::Unknown(NotEvaluatedReason::NoTranscript);
        let holds = |index| Expression::Holds(ConditionIndex(index));
        let check = |expression: &Expression, truths: [Truth; 2], expected| {
            assert_eq!(value_of(expression, &truths), expected, "{expression:?} {truths:?}");
        };
        let both = Expression::All(vec![holds(0), holds(1)]);
        check(&both, [Truth::False, UNKNOWN], Truth::False);
        check(&both, [Truth::True, UNKNOWN], UNKNOWN);
        let either = Expression::Any(vec![holds(0), holds(1)]);
        check(&either, [Truth::True, UNKNOWN], Truth::True);
        check(&either, [Truth::False, UNKNOWN], UNKNOWN);
        check(&Expression::Not(Box::new(holds(0))), [UNKNOWN, Truth::True], UNKNOWN);
        let two = Expression::AtLeast { count: 2, of: vec![holds(0), holds(1)] };
        check(&two, [Truth::False, UNKNOWN], Truth::False);
        check(&two, [Truth::True, UNKNOWN], UNKNOWN);
    }

    #[test]
    fn a_verdict_rests_on_what_made_it() {
        // (a && b) || c
        let holds = |index| Expression::Holds(ConditionIndex(index));
        let expression = Expression::Any(vec![Expression::All(vec![holds(0), holds(1)]), holds(2)]);
        let truths = [Truth::True, Truth::False, Truth::True];
        let mut grounds = Vec::new();
        grounds_of(&expression, true, &truths, &mut |index, value| grounds.push((index, value)));
        assert_eq!(grounds, [(2, true)]);
        // !(a || b) rests on both not holding.
        let neither = Expression::Not(Box::new(Expression::Any(vec![holds(0), holds(1)])));
        let mut grounds = Vec::new();
        let truths = [Truth::False, Truth::False];
        grounds_of(&neither, true, &truths, &mut |index, value| grounds.push((index, value)));
        assert_eq!(grounds, [(0, false), (1, false)]);
    }
}
