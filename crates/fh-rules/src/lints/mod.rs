//! Warnings about rules that work, but probably not as meant.

use crate::diagnostic::Diagnostic;
use crate::model::RuleSet;

/// Reports every lint of the rule set.
pub(crate) fn check(_rule_set: &RuleSet, _report: &mut dyn FnMut(Diagnostic)) {}
