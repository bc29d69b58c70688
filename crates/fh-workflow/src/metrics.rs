use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fh_model::Millis;
use fh_store::FailureKind;

/// Upper bounds of the durations that are counted, in seconds.
pub const DURATION_BOUNDS: [f64; 12] =
    [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0];

/// How a job ended for this worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobEnd {
    /// It is done.
    Done,
    /// It will be tried again.
    Retried,
    /// It was given up.
    GivenUp(FailureKind),
    /// It was handed back because the worker stops.
    HandedBack,
    /// Somebody else has it, or it was cancelled.
    Lost,
}

impl JobEnd {
    /// Its stable name; why it was given up is apart.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Retried => "retried",
            Self::GivenUp(_) => "given_up",
            Self::HandedBack => "handed_back",
            Self::Lost => "lost",
        }
    }

    /// Why it was given up.
    pub const fn failure(self) -> Option<FailureKind> {
        match self {
            Self::GivenUp(kind) => Some(kind),
            _ => None,
        }
    }
}

/// What was done with the jobs of one kind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobMetrics {
    /// How many ended how.
    pub ends: BTreeMap<JobEnd, u64>,
    /// How many of them panicked.
    pub panics: u64,
    /// How many are at work now.
    pub running: u64,
    /// How many took at most as long as the bound in [`DURATION_BOUNDS`] at the same place and
    /// longer than the one before; the last counts those beyond all bounds.
    pub durations: [u64; DURATION_BOUNDS.len() + 1],
    /// All durations together.
    pub took: Duration,
    /// How much sound went through those that were done: with `took` the real-time factor.
    pub sound: Millis,
}

/// What the workers of this process did, in numbers since it started.
#[derive(Debug, Default)]
pub struct Metrics {
    by_kind: Mutex<BTreeMap<String, JobMetrics>>,
}

impl Metrics {
    /// The numbers by the kind of job.
    pub fn by_kind(&self) -> BTreeMap<String, JobMetrics> {
        self.lock().clone()
    }

    pub(crate) fn started(&self, kind: &str) {
        self.lock().entry(kind.to_owned()).or_default().running += 1;
    }

    pub(crate) fn ended(&self, kind: &str, end: JobEnd, took: Duration, sound: Millis) {
        let mut by_kind = self.lock();
        let metrics = by_kind.entry(kind.to_owned()).or_default();
        metrics.running = metrics.running.saturating_sub(1);
        *metrics.ends.entry(end).or_default() += 1;
        let seconds = took.as_secs_f64();
        let place = DURATION_BOUNDS.iter().position(|&bound| seconds <= bound);
        metrics.durations[place.unwrap_or(DURATION_BOUNDS.len())] += 1;
        metrics.took = metrics.took.saturating_add(took);
        metrics.sound = metrics.sound + sound;
    }

    pub(crate) fn panicked(&self, kind: &str) {
        self.lock().entry(kind.to_owned()).or_default().panics += 1;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, JobMetrics>> {
        self.by_kind.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
