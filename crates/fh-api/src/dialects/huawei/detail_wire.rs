use fh_model::{Inspection, Role, ScoreCard, Utterance};
use fh_store::CallRow;
use serde::Serialize;

use super::Root;
use super::call_wire::{CallWire, ChannelsWire, speaker};
use super::credit_wire::is_valid;
use super::number::seconds;

/// The answer of `detail`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct DetailWire {
    call_id: String,
    call_uuid: String,
    call_type: i64,
    /// Text here, a number in `details`.
    status: String,
    file_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    staff_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    staff_name: Option<String>,
    create_time: i64,
    call_time: i64,
    upload_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<f64>,
    #[serde(flatten)]
    channels: ChannelsWire,
    #[serde(skip_serializing_if = "Option::is_none")]
    deal: Option<i64>,
    left_emotions: Vec<EmotionWire>,
    segments: Vec<SegmentWire>,
    /// Under `/CCSQM` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_severity_violation_count: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct EmotionWire {
    #[serde(rename = "type")]
    kind: &'static str,
    /// The share of the agent's segments, in percent.
    score: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct SegmentWire {
    segment_id: u32,
    start_time: f64,
    end_time: f64,
    asr_text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<&'static str>,
}

impl DetailWire {
    pub(crate) fn new(root: Root, row: &CallRow, inspection: Option<&Inspection>) -> Self {
        let call = CallWire::new(row);
        let utterances = inspection
            .and_then(|inspection| inspection.transcript.as_ref())
            .map_or(&[][..], |transcript| &transcript.utterances);
        let left_role = row.summary.as_ref().and_then(|summary| summary.channels.first());
        let agent_is_left = left_role.is_some_and(|channel| channel.role == Role::Agent);
        let cards = inspection.map_or(&[][..], |inspection| &inspection.score_cards);
        Self {
            call_id: call.call_id,
            call_uuid: call.call_uuid,
            call_type: call.call_type,
            status: call.status.to_string(),
            file_name: call.file_name,
            staff_id: call.staff_id,
            staff_name: call.staff_name,
            create_time: call.create_time,
            call_time: call.call_time,
            upload_time: call.upload_time,
            duration: call.duration,
            channels: call.channels,
            deal: call.deal,
            left_emotions: if agent_is_left { emotions(utterances) } else { Vec::new() },
            segments: utterances.iter().map(segment).collect(),
            rule_severity_violation_count: (root == Root::Ccsqm).then(|| violations(cards)),
        }
    }
}

fn segment(utterance: &Utterance) -> SegmentWire {
    SegmentWire {
        segment_id: utterance.id,
        start_time: seconds(utterance.span.start),
        end_time: seconds(utterance.span.end),
        asr_text: utterance.text.clone(),
        speaker: speaker(utterance.role),
    }
}

/// How many rules were violated, each once however many scenarios count it.
fn violations(cards: &[ScoreCard]) -> u64 {
    let mut rules: Vec<&str> = cards
        .iter()
        .flat_map(|card| &card.findings)
        .filter(|finding| !is_valid(finding))
        .map(|finding| finding.rule_id.as_str())
        .collect();
    rules.sort_unstable();
    rules.dedup();
    rules.len() as u64
}

/// The agent's tone, where the recogniser hears it.
fn emotions(utterances: &[Utterance]) -> Vec<EmotionWire> {
    let heard: Vec<&str> = utterances
        .iter()
        .filter(|utterance| utterance.role == Role::Agent)
        .filter_map(|utterance| utterance.emotion.as_deref())
        .collect();
    let share = |kind, words: &[&str]| {
        let count = heard.iter().filter(|heard| words.contains(heard)).count();
        let percent = (count * 100 + heard.len() / 2).checked_div(heard.len()).unwrap_or(0);
        (count > 0).then_some(EmotionWire { kind, score: percent as u64 })
    };
    let kinds = [
        share("positive", &["happy"]),
        share("negative", &["angry", "sad", "disgusted", "fearful"]),
    ];
    kinds.into_iter().flatten().collect()
}
