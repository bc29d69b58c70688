use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use fh_model::{CallId, CallMetadata, Role};
use fh_store::{AppealState, CallKind, CallRow, CallState, CallSummary};
use fh_workflow::ReinspectFrom;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use crate::Problem;
use crate::extract::{self, InPath};
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// A call as lists show it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Call {
    #[schema(format = Uuid)]
    id: String,
    /// The calls that belong together; its own identifier where it is alone.
    #[schema(format = Uuid)]
    group: String,
    /// The batch that it came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    batch: Option<String>,
    kind: KindName,
    state: StateName,
    /// Why it failed: a stable name, such as `recording_invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// Why it failed, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The recording's name without its extension.
    file_name: String,
    /// The agent's user identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    staff_id: Option<String>,
    metadata: Metadata,
    /// When the conversation took place.
    #[schema(format = DateTime)]
    call_time: String,
    /// When it was submitted.
    #[schema(format = DateTime)]
    upload_time: String,
    /// When the result was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    inspected_at: Option<String>,
    /// What was found, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Summary>,
    /// Where its latest appeal is.
    #[serde(skip_serializing_if = "Option::is_none")]
    appeal: Option<AppealStateName>,
}

/// A recording or a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KindName {
    /// A recording.
    Voice,
    /// A chat.
    Text,
}

impl From<KindName> for CallKind {
    fn from(kind: KindName) -> Self {
        match kind {
            KindName::Voice => Self::Voice,
            KindName::Text => Self::Text,
        }
    }
}

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateName {
    Queued,
    Fetching,
    Measuring,
    Recognizing,
    Inspecting,
    Done,
    Cancelled,
    Failed,
}

impl StateName {
    /// Without the reason of a failure.
    pub(crate) fn of(state: CallState) -> Self {
        match state {
            CallState::Queued => Self::Queued,
            CallState::Fetching => Self::Fetching,
            CallState::Measuring => Self::Measuring,
            CallState::Recognizing => Self::Recognizing,
            CallState::Inspecting => Self::Inspecting,
            CallState::Done => Self::Done,
            CallState::Cancelled => Self::Cancelled,
            CallState::Failed(_) => Self::Failed,
            // A state in the middle that this API does not name yet.
            _ => Self::Inspecting,
        }
    }
}

/// Where an appeal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AppealStateName {
    Reviewing,
    Handling,
    Verifying,
    Completed,
}

impl AppealStateName {
    pub(crate) fn of(state: AppealState) -> Self {
        match state {
            AppealState::Reviewing => Self::Reviewing,
            AppealState::Verifying => Self::Verifying,
            AppealState::Completed => Self::Completed,
            _ => Self::Handling,
        }
    }
}

impl From<AppealStateName> for AppealState {
    fn from(state: AppealStateName) -> Self {
        match state {
            AppealStateName::Reviewing => Self::Reviewing,
            AppealStateName::Handling => Self::Handling,
            AppealStateName::Verifying => Self::Verifying,
            AppealStateName::Completed => Self::Completed,
        }
    }
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SpeakerName {
    Agent,
    Customer,
    /// Nobody said who, or both on one channel.
    Unknown,
}

impl From<Role> for SpeakerName {
    fn from(role: Role) -> Self {
        match role {
            Role::Agent => Self::Agent,
            Role::Customer => Self::Customer,
            Role::Unknown => Self::Unknown,
        }
    }
}

impl From<SpeakerName> for Role {
    fn from(name: SpeakerName) -> Self {
        match name {
            SpeakerName::Agent => Self::Agent,
            SpeakerName::Customer => Self::Customer,
            SpeakerName::Unknown => Self::Unknown,
        }
    }
}

/// What is known of a call besides its sound. Every field may be missing.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metadata {
    /// The centre's own identifier of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call_id: Option<String>,
    /// The agent's work number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 255)]
    agent_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent_name: Option<String>,
    /// The skill group or team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    skill_group: Option<String>,
    /// `inbound` or `outbound`, as the centre writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    direction: Option<String>,
    /// The language spoken: `zh_CN` or `en_US`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// When the call began on the centre's clock, such as `2021-02-01T09:51:07`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begin_time: Option<String>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    /// Who speaks on which channel, the left one first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<SpeakerName>>,
    /// Whatever else the centre sends along. The customer's `customer_id`, by which calls are erased,
    /// has at most 255 characters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, String>,
}

impl Metadata {
    fn of(metadata: &CallMetadata) -> Self {
        Self {
            call_id: metadata.call_id.clone(),
            agent_id: metadata.agent_id.clone(),
            agent_name: metadata.agent_name.clone(),
            skill_group: metadata.skill_group.clone(),
            direction: metadata.direction.clone(),
            language: metadata.language.map(|language| language.code().to_owned()),
            begin_time: metadata.begin_time.map(|time| time.to_string()),
            end_time: metadata.end_time.map(|time| time.to_string()),
            roles: metadata
                .roles
                .as_ref()
                .map(|roles| roles.0.iter().copied().map(SpeakerName::from).collect()),
            attributes: metadata.attributes.clone(),
        }
    }

