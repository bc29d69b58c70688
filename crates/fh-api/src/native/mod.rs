//! The native API, one file a noun.

use axum::Router;

use crate::parts::Api;

/// The addresses under `/v1`.
pub(crate) fn routes(_: &Api) -> Router<Api> {
    Router::new()
}
