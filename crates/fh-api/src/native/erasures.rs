use axum::Json;
use axum::extract::State;
use fh_model::CallId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use crate::Problem;
use crate::extract::{self, InPath};
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// What an erasure deleted.
#[derive(Serialize, ToSchema)]
pub(crate) struct Erased {
    /// How many calls.
    calls: u64,
}

/// Deletes a call with everything that was made from it.
#[utoipa::path(delete, path = "/v1/calls/{id}", tag = "calls",
    params(("id" = String, Path, format = Uuid)),
    responses((status = 200, body = Erased), Refusals))]
pub(crate) async fn erase_call(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<CallId>,
) -> Result<Json<Erased>, Problem> {
    let erased = api.workflow.erase_call(&caller, id).await?;
    if erased.calls == 0 {
        return Err(super::calls::no_such_call());
    }
    Ok(Json(Erased { calls: erased.calls }))
}

/// Whose calls are to be deleted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErasePerson {
    /// An agent's work number or user identifier, or a customer's attribute `customer_id`.
    #[schema(min_length = 1)]
    person: String,
}

/// Deletes all calls of a person.
#[utoipa::path(post, path = "/v1/erasures", tag = "calls",
    request_body = ErasePerson,
    responses((status = 200, body = Erased), Refusals))]
pub(crate) async fn erase_person(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    extract::Json(asked): extract::Json<ErasePerson>,
) -> Result<Json<Erased>, Problem> {
    let erased = api.workflow.erase_person(&caller, &asked.person).await?;
    Ok(Json(Erased { calls: erased.calls }))
}
