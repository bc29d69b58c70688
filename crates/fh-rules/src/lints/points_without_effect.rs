use fh_model::Points;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::RuleSet;

/// `points_per: hit` without points.
pub(super) fn check(rule_set: &RuleSet, report: &mut dyn FnMut(Diagnostic)) {
    for rule in &rule_set.rules {
        if rule.points.per_hit && rule.points.each == Points::default() {
            report(
                Diagnostic::new(
                    Code::POINTS_WITHOUT_EFFECT,
                    rule.place,
                    format!("rule `{}` gives no points for every hit", rule.id),
                )
                .expecting("`points` beside `points_per`"),
            );
        }
    }
}
