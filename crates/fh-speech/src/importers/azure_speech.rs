//! JSON of Azure AI Speech: fast transcription (`phrases`) and batch transcription
//! (`recognizedPhrases`), learn.microsoft.com/azure/ai-services/speech-service.

use std::rc::Rc;

use fh_model::Millis;
use serde::Deserialize;

use super::ImportOptions;
use super::draft::{Draft, DraftUtterance, DraftWord, permille};
use super::error::{Fault, Place};
use super::json::{self, List};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    phrases: List<FastPhrase>,
    #[serde(default)]
    recognized_phrases: List<BatchPhrase>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FastPhrase {
    #[serde(default)]
    channel: Option<u8>,
    text: String,
    #[serde(flatten)]
    time: Time,
    #[serde(default)]
    words: List<TimedWord>,
    #[serde(default)]
    locale: Option<String>,
    #[serde(default)]
    confidence: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchPhrase {
    #[serde(default)]
    recognition_status: Option<String>,
    #[serde(default)]
    channel: Option<u8>,
    #[serde(flatten)]
    time: Time,
    #[serde(default)]
    n_best: List<Best>,
    #[serde(default)]
    locale: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Best {
    #[serde(default)]
    confidence: Option<f64>,
    display: String,
    #[serde(default)]
    display_words: List<TimedWord>,
    #[serde(default)]
    words: List<TimedWord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TimedWord {
    #[serde(alias = "word", alias = "displayText")]
    text: String,
    #[serde(flatten)]
    time: Time,
    #[serde(default)]
    confidence: Option<f64>,
}

/// Azure writes times in milliseconds, in ticks of 100 ns, or both, by the API's version.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Time {
    #[serde(default)]
    offset_milliseconds: Option<f64>,
    #[serde(default)]
    duration_milliseconds: Option<f64>,
    #[serde(default)]
    offset_in_ticks: Option<f64>,
    #[serde(default)]
    duration_in_ticks: Option<f64>,
}

impl Time {
    fn span(&self, place: impl Fn() -> Place) -> Result<(Millis, Millis), Fault> {
        let ticks = |ticks: Option<f64>| ticks.map(|ticks| ticks / 10_000.0);
        let offset = self.offset_milliseconds.or(ticks(self.offset_in_ticks));
        let duration = self.duration_milliseconds.or(ticks(self.duration_in_ticks));
        let (Some(offset), Some(duration)) = (offset, duration) else {
            let expected = "`offsetMilliseconds` and `durationMilliseconds`, or both in ticks";
            return Err(Fault::new(place(), expected, "neither"));
        };
        let whole = |millis: f64| {
            let millis = millis.round();
            (0.0..=1e15).contains(&millis).then_some(Millis(millis as u64))
        };
        match (whole(offset), whole(duration)) {
            (Some(offset), Some(duration)) => Ok((offset, offset + duration)),
            _ => Err(Fault::new(
                place(),
                "an offset and a duration that are not negative",
                format!("{offset} ms and {duration} ms"),
            )),
        }
    }
}

pub(super) fn read(text: &str, _: &ImportOptions) -> Result<Draft, Fault> {
    let file: File = json::read(text)?;
    let mut draft = Draft::default();
    for (index, phrase) in file.phrases.0.iter().enumerate() {
        let at = format!("/phrases/{index}");
        let place = json::pointer(at.clone());
        let (start, end) = phrase.time.span(|| place.clone())?;
        let language = phrase.locale.as_deref().and_then(|locale| locale.parse().ok());
        draft.language = draft.language.or(language);
        draft.utterances.push(DraftUtterance {
            channel: phrase.channel,
            words: words(&phrase.words, &format!("{at}/words"))?,
            confidence_permille: permille(phrase.confidence),
            language,
            ..DraftUtterance::new(place, start, end, phrase.text.clone())
        });
    }
    for (index, phrase) in file.recognized_phrases.0.iter().enumerate() {
        if phrase.recognition_status.as_deref().is_some_and(|status| status != "Success") {
            continue;
        }
        let Some(best) = phrase.n_best.0.first() else {
            continue;
        };
        let at = format!("/recognizedPhrases/{index}");
        let place = json::pointer(at.clone());
        let (start, end) = phrase.time.span(|| place.clone())?;
        let language = phrase.locale.as_deref().and_then(|locale| locale.parse().ok());
        draft.language = draft.language.or(language);
        // `displayWords` are the words of `display`; `words` are lexical, and those that differ
        // from what is displayed are left out.
        let (timed, name) = match best.display_words.0.is_empty() {
            false => (&best.display_words, "displayWords"),
            true => (&best.words, "words"),
        };
        draft.utterances.push(DraftUtterance {
            channel: phrase.channel,
            words: words(timed, &format!("{at}/nBest/0/{name}"))?,
            confidence_permille: permille(best.confidence),
            language,
            ..DraftUtterance::new(place, start, end, best.display.clone())
        });
    }
    Ok(draft)
}

fn words(words: &List<TimedWord>, at: &str) -> Result<Vec<DraftWord>, Fault> {
    let list: Rc<str> = at.into();
    words
        .0
        .iter()
        .enumerate()
        .map(|(index, word)| {
            let (start, end) = word.time.span(|| json::pointer(format!("{list}/{index}")))?;
            Ok(DraftWord {
                list: Rc::clone(&list),
                index,
                start,
                end,
                text: word.text.clone(),
                confidence_permille: permille(word.confidence),
            })
        })
        .collect()
}
