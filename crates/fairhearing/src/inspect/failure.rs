use std::fmt::Display;
use std::path::Path;

use fh_audio::{AudioError, LimitKind, Place};
use fh_model::Millis;

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
        let (english, spoken) = (Lang::En.catalogue(), lang.catalogue());
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
                let mut failure = make(|t| t.fail_missing_decoder, &values, None);
                failure.remedy = Some(fill(english.remedy_install, &values));
                failure.told_remedy = Some(fill(spoken.remedy_install, &values));
                failure
            }
            AudioError::Malformed { place, expected, found, .. } => {
                let told = |texts: &Catalogue| {
                    let place = place_in_words(*place, texts);
                    let values: [(&str, &dyn Display); 3] =
                        [("place", &place), ("expected", expected), ("found", found)];
                    fill(texts.fail_malformed, &values)
                };
                let failure = make(|t| t.fail_malformed, &[], Some(|t| t.remedy_empty));
                Self { message: told(english), told: told(spoken), ..failure }
            }
            AudioError::HeaderlessLength { bytes, expected, .. } => make(
                |t| t.fail_headerless,
                &[("bytes", bytes), ("expected", expected)],
                Some(|t| t.remedy_headerless),
            ),
            AudioError::LimitReached { limit, allowed, found, .. } => {
                let told = |texts: &Catalogue| {
                    let [allowed, found] =
                        [allowed, found].map(|value| amount_in_words(*limit, *value, texts));
                    fill(texts.fail_limit, &[("allowed", &allowed), ("found", &found)])
                };
                let failure = make(|t| t.fail_limit, &[], Some(|t| t.remedy_limit));
                Self { message: told(english), told: told(spoken), ..failure }
            }
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

fn place_in_words(place: Place, texts: &Catalogue) -> String {
    match place {
        Place::Byte(number) => fill(texts.place_byte, &[("number", &number)]),
        Place::Packet(number) => fill(texts.place_packet, &[("number", &number)]),
        other => other.to_string(),
    }
}

/// An amount with what the limit counts.
fn amount_in_words(limit: LimitKind, amount: u64, texts: &Catalogue) -> String {
    let length = Millis(amount);
    let (text, value): (_, &dyn Display) = match limit {
        LimitKind::Bytes => (texts.limit_bytes, &amount),
        LimitKind::Duration => (texts.limit_duration, &length),
        LimitKind::Channels => (texts.limit_channels, &amount),
        LimitKind::Rate => (texts.limit_rate, &amount),
        LimitKind::Memory => (texts.limit_memory, &amount),
        LimitKind::Cpu => (texts.limit_cpu, &amount),
        LimitKind::Wait => (texts.limit_wait, &length),
        other => return format!("{amount} {other}"),
    };
    fill(text, &[("value", value)])
}

/// `text` with the recording's path replaced by its name.
pub(crate) fn without_path(text: &str, path: &Path, name: &str) -> String {
    text.replace(&path.display().to_string(), name)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use fh_model::CallMetadata;

    use super::*;

    fn told(error: &AudioError) -> [String; 2] {
        let call = CallInput {
            path: PathBuf::from("calls/a.wav"),
            shown: "calls/a.wav".to_owned(),
            label: "a.wav".to_owned(),
            name: "a.wav".to_owned(),
            bytes: 0,
            metadata: CallMetadata::default(),
            transcript: None,
        };
        [Lang::En, Lang::Zh].map(|lang| CallFailure::of_audio(&call, error, lang).told)
    }

    #[test]
    fn limits_and_places_are_told_with_their_units() {
        let file = PathBuf::from("calls/a.wav");
        let error = AudioError::LimitReached {
            file: file.clone(),
            limit: LimitKind::Duration,
            allowed: 21_600_000,
            found: 86_400_000,
        };
        let [english, chinese] = told(&error);
        assert_eq!(
            english,
            "over a limit: at most 6:00:00.000 of sound allowed, found 24:00:00.000 of sound"
        );
        assert_eq!(
            chinese,
            "超过上限：最多 6:00:00.000（声音时长），实为 24:00:00.000（声音时长）"
        );
        let error = AudioError::Malformed {
            file,
            place: Place::Byte(36),
            expected: "a format chunk".to_owned(),
            found: "the end of the file".to_owned(),
        };
        let [english, chinese] = told(&error);
        assert_eq!(
            english,
            "damaged at byte 36: expected a format chunk, found the end of the file"
        );
        assert_eq!(
            chinese,
            "文件在第 36 字节处损坏（英文详情：expected a format chunk, found the end of the file）"
        );
    }
}
