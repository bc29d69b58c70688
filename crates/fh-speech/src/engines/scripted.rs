//! An engine that says the words it was given, at the times it was given.
//!
//! With it everything around a recogniser (cutting, times, rules, scores) can be tested without a
//! model. It hears a word when the word's middle lies inside the clip.

use fh_model::{ChannelIndex, Language, Millis, Span};
use serde::{Deserialize, Serialize};

use crate::SpeechError;
use crate::child::{ChildEngine, ChildSettings, Job};
use crate::engine::{Clip, Engine, EngineInfo, EngineSettings, Recognized, check_clip};
use crate::spacing::WordJoiner;

/// The engine's id.
pub const ID: &str = "scripted";

/// One word of a [`Script`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptedWord {
    /// On which channel it is said.
    pub channel: ChannelIndex,
    /// When, on the call's clock.
    pub span: Span,
    /// The word itself.
    pub text: String,
}

/// What the scripted engine says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Script {
    /// The words, in any order.
    pub words: Vec<ScriptedWord>,
}

/// The scripted engine.
#[derive(Debug)]
pub struct Scripted {
    info: EngineInfo,
    words: Vec<ScriptedWord>,
}

impl Scripted {
    /// An engine that says `script`.
    pub fn new(script: Script) -> Self {
        let mut words = script.words;
        words.sort_by_key(|word| (word.span.start, word.span.end));
        let info = EngineInfo {
            id: ID.to_owned(),
            version: "1".to_owned(),
            model: "script".to_owned(),
            model_digest: digest(&words),
            languages: Language::ALL.to_vec(),
            word_times: true,
            emotions: false,
            try_out: false,
            remote: false,
            parallel_clips: 1,
            longest_clip: Millis::from_secs(30),
        };
        Self { info, words }
    }
}

impl Engine for Scripted {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn recognize(&mut self, clip: &Clip<'_>) -> Result<Recognized, SpeechError> {
        check_clip(clip, self.info.longest_clip)?;
        if clip.is_silent() {
            return Ok(Recognized::default());
        }
        let heard = Span::new(clip.start, clip.start + clip.length());
        let mut joiner = WordJoiner::default();
        for word in self.words.iter().filter(|word| word.channel == clip.channel) {
            let middle = Millis((word.span.start.0 + word.span.end.0) / 2);
            if let (true, Some(inside)) = (heard.contains(middle), word.span.overlap(heard)) {
                let span = Span::new(inside.start - clip.start, inside.end - clip.start);
                joiner.push(&word.text, span, None);
            }
        }
        Ok(joiner.finish())
    }
}

/// The scripted engine in child processes, for tests of the processes themselves.
pub fn in_children(
    script: Script,
    settings: &EngineSettings,
) -> Result<Box<dyn Engine>, SpeechError> {
    let info = Scripted::new(script.clone()).info;
    let settings = ChildSettings {
        program: settings.child.clone(),
        workers: settings.workers,
        load_timeout: settings.load_timeout,
        clip_timeout: settings.clip_timeout,
    };
    Ok(Box::new(ChildEngine::start(ID, info, &Job::Scripted(script), &settings)?))
}

fn digest(words: &[ScriptedWord]) -> String {
    let mut hasher = blake3::Hasher::new();
    for word in words {
        let line =
            format!("{} {} {} {}\n", word.channel, word.span.start.0, word.span.end.0, word.text);
        hasher.update(line.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

pub(crate) fn ready(settings: &EngineSettings, _: Language) -> Result<(), String> {
    settings.script.as_ref().map(|_| ()).ok_or_else(String::new)
}

pub(crate) fn open(
    settings: &EngineSettings,
    _: Option<Language>,
) -> Result<Box<dyn Engine>, SpeechError> {
    let script = settings.script.clone().ok_or_else(|| SpeechError::NotConfigured {
        engine: ID,
        what: "a script".to_owned(),
        remedy: "it is for tests only".to_owned(),
    })?;
    Ok(Box::new(Scripted::new(script)))
}
