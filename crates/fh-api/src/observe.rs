//! Around every request: its id, its line in the log, its numbers, and a net under panics.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, StatusCode, header};
use http_body::Body as _;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::Problem;
use crate::parts::Api;

/// The header in which the request's id comes back.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being answered; empty outside of one.
pub(crate) fn request_id() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Upper bounds of the durations that are counted, in seconds.
pub(crate) const BOUNDS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 5.0, 30.0];

/// The answers of one route with one status.
#[derive(Debug, Clone, Default)]
pub(crate) struct RouteNumbers {
    /// How many took at most as long as the bound at the same place of [`BOUNDS`] and longer than
    /// the one before; the last counts those beyond all bounds.
    pub(crate) durations: [u64; BOUNDS.len() + 1],
    /// All durations together.
    pub(crate) took: Duration,
}

/// Method, route and status.
pub(crate) type RouteKey = (String, String, u16);

/// What was answered since the program started.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    numbers: Mutex<BTreeMap<RouteKey, RouteNumbers>>,
}

impl Requests {
    pub(crate) fn numbers(&self) -> BTreeMap<RouteKey, RouteNumbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, key: RouteKey, took: Duration) {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let route = numbers.entry(key).or_default();
        let seconds = took.as_secs_f64();
        let place = BOUNDS.iter().position(|&bound| seconds <= bound).unwrap_or(BOUNDS.len());
        route.durations[place] += 1;
        route.took = route.took.saturating_add(took);
    }
}

/// The outermost layer.
pub(crate) async fn observe(
    State(api): State<Api>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let id = api.random.uuid().simple().to_string();
    // Only routes are named, never paths: these may hold whatever a client writes.
    let route = path.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = known_method(request.method()).to_owned();
    let leaves_body = !request.body().is_end_stream();
    let span = tracing::info_span!("request", request.id = %id, %method, %route);
    let answered = answer(api, (method, route), request, next).instrument(span);
    let mut response = CURRENT.scope(id.clone(), answered).await;
    if leaves_body && may_leave_body(response.status()) {
        // What is left of the body ends the connection; who is told does not send more on it.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

async fn answer(
    api: Api,
    (method, route): (String, String),
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let response = answered.unwrap_or_else(|_| {
        // What the panic said is already on standard error; it may quote input.
        tracing::error!("a request panicked");
        Problem::panicked().into_response()
    });
    let (took, status) = (began.elapsed(), response.status());
    let duration_ms = took.as_millis();
    if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
        tracing::error!(status = status.as_u16(), duration_ms, "answered {method} {route}");
    } else {
        tracing::info!(status = status.as_u16(), duration_ms, "answered {method} {route}");
    }
    api.requests().note((method, route, status.as_u16()), took);
    response
}

/// Whether such an answer is given before the request's body was read.
const fn may_leave_body(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::REQUEST_TIMEOUT
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
    )
}

/// The method, or `OTHER`: a stranger must not be able to make up ever more names for counters.
fn known_method(method: &http::Method) -> &'static str {
    match *method {
        http::Method::GET => "GET",
        http::Method::POST => "POST",
        http::Method::PUT => "PUT",
        http::Method::PATCH => "PATCH",
        http::Method::DELETE => "DELETE",
        http::Method::HEAD => "HEAD",
        http::Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// Why a handler gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It took longer than it may.
    Overdue,
    /// It panicked.
    Panicked,
}

/// Runs a handler under the limit of time and a net; each dialect words the fault in its own way.
pub(crate) async fn guarded(api: &Api, request: Request, next: Next) -> Result<Response, Fault> {
    let limit = api.settings.request_timeout;
    let run = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(limit, run).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(_)) => {
            tracing::error!("a request panicked");
            Err(Fault::Panicked)
        }
        Err(_) => Err(Fault::Overdue),
    }
}

/// [`guarded`] for the native API.
pub(crate) async fn limit_time(State(api): State<Api>, request: Request, next: Next) -> Response {
    match guarded(&api, request, next).await {
        Ok(response) => response,
        Err(Fault::Overdue) => Problem::overdue("not done within the time allowed").into_response(),
        Err(Fault::Panicked) => Problem::panicked().into_response(),
    }
}
