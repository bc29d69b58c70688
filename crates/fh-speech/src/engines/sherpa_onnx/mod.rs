//! SenseVoice and Paraformer through the C library of sherpa-onnx, which is loaded at run time in a
//! child process. The library is in the wheel `sherpa-onnx-core` of the Python package index.

mod library;
mod result;

use std::path::{Path, PathBuf};

use fh_model::{Language, Millis};
use serde::{Deserialize, Serialize};

use crate::SpeechError;
use crate::child::{ChildEngine, ChildSettings, Job};
use crate::engine::{Engine, EngineInfo, EngineSettings, ModelChoice};
use crate::models::{self, InstalledModel};

pub(crate) use library::load;

/// The engine's id.
pub const ID: &str = "sherpa-onnx";

/// The library's file name.
pub const LIBRARY: &str = "libsherpa-onnx-c-api.so";

/// The only version whose structures we know.
pub const VERSION: &str = "2.0.1";

/// The longest clip: attention costs time and memory by the square of the length.
const LONGEST_CLIP: Millis = Millis::from_secs(30);

/// What kind of model it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelFamily {
    /// SenseVoice: several languages, language, emotion and event labels.
    SenseVoice,
    /// Paraformer: Mandarin with English words.
    Paraformer,
}

impl ModelFamily {
    fn languages(self) -> Vec<Language> {
        match self {
            Self::SenseVoice => vec![Language::ZhCn, Language::EnUs],
            Self::Paraformer => vec![Language::ZhCn],
        }
    }
}

/// What the child loads.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Load {
    library: PathBuf,
    family: ModelFamily,
    model: PathBuf,
    tokens: PathBuf,
}

pub(crate) fn ready(settings: &EngineSettings, language: Language) -> Result<(), String> {
    find_library(settings).map_err(|error| error.remedy())?;
    let model = find_model(settings, Some(language)).map_err(|error| error.remedy())?;
    if model.family.languages().contains(&language) {
        Ok(())
    } else {
        Err(format!("model `{}` does not recognise {language}", model.id))
    }
}

pub(crate) fn open(
    settings: &EngineSettings,
    language: Option<Language>,
) -> Result<Box<dyn Engine>, SpeechError> {
    let (info, load) = prepare(settings, language)?;
    let settings = ChildSettings {
        program: settings.child.clone(),
        workers: settings.workers,
        load_timeout: settings.load_timeout,
        clip_timeout: settings.clip_timeout,
    };
    Ok(Box::new(ChildEngine::start(ID, info, &Job::SherpaOnnx(load), &settings)?))
}

/// The engine without a child process around it, to measure what the child costs.
///
/// A damaged model ends the process that calls this.
pub fn open_in_this_process(
    settings: &EngineSettings,
    language: Option<Language>,
) -> Result<Box<dyn Engine>, SpeechError> {
    let (info, load) = prepare(settings, language)?;
    library::open_in_this_process(info, &load)
        .map_err(|detail| SpeechError::EngineNotStarted { engine: ID, detail })
}

fn prepare(
    settings: &EngineSettings,
    language: Option<Language>,
) -> Result<(EngineInfo, Load), SpeechError> {
    let library = find_library(settings)?;
    let found = find_model(settings, language)?;
    let info = EngineInfo {
        id: ID.to_owned(),
        // Any other is refused when it is loaded.
        version: VERSION.to_owned(),
        model_digest: found.digest()?,
        model: found.id,
        languages: found.family.languages(),
        word_times: true,
        emotions: found.family == ModelFamily::SenseVoice,
        try_out: false,
        remote: false,
        parallel_clips: settings.workers.get(),
        longest_clip: LONGEST_CLIP,
    };
    let (family, model, tokens) = (found.family, found.model, found.tokens);
    Ok((info, Load { library, family, model, tokens }))
}

fn find_library(settings: &EngineSettings) -> Result<PathBuf, SpeechError> {
    settings
        .lib_dirs
        .iter()
        .map(|folder| folder.join(LIBRARY))
        .find(|path| path.is_file())
        .ok_or_else(|| SpeechError::LibraryMissing {
            library: LIBRARY.to_owned(),
            searched: settings.lib_dirs.clone(),
            remedy: format!(
                "unpack the `.so` files of the PyPI wheel `sherpa-onnx-core=={VERSION}` into {}",
                settings
                    .lib_dirs
                    .first()
                    .map_or("a folder".to_owned(), |folder| format!("`{}`", folder.display()))
            ),
        })
}

struct FoundModel {
    id: String,
    family: ModelFamily,
    model: PathBuf,
    tokens: PathBuf,
}

impl FoundModel {
    /// sha256 over both files' sha256 and names, as [`models::digest_of_files`] defines it.
    fn digest(&self) -> Result<String, SpeechError> {
        models::digest_of_files(&[&self.model, &self.tokens])
    }
}

fn find_model(
    settings: &EngineSettings,
    language: Option<Language>,
) -> Result<FoundModel, SpeechError> {
    let installed = |model: InstalledModel| FoundModel {
        id: model.entry.id.to_owned(),
        family: model.entry.family,
        model: model.folder.join("model.int8.onnx"),
        tokens: model.folder.join("tokens.txt"),
    };
    match &settings.model {
        ModelChoice::FirstInstalled => {
            let serves = |model: &InstalledModel| {
                language.is_none_or(|language| model.entry.languages.contains(&language))
            };
            let found = models::installed(&settings.models_dir).into_iter().find(serves);
            found.map(installed).ok_or_else(|| {
                let pull = models::registry().iter().find(|entry| {
                    language.is_none_or(|language| entry.languages.contains(&language))
                });
                missing(pull.map_or("", |entry| &entry.short_id), &settings.models_dir)
            })
        }
        ModelChoice::Id(id) => models::installed(&settings.models_dir)
            .into_iter()
            .find(|model| model.entry.id == *id || model.entry.short_id == *id)
            .map(installed)
            .ok_or_else(|| missing(id, &settings.models_dir.join(id))),
        ModelChoice::At { folder, family } => {
            let file = |names: &[&str]| {
                let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
                paths.iter().find(|path| path.is_file()).cloned().ok_or_else(|| {
                    SpeechError::ModelMissing {
                        model: folder.display().to_string(),
                        path: paths[0].clone(),
                        remedy: "put it there".to_owned(),
                    }
                })
            };
            Ok(FoundModel {
                id: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                family: *family,
                model: file(&["model.int8.onnx", "model.onnx"])?,
                tokens: file(&["tokens.txt"])?,
            })
        }
    }
}

fn missing(model: &str, path: &Path) -> SpeechError {
    SpeechError::ModelMissing {
        model: model.to_owned(),
        path: path.to_owned(),
        remedy: format!("run `fairhearing models pull {model}`"),
    }
}
