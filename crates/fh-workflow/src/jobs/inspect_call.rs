use std::sync::Arc;

use async_trait::async_trait;
use fh_model::{Inspection, Role};
use fh_rules::Pack;
use fh_store::{CallRow, CallState, CallSummary, ChannelSummary, FailureKind, ScoreSummary, Write};
use serde_json::json;

use super::recognize_speech::listened;
use super::step_key::step_key;
use super::{
    DECODE_AND_MEASURE, Done, Failure, INSPECT_CALL, Job, JobResult, RECOGNIZE_SPEECH, Work,
};
use crate::event_names;
use crate::inspection::{Words, assemble};
use crate::workflow::call_event;

/// Holds the call against the tenant's rules.
pub(super) struct InspectCall;

#[async_trait]
impl Job for InspectCall {
    async fn run(&self, work: &Work) -> JobResult {
        let row = work.row().await?;
        let Some((_, listened)) = listened(work).await? else {
            return Ok(Done::with(vec![work.then(DECODE_AND_MEASURE)?]));
        };
        let words = work.earlier(RECOGNIZE_SPEECH).await?;
        let words: Option<Words> =
            words.and_then(|result| serde_json::from_slice(&result.body).ok());
        let Some(words) = words else {
            return Ok(Done::with(vec![work.then(RECOGNIZE_SPEECH)?]));
        };
        let pack = active_pack(work).await?;
        let inspection = &work.workflow.settings().inspection;
        let metadata = inspection.complete(row.call.metadata.clone());
        let key = step_key(INSPECT_CALL, &(&listened, &words, &metadata, pack.digest()))?;
        let inspecting = move || assemble(metadata, listened, words, &pack, None);
        let inspection = work.blocking(inspecting).await?;
        work.middle();
        Ok(Done::with(result(work, &row, key, &inspection).await?))
    }
}

/// The rules that the tenant's calls are inspected by now.
pub(super) async fn active_pack(work: &Work) -> Result<Arc<Pack>, Failure> {
    let Some(row) = work.scope().active_rule_pack().await? else {
        return Ok(Arc::clone(work.workflow.default_pack()));
    };
    work.workflow.packs().get(&row.pack.digest, &row.pack.files).map_err(|diagnostics| {
        let first = diagnostics.first().map(|diagnostic| diagnostic.message.clone());
        let (name, version) = (row.pack.name, row.version);
        let first = first.unwrap_or_default();
        Failure::lasting(
            FailureKind::RulesFailed,
            format!("version {version} of the rule pack `{name}` compiles no more: {first}"),
        )
    })
}

/// What is written when a result stands.
pub(super) async fn result(
    work: &Work,
    row: &CallRow,
    key: String,
    inspection: &Inspection,
) -> Result<Vec<Write>, Failure> {
    let call = row.call.id;
    let json = serde_json::to_vec(inspection)
        .map_err(|error| Failure::lasting(FailureKind::WorkFailed, error.to_string()))?;
    let utterances = inspection.transcript.iter().flat_map(|transcript| &transcript.utterances);
    let texts = utterances.map(|utterance| utterance.text.clone()).collect();
    let event =
        call_event(event_names::CALL_INSPECTED, call, row.call.batch, json!({ "result": key }));
    let tenant = &work.claim.job.tenant;
    let told = work.workflow.jobs_for_receivers(tenant, call, event_names::CALL_INSPECTED).await?;
    let mut writes = vec![
        Write::Inspection { call, key, json, summary: summary_of(inspection), texts },
        Write::State { call, state: CallState::Done, detail: None },
        Write::Event(event),
    ];
    writes.extend(told.into_iter().map(Write::Enqueue));
    Ok(writes)
}

/// What lists show of the result.
fn summary_of(inspection: &Inspection) -> CallSummary {
    let units = |channel| {
        let rate = inspection.speech_rates.iter().find(|rate| rate.channel == channel);
        rate.map_or(0, |rate| u64::from(rate.units))
    };
    let measured = inspection.measures.channels.iter().map(|channel| ChannelSummary {
        role: channel.role,
        speech: channel.speech_time,
        spoken_units: units(channel.channel),
    });
    let scores = inspection.score_cards.iter().map(|card| ScoreSummary {
        scenario: card.scenario_id.clone(),
        name: card.scenario_name.clone(),
        score: card.score,
        flags: u32::try_from(card.flagged().count()).unwrap_or(u32::MAX),
    });
    let mut channels: Vec<ChannelSummary> = measured.collect();
    if channels.is_empty() {
        channels = written(inspection);
    }
    CallSummary {
        duration: inspection.measures.duration,
        channels,
        scores: scores.collect(),
        warnings: u32::try_from(inspection.warnings.len()).unwrap_or(u32::MAX),
    }
}

/// The parties of a chat, who write and do not speak: the agent left, the customer right.
fn written(inspection: &Inspection) -> Vec<ChannelSummary> {
    let units = |role: Role| {
        let utterances = inspection.transcript.iter().flat_map(|transcript| &transcript.utterances);
        utterances
            .filter(|utterance| utterance.role == role)
            .map(|utterance| u64::from(fh_rules::count_speech_units(&utterance.text)))
            .sum()
    };
    [Role::Agent, Role::Customer]
        .map(|role| ChannelSummary {
            role,
            speech: fh_model::Millis::ZERO,
            spoken_units: units(role),
        })
        .into()
}
