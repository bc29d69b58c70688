//! Huawei Cloud's Intelligent Quality Inspection (CCISQM, CCSQM), as far as the asrtrans and
//! qualitycheckmanage groups go.
//!
//! <https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_2415.html> and its pages, as of
//! 2023-09-27. Every operation answers under both roots, `/apiaccess/CCISQM/rest/ccisqm/v1` and
//! `/apiaccess/CCSQM/rest/ccisqm/v1`. Headers `x-app-key` and `x-UserId` are accepted and not needed:
//! the token says who asks.
//!
//! Known differences:
//! - `openapi/uploadText` is ours: the documents have no operation for text calls (`call_types` 2).
//! - `voiceFilePath` may also be an `http` or `https` URL.
//! - `call_id`, `call_uuid` and `taskId` are one identifier; `taskId` is written without hyphens.
//! - `group_id` and `rule_id` are the identifiers written in the rule files.
//! - A rule that could not be evaluated (no transcript, mixed parties) is not in `credit`: the
//!   documents know `valid` true and false only.
//! - A rule that gives points is `valid` whether it flagged or not.
//! - What is not known is left out: the figures of a call that is not inspected, the right channel of
//!   a mono recording, the channel's name where nobody knows who speaks on it.
//! - `inspect_status` is always 0 and `review_status` -1, as in every published row.
//! - Codes other than 1010200 and 1010404 are made by the same pattern, see `error.rs`.

mod call_wire;
mod credit_wire;
mod detail_wire;
mod error;
mod number;
mod operations;
mod request;
mod status;
mod text_zip;
mod time;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

pub(crate) use error::HuaweiError;
pub(crate) use request::Asked;

use crate::observe::guarded;
use crate::parts::Api;

/// Under which root an operation is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    /// The group asrtrans.
    Ccisqm,
    /// The group qualitycheckmanage, whose `detail` has a field more.
    Ccsqm,
}

const ROOTS: [(Root, &str); 2] = [
    (Root::Ccisqm, "/apiaccess/CCISQM/rest/ccisqm/v1"),
    (Root::Ccsqm, "/apiaccess/CCSQM/rest/ccisqm/v1"),
];

/// The dialect's addresses.
pub(crate) fn routes(api: &Api) -> Router<Api> {
    let mut router = Router::new().route(operations::TOKEN_PATH, operations::token());
    for (root, prefix) in ROOTS {
        for (path, operation) in operations::OPERATIONS {
            router = router.route(&format!("{prefix}/{path}"), operation(root));
        }
        router = router.route(&format!("{prefix}/{{*rest}}"), axum::routing::any(no_such_path));
    }
    router
        .method_not_allowed_fallback(no_such_method)
        .route_layer(middleware::from_fn_with_state(api.clone(), guard))
}

async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    match guarded(&api, request, next).await {
        Ok(response) => response,
        Err(fault) => HuaweiError::from(fault).into_response(),
    }
}

async fn no_such_path() -> HuaweiError {
    HuaweiError::not_found("expected the path of an operation, found another")
}

async fn no_such_method() -> HuaweiError {
    HuaweiError::new(StatusCode::METHOD_NOT_ALLOWED, "expected the method POST, found another")
}
