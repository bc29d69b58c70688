//! What went wrong in a job, in the words of the call's state: the one place where the errors of the
//! crates below become a [`FailureKind`].

use std::time::Duration;

use fh_audio::AudioError;
use fh_speech::SpeechError;
use fh_store::{FailureKind, StoreError};

use crate::fetch::FetchError;
use crate::inspection::RecognizeError;

use FailureKind::{
    NoRecognizer, NotRecognizable, RecognitionFailed, RecognizerRefused, RecognizerUnreachable,
    RecordingInvalid, RecordingUnreachable, ResultNotKept, WorkFailed,
};

/// Why a job did not do its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Another attempt may succeed; if there is none left the call fails for this reason.
    Passing {
        kind: FailureKind,
        /// For the operator and the tenant; names no place on the server.
        detail: String,
        /// How long to wait at least, where somebody said so.
        after: Option<Duration>,
    },
    /// Another attempt would end the same.
    Lasting { kind: FailureKind, detail: String },
    /// The lease was lost or the worker stops: nothing is to be written.
    Stopped,
}

impl Failure {
    pub(crate) fn passing(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self::Passing { kind, detail: detail.into(), after: None }
    }

    pub(crate) fn lasting(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self::Lasting { kind, detail: detail.into() }
    }

    fn of(passes: bool, kind: FailureKind, detail: String) -> Self {
        if passes { Self::passing(kind, detail) } else { Self::lasting(kind, detail) }
    }

    /// What is said of a recording by those who listen to it. Where it lies on this machine is
    /// nothing that a client should read: the path gives way to the recording's name.
    pub(crate) fn of_audio(error: &AudioError, path: &std::path::Path, name: &str) -> Self {
        let detail = error.to_string().replace(&path.display().to_string(), name);
        let (kind, passes) = match error {
            // The recording lies in a file of ours: the machine is at fault, or a share is away.
            AudioError::Unreadable { .. } | AudioError::NotAFile { .. } => {
                (RecordingUnreachable, true)
            }
            // Whether the recording kills its decoder or something else did, further attempts tell.
            AudioError::DecoderCrashed { .. } | AudioError::DecoderProtocol { .. } => {
                (RecordingInvalid, true)
            }
            AudioError::LimitReached { limit: fh_audio::LimitKind::Wait, .. } => {
                (RecordingInvalid, true)
            }
            AudioError::Empty { .. }
            | AudioError::UnknownFormat { .. }
            | AudioError::Unsupported { .. }
            | AudioError::Malformed { .. }
            | AudioError::HeaderlessLength { .. }
            | AudioError::LimitReached { .. }
            | AudioError::Partial { .. }
            | AudioError::MissingDecoder { .. } => (RecordingInvalid, false),
            AudioError::DecoderNotStarted { .. } | AudioError::Spill { .. } => (WorkFailed, true),
            // `SandboxUnavailable`, `VoiceActivity`, `Preview`, and what is added later.
            _ => (WorkFailed, false),
        };
        Self::of(passes, kind, detail)
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        let kind = match &error {
            FetchError::TooLarge { .. } => RecordingInvalid,
            FetchError::Store(_) => WorkFailed,
            _ => RecordingUnreachable,
        };
        let detail = error.to_string();
        match &error {
            FetchError::Status { retry_after: Some(after), .. } if error.retryable() => {
                Self::Passing { kind, detail, after: Some(*after) }
            }
            _ => Self::of(error.retryable(), kind, detail),
        }
    }
}

impl From<RecognizeError> for Failure {
    fn from(error: RecognizeError) -> Self {
        let detail = error.to_string();
        let (kind, passes) = match &error {
            RecognizeError::NoEngine { .. } => (NoRecognizer, false),
            RecognizeError::Speech(error) => of_speech(error),
            _ => (WorkFailed, true),
        };
        Self::of(passes, kind, detail)
    }
}

fn of_speech(error: &SpeechError) -> (FailureKind, bool) {
    match error {
        SpeechError::UnknownEngine { .. }
        | SpeechError::NotConfigured { .. }
        | SpeechError::LibraryMissing { .. }
        | SpeechError::ModelMissing { .. }
        | SpeechError::LanguageNotServed { .. }
        | SpeechError::EngineNotStarted { .. } => (NoRecognizer, false),
        SpeechError::ChildNotStarted { .. }
        | SpeechError::ReadSamples { .. }
        | SpeechError::ReadFile { .. }
        | SpeechError::Remote { answered: false, .. } => (RecognizerUnreachable, true),
        SpeechError::Remote { answered: true, .. } => (RecognizerRefused, true),
        SpeechError::WrongRate { .. }
        | SpeechError::ClipTooLong { .. }
        | SpeechError::Recognition { .. } => (NotRecognizable, false),
        // `ChildDied`, `ChildTimedOut`, `ChildProtocol`, and what is added later.
        _ => (RecognitionFailed, true),
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            // Somebody else works at it, or it was cancelled or erased.
            StoreError::Fenced => Self::Stopped,
            StoreError::NotFound { .. } => Self::lasting(WorkFailed, error.to_string()),
            StoreError::Full(_) => Self::passing(ResultNotKept, error.to_string()),
            other => Self::passing(WorkFailed, other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn a_failure_tells_no_place_on_the_server() {
        let path = Path::new("/var/lib/fh/tmp/.tmpAb12/recording.wav");
        let error = AudioError::Empty { file: path.to_owned(), found: "0 bytes".to_owned() };
        assert_eq!(
            Failure::of_audio(&error, path, "call.wav"),
            Failure::lasting(RecordingInvalid, "expected sound in `call.wav`, found 0 bytes")
        );
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        let check = |failure: Failure, kind: FailureKind, passes: bool| match failure {
            Failure::Passing { kind: found, .. } => assert_eq!((found, true), (kind, passes)),
            Failure::Lasting { kind: found, .. } => assert_eq!((found, false), (kind, passes)),
            Failure::Stopped => panic!("expected a failure"),
        };
        let path = PathBuf::from("a.wav");
        let crashed = AudioError::DecoderCrashed { file: path.clone(), how: String::new() };
        check(Failure::of_audio(&crashed, &path, "a.wav"), RecordingInvalid, true);
        check(FetchError::PathNotFound.into(), RecordingUnreachable, true);
        check(FetchError::PathUnmapped.into(), RecordingUnreachable, false);
        check(FetchError::TooLarge { limit: 1 }.into(), RecordingInvalid, false);
        let remote = |answered| SpeechError::Remote {
            server: String::new(),
            detail: String::new(),
            attempts: 1,
            answered,
        };
        check(RecognizeError::from(remote(true)).into(), RecognizerRefused, true);
        check(RecognizeError::from(remote(false)).into(), RecognizerUnreachable, true);
        let full = StoreError::Full(Box::new(io::Error::other("full")));
        check(full.into(), ResultNotKept, true);
        assert_eq!(Failure::from(StoreError::Fenced), Failure::Stopped);
        let asked = FetchError::Status { status: 503, retry_after: Some(Duration::from_secs(9)) };
        let after = Some(Duration::from_secs(9));
        assert!(matches!(asked.into(), Failure::Passing { after: found, .. } if found == after));
    }
}
