use async_trait::async_trait;
use fh_model::{AppealId, CallId};
use jiff::Timestamp;

use crate::{NewEvent, StoreError};

/// Where an appeal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AppealState {
    /// The first reviewer has it.
    Reviewing,
    /// An inspector handles it.
    Handling,
    /// The handling is verified.
    Verifying,
    /// It is closed.
    Completed,
}

/// An objection that is raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAppeal {
    /// Its identifier, made by the caller.
    pub id: AppealId,
    /// The call.
    pub call: CallId,
    /// Why.
    pub reason: String,
    /// Who raises it.
    pub author: String,
    /// Who shall look at it first.
    pub reviewer: String,
    /// That person's role, as the client names it.
    pub reviewer_role: String,
    /// The findings that it is about: scenario and the finding's key.
    pub findings: Vec<(String, String)>,
}

/// An appeal as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppealRow {
    /// What was raised.
    pub appeal: NewAppeal,
    /// Where it is.
    pub state: AppealState,
    /// When it was raised.
    pub opened_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// What a person says about a finding; the machine's verdict stays beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRevision {
    /// The call.
    pub call: CallId,
    /// The scenario.
    pub scenario: String,
    /// The finding's key (Huawei's `revise_id`).
    pub finding: String,
    /// Whether the call complies after all.
    pub complies: bool,
    /// Why.
    pub remark: String,
    /// Who says so.
    pub author: String,
}

/// A revision as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionRow {
    /// What was said.
    pub revision: NewRevision,
    /// When.
    pub at: Timestamp,
}

/// Appeals and revisions of one tenant.
#[async_trait]
pub trait Appeals {
    /// Opens an appeal. [`StoreError::Conflict`] while another of the same call is not completed.
    async fn open_appeal(&self, appeal: NewAppeal, event: NewEvent) -> Result<(), StoreError>;

    /// Moves an appeal on. Whether there is one.
    async fn move_appeal(
        &self,
        id: AppealId,
        state: AppealState,
        event: NewEvent,
    ) -> Result<bool, StoreError>;

    /// The appeals of a call, the newest first.
    async fn appeals_of(&self, call: CallId) -> Result<Vec<AppealRow>, StoreError>;

    /// Keeps a revision beside the machine's verdict; earlier ones stay too.
    async fn revise(&self, revision: NewRevision, event: NewEvent) -> Result<(), StoreError>;

    /// The revisions of a call, the oldest first: the last of a finding counts.
    async fn revisions_of(&self, call: CallId) -> Result<Vec<RevisionRow>, StoreError>;
}
