use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use fh_model::{ChannelIndex, Language, Millis, Span};
use serde::{Deserialize, Serialize};

use crate::child::ChildProgram;
use crate::engines::openai_compatible::RemoteSettings;
use crate::engines::pocketsphinx::PocketSphinxModel;
use crate::engines::scripted::Script;
use crate::engines::sherpa_onnx::ModelFamily;
use crate::engines::{openai_compatible, pocketsphinx, scripted, sherpa_onnx};
use crate::{NoRecognizer, SpeechError};

/// The rate that every engine takes, in samples per second.
pub const SAMPLE_RATE_HZ: u32 = 16_000;

/// A piece of one channel to be recognised.
#[derive(Debug, Clone, Copy)]
pub struct Clip<'a> {
    /// One channel's samples, full scale at -1 and 1.
    pub samples: &'a [f32],
    /// Samples per second; engines take [`SAMPLE_RATE_HZ`] and refuse the rest.
    pub rate_hz: u32,
    /// The language that is spoken, as far as the caller knows.
    pub language: Language,
    /// Which channel of the call this is.
    pub channel: ChannelIndex,
    /// Where in the call the first sample stands.
    pub start: Millis,
}

impl Clip<'_> {
    /// How long the clip is.
    pub const fn length(&self) -> Millis {
        Millis::from_samples(self.samples.len() as u64, self.rate_hz)
    }

    /// Whether no sample is louder than -60 dBFS, which is below the idle noise of a telephone
    /// line: there is nothing in it to recognise, and recognisers invent words in silence.
    pub fn is_silent(&self) -> bool {
        self.samples.iter().all(|sample| sample.abs() < 0.001)
    }
}

/// A word that an engine heard, on the clip's own clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecognizedWord {
    /// Where it stands in [`Recognized::text`], in bytes.
    pub bytes: Range<u32>,
    /// When, counted from the clip's first sample.
    pub span: Span,
    /// The engine's confidence in thousandths, where it tells.
    pub confidence_permille: Option<u16>,
}

/// What an engine heard in a clip.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recognized {
    /// The words as the engine writes them; empty where it heard none.
    pub text: String,
    /// The words with their times, in order; empty where the engine tells no times.
    pub words: Vec<RecognizedWord>,
    /// The language heard, where the engine tells and we know it.
    pub language: Option<Language>,
    /// The emotion heard, lower case (`happy`, `neutral`), where the engine tells.
    pub emotion: Option<String>,
    /// What kind of sound it was, lower case (`speech`, `bgm`, `laughter`), where the engine tells.
    pub event: Option<String>,
    /// The engine's confidence in thousandths, where it tells.
    pub confidence_permille: Option<u16>,
}

/// What an engine is and what it can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// The engine's id, as in [`ENGINES`].
    pub id: String,
    /// The version of the library that recognises, or of our client where that is remote.
    pub version: String,
    /// The model's id.
    pub model: String,
    /// sha256 over the model's files, in hex; empty where it cannot be known (remote).
    pub model_digest: String,
    /// The languages it recognises.
    pub languages: Vec<Language>,
    /// Whether words come with times.
    pub word_times: bool,
    /// Whether emotion and kind of sound are told.
    pub emotions: bool,
    /// Whether it is for trying things out only: wrong too often to score real calls.
    pub try_out: bool,
    /// Whether the sound leaves this machine.
    pub remote: bool,
    /// How many clips it recognises at the same time.
    pub parallel_clips: usize,
    /// The longest clip it takes.
    pub longest_clip: Millis,
}

/// A recogniser.
///
/// For the person who implements one:
/// - A clip at another rate than [`SAMPLE_RATE_HZ`] is refused with [`SpeechError::WrongRate`] or
///   resampled; one longer than [`EngineInfo::longest_clip`] is refused with
///   [`SpeechError::ClipTooLong`]. A very short clip, even an empty one, is no error.
/// - Word times lie inside the clip and in order; each byte range lies on character borders of the
///   text, and ranges are in order and do not overlap.
/// - Silence ([`Clip::is_silent`]) gives no words.
/// - After an error the engine is usable again: the next clip may succeed.
/// - Nothing of what was said is logged or put into an error.
///
/// [`crate::check_engine`] holds an engine to this.
pub trait Engine: Send {
    /// What this engine is and can do. Does not change while the engine lives.
    fn info(&self) -> &EngineInfo;

    /// Recognises one clip.
    fn recognize(&mut self, clip: &Clip<'_>) -> Result<Recognized, SpeechError>;

    /// Recognises several clips and gives the results in the same order.
    ///
    /// Engines that recognise several clips at the same time override this; the first error, in
    /// the order of the clips, is the answer.
    fn recognize_all(&mut self, clips: &[Clip<'_>]) -> Result<Vec<Recognized>, SpeechError> {
        clips.iter().map(|clip| self.recognize(clip)).collect()
    }
}

/// Which model an engine is to load.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ModelChoice {
    /// The first installed model of the registry that serves the language.
    #[default]
    FirstInstalled,
    /// The model with this id in the registry.
    Id(String),
    /// The files `model.int8.onnx` (or `model.onnx`) and `tokens.txt` in this folder.
    At {
        /// The folder.
        folder: PathBuf,
        /// What kind of model it is.
        family: ModelFamily,
    },
}

/// Everything that opening an engine may need. Engines read no environment variable.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// Which program runs [`crate::recognize_child_main`].
    pub child: ChildProgram,
    /// Folders with shared libraries, searched in order before the system's own.
    pub lib_dirs: Vec<PathBuf>,
    /// The folder with one folder for each model.
    pub models_dir: PathBuf,
    /// Which model to load.
    pub model: ModelChoice,
    /// How many clips are recognised at the same time; each costs a process with the whole model
    /// in memory (about 400 MB for SenseVoice).
    pub workers: NonZeroUsize,
    /// How long loading a model may take.
    pub load_timeout: Duration,
    /// How long one clip may take.
    pub clip_timeout: Duration,
    /// The remote server, where one is to be used.
    pub remote: Option<RemoteSettings>,
    /// Where PocketSphinx finds its model.
    pub pocketsphinx: PocketSphinxModel,
    /// What the scripted engine says; `None` where it is not to be had.
    pub script: Option<Script>,
}

