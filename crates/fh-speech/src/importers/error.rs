use std::fmt;

/// Where in a transcript file something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The whole file.
    File,
    /// A line, counted from 1.
    Line(usize),
    /// A value of a JSON file, as a JSON pointer (RFC 6901) where it is known, and the line and
    /// column where it is known (0 where not).
    Json {
        /// Such as `/utterances/3/start_ms`.
        pointer: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => Ok(()),
            Self::Line(line) => write!(f, " line {line}"),
            Self::Json { pointer, line: 0, .. } => write!(f, " at `{pointer}`"),
            Self::Json { pointer, line, column } if pointer.is_empty() => {
                write!(f, " line {line} column {column}")
            }
            Self::Json { pointer, line, column } => {
                write!(f, " line {line} column {column} at `{pointer}`")
            }
        }
    }
}

/// Why a transcript could not be read. No message repeats what was said in the call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is larger than any transcript of a call.
    #[error("`{file}`: expected at most {limit} bytes, found {found}")]
    TooLarge {
        /// The file's name.
        file: String,
        /// The limit.
        limit: usize,
        /// The file's size.
        found: usize,
    },
    /// The file is not UTF-8.
    #[error("`{file}` line {line}: expected UTF-8 text, found bytes that are none")]
    NotText {
        /// The file's name.
        file: String,
        /// The line of the first wrong byte, counted from 1.
        line: usize,
    },
    /// The file is none of the formats that we read.
    #[error(
        "`{file}`: expected a transcript (`fairhearing.transcript/1`, WebVTT, SRT, or JSON of \
         Whisper, Amazon Transcribe or Azure), found none of these"
    )]
    UnknownFormat {
        /// The file's name.
        file: String,
    },
    /// The file has the words but not when they were said.
    #[error(
        "`{file}`: expected the time of every phrase, found a text without times, which cannot \
         be placed in the call"
    )]
    NoTimes {
        /// The file's name.
        file: String,
    },
    /// Something in the file is not as it should be.
    #[error("`{file}`{place}: expected {expected}, found {found}")]
    Fault {
        /// The file's name.
        file: String,
        /// Where.
        place: Place,
        /// What should stand there.
        expected: String,
        /// What stands there.
        found: String,
    },
}

impl ImportError {
    /// A short stable name of the kind of error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "transcript_too_large",
            Self::NotText { .. } => "transcript_not_utf8",
            Self::UnknownFormat { .. } => "transcript_format_unknown",
            Self::NoTimes { .. } => "transcript_without_times",
            Self::Fault { .. } => "transcript_faulty",
        }
    }

    pub(super) fn in_file(file: &str, fault: Fault) -> Self {
        let Fault { place, expected, found } = fault;
        Self::Fault { file: file.to_owned(), place, expected, found }
    }
}

/// What is wrong and where, before the file's name is known.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) place: Place,
    pub(super) expected: String,
    pub(super) found: String,
}

impl Fault {
    pub(super) fn new(place: Place, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { place, expected: expected.into(), found: found.into() }
    }
}
