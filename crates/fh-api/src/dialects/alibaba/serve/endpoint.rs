use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{any, get};
use http::{HeaderValue, header};
use uuid::Uuid;

use super::super::error::{GatewayError, Refusal};
use super::super::operations;
use super::super::reply::{Format, Reply, ReplyContext};
use super::super::request::{RequestLimits, RpcRequest};
use super::super::signature::{SignaturePolicy, verify};
use super::keyring::Keyring;
use super::{Asked, recordings};
use crate::long_target::LongTarget;
use crate::observe::{self, Fault, guarded};
use crate::parts::Api;
use crate::sign_in::peer;

/// The dialect's addresses: the one endpoint, and the recordings that it gives addresses of.
pub(crate) fn routes(api: &Api) -> Router<Api> {
    Router::new()
        .route("/", any(endpoint))
        .route_layer(middleware::from_fn_with_state(api.clone(), guard))
        // How long a recording takes is up to who fetches it: its pace is watched instead.
        .route("/recordings/{tenant}/{call}/{name}", get(recordings::get_recording))
}

async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    let host = host(&request);
    match guarded(&api, request, next).await {
        Ok(response) => response,
        Err(fault) => {
            let error = match fault {
                Fault::Overdue => GatewayError::Unavailable,
                Fault::Panicked => GatewayError::Internal,
            };
            let context = ReplyContext {
                request_id: request_id(),
                host_id: &host,
                action: "",
                format: Format::Json,
            };
            sent(error.reply(&context))
        }
    }
}

async fn endpoint(State(api): State<Api>, request: Request) -> Response {
    let host = host(&request);
    let (parts, body) = request.into_parts();
    let limits = RequestLimits::default();
    let mut context =
        ReplyContext { request_id: request_id(), host_id: &host, action: "", format: Format::Json };
    let target = match parts.extensions.get::<LongTarget>() {
        None => parts.uri.path_and_query().map_or("/", |target| target.as_str()),
        Some(LongTarget::Text(target, _)) => target,
        Some(LongTarget::TooLong(limit)) => {
            let expected = format!("expected at most {limit} bytes; upload fewer calls at once");
            return sent(GatewayError::invalid("RequestTarget", expected).reply(&context));
        }
        Some(LongTarget::Busy) => return sent(GatewayError::Unavailable.reply(&context)),
    };
    let Ok(body) = axum::body::to_bytes(body, limits.max_body_bytes).await else {
        let expected = format!("expected the whole body, at most {} bytes", limits.max_body_bytes);
        return sent(GatewayError::invalid("RequestBody", expected).reply(&context));
    };
    let read = RpcRequest::read(&parts.method, target, &parts.headers, &body, &limits);
    let request = match read {
        Ok(request) => request,
        Err(error) => return sent(error.reply(&context)),
    };
    context.format = request.format();
    context.action = request.action().unwrap_or_default();
    let answered = answer(&api, &request, &context, peer(&parts)).await;
    sent(answered.unwrap_or_else(|refusal| refusal.reply(&context)))
}

async fn answer(
    api: &Api,
    request: &RpcRequest<'_>,
    context: &ReplyContext<'_>,
    address: Option<String>,
) -> Result<Reply, Refusal> {
    let operation = operations::find(request)?;
    let now = api.clock.now();
    let keyring = Keyring::new(api.store().directory(), now, address);
    let proved = verify(request, &keyring, &keyring, now, &SignaturePolicy::default()).await?;
    let caller = keyring.caller().ok_or(GatewayError::Internal)?;
    operation.admit(proved.scheme, &request.parameters)?;
    let asked = Asked { api, caller: &caller, parameters: &request.parameters, context, now };
    (operation.handler)(asked).await
}

/// Where the request was sent, by its own words.
fn host(request: &Request) -> String {
    let header = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    header.unwrap_or_default().to_owned()
}

/// The request's identifier in the log.
fn request_id() -> Uuid {
    Uuid::parse_str(&observe::request_id()).unwrap_or_default()
}

fn sent(reply: Reply) -> Response {
    let mut response = http::Response::<Vec<u8>>::from(reply).map(axum::body::Body::from);
    // The next request may have a long target, which only the first of a connection can have.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
