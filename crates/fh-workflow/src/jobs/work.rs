use std::panic::resume_unwind;

use fh_model::CallId;
use fh_store::{CallRow, Claim, FailureKind, StepResult, TenantScope, Write};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Failure;
use crate::workflow::call_event;
use crate::{Workflow, crash_point, event_names};

/// Thrown out of work that nobody waits for any more, so that what it holds is let go.
pub(crate) struct Abandoned;

/// One job that is being done.
pub(crate) struct Work {
    pub(crate) workflow: Workflow,
    pub(crate) claim: Claim,
    /// Says that nobody wants the result any more.
    pub(crate) stop: CancellationToken,
}

impl Work {
    pub(crate) fn scope(&self) -> Box<dyn TenantScope> {
        self.workflow.store().scope(&self.claim.job.tenant)
    }

    /// The call that the job is for.
    pub(crate) fn call(&self) -> Result<CallId, Failure> {
        let missing = || Failure::lasting(FailureKind::WorkFailed, "the job names no call");
        self.claim.job.job.call.ok_or_else(missing)
    }

    /// That call. One that is erased takes its jobs with it.
    pub(crate) async fn row(&self) -> Result<CallRow, Failure> {
        let gone = || Failure::lasting(FailureKind::WorkFailed, "the job's call is gone");
        self.scope().call(self.call()?).await?.ok_or_else(gone)
    }

    /// A test may let the process die here: what the job did outside of the database is done, and
    /// nothing is written yet.
    pub(crate) fn middle(&self) {
        self.reach("middle");
    }

    pub(crate) fn reach(&self, place: &str) {
        let job = &self.claim.job.job;
        crash_point::reach(&job.kind, place, job.call);
    }

    /// Whether earlier results are to be made again.
    pub(crate) fn anew(&self) -> bool {
        self.claim.job.job.payload.get("anew").is_some_and(|anew| anew == true)
    }

    /// What an earlier step left behind.
    pub(crate) async fn earlier(&self, step: &str) -> Result<Option<StepResult>, Failure> {
        Ok(self.scope().step_result(self.call()?, step).await?)
    }

    /// The next step of the call.
    pub(crate) fn then(&self, kind: &str) -> Result<Write, Failure> {
        let job = &self.claim.job.job;
        let mut next = self.workflow.new_job(kind, self.call()?, job.priority);
        next.payload = job.payload.clone();
        Ok(Write::Enqueue(next))
    }

    /// Says that the call is now in this state.
    pub(crate) async fn begin(&self, state: fh_store::CallState) -> Result<(), Failure> {
        let row = self.row().await?;
        let call = row.call.id;
        let payload = json!({ "state": state.to_string() });
        let event = call_event(event_names::CALL_PROGRESS, call, row.call.batch, payload);
        let writes = vec![Write::State { call, state, detail: None }, Write::Event(event)];
        Ok(self.workflow.store().queue().report(self.claim.ticket, writes).await?)
    }

    /// Runs what takes the processor or waits, on a thread that may. It looks at [`Work::heed`] now
    /// and then. A panic in it comes out here.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let span = tracing::Span::current();
        match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
            Ok(done) => Ok(done),
            Err(error) => match error.try_into_panic() {
                Ok(thrown) if thrown.is::<Abandoned>() => Err(Failure::Stopped),
                Ok(panic) => resume_unwind(panic),
                Err(_) => Err(Failure::Stopped),
            },
        }
    }

    /// Something to call now and then in [`Work::blocking`]: it does not return where the work is
    /// not wanted any more. Thrown without the panic hook: it is no fault.
    pub(crate) fn heed(&self) -> impl Fn() + Send + 'static {
        let stop = self.stop.clone();
        move || {
            if stop.is_cancelled() {
                resume_unwind(Box::new(Abandoned));
            }
        }
    }
}
