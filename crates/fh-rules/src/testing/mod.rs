//! Runs the tests that stand beside rules in rule files.

mod short_form;
mod staged_call;

use std::fmt;

use fh_model::{Finding, NotEvaluatedReason, Verdict};
use serde::Serialize;

use crate::model::{Expectation, Place, Rule, RuleTest};
use crate::view::CallView;
use short_form::short_form;
use staged_call::StagedCall;

/// What came of one test of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestOutcome {
    /// The rule's id.
    pub rule_id: String,
    /// The test's name.
    pub test: String,
    /// The rule file's name; empty until the pack, which knows the names, fills it in.
    pub file: String,
    /// The line on which the test begins.
    pub line: u32,
    /// What the test expects: `flagged`, `clear` or `not_evaluated`.
    pub expected: String,
    /// What the rule said, in the same words; why it was not evaluated comes behind a colon.
    pub found: String,
    /// The evidence that the test expects and the rule did not give, in its short form.
    pub evidence_missing: Vec<String>,
    /// The evidence that the rule gave, in its short form.
    pub evidence_found: Vec<String>,
    /// Whether the rule did as the test expects.
    pub passed: bool,
    /// Where the test begins.
    #[serde(skip)]
    pub place: Place,
}

/// A line for a test that passed; what was expected and what was found for one that did not.
impl fmt::Display for TestOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.passed { "ok" } else { "FAILED" };
        write!(f, "{mark} {}: {}", self.rule_id, self.test)?;
        if self.passed {
            return Ok(());
        }
        write!(f, " ({}:{})", self.file, self.line)?;
        write!(f, "\n    expected: {}", self.expected)?;
        write!(f, "\n    found:    {}", self.found)?;
        for evidence in &self.evidence_missing {
            write!(f, "\n    - evidence: {evidence}")?;
        }
        for evidence in &self.evidence_found {
            write!(f, "\n    + evidence: {evidence}")?;
        }
        Ok(())
    }
}

/// Runs every test of `rule`; `evaluate` says what the rule finds in a call.
pub(crate) fn run(
    rule: &Rule,
    evaluate: &mut dyn FnMut(&CallView<'_>) -> Finding,
) -> Vec<TestOutcome> {
    rule.tests
        .iter()
        .map(|test| {
            let call = StagedCall::of(test);
            outcome(rule, test, &evaluate(&call.view()))
        })
        .collect()
}

fn outcome(rule: &Rule, test: &RuleTest, finding: &Finding) -> TestOutcome {
    let found = match &finding.verdict {
        Verdict::Flagged => Expectation::Flagged,
        Verdict::Clear => Expectation::Clear,
        Verdict::NotEvaluated { .. } => Expectation::NotEvaluated,
    };
    let evidence = finding.evidence.iter().chain(&finding.excused);
    let mut evidence_found: Vec<String> = evidence.map(short_form).collect();
    evidence_found.dedup();
    let missing: Vec<String> = test
        .evidence
        .iter()
        .filter(|expected| !evidence_found.contains(expected))
        .cloned()
        .collect();
    let found_word = match &finding.verdict {
        Verdict::NotEvaluated { reason } => {
            format!("{}: {}", found.as_str(), reason_in_words(*reason))
        }
        _ => found.as_str().to_owned(),
    };
    TestOutcome {
        rule_id: rule.id.clone(),
        test: test.name.clone(),
        file: String::new(),
        line: test.place.line,
        expected: test.expect.as_str().to_owned(),
        passed: found == test.expect && missing.is_empty(),
        found: found_word,
        evidence_missing: missing,
        evidence_found,
        place: test.place,
    }
}

const fn reason_in_words(reason: NotEvaluatedReason) -> &'static str {
    match reason {
        NotEvaluatedReason::NoTranscript => "there is no transcript",
        NotEvaluatedReason::RolesUnknown => "nobody knows who speaks",
        NotEvaluatedReason::MixedParties => "the parties are mixed on one channel",
        NotEvaluatedReason::NoVoiceActivity => "voice activity cannot be trusted",
        NotEvaluatedReason::NotApplicable => "the rule does not apply to the call",
        NotEvaluatedReason::WorkLimit => "the work limit was reached",
        _ => "something is lacking",
    }
}
