//! What is kept: calls, results, jobs, people, rule packs, events and the audit log, in SQLite
//! (embedded, the default) or PostgreSQL; recordings in a folder or an S3 bucket.
//!
//! What goes in: rows and [`Write`]s. What comes out: rows. It never decodes, recognises, inspects or
//! calls anybody, and no transaction of it waits for such work.
//!
//! [`connect`] picks the backend by its URL and returns a [`Store`]; nobody outside can name one.
//! Rows belong to a tenant: what reads or writes them is a [`TenantScope`], which exists for one
//! tenant only, so that a query cannot forget whose rows it may see. Only the [`Queue`] (which hands
//! work to workers) and the [`Directory`] (which finds out who is asking) stand above tenants.
//!
//! Times of leases, retries and expiry are the database's own: a worker whose clock is wrong neither
//! loses a lease nor steals one.
//!
//! ```
//! use std::time::Duration;
//!
//! use fh_store::{ConnectOptions, NewJob, NewTenant, connect};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("fairhearing.db");
//! let url = format!("sqlite:{}", path.display());
//! let store = connect(&url, &ConnectOptions::default()).await?;
//! let tenant = NewTenant { id: "acme".parse()?, name: "Acme".to_owned(), retention_days: None };
//! store.directory().put_tenant(tenant.clone()).await?;
//!
//! let job = NewJob {
//!     id: "67e55044-10b1-426f-9247-bb680e5fe0c8".parse()?,
//!     kind: "sweep_expired".to_owned(),
//!     call: None,
//!     payload: serde_json::Value::Null,
//!     priority: 0,
//!     max_attempts: 3,
//!     delay: Duration::ZERO,
//! };
//! store.scope(&tenant.id).enqueue(job).await?;
//!
//! let lease = Duration::from_secs(60);
//! let claim = store.queue().claim("worker-1", &["sweep_expired"], lease).await?;
//! let claim = claim.expect("a job waits");
//! assert_eq!(claim.job.tenant, tenant.id);
//! store.queue().complete(claim.ticket, Vec::new()).await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod appeals;
mod audit;
mod blobs;
mod calls;
mod connect;
mod directory;
mod error;
mod events;
mod jobs;
mod migration;
mod names;
mod packed;
mod postgres;
mod refusal;
mod rule_packs;
mod search;
mod sqlite;
mod store;
mod webhooks;
mod write;

pub use appeals::{AppealRow, AppealState, Appeals, NewAppeal, NewRevision, RevisionRow};
pub use audit::{AuditEntry, AuditFault, AuditRow, AuditTrail};
pub use blobs::{BlobInfo, Blobs, LocalFile, S3Access, open_blobs, open_blobs_as};
pub use calls::{
    BatchProgress, CallFilter, CallKind, CallPage, CallRow, CallState, CallSummary, Calls,
    ChannelSummary, Erased, FailureKind, Hit, IdempotencyKey, NewCall, Paging, ScoreSummary,
    StoredInspection, Submission, Submitted,
};
pub use connect::{ConnectOptions, connect};
pub use directory::{
    AccessRole, ApiKeyRow, Directory, NewApiKey, NewTenant, NewToken, NewUser, Principal,
    SignInGate, TenantRow, TokenRow, UserRow,
};
pub use error::StoreError;
pub use events::{EventRow, Events, NewEvent};
pub use jobs::{
    Claim, Heartbeat, JobFilter, JobKind, JobRow, JobState, Jobs, NewJob, Queue, QueueDepth, Ticket,
};
pub use rule_packs::{NewRulePack, RulePackFile, RulePackRow, RulePacks};
pub use store::{Backend, KeptRecording, Store, TenantScope, Tombstone};
pub use webhooks::{DeliveryRow, DeliveryState, NewWebhook, WebhookRow, Webhooks};
pub use write::{StepResult, Write};
