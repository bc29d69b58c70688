use std::collections::BTreeMap;
use std::fmt::Write as _;

use fh_model::{Distribution, Finding, Millis, NotEvaluatedReason, Points, ScoreCard, Verdict};

use super::terminal::printable;
use crate::inspect::CallResult;
use crate::messages::{Catalogue, clock_length, fill};

/// This many of the rules that flagged most are named.
const RULES_NAMED: usize = 8;

/// Rules of a card that could not be evaluated, though they apply to the call.
pub(crate) fn left_open(card: &ScoreCard) -> usize {
    card.findings.iter().filter(|finding| is_left_open(finding)).count()
}

/// Whether the rule could not be evaluated, though it applies to the call.
pub(super) fn is_left_open(finding: &Finding) -> bool {
    match finding.verdict {
        Verdict::NotEvaluated { reason } => reason != NotEvaluatedReason::NotApplicable,
        Verdict::Flagged | Verdict::Clear => false,
    }
}

/// What is to be said of all calls together.
pub(crate) struct Summary {
    inspected: usize,
    reused: usize,
    failed: usize,
    skipped: usize,
    sound: Millis,
    scores: Vec<Points>,
    /// Scores of calls of which some rules could not be evaluated.
    provisional: usize,
    flagged: BTreeMap<String, usize>,
}

impl Summary {
    /// Nothing yet but `skipped` files that are no recordings.
    pub(crate) const fn new(skipped: usize) -> Self {
        Self {
            inspected: 0,
            reused: 0,
            failed: 0,
            skipped,
            sound: Millis::ZERO,
            scores: Vec::new(),
            provisional: 0,
            flagged: BTreeMap::new(),
        }
    }

    /// Counts one result in.
    pub(crate) fn add(&mut self, result: &CallResult) {
        match result {
            CallResult::Failed(_) => self.failed += 1,
            CallResult::Inspected { inspection, reused, .. } => {
                self.inspected += 1;
                self.reused += usize::from(*reused);
                self.sound = self.sound + inspection.recording.duration;
                for card in &inspection.score_cards {
                    // A hundred points of a call of which nobody knows a word say nothing.
                    match left_open(card) {
                        0 => self.scores.push(card.score),
                        _ => self.provisional += 1,
                    }
                    for finding in card.flagged() {
                        *self.flagged.entry(finding.rule_id.clone()).or_default() += 1;
                    }
                }
            }
        }
    }

    /// The summary in a few lines.
    pub(crate) fn render(&self, texts: &'static Catalogue) -> String {
        let mut parts = vec![fill(
            texts.summary_calls,
            &[("inspected", &self.inspected), ("all", &(self.inspected + self.failed))],
        )];
        let counts = [
            (self.reused, texts.summary_reused),
            (self.failed, texts.summary_failed),
            (self.skipped, texts.summary_skipped),
        ];
        for (count, template) in counts {
            if count > 0 {
                parts.push(fill(template, &[("count", &count)]));
            }
        }
        parts.push(fill(texts.summary_sound, &[("length", &clock_length(self.sound))]));
        let mut text = parts.join(" · ");
        text.push('\n');
        if let Some(scores) = Distribution::of(self.scores.clone()) {
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("min", &scores.min), ("median", &scores.median), ("max", &scores.max)];
            let _ = writeln!(text, "{}", fill(texts.summary_scores, &values));
        }
        if self.provisional > 0 {
            let line = fill(texts.summary_provisional, &[("count", &self.provisional)]);
            let _ = writeln!(text, "{line}");
        }
        if !self.flagged.is_empty() {
            let mut rules: Vec<_> = self.flagged.iter().collect();
            rules.sort_by_key(|(rule, count)| (std::cmp::Reverse(**count), rule.as_str()));
            let mut named: Vec<String> = rules
                .iter()
                .take(RULES_NAMED)
                .map(|(rule, count)| format!("{} × {count}", printable(rule)))
                .collect();
            if rules.len() > RULES_NAMED {
                named.push("…".to_owned());
            }
            let rules = named.join(texts.list_separator);
            let _ = writeln!(text, "{}", fill(texts.summary_findings, &[("rules", &rules)]));
        }
        text
    }
}