impl EngineSettings {
    /// Settings with one worker, generous timeouts, no remote server and Debian's PocketSphinx
    /// model.
    pub fn new(child: ChildProgram, lib_dirs: Vec<PathBuf>, models_dir: PathBuf) -> Self {
        Self {
            child,
            lib_dirs,
            models_dir,
            model: ModelChoice::FirstInstalled,
            workers: NonZeroUsize::MIN,
            load_timeout: Duration::from_secs(120),
            clip_timeout: Duration::from_secs(300),
            remote: None,
            pocketsphinx: PocketSphinxModel::default(),
            script: None,
        }
    }
}

/// Opens an engine for one language, or for whatever its model serves.
pub type OpenEngine = fn(&EngineSettings, Option<Language>) -> Result<Box<dyn Engine>, SpeechError>;

/// One line of [`ENGINES`].
pub struct EngineEntry {
    /// The id by which people name it.
    pub id: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// Whether [`choose_engine`] may take it without being told to.
    pub chosen_unasked: bool,
    /// Whether it could be opened for the language now; if not, what to do about it (nothing for an
    /// engine that is not advertised).
    pub ready: fn(&EngineSettings, Language) -> Result<(), String>,
    /// Opens it for the language, or for whatever its model serves.
    pub open: OpenEngine,
}

/// Every engine, in the order in which they are tried.
pub const ENGINES: &[EngineEntry] = &[
    EngineEntry {
        id: sherpa_onnx::ID,
        summary: "SenseVoice and Paraformer on this machine, through the sherpa-onnx library",
        chosen_unasked: true,
        ready: sherpa_onnx::ready,
        open: sherpa_onnx::open,
    },
    EngineEntry {
        id: openai_compatible::ID,
        summary: "a server that answers OpenAI's `/v1/audio/transcriptions`",
        chosen_unasked: true,
        ready: openai_compatible::ready,
        open: openai_compatible::open,
    },
    EngineEntry {
        id: pocketsphinx::ID,
        summary: "PocketSphinx, clean English only: for trying things out, not for scoring calls",
        chosen_unasked: false,
        ready: pocketsphinx::ready,
        open: pocketsphinx::open,
    },
    EngineEntry {
        id: scripted::ID,
        summary: "says the words it was given: for tests of everything else",
        chosen_unasked: false,
        ready: scripted::ready,
        open: scripted::open,
    },
];

/// Opens the engine with this id for whatever languages its model serves.
pub fn open_engine(id: &str, settings: &EngineSettings) -> Result<Box<dyn Engine>, SpeechError> {
    (entry(id)?.open)(settings, None)
}

/// Opens the engine with this id for one language.
pub fn open_engine_for(
    id: &str,
    language: Language,
    settings: &EngineSettings,
) -> Result<Box<dyn Engine>, SpeechError> {
    let engine = (entry(id)?.open)(settings, Some(language))?;
    let info = engine.info();
    if info.languages.contains(&language) {
        Ok(engine)
    } else {
        Err(SpeechError::LanguageNotServed {
            engine: info.id.clone(),
            model: info.model.clone(),
            language,
        })
    }
}

/// The first engine that can serve the language without being asked for by name.
///
/// A try-out engine is never chosen. An engine that is set up but fails to open is passed over,
/// and its failure becomes the remedy if nothing else serves.
pub fn choose_engine(
    language: Language,
    settings: &EngineSettings,
) -> Result<Box<dyn Engine>, NoRecognizer> {
    let mut remedies = Vec::new();
    for entry in ENGINES.iter().filter(|entry| entry.chosen_unasked) {
        match (entry.ready)(settings, language) {
            Err(remedy) => remedies.push(remedy),
            Ok(()) => match open_engine_for(entry.id, language, settings) {
                Ok(engine) => return Ok(engine),
                Err(error) => remedies.push(error.to_string()),
            },
        }
    }
    remedies.retain(|remedy| !remedy.is_empty());
    Err(NoRecognizer { language, remedy: remedies.join("; or ") })
}

fn entry(id: &str) -> Result<&'static EngineEntry, SpeechError> {
    ENGINES.iter().find(|entry| entry.id == id).ok_or_else(|| SpeechError::UnknownEngine {
        id: id.to_owned(),
        known: ENGINES.iter().map(|entry| entry.id).collect(),
    })
}

/// Refuses a clip that no engine takes.
pub(crate) fn check_clip(clip: &Clip<'_>, longest: Millis) -> Result<(), SpeechError> {
    if clip.rate_hz != SAMPLE_RATE_HZ {
        return Err(SpeechError::WrongRate { expected: SAMPLE_RATE_HZ, found: clip.rate_hz });
    }
    if clip.length() > longest {
        return Err(SpeechError::ClipTooLong { limit: longest, found: clip.length() });
    }
    Ok(())
}
