use axum::Json;
use axum::extract::State;
use fh_model::{CallId, Inspection, TranscriptSource, TranscriptState, Utterance};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Refusals;
use super::calls::{SpeakerName, no_such_call};
use crate::Problem;
use crate::extract::{InPath, InQuery};
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// What was said in a call.
#[derive(Serialize, ToSchema)]
pub(crate) struct Transcript {
    state: TranscriptStateName,
    /// What is missing for words, or why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// `zh_CN` or `en_US`.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// Which recogniser or which format the words came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    utterances: Vec<UtteranceWire>,
}

/// Whether there are words.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TranscriptStateName {
    Available,
    NoSpeech,
    NoRecognizer,
    Failed,
}

/// One stretch of speech by one speaker.
#[derive(Serialize, ToSchema)]
#[schema(as = Utterance)]
struct UtteranceWire {
    /// Counted from 1 in order of start.
    id: u32,
    channel: u8,
    role: SpeakerName,
    start_ms: u64,
    end_ms: u64,
    text: String,
    /// The words with their times; none where the source has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    words: Vec<WordWire>,
    /// 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    /// In the recogniser's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    emotion: Option<String>,
}

/// A word with its time.
#[derive(Serialize, ToSchema)]
#[schema(as = Word)]
struct WordWire {
    text: String,
    start_ms: u64,
    end_ms: u64,
}

/// The call's result, or why there is none.
pub(super) async fn result_of(
    api: &Api,
    caller: &fh_workflow::Caller,
    id: CallId,
) -> Result<(fh_store::CallRow, Inspection), Problem> {
    let row = api.workflow.call(caller, id).await?.ok_or_else(no_such_call)?;
    api.workflow.inspection_of(caller, id).await?.ok_or_else(|| {
        Problem::conflict(format!(
            "expected a call that is inspected, found one that is `{}`",
            row.state
        ))
    })
}

/// Gives what was said in a call. 409 while it is not inspected.
#[utoipa::path(get, path = "/v1/calls/{id}/transcript", tag = "calls",
    params(("id" = String, Path, format = Uuid)),
    responses((status = 200, body = Transcript), Refusals))]
pub(crate) async fn get_transcript(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<CallId>,
) -> Result<Json<Transcript>, Problem> {
    let (_, inspection) = result_of(&api, &caller, id).await?;
    let (state, detail) = match inspection.transcript_state {
        TranscriptState::Available => (TranscriptStateName::Available, None),
        TranscriptState::NoSpeech => (TranscriptStateName::NoSpeech, None),
        TranscriptState::NoRecognizer { remedy } => {
            (TranscriptStateName::NoRecognizer, Some(remedy))
        }
        TranscriptState::Failed { reason } => (TranscriptStateName::Failed, Some(reason)),
    };
    let transcript = inspection.transcript.as_ref();
    Ok(Json(Transcript {
        state,
        detail,
        language: transcript.map(|transcript| transcript.language.code().to_owned()),
        source: transcript.map(|transcript| match &transcript.source {
            TranscriptSource::Engine { engine, model, .. } => format!("{engine}/{model}"),
            TranscriptSource::Import { format, .. } => format.clone(),
        }),
        utterances: transcript
            .map(|transcript| transcript.utterances.iter().map(UtteranceWire::of).collect())
            .unwrap_or_default(),
    }))
}

impl UtteranceWire {
    fn of(utterance: &Utterance) -> Self {
        let words = utterance.words.iter().filter_map(|word| {
            let bytes = word.bytes.start as usize..word.bytes.end as usize;
            Some(WordWire {
                text: utterance.text.get(bytes)?.to_owned(),
                start_ms: word.span.start.0,
                end_ms: word.span.end.0,
            })
        });
        Self {
            id: utterance.id,
            channel: utterance.channel.0,
            role: utterance.role.into(),
            start_ms: utterance.span.start.0,
            end_ms: utterance.span.end.0,
            text: utterance.text.clone(),
            words: words.collect(),
            confidence: utterance.confidence_permille.map(|permille| f64::from(permille) / 1e3),
            emotion: utterance.emotion.clone(),
        }
    }
}

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FindInCall {
    /// Chinese from one character up, or English words.
    #[param(min_length = 1, max_length = 200)]
    keyword: String,
}

/// Where a keyword is said in a call.
#[derive(Serialize, ToSchema)]
pub(crate) struct Hits {
    hits: Vec<Hit>,
}

/// A place in a transcript.
#[derive(Serialize, ToSchema)]
struct Hit {
    /// The utterance's place in the transcript, counted from 0.
    utterance: u32,
    /// The first character (not byte) in its text.
    start: u32,
    /// The character after.
    end: u32,
}

/// Finds a keyword in what was said.
#[utoipa::path(get, path = "/v1/calls/{id}/hits", tag = "calls",
    params(("id" = String, Path, format = Uuid), FindInCall),
    responses((status = 200, body = Hits), Refusals))]
pub(crate) async fn find_in_call(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<CallId>,
    InQuery(asked): InQuery<FindInCall>,
) -> Result<Json<Hits>, Problem> {
    if !(1..=200).contains(&asked.keyword.chars().count()) {
        return Err(Problem::field("keyword", "1 to 200 characters", "others"));
    }
    api.workflow.call(&caller, id).await?.ok_or_else(no_such_call)?;
    let hits = api.store().scope(&caller.tenant).find_in_call(id, &asked.keyword).await?;
    let hits = hits
        .into_iter()
        .map(|hit| Hit { utterance: hit.utterance, start: hit.start, end: hit.end })
        .collect();
    Ok(Json(Hits { hits }))
}
