use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use fh_model::{BatchId, CallId, CallMetadata, Millis, Points, Role};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{NewEvent, NewJob, StoreError, Write};

/// What sort of conversation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// A recording; Huawei's `call_type` 0.
    Voice,
    /// A chat; Huawei's `call_type` 2.
    Text,
}

/// Why a call has no result. The names are kept in the database: none is ever renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FailureKind {
    /// The recording could not be fetched.
    RecordingUnreachable,
    /// The recording cannot be decoded, or breaches a limit.
    RecordingInvalid,
    /// The tenant's daily limit of recordings or of minutes is reached.
    DailyLimit,
    /// No recogniser for the language is installed.
    NoRecognizer,
    /// The recogniser could not be given the sound.
    RecognizerUnreachable,
    /// A remote recogniser refused the job.
    RecognizerRefused,
    /// The recogniser could make nothing of the sound.
    NotRecognizable,
    /// The recogniser failed.
    RecognitionFailed,
    /// The recogniser found no words.
    NothingSaid,
    /// Inspecting a chat failed.
    TextInspectionFailed,
    /// The rules failed.
    RulesFailed,
    /// The result could not be kept.
    ResultNotKept,
    /// The work was given up for another reason, such as a worker that died each time.
    WorkFailed,
}

impl FailureKind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::RecordingUnreachable,
        Self::RecordingInvalid,
        Self::DailyLimit,
        Self::NoRecognizer,
        Self::RecognizerUnreachable,
        Self::RecognizerRefused,
        Self::NotRecognizable,
        Self::RecognitionFailed,
        Self::NothingSaid,
        Self::TextInspectionFailed,
        Self::RulesFailed,
        Self::ResultNotKept,
        Self::WorkFailed,
    ];

    /// Its stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RecordingUnreachable => "recording_unreachable",
            Self::RecordingInvalid => "recording_invalid",
            Self::DailyLimit => "daily_limit",
            Self::NoRecognizer => "no_recognizer",
            Self::RecognizerUnreachable => "recognizer_unreachable",
            Self::RecognizerRefused => "recognizer_refused",
            Self::NotRecognizable => "not_recognizable",
            Self::RecognitionFailed => "recognition_failed",
            Self::NothingSaid => "nothing_said",
            Self::TextInspectionFailed => "text_inspection_failed",
            Self::RulesFailed => "rules_failed",
            Self::ResultNotKept => "result_not_kept",
            Self::WorkFailed => "work_failed",
        }
    }
}

/// How far a call has come. Written as `queued`, `recognizing`, `failed:nothing_said`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CallState {
    /// Accepted; nobody has begun.
    Queued,
    /// The recording is being fetched.
    Fetching,
    /// It is being decoded and measured.
    Measuring,
    /// Its speech is being recognised.
    Recognizing,
    /// The rules run.
    Inspecting,
    /// The result stands.
    Done,
    /// Somebody cancelled it.
    Cancelled,
    /// Given up.
    Failed(FailureKind),
}

impl CallState {
    /// Whether nothing more will happen by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed(_))
    }
}

impl fmt::Display for CallState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queued => f.write_str("queued"),
            Self::Fetching => f.write_str("fetching"),
            Self::Measuring => f.write_str("measuring"),
            Self::Recognizing => f.write_str("recognizing"),
            Self::Inspecting => f.write_str("inspecting"),
            Self::Done => f.write_str("done"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Failed(kind) => write!(f, "failed:{}", kind.as_str()),
        }
    }
}

impl FromStr for CallState {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "queued" => Self::Queued,
            "fetching" => Self::Fetching,
            "measuring" => Self::Measuring,
            "recognizing" => Self::Recognizing,
            "inspecting" => Self::Inspecting,
            "done" => Self::Done,
            "cancelled" => Self::Cancelled,
            _ => {
                let kind = text.strip_prefix("failed:").and_then(|name| {
                    FailureKind::ALL.into_iter().find(|kind| kind.as_str() == name)
                });
                Self::Failed(kind.ok_or_else(|| {
                    format!(
                        "expected a state such as `queued` or `failed:nothing_said`, found `{text}`"
                    )
                })?)
            }
        })
    }
}

