use std::time::Duration;

use fh_store::{CallState, FailureKind, StoreError, Write};
use serde_json::json;

use crate::event_names;
use crate::jobs::{Failure, JobResult, NOTIFY, Work};
use crate::metrics::JobEnd;
use crate::workflow::call_event;

/// How often the queue is told how a job ended before it is left to the lease.
const ATTEMPTS: u16 = 5;

/// The longest error that is kept, in characters.
const LONGEST_ERROR: usize = 2_000;

/// Tells the queue how a job ended.
pub(super) async fn settle(work: &Work, result: JobResult) -> JobEnd {
    let failure = match result {
        Ok(done) => match complete(work, done.writes).await {
            Ok(()) => return JobEnd::Done,
            Err(StoreError::Fenced | StoreError::NotFound { .. }) => return JobEnd::Lost,
            // What was made is lost with it: the work is done again.
            Err(error) => {
                Failure::passing(FailureKind::ResultNotKept, format!("not kept: {error}"))
            }
        },
        Err(failure) => failure,
    };
    let told = match failure {
        Failure::Stopped => {
            let handed_back = persist(|| queue(work).hand_back(work.claim.ticket)).await;
            handed_back.map(|()| JobEnd::HandedBack)
        }
        Failure::Passing { kind, detail, after } => {
            let job = &work.claim.job;
            if job.attempts < job.job.max_attempts {
                retry_later(work, &detail, after).await.map(|()| JobEnd::Retried)
            } else {
                give_up(work, kind, &detail).await.map(|()| JobEnd::GivenUp(kind))
            }
        }
        Failure::Lasting { kind, detail } => {
            give_up(work, kind, &detail).await.map(|()| JobEnd::GivenUp(kind))
        }
    };
    told.unwrap_or_else(|error| {
        if !matches!(error, StoreError::Fenced | StoreError::NotFound { .. }) {
            tracing::error!(%error, "the end of a job could not be noted; its lease will run out");
        }
        JobEnd::Lost
    })
}

fn queue(work: &Work) -> &dyn fh_store::Queue {
    work.workflow.store().queue()
}

async fn complete(work: &Work, writes: Vec<Write>) -> Result<(), StoreError> {
    persist(|| queue(work).complete(work.claim.ticket, writes.clone())).await
}

async fn retry_later(work: &Work, detail: &str, after: Option<Duration>) -> Result<(), StoreError> {
    let job = &work.claim.job;
    let backoff = match job.job.kind.as_str() {
        NOTIFY => work.workflow.delivery_backoff(),
        _ => work.workflow.backoff(),
    };
    let delay = backoff.after(job.attempts).max(after.unwrap_or_default());
    let detail = shortened(detail);
    tracing::info!("a job is tried again later");
    persist(|| queue(work).retry_later(work.claim.ticket, delay, &detail)).await
}

/// Gives the job up, and the call with it where the job belongs to one.
async fn give_up(work: &Work, kind: FailureKind, detail: &str) -> Result<(), StoreError> {
    let job = &work.claim.job;
    let detail = shortened(detail);
    tracing::warn!(failure = kind.as_str(), "a job is given up");
    let mut writes = Vec::new();
    if let Some(call) = job.job.call {
        let scope = work.scope();
        let batch = persist(|| scope.call(call)).await?.and_then(|row| row.call.batch);
        let payload = json!({ "failure": kind.as_str() });
        let state = CallState::Failed(kind);
        writes.push(Write::State { call, state, detail: Some(detail.clone()) });
        writes.push(Write::Event(call_event(event_names::CALL_FAILED, call, batch, payload)));
        let told = work.workflow.jobs_for_receivers(&job.tenant, call, event_names::CALL_FAILED);
        writes.extend(told.await?.into_iter().map(Write::Enqueue));
    }
    persist(|| queue(work).give_up(work.claim.ticket, &detail, writes.clone())).await
}

/// Asks again where the database does not answer for a moment.
async fn persist<T, F: Future<Output = Result<T, StoreError>>>(
    mut ask: impl FnMut() -> F,
) -> Result<T, StoreError> {
    let mut pause = Duration::from_millis(100);
    for _ in 1..ATTEMPTS {
        match ask().await {
            Err(error) if error.is_passing() => {}
            answer => return answer,
        }
        tokio::time::sleep(pause).await;
        pause *= 3;
    }
    ask().await
}

fn shortened(detail: &str) -> String {
    detail.chars().take(LONGEST_ERROR).collect()
}
