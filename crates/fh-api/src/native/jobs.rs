use axum::Json;
use axum::extract::State;
use fh_model::{CallId, JobId};
use fh_store::{JobFilter, JobRow, JobState};
use fh_workflow::Permission;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Refusals;
use super::role::require;
use crate::Problem;
use crate::extract::{InPath, InQuery};
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = JobState)]
pub(super) enum StateName {
    Waiting,
    Leased,
    Done,
    /// Given up.
    Dead,
    Cancelled,
}

impl StateName {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Leased => "leased",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }
}

impl From<JobState> for StateName {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Waiting => Self::Waiting,
            JobState::Leased => Self::Leased,
            JobState::Done => Self::Done,
            JobState::Dead => Self::Dead,
            JobState::Cancelled => Self::Cancelled,
        }
    }
}

impl From<StateName> for JobState {
    fn from(name: StateName) -> Self {
        match name {
            StateName::Waiting => Self::Waiting,
            StateName::Leased => Self::Leased,
            StateName::Done => Self::Done,
            StateName::Dead => Self::Dead,
            StateName::Cancelled => Self::Cancelled,
        }
    }
}

/// Which jobs.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListJobs {
    /// Where they are: `dead` for the dead letters.
    #[param(inline)]
    state: Option<StateName>,
    /// What is to be done, such as `recognize_speech`.
    kind: Option<String>,
    /// For which call.
    #[param(format = Uuid)]
    call: Option<String>,
    /// How many, 100 where absent.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// Jobs.
#[derive(Serialize, ToSchema)]
pub(crate) struct JobList {
    /// The newest first.
    jobs: Vec<Job>,
}

/// A step of work.
#[derive(Serialize, ToSchema)]
struct Job {
    #[schema(format = Uuid)]
    id: String,
    /// What is to be done.
    kind: String,
    state: StateName,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    call: Option<String>,
    /// How often a worker took it.
    attempts: u16,
    max_attempts: u16,
    priority: i16,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    ended_at: Option<String>,
}

impl Job {
    fn of(row: &JobRow) -> Self {
        Self {
            id: row.job.id.to_string(),
            kind: row.job.kind.clone(),
            state: row.state.into(),
            call: row.job.call.map(|call| call.to_string()),
            attempts: row.attempts,
            max_attempts: row.job.max_attempts,
            priority: row.job.priority,
            last_error: row.last_error.clone(),
            created_at: row.created_at.to_string(),
            ended_at: row.ended_at.map(|at| at.to_string()),
        }
    }
}

/// Lists jobs; with `state=dead` those that were given up.
#[utoipa::path(get, path = "/v1/jobs", tag = "jobs", params(ListJobs),
    responses((status = 200, body = JobList), Refusals))]
pub(crate) async fn list_jobs(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InQuery(asked): InQuery<ListJobs>,
) -> Result<Json<JobList>, Problem> {
    require(&caller, Permission::ManageJobs)?;
    let limit = asked.limit.unwrap_or(100);
    if !(1..=1_000).contains(&limit) {
        return Err(Problem::field("limit", "1 to 1000", limit));
    }
    let call: Option<CallId> = match asked.call {
        None => None,
        Some(text) => {
            Some(text.parse().map_err(|_| Problem::field("call", "a UUID", "another text"))?)
        }
    };
    let states = asked.state.map(|state| vec![state.into()]);
    let filter = JobFilter { states, kind: asked.kind, call, limit };
    let rows = api.store().scope(&caller.tenant).list_jobs(&filter).await?;
    Ok(Json(JobList { jobs: rows.iter().map(Job::of).collect() }))
}

/// Gives a job that was given up another try with all its attempts.
#[utoipa::path(post, path = "/v1/jobs/{id}/retry", tag = "jobs",
    params(("id" = String, Path, format = Uuid)),
    responses((status = 204), Refusals))]
pub(crate) async fn retry_job(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<JobId>,
) -> Result<StatusCode, Problem> {
    api.workflow.retry_job(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
