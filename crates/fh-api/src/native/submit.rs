use axum::Json;
use axum::extract::State;
use fh_model::Millis;
use fh_workflow::fetch::RecordingSource;
use fh_workflow::{CallContent, ChatLine, SubmitCall, SubmitCalls};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use super::calls::{Metadata, SpeakerName};
use crate::Problem;
use crate::extract;
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// Calls that are submitted together.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Submission {
    /// The batch that they belong to: any UUID that the client makes.
    #[schema(format = Uuid)]
    batch: Option<String>,
    /// The calls, at least one.
    #[schema(min_items = 1, max_items = 1000)]
    calls: Vec<NewCall>,
}

/// A call that is submitted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCall {
    source: Source,
    #[serde(default)]
    metadata: Metadata,
    /// The agent's user identifier, which is not the work number.
    #[schema(max_length = 255)]
    staff_id: Option<String>,
    /// The recording's file name with its extension; the source's own where absent.
    file_name: Option<String>,
    /// When the conversation took place; the time of submission where absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    call_time: Option<Timestamp>,
    /// Higher goes first; 0 is usual.
    #[serde(default)]
    #[schema(minimum = -100, maximum = 100)]
    priority: i16,
}

/// What a call is made of.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Source {
    /// A file below a folder that the configuration maps, such as `Y:\27\0\0951044.V3`.
    Path(String),
    /// Something to download.
    Url(String),
    /// A chat, in order.
    Chat(Vec<Line>),
}

/// What one party wrote in a chat.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    role: SpeakerName,
    text: String,
    /// When, from the chat's beginning.
    #[schema(maximum = 4294967295_i64)]
    at_ms: Option<u32>,
}

/// What is told about a call that is uploaded. Every field may be missing.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    #[serde(default)]
    pub(super) metadata: Metadata,
    /// The agent's user identifier, which is not the work number.
    #[schema(max_length = 255)]
    pub(super) staff_id: Option<String>,
    /// The recording's file name with its extension; the source's own where absent.
    pub(super) file_name: Option<String>,
    /// When the conversation took place; the time of submission where absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) call_time: Option<Timestamp>,
    /// Higher goes first; 0 is usual.
    #[serde(default)]
    #[schema(minimum = -100, maximum = 100)]
    pub(super) priority: i16,
}

/// What was accepted: kept, with the work that is to be done, whatever happens to the server.
#[derive(Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// The calls in the order of the submission.
    pub(super) calls: Vec<String>,
    /// Whether the same had been submitted before with the same `Idempotency-Key`; these are then
    /// the calls of that submission.
    pub(super) repeated: bool,
}

/// Submits calls by path, by URL or as chats.
///
/// With the header `Idempotency-Key` (1 to 255 characters) the same request gives the first answer
/// again, and another request with the same key is refused.
#[utoipa::path(post, path = "/v1/calls", tag = "calls",
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = Submission,
    responses((status = 202, body = Accepted), Refusals))]
pub(crate) async fn submit_calls(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    headers: HeaderMap,
    extract::Json(asked): extract::Json<Submission>,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let batch = match &asked.batch {
        None => None,
        Some(text) => {
            Some(text.parse().map_err(|_| Problem::field("batch", "a UUID", "another text"))?)
        }
    };
    let mut calls = Vec::with_capacity(asked.calls.len());
    for (index, call) in asked.calls.into_iter().enumerate() {
        let NewCall { source, metadata, staff_id, file_name, call_time, priority } = call;
        let about = About { metadata, staff_id, file_name, call_time, priority };
        calls.push(about.call(content(source), None, &format!("calls[{index}]."))?);
    }
    let submit = SubmitCalls { idempotency_key: idempotency_key(&headers)?, batch, calls };
    let submitted = api.workflow.submit_calls(&caller, submit).await?;
    Ok((StatusCode::ACCEPTED, Json(Accepted::of(&submitted))))
}

impl Accepted {
    pub(super) fn of(submitted: &fh_store::Submitted) -> Self {
        Self {
            calls: submitted.calls.iter().map(ToString::to_string).collect(),
            repeated: submitted.repeated,
        }
    }
}

fn content(source: Source) -> CallContent {
    match source {
        Source::Path(written) => CallContent::Recording(RecordingSource::Path { written }),
        Source::Url(url) => CallContent::Recording(RecordingSource::Url { url }),
        Source::Chat(lines) => CallContent::Chat(
            lines
                .into_iter()
                .map(|line| ChatLine {
                    role: line.role.into(),
                    at: line.at_ms.map(|ms| Millis(ms.into())),
                    text: line.text,
                })
                .collect(),
        ),
    }
}

impl About {
    /// The call that the workflow is given; `field` leads the names of fields in errors.
    pub(super) fn call(
        self,
        content: CallContent,
        transcript: Option<(String, Vec<u8>)>,
        field: &str,
    ) -> Result<SubmitCall, Problem> {
        if !(-100..=100).contains(&self.priority) {
            return Err(Problem::field(&format!("{field}priority"), "-100 to 100", self.priority));
        }
        Ok(SubmitCall {
            content,
            metadata: self.metadata.read(&format!("{field}metadata."))?,
            group: None,
            staff_id: self.staff_id,
            file_name: self.file_name,
            call_time: self.call_time,
            priority: self.priority,
            transcript,
        })
    }
}

/// The header `Idempotency-Key`.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(text) if !text.is_empty() => Ok(Some(text.to_owned())),
        _ => Err(Problem::field("Idempotency-Key", "1 to 255 characters of ASCII", "others")),
    }
}
