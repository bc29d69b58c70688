use std::sync::OnceLock;

use axum::Json;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request, State};
use fh_workflow::fetch::RecordingSource;
use fh_workflow::{CallContent, Caller, SubmitCalls};
use futures_util::TryStreamExt as _;
use http::StatusCode;
use tokio_util::io::StreamReader;
use utoipa::ToSchema;

use super::Refusals;
use super::submit::{About, Accepted, idempotency_key};
use crate::Problem;
use crate::parts::Api;
use crate::sign_in::SignedIn;
use crate::strict_json;

/// The largest part besides the recording, in bytes.
const SMALL_PART: usize = 16 << 20;

/// The parts of the upload of a recording.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape in the OpenAPI document is used")]
pub(crate) struct Upload {
    /// The recording itself, with its file name.
    #[schema(value_type = String, format = Binary)]
    recording: Vec<u8>,
    /// What is known of the call.
    call: Option<About>,
    /// A transcript that somebody else made, with its file name.
    #[schema(value_type = Option<String>, format = Binary)]
    transcript: Option<Vec<u8>>,
}

/// Submits a recording with its bytes.
///
/// The parts may come in any order; the recording is kept as it comes and never lies in memory as a
/// whole.
#[utoipa::path(post, path = "/v1/calls/upload", tag = "calls",
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 202, body = Accepted), Refusals))]
pub(crate) async fn upload_call(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    mut request: Request,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let idempotency_key = idempotency_key(request.headers())?;
    // Each part has its own limit.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| {
        Problem::wrong_media_type(
            "expected the content type `multipart/form-data` with a boundary, found another",
        )
    })?;
    let mut parts = Parts::default();
    while let Some(field) = multipart.next_field().await.map_err(|error| broken(&error))? {
        parts.take(&api, &caller, field).await?;
    }
    let Some((recording, file_name)) = parts.recording else {
        return Err(Problem::field("recording", "a part with the recording", "none"));
    };
    let mut about = parts.about.unwrap_or_default();
    about.file_name = about.file_name.or(file_name);
    let call = about.call(CallContent::Recording(recording), parts.transcript, "call.")?;
    let submit = SubmitCalls { idempotency_key, batch: None, calls: vec![call] };
    let submitted = api.workflow.submit_calls(&caller, submit).await?;
    Ok((StatusCode::ACCEPTED, Json(Accepted::of(&submitted))))
}

#[derive(Default)]
struct Parts {
    recording: Option<(RecordingSource, Option<String>)>,
    about: Option<About>,
    transcript: Option<(String, Vec<u8>)>,
}

impl Parts {
    async fn take(&mut self, api: &Api, caller: &Caller, field: Field<'_>) -> Result<(), Problem> {
        let file_name = field.file_name().map(str::to_owned);
        match field.name() {
            Some("recording") if self.recording.is_none() => {
                // What is wrong with the body is ours to say: the workflow reads bytes only.
                let fault = OnceLock::new();
                let stream = field.map_err(|error| {
                    let _ = fault.set(broken(&error));
                    std::io::Error::other(error)
                });
                let mut reader = StreamReader::new(Box::pin(stream));
                let most = api.settings.upload_bytes;
                let stored = api.workflow.store_upload(caller, &mut reader, most).await;
                drop(reader);
                if let Some(problem) = fault.into_inner() {
                    return Err(problem);
                }
                self.recording = Some((stored?, file_name));
            }
            Some("call") if self.about.is_none() => {
                let bytes = small(field, api.settings.json.max_bytes).await?;
                let about =
                    strict_json::from_slice(&bytes, &api.settings.json).map_err(|error| {
                        Problem::bad_request(format!("in the part `call`: {error}"))
                    })?;
                self.about = Some(about);
            }
            Some("transcript") if self.transcript.is_none() => {
                let name = file_name.unwrap_or_else(|| "transcript".to_owned());
                self.transcript = Some((name, small(field, SMALL_PART).await?));
            }
            _ => {
                return Err(Problem::bad_request(
                    "expected the parts `recording`, `call` and `transcript`, each once, found \
                     another",
                ));
            }
        }
        Ok(())
    }
}

async fn small(mut field: Field<'_>, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > limit {
            let part = field.name().unwrap_or_default().to_owned();
            return Err(Problem::too_large(format!(
                "expected at most {limit} bytes in the part `{part}`, found more"
            )));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn broken(error: &MultipartError) -> Problem {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(slow) = error.downcast_ref::<crate::TooSlow>() {
            return Problem::timeout(slow);
        }
        cause = error.source();
    }
    Problem::bad_request("expected a whole multipart body, found a broken one")
}
