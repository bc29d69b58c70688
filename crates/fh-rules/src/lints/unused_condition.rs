use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Rule, RuleSet};

/// A condition that neither `flag_if` nor a condition in it refers to changes nothing.
pub(super) fn check(rule_set: &RuleSet, report: &mut dyn FnMut(Diagnostic)) {
    for rule in &rule_set.rules {
        let used = used_conditions(rule);
        for (condition, used) in rule.conditions.iter().zip(used) {
            if !used {
                report(
                    Diagnostic::new(
                        Code::UNUSED_CONDITION,
                        condition.place,
                        format!("condition `{}` has no say in `flag_if`", condition.name),
                    )
                    .expecting("its name in `flag_if`, or in a condition that is"),
                );
            }
        }
    }
}

fn used_conditions(rule: &Rule) -> Vec<bool> {
    let mut used = vec![false; rule.conditions.len()];
    rule.flag_if.for_each_condition(&mut |index, _| used[index.0] = true);
    // A condition refers only to conditions above it, so one pass from the bottom is enough.
    for index in (0..used.len()).rev() {
        if used[index] {
            for referred in rule.conditions[index].kind.refers_to() {
                used[referred.0] = true;
            }
        }
    }
    used
}
