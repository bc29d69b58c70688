use fh_audio::Sound;
use fh_model::{CallWarning, Language, Millis, TranscriptState};
use fh_speech::{ChannelSpeech, Engine, EngineSettings, SpeechError, choose_engine};

use super::spoken_language::spoken_language;
use super::{Listened, Words};

/// What helps where no recogniser may be used.
pub const REMEDY_ENGINE_NONE: &str =
    "leave `--engine none` away, or put a transcript beside the recording";

/// What helps where the language is not known and no recogniser serves all of them.
pub const REMEDY_SAY_LANGUAGE: &str =
    "say which language is spoken, with `--language` or in the manifest";

/// How words are to be had where no transcript came along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineWish {
    /// A transcript that came along, else the first engine that serves the language.
    Auto,
    /// A transcript that came along, else none.
    Never,
    /// This engine, even where a transcript came along.
    Named(String),
}

/// Why there are no words.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecognizeError {
    /// No engine is to be had for the language.
    #[error("no recogniser for the call's language: {remedy}")]
    NoEngine {
        /// What to do about it.
        remedy: String,
    },
    /// The samples did not come along.
    #[error("expected the call's samples, found none")]
    NoSamples,
    /// The engine says no.
    #[error(transparent)]
    Speech(#[from] SpeechError),
}

impl From<RecognizeError> for TranscriptState {
    fn from(error: RecognizeError) -> Self {
        match error {
            RecognizeError::NoEngine { remedy } => Self::NoRecognizer { remedy },
            other => Self::Failed { reason: other.to_string() },
        }
    }
}

/// A recogniser that is opened when the first call needs it and kept for the next one.
pub struct Recognizer {
    wish: EngineWish,
    settings: EngineSettings,
    open: Option<Box<dyn Engine>>,
}

impl Recognizer {
    /// Opens nothing yet.
    pub const fn new(wish: EngineWish, settings: EngineSettings) -> Self {
        Self { wish, settings, open: None }
    }

    /// Recognises what was heard; that it cannot be done is told in the words' state. `progress`
    /// gets the length of speech recognised so far.
    pub fn recognize(
        &mut self,
        listened: &Listened,
        sound: Option<&mut Sound>,
        wanted: Option<Language>,
        progress: &mut dyn FnMut(Millis),
    ) -> Words {
        self.try_recognize(listened, sound, wanted, progress)
            .unwrap_or_else(|error| Words::none(error.into()))
    }

    /// As [`Recognizer::recognize`], with the reason where it cannot be done.
    ///
    /// # Errors
    /// Where no engine serves the language, or it fails.
    pub fn try_recognize(
        &mut self,
        listened: &Listened,
        sound: Option<&mut Sound>,
        wanted: Option<Language>,
        progress: &mut dyn FnMut(Millis),
    ) -> Result<Words, RecognizeError> {
        if !listened.has_speech() {
            return Ok(Words::none(TranscriptState::NoSpeech));
        }
        let engine = self.engine_for(wanted)?;
        let info = engine.info().clone();
        let language = wanted.or(info.languages.first().copied()).unwrap_or(Language::EnUs);
        let sound = sound.ok_or(RecognizeError::NoSamples)?;
        let channels: Vec<ChannelSpeech> = listened
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
                Ok(Words { warning, ..Words::known(transcript) })
            }
            Err(error) => {
                // Whatever state it is in, the next call gets a fresh one.
                self.open = None;
                Err(error.into())
            }
        }
    }

    /// The engine that serves the language; with no language known, one that serves all of them,
    /// or the one that was asked for by name.
    fn engine_for(
        &mut self,
        wanted: Option<Language>,
    ) -> Result<&mut Box<dyn Engine>, RecognizeError> {
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
                return Err(say_language());
            }
            return Ok(self.open.insert(engine));
        }
        self.open.as_mut().ok_or_else(say_language)
    }

    fn open_engine(&self, wanted: Option<Language>) -> Result<Box<dyn Engine>, RecognizeError> {
        let choose = |language| {
            choose_engine(language, &self.settings)
                .map_err(|error| RecognizeError::NoEngine { remedy: error.remedy })
        };
        match (&self.wish, wanted) {
            (EngineWish::Never, _) => {
                Err(RecognizeError::NoEngine { remedy: REMEDY_ENGINE_NONE.to_owned() })
            }
            (EngineWish::Named(id), Some(language)) => {
                Ok(fh_speech::open_engine_for(id, language, &self.settings)?)
            }
            (EngineWish::Named(id), None) => Ok(fh_speech::open_engine(id, &self.settings)?),
            (EngineWish::Auto, Some(language)) => choose(language),
            (EngineWish::Auto, None) => Language::ALL
                .iter()
                .find_map(|&language| choose(language).ok())
                .map_or_else(|| choose(Language::ALL[0]), Ok),
        }
    }
}

fn say_language() -> RecognizeError {
    RecognizeError::NoEngine { remedy: REMEDY_SAY_LANGUAGE.to_owned() }
}
