//! The OpenAPI document, and a page to browse it: nothing of it comes from elsewhere.

use std::sync::Arc;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header;
use utoipa::openapi::OpenApi;

use crate::parts::Api;

const PAGE: &str = include_str!("docs/page.html");
const SCRIPT: &str = include_str!("docs/page.js");
const STYLE: &str = include_str!("docs/page.css");

pub(super) fn routes(document: OpenApi) -> Router<Api> {
    let json: Arc<str> = document.to_json().unwrap_or_default().into();
    Router::new()
        .route("/v1/openapi.json", get(move || file("application/json", Arc::clone(&json))))
        .route("/v1/docs", get(|| file("text/html; charset=utf-8", PAGE.into())))
        .route("/v1/docs/page.js", get(|| file("text/javascript; charset=utf-8", SCRIPT.into())))
        .route("/v1/docs/page.css", get(|| file("text/css; charset=utf-8", STYLE.into())))
}

async fn file(content_type: &'static str, text: Arc<str>) -> impl IntoResponse {
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'";
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text.to_string())
}
