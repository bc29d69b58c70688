use axum::Json;
use axum::extract::State;
use fh_model::{AppealId, CallId};
use fh_store::AppealRow;
use fh_workflow::OpenAppeal;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use super::calls::{AppealStateName, no_such_call};
use crate::Problem;
use crate::extract::{self, InPath, InPathPair};
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// The appeals of a call.
#[derive(Serialize, ToSchema)]
pub(crate) struct AppealList {
    /// The newest first.
    appeals: Vec<Appeal>,
}

/// An objection to findings.
#[derive(Serialize, ToSchema)]
struct Appeal {
    #[schema(format = Uuid)]
    id: String,
    state: AppealStateName,
    reason: String,
    author: String,
    /// Who shall look at it first.
    reviewer: String,
    reviewer_role: String,
    findings: Vec<FindingName>,
    #[schema(format = DateTime)]
    opened_at: String,
    #[schema(format = DateTime)]
    changed_at: String,
}

/// A finding by its scenario and key.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FindingName {
    /// The scenario's identifier.
    scenario: String,
    /// The finding's key.
    finding: String,
}

impl Appeal {
    fn of(row: &AppealRow) -> Self {
        let appeal = &row.appeal;
        Self {
            id: appeal.id.to_string(),
            state: AppealStateName::of(row.state),
            reason: appeal.reason.clone(),
            author: appeal.author.clone(),
            reviewer: appeal.reviewer.clone(),
            reviewer_role: appeal.reviewer_role.clone(),
            findings: appeal
                .findings
                .iter()
                .map(|(scenario, finding)| FindingName {
                    scenario: scenario.clone(),
                    finding: finding.clone(),
                })
                .collect(),
            opened_at: row.opened_at.to_string(),
            changed_at: row.changed_at.to_string(),
        }
    }
}

/// Lists the appeals of a call.
#[utoipa::path(get, path = "/v1/calls/{id}/appeals", tag = "appeals",
    params(("id" = String, Path, format = Uuid)),
    responses((status = 200, body = AppealList), Refusals))]
pub(crate) async fn list_appeals(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(call): InPath<CallId>,
) -> Result<Json<AppealList>, Problem> {
    api.workflow.call(&caller, call).await?.ok_or_else(no_such_call)?;
    let rows = api.store().scope(&caller.tenant).appeals_of(call).await?;
    Ok(Json(AppealList { appeals: rows.iter().map(Appeal::of).collect() }))
}

/// An objection that is raised.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAppeal {
    reason: String,
    /// Who shall look at it first.
    reviewer: String,
    #[serde(default)]
    reviewer_role: String,
    #[schema(min_items = 1)]
    findings: Vec<FindingName>,
}

/// The identifier of what was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct Made {
    #[schema(format = Uuid)]
    pub(super) id: String,
}

/// Objects to findings of a call; one appeal of a call is open at a time.
#[utoipa::path(post, path = "/v1/calls/{id}/appeals", tag = "appeals",
    params(("id" = String, Path, format = Uuid)),
    request_body = NewAppeal,
    responses((status = 201, body = Made), Refusals))]
pub(crate) async fn open_appeal(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(call): InPath<CallId>,
    extract::Json(asked): extract::Json<NewAppeal>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let NewAppeal { reason, reviewer, reviewer_role, findings } = asked;
    let findings =
        findings.into_iter().map(|finding| (finding.scenario, finding.finding)).collect();
    let appeal = OpenAppeal { call, reason, reviewer, reviewer_role, findings };
    let id = api.workflow.open_appeal(&caller, appeal).await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.to_string() })))
}

/// Where an appeal shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveAppeal {
    state: AppealStateName,
}

/// Moves an appeal on.
#[utoipa::path(post, path = "/v1/calls/{id}/appeals/{appeal}/state", tag = "appeals",
    params(("id" = String, Path, format = Uuid), ("appeal" = String, Path, format = Uuid)),
    request_body = MoveAppeal,
    responses((status = 204), Refusals))]
pub(crate) async fn move_appeal(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPathPair(call, appeal): InPathPair<CallId, AppealId>,
    extract::Json(asked): extract::Json<MoveAppeal>,
) -> Result<StatusCode, Problem> {
    api.workflow.move_appeal(&caller, call, appeal, asked.state.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
