use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use fh_model::Millis;
use fh_store::{Claim, FailureKind};
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, OwnedSemaphorePermit, RwLock};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::{Worker, heartbeat, settle};
use crate::Workflow;
use crate::jobs::{Failure, JOBS, JobEntry, JobResult, Work};
use crate::metrics::JobEnd;

/// How long a job that nobody wants any more may take to notice.
const NOTICE: Duration = Duration::from_secs(2);

impl Worker {
    /// Does one job and settles it with the queue.
    pub(super) fn begin(
        &self,
        claim: Claim,
        slot: OwnedSemaphorePermit,
    ) -> impl Future<Output = ()> + Send + use<> {
        let doing = Doing {
            workflow: self.workflow.clone(),
            company: Arc::clone(&self.company),
            let_go: self.let_go.clone(),
        };
        async move {
            let span = span_of(&claim);
            doing.one(claim).instrument(span).await;
            drop(slot);
        }
    }
}

/// What the log and traces say of a job: identifiers and names of ours, nothing of the call.
fn span_of(claim: &Claim) -> Span {
    let job = &claim.job;
    let span = tracing::info_span!(
        "job",
        job.id = %job.job.id,
        kind = job.job.kind,
        attempt = job.attempts,
        tenant = %job.tenant,
        call.id = Empty,
        end = Empty,
        error.type = Empty,
    );
    if let Some(call) = job.job.call {
        span.record("call.id", tracing::field::display(call));
    }
    span
}

struct Doing {
    workflow: Workflow,
    company: Arc<RwLock<()>>,
    let_go: CancellationToken,
}

/// Other jobs at the same time, or none.
enum Company {
    Others(#[expect(dead_code, reason = "held, not read")] OwnedRwLockReadGuard<()>),
    Alone(#[expect(dead_code, reason = "held, not read")] OwnedRwLockWriteGuard<()>),
}

impl Doing {
    async fn one(&self, claim: Claim) {
        let (ticket, kind) = (claim.ticket, claim.job.job.kind.clone());
        let metrics = self.workflow.metrics();
        metrics.started(&kind);
        let began = Instant::now();
        // A lost lease ends this job, a worker that stops ends all of them.
        let stop = self.let_go.child_token();
        let lost = CancellationToken::new();
        let beating = tokio::spawn(heartbeat::keep(self.workflow.clone(), ticket, lost.clone()));
        let work = Arc::new(Work { workflow: self.workflow.clone(), claim, stop: stop.clone() });
        let result = tokio::select! {
            biased;
            () = lost.cancelled() => { stop.cancel(); None }
            result = self.attempt(&work) => Some(result),
        };
        let end = match result {
            // Settling is retried while the lease lasts: it is still kept.
            Some((result, sound)) => {
                let settled = settle::settle(&work, result).await;
                (settled, sound)
            }
            None => (JobEnd::Lost, Millis::ZERO),
        };
        beating.abort();
        if matches!(end.0, JobEnd::Done) {
            work.reach("after");
        }
        let took = began.elapsed();
        metrics.ended(&kind, end.0, took, end.1);
        let span = Span::current();
        span.record("end", end.0.as_str());
        if let Some(failure) = end.0.failure() {
            span.record("error.type", failure.as_str());
        }
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(duration_ms, "a job ended");
        self.workflow.wake();
    }

    /// Runs the job with a panic of it caught. Where nobody wants it any more it gets a moment to
    /// let go of what it holds.
    async fn attempt(&self, work: &Arc<Work>) -> (JobResult, Millis) {
        let job = &work.claim.job;
        let Some(entry) = JOBS.iter().find(|entry| entry.kind == job.job.kind) else {
            let detail = format!("this version knows no job `{}`", job.job.kind);
            return (Err(Failure::passing(FailureKind::WorkFailed, detail)), Millis::ZERO);
        };
        let Some(company) = self.company(entry, job.attempts, &work.stop).await else {
            return (Err(Failure::Stopped), Millis::ZERO);
        };
        work.reach("before");
        let mut running = tokio::spawn(run(entry, Arc::clone(work)).in_current_span());
        let ended = tokio::select! {
            ended = &mut running => Some(ended),
            () = work.stop.cancelled() => tokio::time::timeout(NOTICE, &mut running).await.ok(),
        };
        drop(company);
        let result = match ended {
            Some(Ok(result)) => result,
            Some(Err(error)) if error.is_panic() => {
                // What it says may quote the call: the panic hook has told where it was.
                self.workflow.metrics().panicked(entry.kind);
                Err(Failure::passing(entry.fault, "a fault of the program (panic)"))
            }
            Some(Err(_)) => Err(Failure::Stopped),
            None => {
                running.abort();
                Err(Failure::Stopped)
            }
        };
        let sound = result.as_ref().map_or(Millis::ZERO, |done| done.sound);
        (result, sound)
    }

    /// Waits until the job may run: with others, or alone where it may be what killed its worker the
    /// last time.
    async fn company(
        &self,
        entry: &JobEntry,
        attempt: u16,
        stop: &CancellationToken,
    ) -> Option<Company> {
        let company = Arc::clone(&self.company);
        let wait = async {
            if entry.may_be_poison && attempt > 1 {
                Company::Alone(company.write_owned().await)
            } else {
                Company::Others(company.read_owned().await)
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => None,
            company = wait => Some(company),
        }
    }
}

async fn run(entry: &'static JobEntry, work: Arc<Work>) -> JobResult {
    if let Some(state) = entry.state {
        work.begin(state).await?;
    }
    entry.job.run(&work).await
}
