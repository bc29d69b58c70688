use fh_model::{
    CallId, Evidence, Finding, Inspection, Points, RuleKind, ScoreCard, Span, Utterance, Verdict,
};
use fh_store::RevisionRow;
use serde::Serialize;
use serde_json::Number;

use super::number::{points, seconds};

/// The only element of the answer of `credit`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CreditWire {
    /// Unix seconds.
    create_time: i64,
    /// One for each business scenario.
    credit: Vec<ScenarioWire>,
    /// Once for each word, whatever the number of scenarios.
    sensitive_words: Vec<SensitiveWordWire>,
}

/// A business scenario's result. A kind of rule that it does not have is left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct ScenarioWire {
    score: Number,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<RuleWire>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    silence_rule: Vec<RuleWire>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    speed_rule: Vec<RuleWire>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    interposal_rule: Vec<RuleWire>,
    setting: ScenarioSettingWire,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct ScenarioSettingWire {
    group_id: String,
    group_name: String,
    ignore_sensitive: i64,
    description: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct RuleWire {
    valid: bool,
    score: Number,
    invalid_segment: Vec<SegmentWire>,
    revise_id: String,
    revise: i64,
    /// Of all kinds but dialog rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    setting: RuleSettingWire,
}

/// The rule under the name that its kind has in the documents.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
enum RuleSettingWire {
    Dialog { rule_id: String, rule_name: String },
    Silence { silence_id: String, name: String },
    Speed { speed_id: String, name: String },
    Interposal { interposal_id: String, name: String },
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct SegmentWire {
    /// Seconds, as the end.
    start_time: f64,
    end_time: f64,
    /// The segment's number as text; the English documents call it "TTS segment ID". Left out where
    /// the place is in no segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    call_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct SensitiveWordWire {
    valid: bool,
    score: Number,
    /// Numbers here, not objects.
    invalid_segment: Vec<u32>,
    revise_id: String,
    revise: i64,
    setting: SensitiveWordSettingWire,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct SensitiveWordSettingWire {
    sw_id: String,
    sw_name: String,
}

impl CreditWire {
    /// A call's result as Huawei's API shows it.
    pub(crate) fn new(
        call: CallId,
        create_time: i64,
        inspection: &Inspection,
        revisions: &[RevisionRow],
    ) -> Self {
        let context = Context { call, inspection, revisions };
        Self {
            create_time,
            credit: inspection.score_cards.iter().map(|card| context.scenario(card)).collect(),
            sensitive_words: context.sensitive_words(),
        }
    }
}

struct Context<'a> {
    call: CallId,
    inspection: &'a Inspection,
    revisions: &'a [RevisionRow],
}

impl Context<'_> {
    fn scenario(&self, card: &ScoreCard) -> ScenarioWire {
        let of_kind = |kind| {
            told(card)
                .filter(|finding| finding.rule_kind == kind)
                .map(|finding| self.rule(card, finding))
                .collect()
        };
        ScenarioWire {
            score: points(card.score),
            rules: of_kind(RuleKind::Dialog),
            silence_rule: of_kind(RuleKind::Silence),
            speed_rule: of_kind(RuleKind::Speed),
            interposal_rule: of_kind(RuleKind::Interruption),
            setting: ScenarioSettingWire {
                group_id: card.scenario_id.clone(),
                group_name: card.scenario_name.clone(),
                ignore_sensitive: i64::from(card.ignore_sensitive),
                description: card.scenario_why.clone(),
            },
        }
    }

    fn rule(&self, card: &ScoreCard, finding: &Finding) -> RuleWire {
        let (id, name) = (rule_id(finding).to_owned(), finding.rule_name.clone());
        let setting = match finding.rule_kind {
            RuleKind::Silence => RuleSettingWire::Silence { silence_id: id, name: name.clone() },
            RuleKind::Speed => RuleSettingWire::Speed { speed_id: id, name: name.clone() },
            RuleKind::Interruption => {
                RuleSettingWire::Interposal { interposal_id: id, name: name.clone() }
            }
            RuleKind::Dialog | RuleKind::SensitiveWord => {
                RuleSettingWire::Dialog { rule_id: id, rule_name: name.clone() }
            }
        };
        let is_dialog = matches!(setting, RuleSettingWire::Dialog { .. });
        let revise_id = finding.key(self.call, &card.scenario_id);
        RuleWire {
            valid: is_valid(finding),
            score: points(finding.points),
            invalid_segment: if is_valid(finding) { Vec::new() } else { self.segments(finding) },
            revise: self.revise(&revise_id),
            revise_id,
            name: (!is_dialog).then_some(name),
            setting,
        }
    }

    fn sensitive_words(&self) -> Vec<SensitiveWordWire> {
        let mut words: Vec<SensitiveWordWire> = Vec::new();
        for card in &self.inspection.score_cards {
            for finding in told(card) {
                let is_new = words.iter().all(|word| word.setting.sw_id != rule_id(finding));
                if finding.rule_kind != RuleKind::SensitiveWord || !is_new {
                    continue;
                }
                let revise_id = finding.key(self.call, &card.scenario_id);
                let mut segments = Vec::new();
                if !is_valid(finding) {
                    segments.extend(
                        finding
                            .evidence
                            .iter()
                            .filter_map(|evidence| Some(self.utterance(evidence)?.id)),
                    );
                    segments.dedup();
                }
                words.push(SensitiveWordWire {
                    valid: is_valid(finding),
                    score: points(finding.points),
                    invalid_segment: segments,
                    revise: self.revise(&revise_id),
                    revise_id,
                    setting: SensitiveWordSettingWire {
                        sw_id: rule_id(finding).to_owned(),
                        sw_name: finding.rule_name.clone(),
                    },
                });
            }
        }
        words
    }

    /// -1 where no person judged, else what the last one said: 0 violation, 1 compliant.
    fn revise(&self, revise_id: &str) -> i64 {
        let last = self.revisions.iter().rev().find(|row| row.revision.finding == revise_id);
        last.map_or(-1, |row| i64::from(row.revision.complies))
    }

    /// The places of a violation, each segment once. What was not said has none.
    fn segments(&self, finding: &Finding) -> Vec<SegmentWire> {
        let mut segments: Vec<SegmentWire> = Vec::new();
        for evidence in &finding.evidence {
            let utterance = self.utterance(evidence);
            let span = match (evidence, utterance) {
                (Evidence::Absent { .. }, _) => continue,
                // Words and pace belong to the segment; a silence or an interruption has its own
                // times.
                (Evidence::Said { .. } | Evidence::Speed { .. }, Some(utterance)) => utterance.span,
                _ => evidence.span(),
            };
            let segment = segment(span, utterance);
            if !segments.contains(&segment) {
                segments.push(segment);
            }
        }
        segments
    }

    /// The segment in which a piece of evidence lies: for a silence the last before it.
    fn utterance(&self, evidence: &Evidence) -> Option<&Utterance> {
        let utterances = &self.inspection.transcript.as_ref()?.utterances;
        let by_id = |id: u32| utterances.iter().find(|utterance| utterance.id == id);
        match evidence {
            Evidence::Said { utterance, .. } => by_id(*utterance),
            Evidence::Speed { utterance, .. } => by_id((*utterance)?),
            Evidence::Silence { span, .. } => {
                utterances.iter().rev().find(|utterance| utterance.span.start < span.end)
            }
            Evidence::Interruption { span, channel, .. } => utterances.iter().find(|utterance| {
                utterance.channel == *channel && utterance.span.overlap(*span).is_some()
            }),
            _ => None,
        }
    }
}

fn segment(span: Span, utterance: Option<&Utterance>) -> SegmentWire {
    SegmentWire {
        start_time: seconds(span.start),
        end_time: seconds(span.end),
        call_id: utterance.map(|utterance| utterance.id.to_string()),
    }
}

/// The rule's identifier, without the prefix that makes one of Huawei's own, which are digits alone,
/// an identifier of a rule file.
fn rule_id(finding: &Finding) -> &str {
    finding.rule_id.strip_prefix("huawei-").unwrap_or(&finding.rule_id)
}

/// The findings that the documents have a word for.
fn told(card: &ScoreCard) -> impl Iterator<Item = &Finding> {
    card.findings.iter().filter(|finding| !matches!(finding.verdict, Verdict::NotEvaluated { .. }))
}

/// Whether the call complies: a rule that flagged, unless it rewards.
pub(crate) fn is_valid(finding: &Finding) -> bool {
    finding.verdict != Verdict::Flagged || finding.rule_points > Points::default()
}

#[cfg(test)]
mod tests;
