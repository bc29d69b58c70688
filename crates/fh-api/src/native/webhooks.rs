use axum::Json;
use axum::extract::State;
use fh_model::WebhookId;
use fh_store::{DeliveryRow, DeliveryState};
use fh_workflow::{Permission, PutWebhook};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use super::role::require;
use crate::Problem;
use crate::extract::{self, InPath};
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// Receivers of events.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookList {
    /// The oldest first.
    webhooks: Vec<Webhook>,
}

/// A receiver of events.
#[derive(Serialize, ToSchema)]
struct Webhook {
    #[schema(format = Uuid)]
    id: String,
    url: String,
    /// The events wanted; all where empty.
    events: Vec<String>,
    is_enabled: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Lists the receivers of events, without their secrets.
#[utoipa::path(get, path = "/v1/webhooks", tag = "webhooks",
    responses((status = 200, body = WebhookList), Refusals))]
pub(crate) async fn list_webhooks(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
) -> Result<Json<WebhookList>, Problem> {
    require(&caller, Permission::ManageWebhooks)?;
    let rows = api.store().scope(&caller.tenant).list_webhooks().await?;
    let webhooks = rows
        .into_iter()
        .map(|row| Webhook {
            id: row.webhook.id.to_string(),
            url: row.webhook.url,
            events: row.webhook.events,
            is_enabled: row.is_enabled,
            created_at: row.created_at.to_string(),
        })
        .collect();
    Ok(Json(WebhookList { webhooks }))
}

/// A receiver that is registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhook {
    /// Where events are posted to.
    #[schema(format = "uri")]
    url: String,
    /// The events wanted, such as `call.inspected`; all where empty.
    #[serde(default)]
    events: Vec<String>,
}

/// A registered receiver, with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeWebhook {
    #[schema(format = Uuid)]
    id: String,
    /// What events are signed with.
    secret: String,
}

/// Registers a receiver of events.
#[utoipa::path(post, path = "/v1/webhooks", tag = "webhooks",
    request_body = NewWebhook,
    responses((status = 201, body = MadeWebhook), Refusals))]
pub(crate) async fn create_webhook(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    extract::Json(asked): extract::Json<NewWebhook>,
) -> Result<(StatusCode, Json<MadeWebhook>), Problem> {
    let webhook = PutWebhook { url: asked.url, events: asked.events };
    let made = api.workflow.put_webhook(&caller, webhook).await?;
    let made = MadeWebhook { id: made.id.to_string(), secret: made.secret };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Deletes a receiver with its deliveries.
#[utoipa::path(delete, path = "/v1/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, format = Uuid)),
    responses((status = 204), Refusals))]
pub(crate) async fn delete_webhook(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<WebhookId>,
) -> Result<StatusCode, Problem> {
    api.workflow.delete_webhook(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether something may be used.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enable {
    pub(super) enabled: bool,
}

/// Switches a receiver on or off.
#[utoipa::path(post, path = "/v1/webhooks/{id}/enabled", tag = "webhooks",
    params(("id" = String, Path, format = Uuid)),
    request_body = Enable,
    responses((status = 204), Refusals))]
pub(crate) async fn enable_webhook(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<WebhookId>,
    extract::Json(asked): extract::Json<Enable>,
) -> Result<StatusCode, Problem> {
    api.workflow.enable_webhook(&caller, id, asked.enabled).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Attempts to tell a receiver.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveryList {
    /// The newest first.
    deliveries: Vec<Delivery>,
}

/// One attempt to tell a receiver.
#[derive(Serialize, ToSchema)]
struct Delivery {
    /// The event's place among the tenant's events.
    event: i64,
    /// Counted from 1.
    attempt: u16,
    outcome: DeliveryOutcome,
    /// The HTTP status, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[schema(format = DateTime)]
    at: String,
}

/// How an attempt ended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DeliveryOutcome {
    Delivered,
    /// It is tried again.
    Failed,
    GivenUp,
}

impl Delivery {
    fn of(row: DeliveryRow) -> Self {
        Self {
            event: row.event,
            attempt: row.attempt,
            outcome: match row.state {
                DeliveryState::Delivered => DeliveryOutcome::Delivered,
                DeliveryState::Failed => DeliveryOutcome::Failed,
                DeliveryState::GivenUp => DeliveryOutcome::GivenUp,
            },
            status: row.status,
            error: row.error,
            at: row.at.to_string(),
        }
    }
}

/// Lists the latest hundred attempts to tell a receiver.
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path, format = Uuid)),
    responses((status = 200, body = DeliveryList), Refusals))]
pub(crate) async fn list_deliveries(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<WebhookId>,
) -> Result<Json<DeliveryList>, Problem> {
    require(&caller, Permission::ManageWebhooks)?;
    let scope = api.store().scope(&caller.tenant);
    if !scope.list_webhooks().await?.iter().any(|row| row.webhook.id == id) {
        return Err(Problem::not_found("expected a `webhook` of that identifier, found none"));
    }
    let rows = scope.list_deliveries(id, 100).await?;
    Ok(Json(DeliveryList { deliveries: rows.into_iter().map(Delivery::of).collect() }))
}
