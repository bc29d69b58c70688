//! Findings become the score card of a scenario.

use fh_model::{Finding, Points, ScoreCard, Verdict};

use crate::evaluate::RuleOutcome;
use crate::model::{Rule, Scenario, ScenarioRules};

/// The positions of the rules that count in `scenario`, in the order in which they are shown:
/// those listed, or all of the pack's; then the pack's sensitive-word rules, which count without
/// being listed. A scenario that ignores sensitive words has none of them.
pub(crate) fn rules_of(scenario: &Scenario, rules: &[Rule]) -> Vec<u32> {
    let in_pack = |&index: &u32| rules[index as usize].pack == scenario.pack;
    let sensitive = |&index: &u32| rules[index as usize].sensitive;
    let all = 0..rules.len() as u32;
    let mut counted: Vec<u32> = match &scenario.rules {
        ScenarioRules::All => all.clone().filter(in_pack).collect(),
        ScenarioRules::Listed(ids) => ids
            .iter()
            .filter_map(|id| all.clone().find(|&index| rules[index as usize].id == *id))
            .collect(),
    };
    if scenario.ignore_sensitive {
        counted.retain(|index| !sensitive(index));
    } else {
        let missing: Vec<u32> = all
            .filter(in_pack)
            .filter(sensitive)
            .filter(|index| !counted.contains(index))
            .collect();
        counted.extend(missing);
    }
    counted
}

/// Points that an outcome adds to the score.
pub(crate) fn points_of(rule: &Rule, outcome: &RuleOutcome) -> Points {
    if outcome.verdict == Verdict::Flagged {
        rule.points.total(outcome.hits)
    } else {
        Points::default()
    }
}

/// The scenario's score: its base and the points, held between its bounds.
pub(crate) fn score(scenario: &Scenario, points: impl Iterator<Item = Points>) -> Points {
    (scenario.base + points.sum()).clamp_between(scenario.lower, scenario.upper)
}

/// The scenario's card with `findings`.
pub(crate) fn card(scenario: &Scenario, findings: Vec<Finding>) -> ScoreCard {
    let points = findings.iter().map(|finding| finding.points);
    ScoreCard {
        scenario_id: scenario.id.clone(),
        scenario_name: scenario.name.both(),
        scenario_why: scenario.why.both(),
        ignore_sensitive: scenario.ignore_sensitive,
        base: scenario.base,
        lower: scenario.lower,
        upper: scenario.upper,
        score: score(scenario, points),
        findings,
    }
}
