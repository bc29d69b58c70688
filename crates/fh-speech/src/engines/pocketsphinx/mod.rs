//! PocketSphinx, a recogniser of the 2000s, through its C library in a child process.
//!
//! It is here because package registries alone can give it, library and model both, so that
//! recognition can be tried without fetching anything else. It gets one word in six wrong in clean
//! read English, half through a telephone, and most in real calls: a rule fed by it would be
//! false, so it is never chosen unasked.

mod library;

use std::path::{Path, PathBuf};

use fh_model::{Language, Millis};
use serde::{Deserialize, Serialize};

use crate::SpeechError;
use crate::child::{ChildEngine, ChildSettings, Job};
use crate::engine::{Engine, EngineInfo, EngineSettings};
use crate::models;

pub(crate) use library::load;

/// The engine's id.
pub const ID: &str = "pocketsphinx";

/// The library's file name.
pub const LIBRARY: &str = "libpocketsphinx.so.3";

/// What to do where it is missing.
const REMEDY: &str = "run `apt-get install libpocketsphinx3 pocketsphinx-en-us`";

/// The longest clip. Its search has no limit of its own; this one keeps clips alike on all engines.
const LONGEST_CLIP: Millis = Millis::from_secs(30);

/// Where PocketSphinx finds its model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PocketSphinxModel {
    /// The folder with `mdef`, `means` and so on.
    pub acoustic: PathBuf,
    /// The language model.
    pub language: PathBuf,
    /// The pronouncing dictionary.
    pub dictionary: PathBuf,
}

/// Where Debian's `pocketsphinx-en-us` puts it.
impl Default for PocketSphinxModel {
    fn default() -> Self {
        let folder = Path::new("/usr/share/pocketsphinx/model/en-us");
        Self {
            acoustic: folder.join("en-us"),
            language: folder.join("en-us.lm.bin"),
            dictionary: folder.join("cmudict-en-us.dict"),
        }
    }
}

/// What the child loads.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Load {
    library: PathBuf,
    model: PocketSphinxModel,
}

pub(crate) fn ready(settings: &EngineSettings, language: Language) -> Result<(), String> {
    if language != Language::EnUs {
        return Err(format!("engine `{ID}` recognises English only"));
    }
    match (find_files(settings), find_library(settings)) {
        (Ok(_), Some(_)) => Ok(()),
        _ => Err(REMEDY.to_owned()),
    }
}

pub(crate) fn open(
    settings: &EngineSettings,
    _: Option<Language>,
) -> Result<Box<dyn Engine>, SpeechError> {
    let files = find_files(settings)?;
    let library = find_library(settings).ok_or_else(|| library_missing(settings))?;
    let model = settings.pocketsphinx.clone();
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let info = EngineInfo {
        id: ID.to_owned(),
        // The child tells.
        version: String::new(),
        model: model.acoustic.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        model_digest: models::digest_of_files(&files)?,
        languages: vec![Language::EnUs],
        word_times: true,
        emotions: false,
        try_out: true,
        remote: false,
        parallel_clips: settings.workers.get(),
        longest_clip: LONGEST_CLIP,
    };
    let job = Job::Pocketsphinx(Load { library, model });
    let settings = ChildSettings {
        program: settings.child.clone(),
        workers: settings.workers,
        load_timeout: settings.load_timeout,
        clip_timeout: settings.clip_timeout,
    };
    Ok(Box::new(ChildEngine::start(ID, info, &job, &settings)?))
}

/// The files whose absence PocketSphinx answers with its death, and whose content tells the model.
fn find_files(settings: &EngineSettings) -> Result<Vec<PathBuf>, SpeechError> {
    let PocketSphinxModel { acoustic, language, dictionary } = &settings.pocketsphinx;
    let mut files: Vec<PathBuf> =
        ["feat.params", "mdef", "means", "variances", "transition_matrices"]
            .iter()
            .map(|name| acoustic.join(name))
            .collect();
    files.extend([language.clone(), dictionary.clone()]);
    match files.iter().find(|path| !path.is_file()) {
        None => Ok(files),
        Some(path) => Err(SpeechError::ModelMissing {
            model: acoustic.display().to_string(),
            path: path.clone(),
            remedy: REMEDY.to_owned(),
        }),
    }
}

/// The library in one of our folders, or its bare name for the system's loader to find.
fn find_library(settings: &EngineSettings) -> Option<PathBuf> {
    let ours = settings.lib_dirs.iter().map(|folder| folder.join(LIBRARY)).find(|p| p.is_file());
    ours.or_else(|| library::system_has_it().then(|| PathBuf::from(LIBRARY)))
}

fn library_missing(settings: &EngineSettings) -> SpeechError {
    SpeechError::LibraryMissing {
        library: LIBRARY.to_owned(),
        searched: [settings.lib_dirs.clone(), vec![PathBuf::from("the system's folders")]].concat(),
        remedy: REMEDY.to_owned(),
    }
}
