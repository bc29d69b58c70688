//! Progress over server-sent events: what happened, as it happens.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use fh_model::{BatchId, CallId, TenantId};
use fh_store::EventRow;
use fh_workflow::Permission;
use futures_util::stream::{self, Stream};
use http::HeaderMap;
use serde_json::json;

use super::Refusals;
use super::batches::no_such_batch;
use super::calls::no_such_call;
use super::role::require;
use crate::Problem;
use crate::extract::InPath;
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// How often new events are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How many are read at once.
const AT_ONCE: u32 = 200;

/// How many looks make an hour: then the stream ends, and whoever still listens signs in again.
const MOST_LOOKS: u32 = 7_200;

#[derive(Debug, Clone, Copy)]
enum About {
    Everything,
    Call(CallId),
    Batch(BatchId),
}

impl About {
    fn is_meant(self, row: &EventRow) -> bool {
        match self {
            Self::Everything => true,
            Self::Call(call) => row.event.call == Some(call),
            Self::Batch(batch) => row.event.batch == Some(batch),
        }
    }
}

type Events = Sse<
    axum::response::sse::KeepAliveStream<
        std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>,
    >,
>;

/// Follows all events of the tenant from now on, or from after the event that the header
/// `Last-Event-ID` names.
#[utoipa::path(get, path = "/v1/events", tag = "events",
    params(("Last-Event-ID" = Option<i64>, Header)),
    responses((status = 200, body = String, content_type = "text/event-stream"), Refusals))]
pub(crate) async fn follow_events(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    headers: HeaderMap,
) -> Result<Events, Problem> {
    require(&caller, Permission::ReadAllCalls)?;
    let scope = api.store().scope(&caller.tenant);
    let after = match last_event_id(&headers)? {
        Some(after) => after,
        None => scope.last_event().await?,
    };
    Ok(follow(api, caller.tenant, About::Everything, after))
}

/// Follows a call: its events so far, then each as it happens.
#[utoipa::path(get, path = "/v1/calls/{id}/events", tag = "events",
    params(("id" = String, Path, format = Uuid), ("Last-Event-ID" = Option<i64>, Header)),
    responses((status = 200, body = String, content_type = "text/event-stream"), Refusals))]
pub(crate) async fn follow_call(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<CallId>,
    headers: HeaderMap,
) -> Result<Events, Problem> {
    api.workflow.call(&caller, id).await?.ok_or_else(no_such_call)?;
    let after = last_event_id(&headers)?.unwrap_or(0);
    let scope = api.store().scope(&caller.tenant);
    let so_far = scope.events_of(id).await?;
    // What came between is found again below: nothing is told twice, since places only grow.
    let from = so_far.last().map_or(scope.last_event().await?, |row| row.sequence).max(after);
    let told = so_far.into_iter().filter(|row| row.sequence > after).collect();
    Ok(follow_after(api, caller.tenant, About::Call(id), from, told))
}

/// Follows the calls of a batch from now on, or from after the event that the header
/// `Last-Event-ID` names.
#[utoipa::path(get, path = "/v1/batches/{id}/events", tag = "events",
    params(("id" = String, Path, format = Uuid), ("Last-Event-ID" = Option<i64>, Header)),
    responses((status = 200, body = String, content_type = "text/event-stream"), Refusals))]
pub(crate) async fn follow_batch(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<BatchId>,
    headers: HeaderMap,
) -> Result<Events, Problem> {
    require(&caller, Permission::ReadAllCalls)?;
    let scope = api.store().scope(&caller.tenant);
    if scope.batch_progress(id).await?.states.is_empty() {
        return Err(no_such_batch());
    }
    let after = match last_event_id(&headers)? {
        Some(after) => after,
        None => scope.last_event().await?,
    };
    Ok(follow(api, caller.tenant, About::Batch(id), after))
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.parse::<i64>().ok()).filter(|&id| id >= 0);
    id.map(Some)
        .ok_or_else(|| Problem::field("Last-Event-ID", "an event's number", "something else"))
}

struct Following {
    api: Api,
    tenant: TenantId,
    about: About,
    after: i64,
    untold: VecDeque<EventRow>,
    looks: u32,
}

fn follow(api: Api, tenant: TenantId, about: About, after: i64) -> Events {
    follow_after(api, tenant, about, after, VecDeque::new())
}

fn follow_after(
    api: Api,
    tenant: TenantId,
    about: About,
    after: i64,
    untold: VecDeque<EventRow>,
) -> Events {
    let following = Following { api, tenant, about, after, untold, looks: 0 };
    let events: std::pin::Pin<Box<dyn Stream<Item = _> + Send>> =
        Box::pin(stream::unfold(following, |mut following| async move {
            let row = following.next().await?;
            Some((Ok(event(&row)), following))
        }));
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

impl Following {
    /// The next event; `None` when it is time to end.
    async fn next(&mut self) -> Option<EventRow> {
        loop {
            if let Some(row) = self.untold.pop_front() {
                return Some(row);
            }
            let scope = self.api.store().scope(&self.tenant);
            let rows = match scope.events_after(self.after, AT_ONCE).await {
                Ok(rows) => rows,
                Err(error) => {
                    tracing::warn!(%error, "a stream of events ends");
                    return None;
                }
            };
            let may_be_more = rows.len() == AT_ONCE as usize;
            self.after = rows.last().map_or(self.after, |row| row.sequence);
            let about = self.about;
            self.untold.extend(rows.into_iter().filter(|row| about.is_meant(row)));
            if !self.untold.is_empty() || may_be_more {
                continue;
            }
            self.looks += 1;
            if self.looks > MOST_LOOKS {
                return None;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = self.api.stop.cancelled() => return None,
            }
        }
    }
}

fn event(row: &EventRow) -> Event {
    let data = json!({
        "call": row.event.call,
        "batch": row.event.batch,
        "at": row.at.to_string(),
        "payload": row.event.payload,
    });
    Event::default()
        .id(row.sequence.to_string())
        .event(row.event.name.clone())
        // One line: JSON has its line breaks escaped.
        .data(data.to_string())
}
