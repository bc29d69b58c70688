use std::sync::Arc;

use fh_model::{CallId, Clock, JobId, RandomSource};
use fh_rules::{Diagnostic, Pack};
use fh_store::{Blobs, NewEvent, NewJob, Store, TenantScope};
use tokio::sync::Notify;

use crate::backoff::Backoff;
use crate::caller::Caller;
use crate::metrics::Metrics;
use crate::recognizers::Recognizers;
use crate::rule_pack_cache::RulePackCache;
use crate::settings::WorkflowSettings;

/// What the workflow works with.
#[derive(Clone)]
pub struct WorkflowParts {
    /// Where rows are kept.
    pub store: Arc<dyn Store>,
    /// Where recordings are kept.
    pub blobs: Arc<dyn Blobs>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where identifiers and secrets come from.
    pub random: Arc<dyn RandomSource>,
    /// What is configured.
    pub settings: WorkflowSettings,
}

/// What the system does: commands for those who ask, jobs for workers. Cheap to clone.
#[derive(Clone)]
pub struct Workflow {
    inner: Arc<Inner>,
}

struct Inner {
    parts: WorkflowParts,
    default_pack: Arc<Pack>,
    packs: RulePackCache,
    recognizers: Recognizers,
    metrics: Metrics,
    work_came: Notify,
}

impl Workflow {
    /// Compiles the default rules; nothing else is done yet.
    ///
    /// # Errors
    /// What is wrong with the default rules.
    pub fn new(parts: WorkflowParts) -> Result<Self, Vec<Diagnostic>> {
        let default_pack = Arc::new(fh_rules::compile(&parts.settings.default_pack)?);
        let recognizers = Recognizers::new(&parts.settings.inspection);
        let inner = Inner {
            parts,
            default_pack,
            packs: RulePackCache::default(),
            recognizers,
            metrics: Metrics::default(),
            work_came: Notify::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What is configured.
    pub fn settings(&self) -> &WorkflowSettings {
        &self.inner.parts.settings
    }

    /// What the workers of this process did, in numbers.
    pub fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Where rows are kept.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.parts.store
    }

    /// Where recordings are kept.
    pub fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.inner.parts.blobs
    }

    /// The rules of a tenant without an active pack.
    pub fn default_pack(&self) -> &Arc<Pack> {
        &self.inner.default_pack
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.inner.parts.clock.as_ref()
    }

    pub(crate) fn random(&self) -> &dyn RandomSource {
        self.inner.parts.random.as_ref()
    }

    pub(crate) fn packs(&self) -> &RulePackCache {
        &self.inner.packs
    }

    pub(crate) fn recognizers(&self) -> &Recognizers {
        &self.inner.recognizers
    }

    pub(crate) fn scope(&self, caller: &Caller) -> Box<dyn TenantScope> {
        self.store().scope(&caller.tenant)
    }

    /// Lets the workers of this process look for work at once. Those of others look by themselves.
    pub(crate) fn wake(&self) {
        self.inner.work_came.notify_one();
    }

    /// Waits until there may be work.
    pub(crate) async fn work_came(&self) {
        self.inner.work_came.notified().await;
    }

    pub(crate) fn backoff(&self) -> Backoff<'_> {
        Backoff::new(self.settings().backoff, self.random())
    }

    /// A job of `kind` for a call.
    pub(crate) fn new_job(&self, kind: &str, call: CallId, priority: i16) -> NewJob {
        NewJob {
            id: JobId(self.random().uuid()),
            kind: kind.to_owned(),
            call: Some(call),
            payload: serde_json::Value::Null,
            priority,
            max_attempts: self.settings().max_attempts,
            delay: std::time::Duration::ZERO,
        }
    }
}

/// An event about a call. Its payload holds identifiers and states, never what was said.
pub(crate) fn call_event(
    name: &str,
    call: CallId,
    batch: Option<fh_model::BatchId>,
    payload: serde_json::Value,
) -> NewEvent {
    NewEvent { name: name.to_owned(), call: Some(call), batch, payload }
}
