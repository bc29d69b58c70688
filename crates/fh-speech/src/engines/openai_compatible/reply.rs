use fh_model::{Millis, Span};
use serde::Deserialize;

use crate::engine::{Recognized, RecognizedWord};
use crate::language_name::language_named;
use crate::spacing::space_between;
use crate::word_place::word_place;

/// The most words that are read of one clip; nobody says more in half a minute.
const MOST_WORDS: usize = 1_000;

/// OpenAI puts words at the top, FunASR puts them inside segments, `json` has neither.
#[derive(Deserialize)]
struct Reply {
    text: Option<String>,
    language: Option<String>,
    words: Option<Vec<Word>>,
    segments: Option<Vec<Segment>>,
}

#[derive(Deserialize)]
struct Segment {
    #[serde(default)]
    text: String,
    words: Option<Vec<Word>>,
}

#[derive(Deserialize)]
struct Word {
    #[serde(alias = "text")]
    word: String,
    start: Option<f64>,
    end: Option<f64>,
    #[serde(alias = "score", alias = "confidence")]
    probability: Option<f64>,
}

/// Reads a reply to a clip of this length. The error repeats nothing of the reply.
pub(super) fn read(bytes: &[u8], clip_length: Millis) -> Result<Recognized, String> {
    let reply: Reply = serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("sent a reply that is not the expected JSON (line {line} column {column})")
    })?;
    let segments = reply.segments.unwrap_or_default();
    let text = match (reply.text, segments.is_empty()) {
        (Some(text), _) => text,
        (None, false) => joined(&segments),
        (None, true) => return Err("sent a reply with neither `text` nor `segments`".to_owned()),
    };
    let text = text.trim().to_owned();
    let top = reply.words.filter(|words| !words.is_empty());
    let words = top.unwrap_or_else(|| {
        segments.into_iter().flat_map(|segment| segment.words.unwrap_or_default()).collect()
    });
    if words.len() > MOST_WORDS {
        return Err(format!("sent more than {MOST_WORDS} words for one clip"));
    }
    Ok(Recognized {
        words: placed(&words, &text, clip_length),
        language: reply.language.as_deref().and_then(language_named),
        text,
        ..Recognized::default()
    })
}

fn joined(segments: &[Segment]) -> String {
    let mut text = String::new();
    for part in segments.iter().map(|segment| segment.text.trim()) {
        if space_between(text.chars().next_back(), part.chars().next()) {
            text.push(' ');
        }
        text.push_str(part);
    }
    text
}

/// Words with their places in the text, times held in order and inside the clip. A word that
/// the text does not have (a number spelled out) or that has no time is left out.
fn placed(words: &[Word], text: &str, clip_length: Millis) -> Vec<RecognizedWord> {
    let mut placed = Vec::with_capacity(words.len());
    let (mut at, mut earlier) = (0, Millis::ZERO);
    for word in words {
        let (Some(start), Some(end)) = (word.start, word.end) else {
            continue;
        };
        let Some(bytes) = word_place(text, at, &word.word) else {
            continue;
        };
        let moment = |seconds: f64| Millis((seconds.max(0.0) * 1000.0).round() as u64);
        let start = moment(start).max(earlier).min(clip_length);
        let end = moment(end).min(clip_length);
        (at, earlier) = (bytes.end, start);
        placed.push(RecognizedWord {
            bytes: bytes.start as u32..bytes.end as u32,
            span: Span::new(start, end),
            confidence_permille: word
                .probability
                .filter(|probability| (0.0..=1.0).contains(probability))
                .map(|probability| (probability * 1000.0).round() as u16),
        });
    }
    placed
}
