//! Every method ends in time, also where the network no longer carries anything and says nothing: a
//! connection has no time limit of its own. Methods that may rightly take long have none here either;
//! the server limits each of their statements.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use fh_model::{AppealId, BatchId, CallId, JobId, TenantId, UserId, WebhookId};
use jiff::Timestamp;

use super::Pools;
use super::both::Engine;
use crate::{
    ApiKeyRow, AppealRow, AppealState, Appeals, AuditEntry, AuditFault, AuditRow, AuditTrail,
    Backend, BatchProgress, CallFilter, CallPage, CallRow, Calls, Claim, DeliveryRow, Directory,
    Erased, EventRow, Events, Heartbeat, Hit, JobFilter, JobRow, Jobs, KeptRecording, NewApiKey,
    NewAppeal, NewEvent, NewJob, NewRevision, NewRulePack, NewTenant, NewToken, NewUser,
    NewWebhook, Paging, Queue, QueueDepth, RevisionRow, RulePackRow, RulePacks, SignInGate,
    StepResult, Store, StoreError, StoredInspection, Submission, Submitted, TenantRow, TenantScope,
    Ticket, TokenRow, Tombstone, UserRow, WebhookRow, Webhooks, Write,
};

/// What ends within `limit`.
#[derive(Debug, Clone)]
pub(super) struct Bounded<T> {
    pub(super) inner: T,
    pub(super) pools: Pools,
    pub(super) limit: Duration,
}

/// The methods of a trait, each passed on: those of `bounded` with the limit.
macro_rules! passed_on {
    (
        $trait:ident for $inner:ty;
        bounded { $(fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty;)* }
        unbounded { $(fn $long:ident($($long_argument:ident: $long_type:ty),*) -> $long_result:ty;)* }
    ) => {
        #[async_trait]
        impl $trait for Bounded<$inner> {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$result, StoreError> {
                self.pools.within(self.limit, self.inner.$name($($argument),*)).await
            })*
            $(async fn $long(&self, $($long_argument: $long_type),*) -> Result<$long_result, StoreError> {
                self.inner.$long($($long_argument),*).await
            })*
        }
    };
}

#[async_trait]
impl Store for Bounded<Engine> {
    fn scope(&self, tenant: &TenantId) -> Box<dyn TenantScope> {
        Box::new(Bounded {
            inner: self.inner.scope(tenant),
            pools: self.pools.clone(),
            limit: self.limit,
        })
    }

    fn queue(&self) -> &dyn Queue {
        self
    }

    fn directory(&self) -> &dyn Directory {
        self
    }

    fn backend(&self) -> Backend {
        self.inner.backend()
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.pools.within(self.limit, self.inner.now()).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.pools.within(self.limit, self.inner.check()).await
    }

    async fn backup(&self, into: &Path) -> Result<(), StoreError> {
        self.inner.backup(into).await
    }

    async fn recordings(&self, after: i64, limit: u32) -> Result<Vec<KeptRecording>, StoreError> {
        self.pools.within(self.limit, self.inner.recordings(after, limit)).await
    }

    async fn sweep(&self) -> Result<u64, StoreError> {
        self.inner.sweep().await
    }

    async fn tombstones(&self) -> Result<Vec<Tombstone>, StoreError> {
        self.inner.tombstones().await
    }

