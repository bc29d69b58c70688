//! From a list of paths to results in the same order.
//!
//! [`find`] lists the recordings, [`workers`] hands them to threads, [`pipeline`] inspects one call
//! and [`store`] keeps what was made, so that the same work is not done twice.

pub(crate) mod failure;
pub(crate) mod find;
pub(crate) mod language;
pub(crate) mod manifest;
pub(crate) mod pipeline;
pub(crate) mod progress;
pub(crate) mod roles;
pub(crate) mod store;
pub(crate) mod workers;

use std::path::PathBuf;

use fh_audio::Preview;
use fh_model::{CallMetadata, Inspection};

pub(crate) use failure::CallFailure;

/// A recording that is to be inspected.
#[derive(Debug, Clone)]
pub(crate) struct CallInput {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// How the user would call it: the path as it was given, or found below a folder.
    pub(crate) shown: String,
    /// How the table calls it: as it was typed, or its path below the folder that was typed.
    pub(crate) label: String,
    /// Its name in results: the file's, or its path below the folder that was given, with `/`.
    /// Holds nothing of where on this machine it lies.
    pub(crate) name: String,
    /// Its size in bytes, for the progress bar; 0 where it cannot be told.
    pub(crate) bytes: u64,
    /// What is known of the call.
    pub(crate) metadata: CallMetadata,
    /// The transcript that the manifest names for it.
    pub(crate) transcript: Option<PathBuf>,
}

/// What became of a recording.
#[derive(Debug)]
pub(crate) enum CallResult {
    /// It was inspected, now or in an earlier run.
    Inspected {
        /// See [`CallInput::label`].
        label: String,
        /// See [`CallInput::name`].
        name: String,
        /// What was found.
        inspection: Box<Inspection>,
        /// Waveform and sound, if they are wanted.
        preview: Option<Preview>,
        /// Whether it was made by an earlier run.
        reused: bool,
    },
    /// It could not be inspected.
    Failed(CallFailure),
}
