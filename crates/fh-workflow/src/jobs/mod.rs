//! The steps of the work, each small and safe to run twice: one file each, one line in [`JOBS`].

mod decode_and_measure;
mod failure;
mod fetch_recording;
pub(crate) mod given;
mod inspect_call;
mod inspect_chat;
mod notify;
mod outcome;
mod recognize_speech;
mod step_key;
mod work;

use async_trait::async_trait;
use fh_store::{CallState, FailureKind};

pub(crate) use failure::Failure;
pub(crate) use notify::webhook_secret;
pub(crate) use outcome::{Done, JobResult};
pub(crate) use work::Work;

/// Brings the recording in.
pub const FETCH_RECORDING: &str = "fetch_recording";
/// Decodes and measures it.
pub const DECODE_AND_MEASURE: &str = "decode_and_measure";
/// Finds the words.
pub const RECOGNIZE_SPEECH: &str = "recognize_speech";
/// Holds the call against the rules.
pub const INSPECT_CALL: &str = "inspect_call";
/// Holds a chat against the rules.
pub const INSPECT_CHAT: &str = "inspect_chat";
/// Tells a receiver of a call's events.
pub const NOTIFY: &str = "notify";

/// A step of the work.
#[async_trait]
pub(crate) trait Job: Sync {
    /// Does it. What it changes comes back and is written in one transaction with the job's end.
    async fn run(&self, work: &Work) -> JobResult;
}

/// One line of [`JOBS`].
pub(crate) struct JobEntry {
    /// Its name, as it is kept in the database: old ones stay readable for one release.
    pub(crate) kind: &'static str,
    /// The state that the call is in meanwhile.
    pub(crate) state: Option<CallState>,
    /// Whether what it works on could kill the process, so that another attempt is made alone.
    pub(crate) may_be_poison: bool,
    /// What a fault of ours in it is to the client.
    pub(crate) fault: FailureKind,
    pub(crate) job: &'static dyn Job,
}

/// Every step, in the order of the work.
pub(crate) const JOBS: &[JobEntry] = &[
    JobEntry {
        kind: FETCH_RECORDING,
        state: Some(CallState::Fetching),
        may_be_poison: false,
        fault: FailureKind::WorkFailed,
        job: &fetch_recording::FetchRecording,
    },
    JobEntry {
        kind: DECODE_AND_MEASURE,
        state: Some(CallState::Measuring),
        may_be_poison: true,
        fault: FailureKind::WorkFailed,
        job: &decode_and_measure::DecodeAndMeasure,
    },
    JobEntry {
        kind: RECOGNIZE_SPEECH,
        state: Some(CallState::Recognizing),
        may_be_poison: true,
        fault: FailureKind::RecognitionFailed,
        job: &recognize_speech::RecognizeSpeech,
    },
    JobEntry {
        kind: INSPECT_CALL,
        state: Some(CallState::Inspecting),
        may_be_poison: true,
        fault: FailureKind::RulesFailed,
        job: &inspect_call::InspectCall,
    },
    JobEntry {
        kind: INSPECT_CHAT,
        state: Some(CallState::Inspecting),
        may_be_poison: true,
        fault: FailureKind::TextInspectionFailed,
        job: &inspect_chat::InspectChat,
    },
    JobEntry {
        kind: NOTIFY,
        state: None,
        may_be_poison: false,
        fault: FailureKind::WorkFailed,
        job: &notify::Notify,
    },
];

/// The names of all steps, in the order of the work.
pub fn job_kinds() -> Vec<&'static str> {
    JOBS.iter().map(|entry| entry.kind).collect()
}