    async fn bury(&self, tombstones: &[Tombstone]) -> Result<u64, StoreError> {
        self.inner.bury(tombstones).await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

impl TenantScope for Bounded<Box<dyn TenantScope>> {
    fn tenant(&self) -> &TenantId {
        self.inner.tenant()
    }
}

passed_on! {
    Calls for Box<dyn TenantScope>;
    bounded {
        fn submit(submission: Submission) -> Submitted;
        fn call(id: CallId) -> Option<CallRow>;
        fn list_calls(filter: &CallFilter, paging: &Paging) -> CallPage;
        fn inspection(id: CallId) -> Option<StoredInspection>;
        fn step_result(id: CallId, step: &str) -> Option<StepResult>;
        fn find_in_call(id: CallId, keyword: &str) -> Vec<Hit>;
        fn batch_progress(batch: BatchId) -> BatchProgress;
        fn cancel_call(id: CallId) -> bool;
        fn restart_call(id: CallId, job: NewJob, event: NewEvent) -> ();
        fn is_blob_used(blob: &str) -> bool;
    }
    unbounded {
        fn erase_call(id: CallId) -> Erased;
        fn erase_person(person: &str) -> Erased;
        fn erase_older_than(age: Duration, limit: u32) -> Erased;
    }
}

passed_on! {
    Jobs for Box<dyn TenantScope>;
    bounded {
        fn list_jobs(filter: &JobFilter) -> Vec<JobRow>;
        fn retry_job(id: JobId) -> bool;
        fn enqueue(job: NewJob) -> ();
    }
    unbounded {}
}

passed_on! {
    Events for Box<dyn TenantScope>;
    bounded {
        fn events_after(sequence: i64, limit: u32) -> Vec<EventRow>;
        fn events_of(call: CallId) -> Vec<EventRow>;
        fn last_event() -> i64;
    }
    unbounded {}
}

passed_on! {
    RulePacks for Box<dyn TenantScope>;
    bounded {
        fn put_rule_pack(pack: NewRulePack) -> u32;
        fn activate_rule_pack(name: &str, version: u32) -> bool;
        fn active_rule_pack() -> Option<RulePackRow>;
        fn rule_pack(name: &str, version: u32) -> Option<RulePackRow>;
        fn list_rule_packs() -> Vec<RulePackRow>;
    }
    unbounded {}
}

passed_on! {
    Webhooks for Box<dyn TenantScope>;
    bounded {
        fn put_webhook(webhook: NewWebhook) -> ();
        fn enable_webhook(id: WebhookId, enabled: bool) -> bool;
        fn delete_webhook(id: WebhookId) -> bool;
        fn list_webhooks() -> Vec<WebhookRow>;
        fn log_delivery(delivery: DeliveryRow) -> ();
        fn settled_deliveries(id: WebhookId, call: CallId) -> Vec<i64>;
        fn list_deliveries(id: WebhookId, limit: u32) -> Vec<DeliveryRow>;
    }
    unbounded {}
}

passed_on! {
    Appeals for Box<dyn TenantScope>;
    bounded {
        fn open_appeal(appeal: NewAppeal, event: NewEvent) -> ();
        fn move_appeal(id: AppealId, state: AppealState, event: NewEvent) -> bool;
        fn appeals_of(call: CallId) -> Vec<AppealRow>;
        fn revise(revision: NewRevision, event: NewEvent) -> ();
        fn revisions_of(call: CallId) -> Vec<RevisionRow>;
    }
    unbounded {}
}

passed_on! {
    AuditTrail for Box<dyn TenantScope>;
    bounded {
        fn note(entry: AuditEntry) -> ();
        fn audit_log(before: Option<i64>, limit: u32) -> Vec<AuditRow>;
    }
    unbounded {
        fn verify_audit() -> Option<AuditFault>;
    }
}

passed_on! {
    Queue for Engine;
    bounded {
        fn claim(worker: &str, kinds: &[&str], lease: Duration) -> Option<Claim>;
        fn heartbeat(ticket: Ticket, lease: Duration) -> Heartbeat;
        fn report(ticket: Ticket, writes: Vec<Write>) -> ();
        fn complete(ticket: Ticket, writes: Vec<Write>) -> ();
        fn retry_later(ticket: Ticket, delay: Duration, error: &str) -> ();
        fn give_up(ticket: Ticket, error: &str, writes: Vec<Write>) -> ();
        fn hand_back(ticket: Ticket) -> ();
        fn depths() -> Vec<QueueDepth>;
    }
    unbounded {}
}

passed_on! {
    Directory for Engine;
    bounded {
        fn put_tenant(tenant: NewTenant) -> ();
        fn tenant(id: &TenantId) -> Option<TenantRow>;
        fn list_tenants() -> Vec<TenantRow>;
        fn enable_tenant(id: &TenantId, enabled: bool) -> bool;
        fn set_retention(id: &TenantId, days: Option<u32>) -> bool;
        fn put_user(tenant: &TenantId, user: NewUser) -> ();
        fn user_by_name(tenant: &TenantId, name: &str) -> Option<UserRow>;
        fn list_users(tenant: &TenantId) -> Vec<UserRow>;
        fn enable_user(tenant: &TenantId, id: UserId, enabled: bool) -> bool;
        fn set_password(tenant: &TenantId, id: UserId, hash: &str) -> bool;
        fn put_api_key(tenant: &TenantId, key: NewApiKey) -> ();
        fn api_key(key: &str) -> Option<ApiKeyRow>;
        fn list_api_keys(tenant: &TenantId) -> Vec<ApiKeyRow>;
        fn delete_api_key(tenant: &TenantId, key: &str) -> bool;
        fn put_token(tenant: &TenantId, token: NewToken) -> ();
        fn token(hash: &str) -> Option<TokenRow>;
        fn revoke_token(hash: &str) -> bool;
        fn sign_in_gate(account: &str, address: &str) -> SignInGate;
        fn note_sign_in(account: &str, address: &str, success: bool) -> ();
        fn remember_nonce(realm: &str, nonce: &str, lifetime: Duration) -> bool;
        fn renew_nonce(realm: &str, nonce: &str, lifetime: Duration) -> bool;
    }
    unbounded {}
}
