use async_trait::async_trait;
use fh_model::{CallId, WebhookId};
use jiff::Timestamp;

use crate::StoreError;

/// A receiver of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhook {
    /// Its identifier, made by the caller.
    pub id: WebhookId,
    /// Where events are posted to.
    pub url: String,
    /// What they are signed with.
    pub secret: String,
    /// The names of the events wanted; all where empty.
    pub events: Vec<String>,
}

/// A receiver as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// What was asked.
    pub webhook: NewWebhook,
    /// Whether events are sent.
    pub is_enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryState {
    /// The receiver said yes.
    Delivered,
    /// It did not; it is tried again.
    Failed,
    /// It is not tried any more.
    GivenUp,
}

/// One attempt to tell a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The receiver.
    pub webhook: WebhookId,
    /// The event's [`crate::EventRow::sequence`].
    pub event: i64,
    /// Counted from 1.
    pub attempt: u16,
    /// How it ended.
    pub state: DeliveryState,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// Why it failed.
    pub error: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// The receivers of one tenant.
#[async_trait]
pub trait Webhooks {
    /// Keeps a receiver.
    async fn put_webhook(&self, webhook: NewWebhook) -> Result<(), StoreError>;

    /// Switches a receiver on or off. Whether there is one.
    async fn enable_webhook(&self, id: WebhookId, enabled: bool) -> Result<bool, StoreError>;

    /// Deletes a receiver with its deliveries. Whether there was one.
    async fn delete_webhook(&self, id: WebhookId) -> Result<bool, StoreError>;

    /// All receivers, the oldest first.
    async fn list_webhooks(&self) -> Result<Vec<WebhookRow>, StoreError>;

    /// Notes an attempt.
    async fn log_delivery(&self, delivery: DeliveryRow) -> Result<(), StoreError>;

    /// The places of those events of a call that need not be told to a receiver any more: delivered
    /// or given up. In order, each once.
    async fn settled_deliveries(&self, id: WebhookId, call: CallId)
    -> Result<Vec<i64>, StoreError>;

    /// The latest attempts, the newest first.
    async fn list_deliveries(
        &self,
        id: WebhookId,
        limit: u32,
    ) -> Result<Vec<DeliveryRow>, StoreError>;
}
