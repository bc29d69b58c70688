use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::Problem;
use crate::parts::Api;

/// That the server runs.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    status: &'static str,
    /// The program's version.
    version: String,
}

/// Says that the server runs.
#[utoipa::path(get, path = "/v1/health", tag = "operation", security(()),
    responses((status = 200, body = Health), Refusals))]
pub(crate) async fn get_health(State(api): State<Api>) -> Json<Health> {
    Json(Health { status: "ok", version: api.settings.version.clone() })
}

/// Says whether the server can work: its database answers and it is not stopping.
#[utoipa::path(get, path = "/v1/ready", tag = "operation", security(()),
    responses((status = 200, body = Health), Refusals))]
pub(crate) async fn get_readiness(State(api): State<Api>) -> Result<Json<Health>, Problem> {
    if api.stop.is_cancelled() {
        return Err(Problem::unavailable("the server stops"));
    }
    api.store().check().await?;
    Ok(Json(Health { status: "ok", version: api.settings.version.clone() }))
}
