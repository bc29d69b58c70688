use fh_audio::Heard;
use fh_model::{CallWarning, Language, Millis, Transcript, TranscriptState};
use fh_speech::{ChannelSpeech, Engine, EngineSettings, NoRecognizer, choose_engine};

use super::language;
use crate::messages::Lang;

/// How words are to be had where no transcript lies beside the recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EngineWish {
    /// A transcript beside the recording, else the first engine that serves the language.
    Auto,
    /// A transcript beside the recording, else none.
    Never,
    /// This engine, even where a transcript lies beside the recording.
    Named(String),
}

/// What a recogniser gave.
pub(crate) struct Words {
    pub(crate) state: TranscriptState,
    pub(crate) transcript: Option<Transcript>,
    pub(crate) warning: Option<CallWarning>,
}

impl Words {
    pub(crate) const fn none(state: TranscriptState) -> Self {
        Self { state, transcript: None, warning: None }
    }
}

/// A worker's recogniser: opened when the first call needs it, kept for the next one.
pub(crate) struct Recognizer<'a> {
    wish: &'a EngineWish,
    settings: &'a EngineSettings,
    open: Option<Box<dyn Engine>>,
}

impl<'a> Recognizer<'a> {
    pub(crate) const fn new(wish: &'a EngineWish, settings: &'a EngineSettings) -> Self {
        Self { wish, settings, open: None }
    }

    /// Recognises what was heard. `progress` gets the length of speech recognised so far.
    pub(crate) fn recognize(
        &mut self,
        heard: &mut Heard,
        wanted: Option<Language>,
        progress: &mut dyn FnMut(Millis),
    ) -> Words {
        if heard.measures.channels.iter().all(|channel| channel.speech.is_empty()) {
            return Words::none(TranscriptState::NoSpeech);
        }
        let engine = match self.engine_for(wanted) {
            Ok(engine) => engine,
            Err(state) => return Words::none(state),
        };
        let info = engine.info().clone();
        let language = wanted.or(info.languages.first().copied()).unwrap_or(Language::EnUs);
        let Some(sound) = heard.sound.as_mut() else {
            let reason = "expected the call's samples, found none".to_owned();
            return Words::none(TranscriptState::Failed { reason });
        };
        let channels: Vec<ChannelSpeech> = heard
            .measures
            .channels
            .iter()
            .map(|channel| ChannelSpeech {
                channel: channel.channel,
                role: channel.role,
                speech: channel.speech.clone(),
            })
            .collect();
        let mut read = |channel, span| sound.read(channel, span);
        match fh_speech::transcribe(engine.as_mut(), &channels, language, &mut read, progress) {
            Ok(mut transcript) => {
                if wanted.is_none() {
                    transcript.language = spoken_language(&transcript);
                }
                let warning =
                    info.try_out.then(|| CallWarning::TryOutRecognizer { engine: info.id.clone() });
                Words { state: TranscriptState::Available, transcript: Some(transcript), warning }
            }
            Err(error) => {
                // Whatever state it is in, the next call gets a fresh one.
                self.open = None;
                Words::none(TranscriptState::Failed { reason: error.to_string() })
            }
        }
    }

    /// The engine that serves the language; with no language known, one that serves all of them,
    /// or the one that was asked for by name.
    fn engine_for(
        &mut self,
        wanted: Option<Language>,
    ) -> Result<&mut Box<dyn Engine>, TranscriptState> {
        let serves = |engine: &dyn Engine| match wanted {
            Some(language) => engine.info().languages.contains(&language),
            None => {
                let languages = &engine.info().languages;
                matches!(self.wish, EngineWish::Named(_))
                    || Language::ALL.iter().all(|language| languages.contains(language))
            }
        };
        if !self.open.as_deref().is_some_and(serves) {
            // The old one goes first: two models at once may be more than the memory holds.
            self.open = None;
            let engine = self.open_engine(wanted)?;
            if !serves(engine.as_ref()) {
                return Err(TranscriptState::NoRecognizer { remedy: say_language() });
            }
            return Ok(self.open.insert(engine));
        }
        self.open.as_mut().ok_or_else(|| TranscriptState::NoRecognizer { remedy: say_language() })
    }

    fn open_engine(&self, wanted: Option<Language>) -> Result<Box<dyn Engine>, TranscriptState> {
        let failed =
            |error: fh_speech::SpeechError| TranscriptState::Failed { reason: error.to_string() };
        match (self.wish, wanted) {
            (EngineWish::Never, _) => Err(TranscriptState::NoRecognizer {
                remedy: Lang::En.catalogue().remedy_engine_none.to_owned(),
            }),
            (EngineWish::Named(id), Some(language)) => {
                fh_speech::open_engine_for(id, language, self.settings).map_err(failed)
            }
            (EngineWish::Named(id), None) => {
                fh_speech::open_engine(id, self.settings).map_err(failed)
            }
            (EngineWish::Auto, Some(language)) => {
                choose_engine(language, self.settings).map_err(no_recognizer)
            }
            (EngineWish::Auto, None) => Language::ALL
                .iter()
                .find_map(|&language| choose_engine(language, self.settings).ok())
                .map_or_else(
                    || choose_engine(Language::ALL[0], self.settings).map_err(no_recognizer),
                    Ok,
                ),
        }
    }
}

fn no_recognizer(error: NoRecognizer) -> TranscriptState {
    TranscriptState::NoRecognizer { remedy: error.remedy }
}

fn say_language() -> String {
    Lang::En.catalogue().remedy_say_language.to_owned()
}

/// The language of the words: what the recogniser tells of most of them, else their script.
fn spoken_language(transcript: &Transcript) -> Language {
    let length = |language: Language| -> usize {
        transcript
            .utterances
            .iter()
            .filter(|utterance| utterance.language == Some(language))
            .map(|utterance| utterance.text.len())
            .sum()
    };
    Language::ALL
        .into_iter()
        .map(|language| (length(language), language))
        .filter(|(length, _)| *length > 0)
        .max_by_key(|(length, _)| *length)
        .map_or_else(
            || {
                let all: Vec<&str> =
                    transcript.utterances.iter().map(|utterance| utterance.text.as_str()).collect();
                language::of_text(&all.join(" "))
            },
            |(_, language)| language,
        )
}