    /// What was sent, checked; `field` leads the names of fields in errors.
    pub(crate) fn read(self, field: &str) -> Result<CallMetadata, Problem> {
        let time = |name: &str, text: Option<String>| match text {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| {
                let expected = "a time such as `2021-02-01T09:51:07`";
                Problem::field(&format!("{field}{name}"), expected, "another text")
            }),
        };
        let language = match self.language {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                let expected = "`zh_CN` or `en_US`";
                Problem::field(&format!("{field}language"), expected, "another text")
            })?),
        };
        Ok(CallMetadata {
            call_id: self.call_id,
            agent_id: self.agent_id,
            agent_name: self.agent_name,
            skill_group: self.skill_group,
            direction: self.direction,
            language,
            begin_time: time("begin_time", self.begin_time)?,
            end_time: time("end_time", self.end_time)?,
            roles: self
                .roles
                .map(|roles| fh_model::RoleMap(roles.into_iter().map(Role::from).collect())),
            attributes: self.attributes,
        })
    }
}

/// What was found in a call, in short.
#[derive(Serialize, ToSchema)]
pub(crate) struct Summary {
    duration_ms: u64,
    /// The left channel first.
    channels: Vec<ChannelSummary>,
    scores: Vec<ScoreSummary>,
    /// How many warnings there are.
    warnings: u32,
}

/// A channel, in short.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelSummary {
    role: SpeakerName,
    speech_ms: u64,
    /// Recognised characters (Chinese) or words (English).
    spoken_units: u64,
}

/// A scenario's score, in short.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScoreSummary {
    scenario: String,
    name: String,
    score: f64,
    /// How many rules flagged.
    flags: u32,
}

impl Summary {
    fn of(summary: &CallSummary) -> Self {
        Self {
            duration_ms: summary.duration.0,
            channels: summary
                .channels
                .iter()
                .map(|channel| ChannelSummary {
                    role: channel.role.into(),
                    speech_ms: channel.speech.0,
                    spoken_units: channel.spoken_units,
                })
                .collect(),
            scores: summary
                .scores
                .iter()
                .map(|score| ScoreSummary {
                    scenario: score.scenario.clone(),
                    name: score.name.clone(),
                    score: score.score.as_f64(),
                    flags: score.flags,
                })
                .collect(),
            warnings: summary.warnings,
        }
    }
}

impl Call {
    /// The row as this API shows it.
    pub(crate) fn of(row: &CallRow) -> Self {
        let call = &row.call;
        Self {
            id: call.id.to_string(),
            group: call.group.to_string(),
            batch: call.batch.map(|batch| batch.to_string()),
            kind: match call.kind {
                CallKind::Voice => KindName::Voice,
                CallKind::Text => KindName::Text,
            },
            state: StateName::of(row.state),
            failure: match row.state {
                CallState::Failed(kind) => Some(kind.as_str().to_owned()),
                _ => None,
            },
            detail: row.detail.clone(),
            file_name: call.file_name.clone(),
            staff_id: call.staff_id.clone(),
            metadata: Metadata::of(&call.metadata),
            call_time: call.call_time.to_string(),
            upload_time: call.upload_time.to_string(),
            inspected_at: row.inspected_at.map(|at| at.to_string()),
            summary: row.summary.as_ref().map(Summary::of),
            appeal: row.appeal.map(AppealStateName::of),
        }
    }
}

/// What is answered for a call that is not there, or not for this caller.
pub(crate) fn no_such_call() -> Problem {
    Problem::not_found("expected a `call` of that identifier, found none")
}

/// Gives a call.
#[utoipa::path(get, path = "/v1/calls/{id}", tag = "calls",
    params(("id" = String, Path, format = Uuid)),
    responses((status = 200, body = Call), Refusals))]
pub(crate) async fn get_call(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<CallId>,
) -> Result<Json<Call>, Problem> {
    let row = api.workflow.call(&caller, id).await?.ok_or_else(no_such_call)?;
    Ok(Json(Call::of(&row)))
}

/// Cancels a call that still waits or is at work.
#[utoipa::path(post, path = "/v1/calls/{id}/cancel", tag = "calls",
    params(("id" = String, Path, format = Uuid)),
    responses((status = 204), Refusals))]
pub(crate) async fn cancel_call(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<CallId>,
) -> Result<StatusCode, Problem> {
    api.workflow.cancel_call(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// From where on a call is inspected again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reinspect {
    #[serde(default)]
    from: FromName,
}

/// A step of the inspection.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromName {
    /// The rules only, on the words and measures that are there.
    #[default]
    Rules,
    /// The recording: measured and recognised again.
    Recording,
}

/// Inspects a call again, by the rules that are active now.
#[utoipa::path(post, path = "/v1/calls/{id}/reinspect", tag = "calls",
    params(("id" = String, Path, format = Uuid)),
    request_body = Reinspect,
    responses((status = 202), Refusals))]
pub(crate) async fn reinspect_call(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<CallId>,
    extract::Json(asked): extract::Json<Reinspect>,
) -> Result<StatusCode, Problem> {
    let from = match asked.from {
        FromName::Rules => ReinspectFrom::Rules,
        FromName::Recording => ReinspectFrom::Recording,
    };
    api.workflow.reinspect_call(&caller, id, from).await?;
    Ok(StatusCode::ACCEPTED)
}
