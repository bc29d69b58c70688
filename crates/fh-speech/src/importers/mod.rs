//! Transcripts that somebody else made: one file for each format, one line for each in
//! [`IMPORTERS`].

mod amazon_transcribe;
mod azure_speech;
mod draft;
mod error;
mod fairhearing;
mod json;
mod speaker;
mod srt;
mod subtitle;
mod webvtt;
mod whisper;

use std::collections::BTreeSet;

use fh_model::{Language, RoleMap, Transcript, TranscriptSource};

use draft::Draft;
use error::Fault;
pub use error::{ImportError, Place};
pub use fairhearing::{TRANSCRIPT_SCHEMA, export_transcript};

/// The largest transcript that is read, in bytes. Half a day of speech with word times in the
/// wordiest of the formats stays below it.
pub const MOST_BYTES: usize = 32 << 20;

/// What is known of the call that a transcript belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportOptions {
    /// The call's language, for a file that does not say.
    pub language: Language,
    /// Who speaks on which channel.
    pub roles: RoleMap,
    /// How many channels the recording has; phrases of a party whose channel nobody knows go to
    /// channel 0 (agent) and 1 (customer) of two, and to channel 0 of one.
    pub channels: u8,
}

/// One line of [`IMPORTERS`].
#[derive(Debug)]
pub struct Importer {
    /// The format's name, as it stands in [`TranscriptSource::Import`].
    pub id: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// Extensions that decide where the content does not, lower case, without the dot.
    extensions: &'static [&'static str],
    /// Whether the content looks like this format.
    recognises: fn(&Content<'_>) -> bool,
    /// Reads it.
    read: fn(&str, &ImportOptions) -> Result<Draft, Fault>,
}

/// Every format, in the order in which the content is tried.
pub const IMPORTERS: &[Importer] = &[
    Importer {
        id: "fairhearing",
        summary: "our own JSON, `fairhearing.transcript/1`",
        extensions: &[],
        recognises: |content| content.has_key("schema"),
        read: fairhearing::read,
    },
    Importer {
        id: "amazon-transcribe",
        summary: "JSON of Amazon Transcribe Call Analytics and Contact Lens",
        extensions: &[],
        recognises: |content| content.has_key("Transcript"),
        read: amazon_transcribe::read,
    },
    Importer {
        id: "azure-speech",
        summary: "JSON of Azure batch and fast transcription",
        extensions: &[],
        recognises: |content| content.has_key("phrases") || content.has_key("recognizedPhrases"),
        read: azure_speech::read,
    },
    Importer {
        id: "whisper",
        summary: "JSON of Whisper and of servers that answer like OpenAI",
        extensions: &[],
        recognises: |content| content.has_key("segments"),
        read: whisper::read,
    },
    Importer {
        id: "webvtt",
        summary: "WebVTT, with voice tags",
        extensions: &["vtt"],
        recognises: |content| content.text.starts_with("WEBVTT"),
        read: webvtt::read,
    },
    Importer {
        id: "srt",
        summary: "SubRip",
        extensions: &["srt"],
        recognises: |content| srt::looks_like(content.text),
        read: srt::read,
    },
];

impl Importer {
    /// Reads a transcript of this format, whatever it looks like.
    pub fn import(
        &self,
        file_name: &str,
        bytes: &[u8],
        options: &ImportOptions,
    ) -> Result<Transcript, ImportError> {
        let text = text_of(file_name, bytes)?;
        (self.read)(text, options)
            .and_then(|draft| {
                let source = TranscriptSource::Import {
                    format: self.id.to_owned(),
                    digest: blake3::hash(bytes).to_hex().to_string(),
                };
                draft.finish(source, options)
            })
            .map_err(|fault| ImportError::in_file(file_name, fault))
    }
}

/// Reads a transcript; the format is told by the content, then by the extension.
///
/// Times are refused where they are out of order, negative, or a day or more into the call.
pub fn import_transcript(
    file_name: &str,
    bytes: &[u8],
    options: &ImportOptions,
) -> Result<Transcript, ImportError> {
    let text = text_of(file_name, bytes)?;
    let content = Content::of(text).map_err(|fault| ImportError::in_file(file_name, fault))?;
    let by_content = IMPORTERS.iter().find(|importer| (importer.recognises)(&content));
    let by_extension = || {
        let extension = file_name.rsplit_once('.')?.1.to_ascii_lowercase();
        IMPORTERS.iter().find(|importer| importer.extensions.contains(&extension.as_str()))
    };
    match by_content.or_else(by_extension) {
        Some(importer) => importer.import(file_name, bytes, options),
        // A whole conversation as one string: nobody can say when any of it was said.
        None if content.is_text_without_times() => {
            Err(ImportError::NoTimes { file: file_name.to_owned() })
        }
        None => Err(ImportError::UnknownFormat { file: file_name.to_owned() }),
    }
}

/// The file as text, without a byte order mark.
fn text_of<'a>(file_name: &str, bytes: &'a [u8]) -> Result<&'a str, ImportError> {
    let file = || file_name.to_owned();
    if bytes.len() > MOST_BYTES {
        return Err(ImportError::TooLarge { file: file(), limit: MOST_BYTES, found: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
        ImportError::NotText { file: file(), line }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// What formats are told apart by.
struct Content<'a> {
    text: &'a str,
    /// The keys of the object, where the text is a JSON object.
    keys: BTreeSet<String>,
}

impl<'a> Content<'a> {
    fn of(text: &'a str) -> Result<Self, Fault> {
        let keys = if text.trim_start().starts_with('{') {
            json::keys_of_object(text)?
        } else {
            BTreeSet::new()
        };
        Ok(Self { text, keys })
    }

    fn has_key(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    fn is_text_without_times(&self) -> bool {
        ["text", "Text", "content", "Content", "transcript"].iter().any(|key| self.has_key(key))
    }
}

#[cfg(test)]
mod tests;
