//! Rows for the cases. The same number gives the same row.

use std::time::Duration;

use fh_model::{BatchId, CallId, CallMetadata, JobId, Millis, Points, Role};
use fh_store::{
    CallKind, CallState, CallSummary, ChannelSummary, Claim, NewCall, NewEvent, NewJob,
    ScoreSummary, Submission, TenantScope, Write,
};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::place::Place;

pub(crate) const LEASE: Duration = Duration::from_secs(60);

pub(crate) fn call_id(number: u64) -> CallId {
    CallId(Uuid::from_u64_pair(1, number))
}

pub(crate) fn job_id(number: u64) -> JobId {
    JobId(Uuid::from_u64_pair(2, number))
}

pub(crate) fn batch_id(number: u64) -> BatchId {
    BatchId(Uuid::from_u64_pair(3, number))
}

/// So many seconds after 2026-03-01T00:00:00Z.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_772_323_200 + seconds).unwrap()
}

/// Submitted `number` minutes after the beginning of March.
pub(crate) fn call(number: u64) -> NewCall {
    let moment = at(60 * i64::try_from(number).unwrap());
    NewCall {
        id: call_id(number),
        group: call_id(number),
        batch: None,
        kind: CallKind::Voice,
        source: json!({ "path": "/27/0/1.wav" }),
        metadata: CallMetadata::default(),
        file_name: format!("recording-{number}"),
        staff_id: None,
        call_time: moment,
        upload_time: moment,
    }
}

/// The first job of a call; both have the same number.
pub(crate) fn job(number: u64) -> NewJob {
    NewJob { call: Some(call_id(number)), ..job_without_call(number, "fetch_recording") }
}

pub(crate) fn job_without_call(number: u64, kind: &str) -> NewJob {
    NewJob {
        id: job_id(number),
        kind: kind.to_owned(),
        call: None,
        payload: json!({ "number": number }),
        priority: 0,
        max_attempts: 3,
        delay: Duration::ZERO,
    }
}

pub(crate) fn event(name: &str, call: u64) -> NewEvent {
    NewEvent {
        name: name.to_owned(),
        call: Some(call_id(call)),
        batch: None,
        payload: json!({ "call": call_id(call).to_string() }),
    }
}

pub(crate) fn submission(calls: Vec<NewCall>) -> Submission {
    Submission {
        idempotency: None,
        calls,
        jobs: Vec::new(),
        events: Vec::new(),
        writes: Vec::new(),
    }
}

/// Submits the calls of these numbers, each with its job and an event.
pub(crate) async fn submit(scope: &dyn TenantScope, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        submit_call(scope, call(number)).await;
    }
}

/// Submits a call with the job of its number and an event.
pub(crate) async fn submit_call(scope: &dyn TenantScope, call: NewCall) {
    let number = call.id.0.as_u64_pair().1;
    let submission = Submission {
        jobs: vec![job(number)],
        events: vec![event("call.submitted", number)],
        ..submission(vec![call])
    };
    scope.submit(submission).await.unwrap();
}

pub(crate) async fn claim(place: &Place, worker: &str) -> Option<Claim> {
    place.store.queue().claim(worker, &["fetch_recording"], LEASE).await.unwrap()
}

pub(crate) fn summary(duration_s: u64, score: i32) -> CallSummary {
    CallSummary {
        duration: Millis::from_secs(duration_s),
        channels: vec![ChannelSummary {
            role: Role::Agent,
            speech: Millis::from_secs(duration_s / 2),
            spoken_units: 12,
        }],
        scores: vec![ScoreSummary {
            scenario: "service".to_owned(),
            name: "Service".to_owned(),
            score: Points::whole(score),
            flags: 1,
        }],
        warnings: 0,
    }
}

pub(crate) fn inspection(number: u64, texts: &[&str]) -> Write {
    Write::Inspection {
        call: call_id(number),
        key: format!("key-{number}"),
        json: format!("{{\"call\":{number}}}").into_bytes(),
        summary: summary(60, 90),
        texts: texts.iter().map(|&text| text.to_owned()).collect(),
    }
}

pub(crate) fn state(number: u64, state: CallState) -> Write {
    Write::State { call: call_id(number), state, detail: None }
}

/// Submits a call and ends its job with a result in which these texts are said.
pub(crate) async fn submit_done(
    place: &Place,
    scope: &dyn TenantScope,
    number: u64,
    texts: &[&str],
) {
    submit(scope, [number]).await;
    finish(place, number, vec![inspection(number, texts), state(number, CallState::Done)]).await;
}

/// Ends the job of this number with these writes. No other job may wait.
pub(crate) async fn finish(place: &Place, number: u64, writes: Vec<Write>) {
    let claim = claim(place, "finisher").await.expect("a job waits");
    assert_eq!(claim.ticket.job, job_id(number), "no other job waits");
    place.store.queue().complete(claim.ticket, writes).await.unwrap();
}
