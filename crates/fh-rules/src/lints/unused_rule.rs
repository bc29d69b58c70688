use crate::diagnostic::{Code, Diagnostic};
use crate::model::{RuleSet, ScenarioRules};

/// A rule that no scenario counts is evaluated for nobody.
pub(super) fn check(rule_set: &RuleSet, report: &mut dyn FnMut(Diagnostic)) {
    for rule in &rule_set.rules {
        let counted = rule_set.scenarios.iter().any(|scenario| match &scenario.rules {
            _ if rule.sensitive => scenario.pack == rule.pack && !scenario.ignore_sensitive,
            ScenarioRules::All => scenario.pack == rule.pack,
            ScenarioRules::Listed(ids) => ids.contains(&rule.id),
        });
        if !counted {
            report(
                Diagnostic::new(
                    Code::UNUSED_RULE,
                    rule.place,
                    format!("no scenario counts rule `{}`", rule.id),
                )
                .expecting("its id in the `rules` of a scenario"),
            );
        }
    }
}