/// A call that is submitted.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCall {
    /// Its identifier, made by the caller.
    pub id: CallId,
    /// The calls that belong together (Huawei's `call_group_id`); its own identifier where it is
    /// alone.
    pub group: CallId,
    /// The batch that it came in.
    pub batch: Option<BatchId>,
    /// What sort of conversation it is.
    pub kind: CallKind,
    /// Where the recording is, as the workflow writes it.
    pub source: serde_json::Value,
    /// What is known of the call.
    pub metadata: CallMetadata,
    /// The recording's name without its folder and extension.
    pub file_name: String,
    /// The agent's user identifier (Huawei's `staff_id`), which is not the work number.
    pub staff_id: Option<String>,
    /// When the conversation took place; the time of submission where nobody said.
    pub call_time: Timestamp,
    /// When it was submitted.
    pub upload_time: Timestamp,
}

/// A submission's idempotency key with the digest of its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key, 1 to 255 characters.
    pub key: String,
    /// blake3 of what was asked, in hex.
    pub request_digest: String,
}

/// Calls, their first jobs and their events, all of which are kept or none.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Guards against doing it twice.
    pub idempotency: Option<IdempotencyKey>,
    /// The calls.
    pub calls: Vec<NewCall>,
    /// What is to be done for them.
    pub jobs: Vec<NewJob>,
    /// What is told.
    pub events: Vec<NewEvent>,
    /// What is known of the calls already: where an uploaded recording lies
    /// ([`Write::Recording`], so that an erasure finds it before any job ran), the words that came
    /// along ([`Write::Step`]).
    pub writes: Vec<Write>,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The calls in the order of the submission; with the same key as an earlier one, that one's.
    pub calls: Vec<CallId>,
    /// Whether it was an earlier submission with the same key and digest.
    pub repeated: bool,
}

/// What lists show of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSummary {
    /// Who speaks on it.
    pub role: Role,
    /// How long it speaks.
    pub speech: Millis,
    /// Recognised characters (Chinese) or words (English).
    pub spoken_units: u64,
}

/// What lists show of a score card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreSummary {
    /// The scenario's identifier.
    pub scenario: String,
    /// Its name.
    pub name: String,
    /// The score.
    pub score: Points,
    /// How many rules flagged.
    pub flags: u32,
}

/// What lists show of an inspected call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallSummary {
    /// How long the recording is.
    pub duration: Millis,
    /// Its channels, left first.
    pub channels: Vec<ChannelSummary>,
    /// Its score cards.
    pub scores: Vec<ScoreSummary>,
    /// How many warnings it has.
    pub warnings: u32,
}

/// A call as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRow {
    /// What was submitted.
    pub call: NewCall,
    /// How far it has come.
    pub state: CallState,
    /// Why it failed, for the operator and the tenant; names no place on the server.
    pub detail: Option<String>,
    /// blake3 of the recording, in hex, once it was fetched.
    pub recording_digest: Option<String>,
    /// Where the recording lies in the object store.
    pub recording_blob: Option<String>,
    /// What the inspection found, in short.
    pub summary: Option<CallSummary>,
    /// When the result was made.
    pub inspected_at: Option<Timestamp>,
    /// The state of its latest appeal.
    pub appeal: Option<crate::AppealState>,
}

/// The whole result of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInspection {
    /// blake3 over the recording's digest and all versions: the same key, the same bytes.
    pub key: String,
    /// The JSON of a [`fh_model::Inspection`].
    pub json: Vec<u8>,
    /// When it was made.
    pub made_at: Timestamp,
}

/// Which calls. Every field that is absent does not restrict.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallFilter {
    /// The conversation took place at or after.
    pub call_from: Option<Timestamp>,
    /// The conversation took place at or before.
    pub call_to: Option<Timestamp>,
    /// Submitted at or after.
    pub upload_from: Option<Timestamp>,
    /// Submitted at or before.
    pub upload_to: Option<Timestamp>,
    /// Any of these kinds.
    pub kinds: Option<Vec<CallKind>>,
    /// In any of these states.
    pub states: Option<Vec<CallState>>,
    /// Any of these identifiers.
    pub ids: Option<Vec<CallId>>,
    /// In this batch.
    pub batch: Option<BatchId>,
    /// Somebody says this: Chinese from one character up, or English words; letter case, width and
    /// punctuation do not matter.
    pub keyword: Option<String>,
    /// This agent's user identifier.
    pub staff_id: Option<String>,
    /// The agent's name contains this.
    pub staff_name: Option<String>,
    /// The recording is at least so long.
    pub duration_min: Option<Millis>,
    /// The recording is at most so long.
    pub duration_max: Option<Millis>,
    /// Any scenario's score is at most this.
    pub score_at_most: Option<Points>,
}

