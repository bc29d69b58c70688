use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Expectation, RuleSet};

/// A rule that nobody has seen flag, or seen leave a call alone, is not known to do either.
pub(super) fn check(rule_set: &RuleSet, report: &mut dyn FnMut(Diagnostic)) {
    for rule in &rule_set.rules {
        let has = |expected| rule.tests.iter().any(|test| test.expect == expected);
        let lacking = match (has(Expectation::Flagged), has(Expectation::Clear)) {
            (true, true) => continue,
            _ if rule.tests.is_empty() => {
                let message = format!("rule `{}` has no test", rule.id);
                report(
                    Diagnostic::new(Code::UNTESTED_RULE, rule.place, message)
                        .expecting("`tests`: a call that it flags and one that it leaves alone"),
                );
                continue;
            }
            (false, _) => "flagged",
            (true, false) => "clear",
        };
        report(Diagnostic::new(
            Code::ONE_SIDED_TESTS,
            rule.place,
            format!("rule `{}` has no test that expects `{lacking}`", rule.id),
        ));
    }
}
