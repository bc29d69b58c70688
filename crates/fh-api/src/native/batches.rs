use axum::Json;
use axum::extract::State;
use fh_model::BatchId;
use fh_workflow::Permission;
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use super::calls::StateName;
use super::role::require;
use crate::Problem;
use crate::extract::InPath;
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// How far a batch has come.
#[derive(Serialize, ToSchema)]
pub(crate) struct Batch {
    /// How many calls.
    calls: u64,
    /// How many of them nothing more will happen to.
    ended: u64,
    states: Vec<StateCount>,
}

/// How many calls are in a state.
#[derive(Serialize, ToSchema)]
struct StateCount {
    state: StateName,
    /// Why they failed: a stable name.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    calls: u64,
}

/// What is answered for a batch that is not there.
pub(super) fn no_such_batch() -> Problem {
    Problem::not_found("expected a `batch` of that identifier, found none")
}

/// Says how far a batch has come.
#[utoipa::path(get, path = "/v1/batches/{id}", tag = "calls",
    params(("id" = String, Path, format = Uuid)),
    responses((status = 200, body = Batch), Refusals))]
pub(crate) async fn get_batch(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<BatchId>,
) -> Result<Json<Batch>, Problem> {
    require(&caller, Permission::ReadAllCalls)?;
    let progress = api.store().scope(&caller.tenant).batch_progress(id).await?;
    if progress.states.is_empty() {
        return Err(no_such_batch());
    }
    let count = |ended: bool| {
        let counted = progress.states.iter().filter(|(state, _)| !ended || state.is_final());
        counted.map(|(_, calls)| calls).sum()
    };
    Ok(Json(Batch {
        calls: count(false),
        ended: count(true),
        states: progress
            .states
            .iter()
            .map(|(state, calls)| StateCount {
                state: StateName::of(*state),
                failure: match state {
                    fh_store::CallState::Failed(kind) => Some(kind.as_str().to_owned()),
                    _ => None,
                },
                calls: *calls,
            })
            .collect(),
    }))
}
