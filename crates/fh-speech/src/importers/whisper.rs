//! JSON of OpenAI's Whisper program, of WhisperX, and of servers that answer `verbose_json`:
//! `segments` with times, words inside them or at the top.

use std::rc::Rc;

use serde::Deserialize;

use super::draft::{Draft, DraftUtterance, DraftWord, millis, permille};
use super::error::Fault;
use super::json::{self, List, Seconds};
use super::{ImportOptions, speaker};
use crate::language_name::language_named;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    language: Option<String>,
    segments: List<Segment>,
    #[serde(default)]
    words: List<Word>,
}

#[derive(Deserialize)]
struct Segment {
    start: Seconds,
    end: Seconds,
    text: String,
    #[serde(default)]
    words: List<Word>,
    #[serde(default)]
    speaker: Option<String>,
    #[serde(default)]
    channel: Option<u8>,
}

#[derive(Deserialize)]
struct Word {
    #[serde(alias = "text")]
    word: String,
    /// WhisperX leaves the times of a word out that it could not align.
    #[serde(default)]
    start: Option<Seconds>,
    #[serde(default)]
    end: Option<Seconds>,
    #[serde(default, alias = "score", alias = "confidence")]
    probability: Option<f64>,
}

pub(super) fn read(text: &str, _: &ImportOptions) -> Result<Draft, Fault> {
    let file: File = json::read(text)?;
    let language = file.language.as_deref().and_then(language_named);
    let top_list: Rc<str> = "/words".into();
    let mut top_words = file.words.0.iter().enumerate().peekable();
    let mut utterances = Vec::with_capacity(file.segments.0.len());
    let last = file.segments.0.len().saturating_sub(1);
    for (index, segment) in file.segments.0.iter().enumerate() {
        let place = json::pointer(format!("/segments/{index}"));
        let (start, end) =
            (millis(segment.start.0, || place.clone())?, millis(segment.end.0, || place.clone())?);
        let list: Rc<str> = format!("/segments/{index}/words").into();
        let mut words = Vec::new();
        for (word_index, word) in segment.words.0.iter().enumerate() {
            words.extend(draft_word(word, &list, word_index)?);
        }
        // Words at the top belong to the segment in which they start.
        while let Some((word_index, word)) = top_words.next_if(|(_, word)| {
            index == last || word.start.is_none_or(|start| start.0 < segment.end.0)
        }) {
            words.extend(draft_word(word, &top_list, word_index)?);
        }
        let mut utterance = DraftUtterance::new(place, start, end, segment.text.clone());
        utterance.words = words;
        utterance.channel = segment.channel;
        utterance.role = segment.speaker.as_deref().and_then(speaker::role_of);
        utterances.push(utterance);
    }
    Ok(Draft { language, utterances })
}

fn draft_word(word: &Word, list: &Rc<str>, index: usize) -> Result<Option<DraftWord>, Fault> {
    let (Some(start), Some(end)) = (word.start, word.end) else {
        return Ok(None);
    };
    let place = || json::pointer(format!("{list}/{index}"));
    Ok(Some(DraftWord {
        list: Rc::clone(list),
        index,
        start: millis(start.0, place)?,
        end: millis(end.0, place)?,
        text: word.word.clone(),
        confidence_permille: permille(word.probability),
    }))
}
