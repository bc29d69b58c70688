use std::collections::{BTreeMap, BTreeSet};

use fh_model::{
    ChannelMeasures, Decibels, Finding, Inspection, Language, Lineage, Millis, Points, Role,
    ScoreCard, Severity, Span, TranscriptState,
};
use serde::Serialize;

use super::page::page_language;
use super::{FailedCall, ReportOptions};
use crate::output::summary::left_open;

/// What the overview shows: one small row a call, so that the page need not read any call's full
/// data before it is opened.
#[derive(Debug, Default)]
pub(super) struct Overview {
    rows: Vec<Row>,
    keys: BTreeSet<String>,
    rules: Vec<Rule>,
    rule_numbers: BTreeMap<String, usize>,
    scenarios: Vec<Scenario>,
    lineages: Vec<Lineage>,
}

/// The overview as the page reads it.
#[derive(Debug, Serialize)]
pub(super) struct Index<'a> {
    title: &'a str,
    language: &'static str,
    rows: &'a [Row],
    rules: &'a [Rule],
    scenarios: &'a [Scenario],
    failures: &'a [FailedCall],
    lineages: &'a [Lineage],
}

#[derive(Debug, Serialize)]
struct Row {
    /// Names the call in links; no two rows share one.
    key: String,
    file: String,
    call_id: Option<String>,
    agent: Option<String>,
    skill_group: Option<String>,
    begin: Option<String>,
    language: Option<Language>,
    duration: Millis,
    partial: bool,
    has_audio: bool,
    has_transcript: bool,
    warnings: Vec<&'static str>,
    channels: Vec<RowChannel>,
    silence: Millis,
    longest_silence: Millis,
    talk_over: Millis,
    talk_overs: usize,
    cards: Vec<RowCard>,
}

#[derive(Debug, Serialize)]
struct RowChannel {
    role: Role,
    ratio: f64,
    rate: Option<u64>,
    lufs: Option<Decibels>,
}

#[derive(Debug, Serialize)]
struct RowCard {
    scenario: usize,
    score: Points,
    flagged: Vec<usize>,
    /// Rules that apply to the call and could not be evaluated.
    left_open: usize,
}

#[derive(Debug, Serialize)]
struct Rule {
    id: String,
    name: String,
    severity: Severity,
    points: Points,
}

#[derive(Debug, Serialize)]
struct Scenario {
    id: String,
    name: String,
    lower: Points,
    upper: Points,
}

impl Overview {
    /// How many calls were added.
    pub(super) fn calls(&self) -> usize {
        self.rows.len()
    }

    /// Notes one call.
    pub(super) fn add(&mut self, inspection: &Inspection, has_audio: bool) {
        let measures = &inspection.measures;
        let total = |spans: &mut dyn Iterator<Item = Span>| {
            spans.fold(Millis::ZERO, |sum, span| sum + span.length())
        };
        let row = Row {
            key: self.new_key(inspection),
            file: inspection.recording.file_name.clone(),
            call_id: inspection.call.call_id.clone(),
            agent: inspection.call.agent_name.clone().or_else(|| inspection.call.agent_id.clone()),
            skill_group: inspection.call.skill_group.clone(),
            begin: inspection.call.begin_time.map(|time| time.to_string()),
            language: inspection
                .transcript
                .as_ref()
                .map(|transcript| transcript.language)
                .or(inspection.call.language),
            duration: measures.duration,
            partial: inspection.recording.completeness.is_partial(),
            has_audio,
            has_transcript: inspection.transcript_state == TranscriptState::Available,
            warnings: inspection.warnings.iter().map(fh_model::CallWarning::code).collect(),
            channels: measures
                .channels
                .iter()
                .map(|channel| RowChannel::new(channel, inspection))
                .collect(),
            silence: total(&mut measures.mutual_silences.iter().copied()),
            longest_silence: measures
                .mutual_silences
                .iter()
                .map(|span| span.length())
                .max()
                .unwrap_or_default(),
            talk_over: total(&mut measures.talk_overs.iter().map(|talk_over| talk_over.span)),
            talk_overs: measures.talk_overs.len(),
            cards: inspection.score_cards.iter().map(|card| self.card(card)).collect(),
        };
        self.rows.push(row);
        if !self.lineages.contains(&inspection.lineage) {
            self.lineages.push(inspection.lineage.clone());
        }
    }

    /// The whole overview.
    pub(super) fn index<'a>(&'a self, options: &'a ReportOptions) -> Index<'a> {
        Index {
            title: &options.title,
            language: page_language(options.language),
            rows: &self.rows,
            rules: &self.rules,
            scenarios: &self.scenarios,
            failures: &options.failures,
            lineages: &self.lineages,
        }
    }

    /// The call's id, else its file's name; numbered where several calls share it.
    fn new_key(&mut self, inspection: &Inspection) -> String {
        let wanted = match &inspection.call.call_id {
            Some(id) if !id.is_empty() => id,
            _ => &inspection.recording.file_name,
        };
        let mut key = wanted.clone();
        let mut copy = 1_u64;
        while !self.keys.insert(key.clone()) {
            copy += 1;
            key = format!("{wanted}~{copy}");
        }
        key
    }

    fn card(&mut self, card: &ScoreCard) -> RowCard {
        let known = self.scenarios.iter().position(|known| known.id == card.scenario_id);
        let scenario = known.unwrap_or_else(|| {
            self.scenarios.push(Scenario {
                id: card.scenario_id.clone(),
                name: card.scenario_name.clone(),
                lower: card.lower,
                upper: card.upper,
            });
            self.scenarios.len() - 1
        });
        for finding in &card.findings {
            self.rule(finding);
        }
        let flagged = card.flagged().map(|finding| self.rule(finding)).collect();
        RowCard { scenario, score: card.score, flagged, left_open: left_open(card) }
    }

    /// The rule's number in the list of rules, which holds every rule that was seen.
    fn rule(&mut self, finding: &Finding) -> usize {
        if let Some(&number) = self.rule_numbers.get(&finding.rule_id) {
            return number;
        }
        let number = self.rules.len();
        self.rule_numbers.insert(finding.rule_id.clone(), number);
        self.rules.push(Rule {
            id: finding.rule_id.clone(),
            name: finding.rule_name.clone(),
            severity: finding.severity,
            points: finding.rule_points,
        });
        number
    }
}

impl RowChannel {
    fn new(measures: &ChannelMeasures, inspection: &Inspection) -> Self {
        let rate = inspection.speech_rates.iter().find(|rate| rate.channel == measures.channel);
        Self {
            role: measures.role,
            ratio: measures.speech_ratio(),
            rate: rate.map(|rate| rate.per_minute_thousandths),
            lufs: measures.loudness.integrated_lufs,
        }
    }
}
