use std::rc::Rc;

use fh_model::{
    ChannelIndex, Language, Millis, Role, Span, Transcript, TranscriptSource, Utterance, Word,
};

use super::ImportOptions;
use super::error::{Fault, Place};
use super::json;
use crate::word_place::word_place;

/// No call is a day long; a time from here on is a mistake of units.
const LIMIT: Millis = Millis(24 * 3600 * 1000);

/// The most utterances in one file.
const MOST_UTTERANCES: usize = 200_000;

/// The most words in one file.
const MOST_WORDS: usize = 2_000_000;

/// A transcript as its format gives it, before times, roles and words are checked.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) language: Option<Language>,
    pub(super) utterances: Vec<DraftUtterance>,
}

#[derive(Debug)]
pub(super) struct DraftUtterance {
    pub(super) place: Place,
    pub(super) channel: Option<u8>,
    pub(super) role: Option<Role>,
    pub(super) start: Millis,
    pub(super) end: Millis,
    pub(super) text: String,
    pub(super) words: Vec<DraftWord>,
    pub(super) confidence_permille: Option<u16>,
    pub(super) language: Option<Language>,
    pub(super) emotion: Option<String>,
    /// Whether a word that is not in the text is an error (our own format) or left out.
    pub(super) words_must_match: bool,
}

#[derive(Debug)]
pub(super) struct DraftWord {
    /// Where its list stands in the file, shared by the words of the list, and which of them it is.
    pub(super) list: Rc<str>,
    pub(super) index: usize,
    pub(super) start: Millis,
    pub(super) end: Millis,
    pub(super) text: String,
    pub(super) confidence_permille: Option<u16>,
}

impl DraftWord {
    fn place(&self) -> Place {
        json::pointer(format!("{}/{}", self.list, self.index))
    }
}

impl DraftUtterance {
    /// An utterance without words, on a channel that is not known, by somebody who is not known.
    pub(super) fn new(place: Place, start: Millis, end: Millis, text: String) -> Self {
        Self {
            place,
            channel: None,
            role: None,
            start,
            end,
            text,
            words: Vec::new(),
            confidence_permille: None,
            language: None,
            emotion: None,
            words_must_match: false,
        }
    }
}

impl Draft {
    /// Checks everything and makes the transcript.
    pub(super) fn finish(
        self,
        source: TranscriptSource,
        options: &ImportOptions,
    ) -> Result<Transcript, Fault> {
        let too_many = |limit: usize, what: &str, found: usize| {
            Fault::new(Place::File, format!("at most {limit} {what}"), found.to_string())
        };
        if self.utterances.len() > MOST_UTTERANCES {
            return Err(too_many(MOST_UTTERANCES, "utterances", self.utterances.len()));
        }
        let words = self.utterances.iter().map(|utterance| utterance.words.len()).sum();
        if words > MOST_WORDS {
            return Err(too_many(MOST_WORDS, "words", words));
        }
        let mut utterances = Vec::with_capacity(self.utterances.len());
        for draft in self.utterances {
            check_times(&draft)?;
            if !draft.text.trim().is_empty() {
                utterances.push(place_utterance(draft, options)?);
            }
        }
        Ok(Transcript::new(self.language.unwrap_or(options.language), source, utterances))
    }
}

fn check_times(draft: &DraftUtterance) -> Result<(), Fault> {
    check_span(|| draft.place.clone(), draft.start, draft.end)?;
    let mut earlier = Millis::ZERO;
    for word in &draft.words {
        check_span(|| word.place(), word.start, word.end)?;
        if word.start < earlier {
            return Err(Fault::new(
                word.place(),
                format!("a word that starts at or after the one before it ({} ms)", earlier.0),
                format!("start {} ms", word.start.0),
            ));
        }
        earlier = word.start;
    }
    Ok(())
}

fn check_span(place: impl Fn() -> Place, start: Millis, end: Millis) -> Result<(), Fault> {
    if end < start {
        return Err(Fault::new(
            place(),
            "an end at or after the start",
            format!("start {} ms and end {} ms", start.0, end.0),
        ));
    }
    if end >= LIMIT {
        return Err(Fault::new(
            place(),
            format!("a time before {} ms (24 hours)", LIMIT.0),
            format!("{} ms", end.0),
        ));
    }
    Ok(())
}

fn place_utterance(draft: DraftUtterance, options: &ImportOptions) -> Result<Utterance, Fault> {
    let channel = match (draft.channel, draft.role) {
        (Some(channel), _) => channel,
        (None, Some(role)) => channel_of(role, options),
        (None, None) => 0,
    };
    let channel = ChannelIndex(channel);
    let role = draft.role.unwrap_or_else(|| options.roles.role_of(channel));
    let text = draft.text.trim().to_owned();
    let mut span = Span::new(draft.start, draft.end);
    let mut words = Vec::with_capacity(draft.words.len());
    let mut at = 0;
    for word in draft.words {
        let Some(bytes) = word_place(&text, at, &word.text) else {
            if draft.words_must_match {
                return Err(Fault::new(
                    word.place(),
                    "a word that stands in the utterance's text after the word before it",
                    "one that does not",
                ));
            }
            continue;
        };
        at = bytes.end;
        // Some recognisers let the first word begin a little before its segment.
        span.start = span.start.min(word.start);
        span.end = span.end.max(word.end);
        words.push(Word {
            bytes: bytes.start as u32..bytes.end as u32,
            span: Span::new(word.start, word.end),
            confidence_permille: word.confidence_permille,
        });
    }
    Ok(Utterance {
        id: 0,
        channel,
        role,
        span,
        text,
        words,
        confidence_permille: draft.confidence_permille,
        language: draft.language,
        emotion: draft.emotion,
    })
}

/// The channel on which a role speaks: as the call's roles say, else as most centres record.
fn channel_of(role: Role, options: &ImportOptions) -> u8 {
    let known = options.roles.0.iter().position(|&known| known == role && role != Role::Unknown);
    match known.and_then(|index| u8::try_from(index).ok()) {
        Some(channel) => channel,
        None if options.channels >= 2 && role == Role::Customer => 1,
        None => 0,
    }
}

/// Whole milliseconds from a number of seconds; the limit of a day is checked with the rest.
pub(super) fn millis(seconds: f64, place: impl Fn() -> Place) -> Result<Millis, Fault> {
    let millis = (seconds * 1000.0).round();
    if (0.0..=1e15).contains(&millis) {
        Ok(Millis(millis as u64))
    } else {
        Err(Fault::new(place(), "a time in seconds that is not negative", format!("{seconds}")))
    }
}

/// Thousandths from a confidence between 0 and 1; what lies outside is no confidence.
pub(super) fn permille(confidence: Option<f64>) -> Option<u16> {
    confidence
        .filter(|confidence| (0.0..=1.0).contains(confidence))
        .map(|confidence| (confidence * 1000.0).round() as u16)
}
