//! Warnings about rules that work, but probably not as meant. One file a lint, one line in [`LINTS`].

mod phrase_in_phrase;
mod points_without_effect;
mod short_phrase;
mod untested_rule;
mod unused_condition;
mod unused_phrases;
mod unused_rule;

use crate::diagnostic::Diagnostic;
use crate::model::RuleSet;

/// Looks at a sound rule set and reports what looks wrong.
type Lint = fn(&RuleSet, &mut dyn FnMut(Diagnostic));

/// Every lint that needs nothing but the rule files. (What only the compiled pack can tell, such as
/// a regular expression without fixed text, the compiler reports.)
const LINTS: &[Lint] = &[
    short_phrase::check,
    phrase_in_phrase::check,
    untested_rule::check,
    unused_condition::check,
    unused_phrases::check,
    unused_rule::check,
    points_without_effect::check,
];

/// Runs every lint.
pub(crate) fn check(rule_set: &RuleSet, report: &mut dyn FnMut(Diagnostic)) {
    for lint in LINTS {
        lint(rule_set, report);
    }
}
