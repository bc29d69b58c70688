use fh_model::CallId;

use crate::{CallState, CallSummary, NewEvent, NewJob};

/// What a step of the work leaves for the next, under a key made of its input and versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepResult {
    /// The step, such as `decode_and_measure`.
    pub step: String,
    /// blake3 over the step's input and versions, in hex.
    pub key: String,
    /// What was made.
    pub body: Vec<u8>,
}

/// A change that a worker makes when it ends a job: all of them together, or, where its lease was
/// lost, none.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Write {
    /// The call has come this far.
    State {
        /// The call.
        call: CallId,
        /// How far.
        state: CallState,
        /// Why it failed.
        detail: Option<String>,
    },
    /// The recording is in the object store.
    Recording {
        /// The call.
        call: CallId,
        /// blake3 of its bytes, in hex.
        digest: String,
        /// Where it lies.
        blob: String,
    },
    /// A step's result. One that is there already under the same key stays as it is.
    Step {
        /// The call.
        call: CallId,
        /// The result.
        result: StepResult,
    },
    /// The call's result. One that is there already under the same key stays as it is.
    Inspection {
        /// The call.
        call: CallId,
        /// See [`crate::StoredInspection::key`].
        key: String,
        /// The JSON of a [`fh_model::Inspection`].
        json: Vec<u8>,
        /// For lists.
        summary: CallSummary,
        /// The utterances' texts in order, for the search.
        texts: Vec<String>,
    },
    /// More work.
    Enqueue(NewJob),
    /// Something to tell.
    Event(NewEvent),
}