/// Which part of a list, newest submission first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// Skips `offset` rows and counts them all.
    Offset {
        /// Rows to skip.
        offset: u64,
        /// Rows to give.
        limit: u32,
    },
    /// Goes on after a row of an earlier page; nothing is counted.
    After {
        /// The last row of the earlier page, or the beginning.
        row: Option<(Timestamp, CallId)>,
        /// Rows to give.
        limit: u32,
    },
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct CallPage {
    /// The rows.
    pub rows: Vec<CallRow>,
    /// How many there are in all, with [`Paging::Offset`]. Where thousands of calls have a keyword, or
    /// hundreds one of more than two characters or one word, it is extrapolated from the newest of
    /// them; there are more after this page exactly where it is greater than what the pages have up
    /// to here.
    pub total: Option<u64>,
    /// Whether there are more after these.
    pub more: bool,
}

/// Where a keyword was found in a transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The utterance, counted from 0.
    pub utterance: u32,
    /// The first character (not byte) of the hit in the utterance's text.
    pub start: u32,
    /// The character after the hit.
    pub end: u32,
}

/// How many calls of a batch are in which state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchProgress {
    /// Each state with its number of calls, in the order of [`CallState`].
    pub states: Vec<(CallState, u64)>,
}

/// What an erasure deleted: proof, without what was in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Erased {
    /// How many calls.
    pub calls: u64,
    /// Which.
    pub ids: Vec<fh_model::CallId>,
    /// Objects whose deletion is left to the caller: no other call refers to them.
    pub blobs: Vec<String>,
}

/// The calls of one tenant.
#[async_trait]
pub trait Calls {
    /// Keeps calls with their jobs and events. With the key of an earlier submission: that one's
    /// answer where the request is the same, else [`StoreError::KeyReused`].
    async fn submit(&self, submission: Submission) -> Result<Submitted, StoreError>;

    /// A call.
    async fn call(&self, id: CallId) -> Result<Option<CallRow>, StoreError>;

    /// Calls, the newest submission first, of equal ones the greater identifier first.
    async fn list_calls(
        &self,
        filter: &CallFilter,
        paging: &Paging,
    ) -> Result<CallPage, StoreError>;

    /// The latest result of a call.
    async fn inspection(&self, id: CallId) -> Result<Option<StoredInspection>, StoreError>;

    /// What an earlier step of the work left behind.
    async fn step_result(
        &self,
        id: CallId,
        step: &str,
    ) -> Result<Option<crate::StepResult>, StoreError>;

    /// Where `keyword` is said in a call's transcript.
    async fn find_in_call(&self, id: CallId, keyword: &str) -> Result<Vec<Hit>, StoreError>;

    /// How far a batch has come; without states where there is no such batch.
    async fn batch_progress(&self, batch: BatchId) -> Result<BatchProgress, StoreError>;

    /// Cancels a call that is not yet final: its jobs end, a worker at it loses its lease. Whether
    /// it was cancelled; then there is an event `call.cancelled` whose payload is the `state`.
    async fn cancel_call(&self, id: CallId) -> Result<bool, StoreError>;

    /// Queues a final call again, from the beginning or from its inspection on.
    async fn restart_call(
        &self,
        id: CallId,
        job: NewJob,
        event: NewEvent,
    ) -> Result<(), StoreError>;

    /// Deletes a call with all that was made from it, and its words from the index. What remains is
    /// the audit log and a tombstone, so that a restored backup can be cleaned again.
    async fn erase_call(&self, id: CallId) -> Result<Erased, StoreError>;

    /// Deletes all calls of a person: `agent` (work number or user identifier) or the metadata
    /// attribute `customer_id`.
    async fn erase_person(&self, person: &str) -> Result<Erased, StoreError>;

    /// Deletes the calls that were submitted longer than `age` ago by the database's clock, the
    /// oldest first, at most `limit` of them.
    async fn erase_older_than(&self, age: Duration, limit: u32) -> Result<Erased, StoreError>;

    /// Whether any call's recording lies there; what nobody refers to and is old may be deleted.
    async fn is_blob_used(&self, blob: &str) -> Result<bool, StoreError>;
}
