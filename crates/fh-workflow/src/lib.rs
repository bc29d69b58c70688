//! What the system does with a call, from its submission to its result.
//!
//! What goes in: commands of people and programs ([`Workflow`]'s methods, each for a [`Caller`]).
//! What comes out: rows, recordings in the object store, and what they answer. The work is done by
//! [`Worker`]s, which take jobs from the queue: `fetch_recording`, `decode_and_measure`,
//! `recognize_speech`, `inspect_call` and `notify`, each safe to run twice and to be killed in.
//!
//! How one call is inspected is in [`inspection`] and the same for the command line.
//!
//! ```
//! use fh_store::AccessRole;
//! use fh_workflow::{Caller, Permission};
//!
//! let agent = Caller {
//!     tenant: "default".parse()?,
//!     name: "lee".to_owned(),
//!     role: AccessRole::Agent,
//!     staff_id: Some("1118".to_owned()),
//!     address: None,
//! };
//! assert!(agent.may(Permission::ReadOwnCalls) && !agent.may(Permission::SubmitCalls));
//! # Ok::<(), String>(())
//! ```

mod backoff;
mod caller;
mod command_error;
pub mod commands;
#[doc(hidden)]
pub mod crash_point;
mod erasure_marks;
pub mod event_names;
pub mod fetch;
pub mod inspection;
mod jobs;
mod metrics;
mod permission;
mod queries;
mod recognizers;
mod recording_key;
mod rule_pack_cache;
mod settings;
mod source;
mod temp_file;
mod worker;
mod workflow;

pub use caller::Caller;
pub use command_error::CommandError;
pub use commands::{
    CallContent, CreateUser, NewReceiver, OpenAppeal, PutRulePack, PutWebhook, ReinspectFrom,
    ReviseFinding, SubmitCall, SubmitCalls,
};
pub use erasure_marks::erased_calls;
pub use inspection::{ChatLine, EngineWish, InspectionSettings};
pub use jobs::{
    DECODE_AND_MEASURE, FETCH_RECORDING, INSPECT_CALL, INSPECT_CHAT, NOTIFY, RECOGNIZE_SPEECH,
    job_kinds,
};
pub use metrics::{DURATION_BOUNDS, JobEnd, JobMetrics, Metrics};
pub use permission::Permission;
pub use queries::AudioFile;
pub use settings::{
    BackoffSettings, FetchSettings, TenantLimits, WebhookSettings, WorkflowSettings,
};
pub use source::CallSource;
pub use worker::{Worker, WorkerSettings};
pub use workflow::{Workflow, WorkflowParts};
