use std::io;
use std::path::PathBuf;
use std::time::Duration;

use fh_model::{ChannelIndex, Language, Millis, Span};

/// Why speech could not be turned into words.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpeechError {
    /// No engine has that id.
    #[error("expected one of the engines {}, found `{id}`", in_backticks(known))]
    UnknownEngine {
        /// The id that was asked for.
        id: String,
        /// The ids that exist.
        known: Vec<&'static str>,
    },
    /// The engine needs a setting that was not given.
    #[error("engine `{engine}` needs {what}: {remedy}")]
    NotConfigured {
        /// The engine's id.
        engine: &'static str,
        /// What is lacking.
        what: String,
        /// What to do about it.
        remedy: String,
    },
    /// A shared library is not where it was looked for.
    #[error("expected `{library}` in {}, found none: {remedy}", in_folders(searched))]
    LibraryMissing {
        /// The library's file name.
        library: String,
        /// The folders that were searched.
        searched: Vec<PathBuf>,
        /// What to do about it.
        remedy: String,
    },
    /// A model, or a file of it, is not where it should be.
    #[error("expected model `{model}` at `{}`, found none: {remedy}", path.display())]
    ModelMissing {
        /// The model's id or folder.
        model: String,
        /// The file or folder that is missing.
        path: PathBuf,
        /// What to do about it.
        remedy: String,
    },
    /// The engine does not speak the language.
    #[error("engine `{engine}` with model `{model}` does not recognise `{language}`")]
    LanguageNotServed {
        /// The engine's id.
        engine: String,
        /// The model's id.
        model: String,
        /// The language that was asked for.
        language: Language,
    },
    /// The clip is not at the rate that the engine takes.
    #[error("expected a clip at {expected} Hz, found {found} Hz")]
    WrongRate {
        /// The rate that the engine takes.
        expected: u32,
        /// The rate that came.
        found: u32,
    },
    /// The clip is longer than the engine takes at once.
    #[error("expected a clip of at most {limit}, found {found}")]
    ClipTooLong {
        /// The most the engine takes at once.
        limit: Millis,
        /// What came.
        found: Millis,
    },
    /// The child process that runs the engine cannot be started.
    #[error("starting `{}` for engine `{engine}`: {source}", program.display())]
    ChildNotStarted {
        /// The engine's id.
        engine: &'static str,
        /// The program that was to be started.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The child process ended while it should have been at work. The next clip starts a new one.
    #[error(
        "the process of engine `{engine}` {how} while {doing}{}",
        last_words_clause(last_words)
    )]
    ChildDied {
        /// The engine's id.
        engine: &'static str,
        /// `ended with status 255`, `was ended by signal 6`.
        how: String,
        /// What it was doing: `loading the model`, `recognising a clip`.
        doing: &'static str,
        /// The end of what it wrote to its standard error.
        last_words: String,
    },
    /// The child process did not answer in time and was ended.
    #[error("the process of engine `{engine}` gave no answer within {limit:?} while {doing}")]
    ChildTimedOut {
        /// The engine's id.
        engine: &'static str,
        /// How long it was given.
        limit: Duration,
        /// What it was doing.
        doing: &'static str,
    },
    /// The child process answered with something that the protocol does not know.
    #[error("the process of engine `{engine}` broke the protocol: {detail}")]
    ChildProtocol {
        /// The engine's id.
        engine: &'static str,
        /// Expected and found.
        detail: String,
    },
    /// The engine refused its library, its model or its settings.
    #[error("engine `{engine}` cannot start: {detail}")]
    EngineNotStarted {
        /// The engine's id.
        engine: &'static str,
        /// Expected and found.
        detail: String,
    },
    /// The engine failed on a clip.
    #[error("engine `{engine}` failed on a clip: {detail}")]
    Recognition {
        /// The engine's id.
        engine: &'static str,
        /// What it said.
        detail: String,
    },
    /// A remote server could not be asked or did not answer as it should.
    #[error("the recogniser at `{server}` {detail} after {attempts} attempt(s)")]
    Remote {
        /// Scheme, host and port; never a key or a query.
        server: String,
        /// What went wrong, without any text of the call.
        detail: String,
        /// How often it was tried.
        attempts: u32,
        /// Whether it answered, and said no.
        answered: bool,
    },
    /// The samples could not be read back.
    #[error("reading channel {channel} at {span}: {source}")]
    ReadSamples {
        /// Which channel.
        channel: ChannelIndex,
        /// Which stretch.
        span: Span,
        /// What the system said.
        source: io::Error,
    },
    /// A file that the engine needs cannot be read.
    #[error("reading `{}`: {source}", path.display())]
    ReadFile {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl SpeechError {
    /// What to do about it where that is known, else the whole message.
    pub fn remedy(&self) -> String {
        match self {
            Self::NotConfigured { remedy, .. }
            | Self::LibraryMissing { remedy, .. }
            | Self::ModelMissing { remedy, .. } => remedy.clone(),
            _ => self.to_string(),
        }
    }

    /// A short stable name of the kind of error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownEngine { .. } => "unknown_engine",
            Self::NotConfigured { .. } => "engine_not_configured",
            Self::LibraryMissing { .. } => "library_missing",
            Self::ModelMissing { .. } => "model_missing",
            Self::LanguageNotServed { .. } => "language_not_served",
            Self::WrongRate { .. } => "wrong_rate",
            Self::ClipTooLong { .. } => "clip_too_long",
            Self::ChildNotStarted { .. } => "recognizer_process_not_started",
            Self::ChildDied { .. } => "recognizer_process_died",
            Self::ChildTimedOut { .. } => "recognizer_process_timed_out",
            Self::ChildProtocol { .. } => "recognizer_process_protocol",
            Self::EngineNotStarted { .. } => "engine_not_started",
            Self::Recognition { .. } => "recognition_failed",
            Self::Remote { .. } => "remote_recognizer_failed",
            Self::ReadSamples { .. } => "samples_unreadable",
            Self::ReadFile { .. } => "file_unreadable",
        }
    }
}

/// No recogniser can serve the language; the call keeps its acoustic measures.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no recogniser for {language}: {remedy}")]
pub struct NoRecognizer {
    /// The language that was asked for.
    pub language: Language,
    /// What to run to get one.
    pub remedy: String,
}

fn in_backticks(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn in_folders(folders: &[PathBuf]) -> String {
    if folders.is_empty() {
        return "no folder at all".to_owned();
    }
    folders.iter().map(|folder| format!("`{}`", folder.display())).collect::<Vec<_>>().join(", ")
}

fn last_words_clause(last_words: &str) -> String {
    let last_words = last_words.trim();
    if last_words.is_empty() { String::new() } else { format!("; it last wrote: {last_words}") }
}
