//! The native API: one file a noun, one line a route.
//!
//! Times in a recording are whole milliseconds, moments RFC 3339, errors RFC 9457 problems, lists
//! paged by cursor. The OpenAPI document is made from the very lines that make the routes.

mod appeals;
mod audio;
mod audit;
mod batches;
mod call_list;
mod calls;
mod docs;
mod erasures;
mod events;
mod findings;
mod health;
mod jobs;
mod keys;
mod measures;
mod metrics;
mod refusals;
mod role;
mod rule_packs;
mod session;
mod submit;
mod tenants;
mod transcript;
mod upload;
mod users;
mod webhooks;

use axum::{Router, middleware};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Problem;
use crate::observe::limit_time;
use crate::parts::Api;
use crate::sign_in::COOKIE;

pub(crate) use refusals::Refusals;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Fairhearing",
        description = "Inspects recordings of calls: submit them, follow them, read what was found. \
                       Sign in with `POST /v1/tokens` (programs, by access key) or `POST \
                       /v1/session` (people); every error is a problem as RFC 9457 writes it.",
        license(name = "MIT OR Apache-2.0")
    ),
    security(("token" = []), ("session" = []))
)]
struct Document;

/// The addresses of the native API.
pub(crate) fn routes(api: &Api) -> Router<Api> {
    let (timed, mut document) = timed().split_for_parts();
    let (untimed, other) = untimed().split_for_parts();
    document.merge(other);
    document.info.version.clone_from(&api.settings.version);
    if let Some(components) = &mut document.components {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::new(COOKIE));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    }
    timed
        .route_layer(middleware::from_fn_with_state(api.clone(), limit_time))
        .merge(untimed)
        .merge(docs::routes(document))
        .method_not_allowed_fallback(no_such_method)
}

/// What those may ask who watch the process.
pub(crate) fn observation(api: &Api) -> Router<Api> {
    let (router, _) = observed().split_for_parts();
    router
        .route_layer(middleware::from_fn_with_state(api.clone(), limit_time))
        .method_not_allowed_fallback(no_such_method)
}

async fn no_such_method() -> Problem {
    Problem::method_not_allowed("expected another method, which the header `allow` names")
}

/// What tells how the process is.
fn observed() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(health::get_health))
        .routes(routes!(health::get_readiness))
        .routes(routes!(metrics::get_metrics))
}

/// Addresses that answer within a moment.
fn timed() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(observed())
        .routes(routes!(session::get_session, session::sign_in, session::sign_out))
        .routes(routes!(session::issue_token, session::revoke_token))
        .routes(routes!(call_list::list_calls, submit::submit_calls))
        .routes(routes!(calls::get_call, erasures::erase_call))
        .routes(routes!(calls::cancel_call))
        .routes(routes!(calls::reinspect_call))
        .routes(routes!(transcript::get_transcript))
        .routes(routes!(transcript::find_in_call))
        .routes(routes!(measures::get_measures))
        .routes(routes!(findings::get_findings))
        .routes(routes!(findings::revise_finding))
        .routes(routes!(appeals::list_appeals, appeals::open_appeal))
        .routes(routes!(appeals::move_appeal))
        .routes(routes!(erasures::erase_person))
        .routes(routes!(batches::get_batch))
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(jobs::retry_job))
        .routes(routes!(rule_packs::list_rule_packs, rule_packs::put_rule_pack))
        .routes(routes!(rule_packs::get_rule_pack))
        .routes(routes!(rule_packs::activate_rule_pack))
        .routes(routes!(webhooks::list_webhooks, webhooks::create_webhook))
        .routes(routes!(webhooks::delete_webhook))
        .routes(routes!(webhooks::enable_webhook))
        .routes(routes!(webhooks::list_deliveries))
        .routes(routes!(users::list_users, users::create_user))
        .routes(routes!(users::enable_user))
        .routes(routes!(users::set_password))
        .routes(routes!(keys::list_keys, keys::create_key))
        .routes(routes!(keys::delete_key))
        .routes(routes!(tenants::list_tenants, tenants::create_tenant))
        .routes(routes!(tenants::enable_tenant))
        .routes(routes!(tenants::set_retention))
        .routes(routes!(audit::list_audit))
        .routes(routes!(audit::verify_audit))
}

/// Addresses whose requests or answers last as long as they last: their pace is watched instead.
fn untimed() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(upload::upload_call))
        .routes(routes!(audio::get_audio))
        .routes(routes!(events::follow_events))
        .routes(routes!(events::follow_call))
        .routes(routes!(events::follow_batch))
}
