use async_trait::async_trait;
use fh_model::{BatchId, CallId};
use jiff::Timestamp;

use crate::StoreError;

/// Something that happened, to be told to whoever listens.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Its name, such as `call.inspected`.
    pub name: String,
    /// The call that it is about.
    pub call: Option<CallId>,
    /// That call's batch.
    pub batch: Option<BatchId>,
    /// Identifiers and states; never what was said.
    pub payload: serde_json::Value,
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    /// Its place in the tenant's events, from 1; readers go on after the last that they saw. No
    /// event appears later with a smaller place.
    pub sequence: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: NewEvent,
}

/// The events of one tenant.
#[async_trait]
pub trait Events {
    /// Events after `sequence` in order, at most `limit`.
    async fn events_after(&self, sequence: i64, limit: u32) -> Result<Vec<EventRow>, StoreError>;

    /// The events of a call in order, for receivers that are told of them in order.
    async fn events_of(&self, call: CallId) -> Result<Vec<EventRow>, StoreError>;

    /// The place of the latest event; 0 where there is none.
    async fn last_event(&self) -> Result<i64, StoreError>;
}
