//! Around every request: its id, its line in the log, its numbers, and a net under panics.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body::Body as _;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::forwarded;
use crate::parts::Api;
use crate::{PeerAddress, Problem};

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
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(PeerAddress(peer)) = request.extensions().get().copied() {
        let client = forwarded::client(peer.ip(), request.headers(), &api.settings.proxies);
        request.extensions_mut().insert(PeerAddress((client, peer.port()).into()));
    }
    let id = api.random.uuid().simple().to_string();
    // Only routes are named, never paths: these may hold whatever a client writes.
    let route = path.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = known_method(request.method()).to_owned();
    let leaves_body = !request.body().is_end_stream();
    let span = tracing::info_span!(
        "request",
        request.id = %id,
        %method,
        %route,
        status = Empty,
        error.type = Empty,
        trace.parent = Empty,
    );
    if let Some(parent) = trace_parent(request.headers()) {
        span.record("trace.parent", parent);
    }
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
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let span = Span::current();
    span.record("status", status.as_u16());
    if status.is_server_error() {
        span.record("error.type", status.as_str());
    }
    if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
        tracing::error!(status = status.as_u16(), duration_ms, "answered {method} {route}");
    } else {
        tracing::info!(status = status.as_u16(), duration_ms, "answered {method} {route}");
    }
    api.requests().note((method, route, status.as_u16()), took);
    response
}

/// The trace that the client says its request belongs to (W3C Trace Context, version 00), where it is
/// exactly of that form: nothing else that a client writes goes further.
fn trace_parent(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get("traceparent")?.to_str().ok()?;
    let is_hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_id = |part: &str, length| is_hex(part, length) && part.bytes().any(|byte| byte != b'0');
    let mut parts = value.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_sound = parts.next().is_none()
        && version == "00"
        && is_id(trace, 32)
        && is_id(span, 16)
        && is_hex(flags, 2);
    is_sound.then_some(value)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sound_trace_parent_goes_further() {
        let read = |value: &str| {
            let headers = HeaderMap::from_iter([(
                HeaderName::from_static("traceparent"),
                HeaderValue::from_str(value).unwrap(),
            )]);
            trace_parent(&headers).is_some()
        };
        assert!(read("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        assert!(!read("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"));
        assert!(!read("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
        assert!(!read("00-4bf92f3577b34da6a3ce929d0e0e4736-13800138000-----1-01"));
        assert!(!read("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        assert!(!read("Zhang Wei"));
    }
}
