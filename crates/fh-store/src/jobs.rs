use std::time::Duration;

use async_trait::async_trait;
use fh_model::{CallId, JobId, TenantId};
use jiff::Timestamp;

use crate::{StoreError, Write};

/// What is to be done, by the name that the workflow gives it, such as `recognize_speech`.
pub type JobKind = String;

/// Work to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Its identifier, made by the caller.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// For which call.
    pub call: Option<CallId>,
    /// Identifiers only, never data.
    pub payload: serde_json::Value,
    /// Higher goes first; 0 is usual.
    pub priority: i16,
    /// After how many claims it is given up.
    pub max_attempts: u16,
    /// Not before so much time has passed.
    pub delay: Duration,
}

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits for a worker, or for its time.
    Waiting,
    /// A worker has it.
    Leased,
    /// It is done.
    Done,
    /// It was given up: the dead letters.
    Dead,
    /// It was cancelled.
    Cancelled,
}

/// A job as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// What was asked.
    pub job: NewJob,
    /// Whose.
    pub tenant: TenantId,
    /// Where it is.
    pub state: JobState,
    /// How often it was claimed. Counted at the claim, so that a job which kills its worker ends.
    pub attempts: u16,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// The right to work at a job: who has an older token writes nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// The job.
    pub job: JobId,
    /// Grows with every claim of the job.
    pub token: i64,
}

/// A job that a worker got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Shown with every word to the queue about it.
    pub ticket: Ticket,
    /// The job.
    pub job: JobRow,
}

/// What a worker hears when it says that it still works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heartbeat {
    /// The lease was made longer.
    Kept,
    /// Somebody else has the job, or it was cancelled: stop.
    Lost,
}

/// Which jobs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobFilter {
    /// In any of these states.
    pub states: Option<Vec<JobState>>,
    /// Of this kind.
    pub kind: Option<JobKind>,
    /// For this call.
    pub call: Option<CallId>,
    /// At most so many, the newest first.
    pub limit: u32,
}

/// How much work of a kind waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDepth {
    /// What is to be done.
    pub kind: JobKind,
    /// Where it is.
    pub state: JobState,
    /// How many jobs.
    pub jobs: u64,
    /// For how long the oldest has been in the queue, by the database's clock.
    pub oldest: Duration,
}

/// The jobs of one tenant, for people.
#[async_trait]
pub trait Jobs {
    /// Jobs.
    async fn list_jobs(&self, filter: &JobFilter) -> Result<Vec<JobRow>, StoreError>;

    /// Gives a dead job another try with all its attempts; its call is queued again where it failed. Whether there
    /// was such a job.
    async fn retry_job(&self, id: JobId) -> Result<bool, StoreError>;

    /// Enqueues work that belongs to no submission, such as an erasure.
    async fn enqueue(&self, job: NewJob) -> Result<(), StoreError>;
}

/// The work of all tenants, for workers.
///
/// Between tenants it is fair: each claim advances its tenant's share of the workers by one, the
/// tenant with the least share is next, and who had nothing to do saves nothing up, so that a flood of
/// one tenant does not hold up another. Within a tenant the highest priority goes first, then the
/// earliest place in the line; work that follows from a job keeps that job's place, so that a call
/// that was begun is ended before the next is begun.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Takes the next job of one of `kinds`: one that waits and whose time has come, or one whose
    /// lease ran out. Of the latter those with no attempt left become dead instead, and their calls,
    /// where they are not final, fail with [`crate::FailureKind::WorkFailed`] in the same transaction,
    /// with an event `call.failed` whose payload is the `state`.
    async fn claim(
        &self,
        worker: &str,
        kinds: &[&str],
        lease: Duration,
    ) -> Result<Option<Claim>, StoreError>;

    /// Makes the lease last for `lease` from now.
    async fn heartbeat(&self, ticket: Ticket, lease: Duration) -> Result<Heartbeat, StoreError>;

    /// Makes changes in the middle of a job, such as "now decoding". [`StoreError::Fenced`] where
    /// the lease is lost.
    async fn report(&self, ticket: Ticket, writes: Vec<Write>) -> Result<(), StoreError>;

    /// Ends a job with what it changes. [`StoreError::Fenced`] where the lease is lost.
    async fn complete(&self, ticket: Ticket, writes: Vec<Write>) -> Result<(), StoreError>;

    /// Puts a job back for another attempt after `delay`. One with no attempt left becomes dead, as in
    /// [`Queue::claim`].
    async fn retry_later(
        &self,
        ticket: Ticket,
        delay: Duration,
        error: &str,
    ) -> Result<(), StoreError>;

    /// Gives a job up with what that changes.
    async fn give_up(
        &self,
        ticket: Ticket,
        error: &str,
        writes: Vec<Write>,
    ) -> Result<(), StoreError>;

    /// Puts a job back as if it had not been claimed; for a worker that is asked to stop.
    async fn hand_back(&self, ticket: Ticket) -> Result<(), StoreError>;

    /// How much waits, is worked at, or is dead; what ended otherwise is not counted.
    async fn depths(&self) -> Result<Vec<QueueDepth>, StoreError>;
}
