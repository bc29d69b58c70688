//! Does the jobs.

mod at_work;
mod heartbeat;
mod housekeeping;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, RwLock, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::Workflow;
use crate::jobs::job_kinds;

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// Its name in the job table, for people: machine and process.
    pub name: String,
    /// The kinds of jobs it does.
    pub kinds: Vec<&'static str>,
    /// How many jobs it does at a time.
    pub concurrency: usize,
    /// How soon it looks for work again when there was none; doubles up to `idle_longest`.
    pub idle_first: Duration,
    /// See `idle_first`.
    pub idle_longest: Duration,
    /// How long jobs may go on when it is asked to stop; then they are handed back.
    pub finish_within: Duration,
    /// How often it looks for what has expired; never where absent.
    pub housekeeping_every: Option<Duration>,
}

impl WorkerSettings {
    /// All kinds of jobs, `concurrency` at a time; looks every 50 ms to 2 s; stops within 20 s;
    /// looks for what has expired every 10 minutes.
    pub fn new(name: impl Into<String>, concurrency: usize) -> Self {
        Self {
            name: name.into(),
            kinds: job_kinds(),
            concurrency: concurrency.max(1),
            idle_first: Duration::from_millis(50),
            idle_longest: Duration::from_secs(2),
            finish_within: Duration::from_secs(20),
            housekeeping_every: Some(Duration::from_secs(600)),
        }
    }
}

/// Takes jobs from the queue and does them until it is asked to stop.
pub struct Worker {
    workflow: Workflow,
    settings: Arc<WorkerSettings>,
    slots: Arc<Semaphore>,
    /// Held by every job; a job that may be poison holds it alone.
    company: Arc<RwLock<()>>,
    /// Tells the jobs to let go.
    let_go: CancellationToken,
}

impl Worker {
    /// A worker that does nothing yet.
    pub fn new(workflow: Workflow, settings: WorkerSettings) -> Self {
        let slots = Arc::new(Semaphore::new(settings.concurrency.max(1)));
        Self {
            workflow,
            settings: Arc::new(settings),
            slots,
            company: Arc::default(),
            let_go: CancellationToken::new(),
        }
    }

    /// Works until `stop` is cancelled. Then it takes nothing more, lets what runs end for
    /// [`WorkerSettings::finish_within`], and hands the rest back to the queue.
    ///
    /// Decoding and recognising that was handed back may go on for a moment on its own threads: who
    /// ends the process after this should not wait for the runtime's threads.
    pub async fn run(self, stop: CancellationToken) {
        let mut jobs = JoinSet::new();
        let housekeeping = self.start_housekeeping(&stop);
        let mut idle = self.settings.idle_first;
        while let Some(slot) = self.free_slot(&stop).await {
            while jobs.try_join_next().is_some() {}
            let kinds = &self.settings.kinds;
            let lease = self.workflow.settings().lease;
            // Not to be dropped half-way: the job would be ours and nobody would know.
            let claim = self.workflow.store().queue().claim(&self.settings.name, kinds, lease);
            match claim.await {
                Ok(Some(claim)) => {
                    idle = self.settings.idle_first;
                    jobs.spawn(self.begin(claim, slot));
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the queue cannot be asked for work"),
            }
            drop(slot);
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.workflow.work_came() => {}
                () = tokio::time::sleep(idle) => {}
            }
            idle = (idle * 2).min(self.settings.idle_longest);
        }
        let finishing = async { while jobs.join_next().await.is_some() {} };
        if tokio::time::timeout(self.settings.finish_within, finishing).await.is_err() {
            tracing::info!(jobs = jobs.len(), "handing jobs back");
            self.let_go.cancel();
            while jobs.join_next().await.is_some() {}
        }
        if let Some(housekeeping) = housekeeping {
            housekeeping.abort();
        }
    }

    /// A slot for one more job; `None` when it is time to stop.
    async fn free_slot(&self, stop: &CancellationToken) -> Option<OwnedSemaphorePermit> {
        tokio::select! {
            biased;
            () = stop.cancelled() => None,
            slot = Arc::clone(&self.slots).acquire_owned() => slot.ok(),
        }
    }
}
