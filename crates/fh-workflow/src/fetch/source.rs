//! Where a call's recording is to be had.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a recording is to be had, as a job's payload keeps it.
///
/// ```
/// use fh_workflow::fetch::RecordingSource;
///
/// let source = RecordingSource::Path { written: r"Y:\27\0\0951044.V3".to_owned() };
/// assert_eq!(
///     serde_json::to_string(&source)?,
///     r#"{"kind":"path","written":"Y:\\27\\0\\0951044.V3"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RecordingSource {
    /// A file below a mapped folder.
    Path {
        /// The path as the client wrote it.
        written: String,
    },
    /// Something to download.
    Url {
        /// The URL as the client wrote it; its query may be a secret.
        url: String,
    },
    /// Something that was uploaded and is already in the object store.
    Upload {
        /// Its key in the object store.
        blob: String,
    },
}

/// A path can name a caller's number, a URL can carry a signature: neither is for logs.
impl fmt::Debug for RecordingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { .. } => f.write_str("Path { .. }"),
            Self::Url { .. } => f.write_str("Url { .. }"),
            Self::Upload { blob } => f.debug_struct("Upload").field("blob", blob).finish(),
        }
    }
}
