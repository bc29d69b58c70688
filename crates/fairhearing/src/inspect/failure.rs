use std::fmt::Display;
use std::path::Path;

use fh_audio::AudioError;

use super::CallInput;
use crate::messages::{Catalogue, Lang, fill};

/// Why a recording could not be inspected.
#[derive(Debug, Clone)]
pub(crate) struct CallFailure {
    /// See [`CallInput::shown`].
    pub(crate) shown: String,
    /// See [`CallInput::name`].
    pub(crate) name: String,
    /// A stable name of what went wrong.
    pub(crate) code: String,
    /// What was expected and what came, in English: what results are written with.
    pub(crate) message: String,
    /// The same in the language of the terminal.
    pub(crate) told: String,
    /// What helps, in English.
    pub(crate) remedy: Option<String>,
    /// What helps, in the language of the terminal.
    pub(crate) told_remedy: Option<String>,
}

/// A text of the catalogue; the same one in each language.
type Text = fn(&Catalogue) -> &'static str;

impl CallFailure {
    /// A failure that the catalogue has the sentence for.
    pub(crate) fn of(
        (shown, name): (&str, &str),
        code: &str,
        lang: Lang,
        text: Text,
        values: &[(&str, &dyn Display)],
        remedy: Option<Text>,
    ) -> Self {
        let (english, spoken) = (Lang::En.catalogue(), lang.catalogue());
        Self {
            shown: shown.to_owned(),
            name: name.to_owned(),
            code: code.to_owned(),
            message: fill(text(english), values),
            told: fill(text(spoken), values),
            remedy: remedy.map(|remedy| remedy(english).to_owned()),
            told_remedy: remedy.map(|remedy| remedy(spoken).to_owned()),
        }
    }

    /// What `fh-audio` says of a recording.
    pub(crate) fn of_audio(call: &CallInput, error: &AudioError, lang: Lang) -> Self {
        let names = (call.shown.as_str(), call.name.as_str());
        let code = error.code();
        let make = |text: Text, values: &[(&str, &dyn Display)], remedy: Option<Text>| {
            Self::of(names, code, lang, text, values, remedy)
        };
        // The sentences leave the file out: it stands in the line above them, and where it lies
        // on this machine is nothing that a result should hold.
        match error {
            AudioError::Unreadable { source, .. } => {
                make(|t| t.fail_unreadable, &[("reason", source)], None)
            }
            AudioError::NotAFile { .. } => make(|t| t.fail_not_a_file, &[], None),
            AudioError::Empty { found, .. } => {
                make(|t| t.fail_empty, &[("found", found)], Some(|t| t.remedy_empty))
            }
            AudioError::UnknownFormat { found, .. } => make(
                |t| t.fail_unknown_format,
                &[("found", found)],
                Some(|t| t.remedy_unknown_format),
            ),
            AudioError::Unsupported { format, detail, .. } => make(
                |t| t.fail_unsupported,
                &[("format", format), ("detail", detail)],
                Some(|t| t.remedy_unsupported),
            ),
            AudioError::MissingDecoder { format, needs, package, .. } => {
                let values: [(&str, &dyn Display); 3] =
                    [("format", format), ("needs", needs), ("package", package)];
                let (english, spoken) = (Lang::En.catalogue(), lang.catalogue());
                let mut failure = make(|t| t.fail_missing_decoder, &values, None);
                failure.remedy = Some(fill(english.remedy_install, &values));
                failure.told_remedy = Some(fill(spoken.remedy_install, &values));
                failure
            }
            AudioError::Malformed { place, expected, found, .. } => make(
                |t| t.fail_malformed,
                &[("place", place), ("expected", expected), ("found", found)],
                Some(|t| t.remedy_empty),
            ),
            AudioError::HeaderlessLength { bytes, expected, .. } => make(
                |t| t.fail_headerless,
                &[("bytes", bytes), ("expected", expected)],
                Some(|t| t.remedy_headerless),
            ),
            AudioError::LimitReached { limit, allowed, found, .. } => make(
                |t| t.fail_limit,
                &[("limit", limit), ("allowed", allowed), ("found", found)],
                Some(|t| t.remedy_limit),
            ),
            AudioError::Partial { reason, decoded, .. } => make(
                |t| t.fail_partial,
                &[("reason", reason), ("decoded", decoded)],
                Some(|t| t.remedy_partial),
            ),
            AudioError::DecoderCrashed { how, .. } => {
                make(|t| t.fail_crashed, &[("how", how)], Some(|t| t.remedy_unknown_format))
            }
            AudioError::SandboxUnavailable { missing } => {
                make(|t| t.fail_sandbox, &[("missing", missing)], Some(|t| t.remedy_sandbox))
            }
            other => {
                let reason = without_path(&other.to_string(), &call.path, &call.name);
                make(|t| t.fail_other, &[("reason", &reason)], None)
            }
        }
    }
}

/// `text` with the recording's path replaced by its name.
pub(crate) fn without_path(text: &str, path: &Path, name: &str) -> String {
    text.replace(&path.display().to_string(), name)
}
