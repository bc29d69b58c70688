use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::RuleSet;

/// A list that no condition refers to.
pub(super) fn check(rule_set: &RuleSet, report: &mut dyn FnMut(Diagnostic)) {
    let mut used: BTreeSet<(&str, &str)> = BTreeSet::new();
    for rule in &rule_set.rules {
        for condition in &rule.conditions {
            used.extend(
                condition.kind.phrase_lists().into_iter().map(|list| (rule.pack.as_str(), list)),
            );
        }
    }
    for list in &rule_set.phrase_lists {
        if !used.contains(&(list.pack.as_str(), list.name.as_str())) {
            report(Diagnostic::new(
                Code::UNUSED_PHRASES,
                list.place,
                format!("no rule refers to `${}`", list.name),
            ));
        }
    }
}
