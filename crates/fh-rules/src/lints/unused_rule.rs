use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{RuleSet, ScenarioRules};

/// A rule that no scenario counts is evaluated for nobody.
pub(super) fn check(rule_set: &RuleSet, report: &mut dyn FnMut(Diagnostic)) {
    let mut listed: BTreeSet<&str> = BTreeSet::new();
    let mut packs_in_full: BTreeSet<&str> = BTreeSet::new();
    let mut packs_with_sensitive: BTreeSet<&str> = BTreeSet::new();
    for scenario in &rule_set.scenarios {
        match &scenario.rules {
            ScenarioRules::All => {
                packs_in_full.insert(&scenario.pack);
            }
            ScenarioRules::Listed(ids) => listed.extend(ids.iter().map(String::as_str)),
        }
        if !scenario.ignore_sensitive {
            packs_with_sensitive.insert(&scenario.pack);
        }
    }
    for rule in &rule_set.rules {
        let pack = rule.pack.as_str();
        let counted = if rule.sensitive {
            packs_with_sensitive.contains(pack)
        } else {
            packs_in_full.contains(pack) || listed.contains(rule.id.as_str())
        };
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
