use std::io;

use serde::{Deserialize, Serialize};

use crate::{LimitKind, Place};

/// Why decoding stopped, as the decoding process tells it: without the file's name, which it does
/// not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Fault {
    Empty {
        found: String,
    },
    Unsupported {
        format: String,
        detail: String,
    },
    MissingLibrary {
        format: String,
        needs: String,
        package: String,
    },
    Malformed {
        place: Place,
        expected: String,
        found: String,
    },
    Limit {
        limit: LimitKind,
        allowed: u64,
        found: u64,
    },
    Sandbox {
        missing: String,
    },
    Panicked {
        message: String,
    },
    /// Nobody listens any more; there is nobody to tell.
    OutputClosed,
}

impl Fault {
    pub(crate) fn malformed(
        place: Place,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Malformed { place, expected: expected.into(), found: found.into() }
    }

    /// An input error at `offset`: the file ends early, or cannot be read.
    pub(crate) fn reading(offset: u64, expected: &str, error: &io::Error) -> Self {
        let found = match error.kind() {
            io::ErrorKind::UnexpectedEof => "the end of the file".to_owned(),
            _ => error.to_string(),
        };
        Self::malformed(Place::Byte(offset), expected, found)
    }

    /// The sentence for the reason of a partial recording.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Empty { found } => format!("expected sound, found {found}"),
            Self::Unsupported { format, detail } => format!("{format} is not supported: {detail}"),
            Self::MissingLibrary { format, needs, .. } => {
                format!("{format} needs `{needs}`, which is not installed")
            }
            Self::Malformed { place, expected, found } => {
                format!("damaged at {place}: expected {expected}, found {found}")
            }
            Self::Limit { limit, allowed, found } => {
                format!("at most {allowed} {limit} allowed, found {found}")
            }
            Self::Sandbox { missing } => format!("no sandbox: {missing}"),
            Self::Panicked { message } => format!("the decoder failed: {message}"),
            Self::OutputClosed => "the output was closed".to_owned(),
        }
    }
}
