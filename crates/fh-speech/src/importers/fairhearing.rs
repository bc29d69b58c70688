//! Our own transcript format, `fairhearing.transcript/1`.

use std::rc::Rc;

use fh_model::{Language, Millis, Role, Transcript};
use serde::{Deserialize, Serialize};

use super::ImportOptions;
use super::draft::{Draft, DraftUtterance, DraftWord};
use super::error::Fault;
use super::json::{self, List};

/// The name and version of our own transcript format.
///
/// ```json
/// {
///   "schema": "fairhearing.transcript/1",
///   "language": "en_US",
///   "utterances": [
///     {
///       "channel": 0,
///       "role": "agent",
///       "start_ms": 400,
///       "end_ms": 1500,
///       "text": "Good morning.",
///       "words": [
///         { "text": "Good", "start_ms": 400, "end_ms": 700, "confidence_permille": 980 },
///         { "text": "morning.", "start_ms": 700, "end_ms": 1500 }
///       ]
///     }
///   ]
/// }
/// ```
///
/// - `schema` is required; `language` (`zh_CN`, `en_US`) may be left out where the call's is known.
/// - Times are whole milliseconds from the start of the recording.
/// - `channel` (0 is left) may be left out: the role then tells it. `role` is `agent`, `customer`
///   or `unknown`; left out, the call's own roles tell it.
/// - `words` may be left out. Each word's `text` stands in the utterance's `text` after the word
///   before it.
/// - `confidence_permille` (0 to 1000), `language` and `emotion` may stand in an utterance.
/// - A field that is not named here, or stands twice, is an error.
pub const TRANSCRIPT_SCHEMA: &str = "fairhearing.transcript/1";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<Language>,
    utterances: List<FileUtterance>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileUtterance {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    start_ms: u64,
    end_ms: u64,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confidence_permille: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<Language>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    emotion: Option<String>,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    words: List<FileWord>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileWord {
    text: String,
    start_ms: u64,
    end_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confidence_permille: Option<u16>,
}

pub(super) fn read(text: &str, _: &ImportOptions) -> Result<Draft, Fault> {
    // The version comes first: a later one may have fields that this one does not know.
    #[derive(Deserialize)]
    struct Version {
        schema: String,
    }
    let version: Version = json::read(text)?;
    if version.schema != TRANSCRIPT_SCHEMA {
        return Err(Fault::new(
            json::pointer("/schema"),
            format!("`{TRANSCRIPT_SCHEMA}`"),
            format!("`{}`", version.schema.chars().take(80).collect::<String>()),
        ));
    }
    let file: File = json::read(text)?;
    let utterances = file
        .utterances
        .0
        .into_iter()
        .enumerate()
        .map(|(index, utterance)| {
            let place = json::pointer(format!("/utterances/{index}"));
            check_confidence(&place, utterance.confidence_permille)?;
            let (start, end) = (Millis(utterance.start_ms), Millis(utterance.end_ms));
            let list: Rc<str> = format!("/utterances/{index}/words").into();
            let words = utterance
                .words
                .0
                .into_iter()
                .enumerate()
                .map(|(index, word)| {
                    check_confidence(&place, word.confidence_permille)?;
                    Ok(DraftWord {
                        list: Rc::clone(&list),
                        index,
                        start: Millis(word.start_ms),
                        end: Millis(word.end_ms),
                        text: word.text,
                        confidence_permille: word.confidence_permille,
                    })
                })
                .collect::<Result<_, Fault>>()?;
            Ok(DraftUtterance {
                channel: utterance.channel,
                role: utterance.role,
                words,
                confidence_permille: utterance.confidence_permille,
                language: utterance.language,
                emotion: utterance.emotion,
                words_must_match: true,
                ..DraftUtterance::new(place, start, end, utterance.text)
            })
        })
        .collect::<Result<_, Fault>>()?;
    Ok(Draft { language: file.language, utterances })
}

fn check_confidence(place: &super::Place, confidence: Option<u16>) -> Result<(), Fault> {
    match confidence {
        Some(value) if value > 1000 => Err(Fault::new(
            place.clone(),
            "a `confidence_permille` between 0 and 1000",
            value.to_string(),
        )),
        _ => Ok(()),
    }
}

/// Writes a transcript in our own format; [`super::import_transcript`] reads it back.
pub fn export_transcript(transcript: &Transcript) -> String {
    let utterances = transcript
        .utterances
        .iter()
        .map(|utterance| FileUtterance {
            channel: Some(utterance.channel.0),
            role: Some(utterance.role),
            start_ms: utterance.span.start.0,
            end_ms: utterance.span.end.0,
            text: utterance.text.clone(),
            confidence_permille: utterance.confidence_permille,
            language: utterance.language,
            emotion: utterance.emotion.clone(),
            words: utterance
                .words
                .iter()
                .filter_map(|word| {
                    let bytes = word.bytes.start as usize..word.bytes.end as usize;
                    Some(FileWord {
                        text: utterance.text.get(bytes)?.to_owned(),
                        start_ms: word.span.start.0,
                        end_ms: word.span.end.0,
                        confidence_permille: word.confidence_permille,
                    })
                })
                .collect::<Vec<_>>()
                .into(),
        })
        .collect::<Vec<_>>()
        .into();
    let file = File {
        schema: TRANSCRIPT_SCHEMA.to_owned(),
        language: Some(transcript.language),
        utterances,
    };
    let mut text = serde_json::to_string_pretty(&file)
        .expect("a struct of strings and numbers is always written");
    text.push('\n');
    text
}
