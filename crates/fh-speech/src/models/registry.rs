use std::sync::LazyLock;

use fh_model::Language;
use serde::Deserialize;

use crate::engines::sherpa_onnx::ModelFamily;

/// A model that can be had.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// Its id, with the date of the export: results name it.
    pub id: String,
    /// A name that is quicker to type.
    pub short_id: String,
    /// Its name, for people.
    pub name: String,
    /// What kind of model it is.
    pub family: ModelFamily,
    /// The languages it recognises.
    pub languages: Vec<Language>,
    /// Its licence, for people to read before they fetch it.
    pub licence: String,
    /// Where the licence stands.
    pub licence_url: String,
    /// The address of its folder, with a slash at the end.
    pub base: String,
    /// Its files.
    #[serde(rename = "file")]
    pub files: Vec<ModelFile>,
}

impl ModelEntry {
    /// The size of all files together.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Its name, here and at its source.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its sha256 in lower-case hex.
    pub sha256: String,
}

/// The models that we know, the one for most people first.
pub fn registry() -> &'static [ModelEntry] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        model: Vec<ModelEntry>,
    }
    static REGISTRY: LazyLock<Vec<ModelEntry>> = LazyLock::new(|| {
        let file: File = toml::from_str(include_str!("../../models.toml"))
            .expect("a test reads the file that is compiled in");
        file.model
    });
    &REGISTRY
}

/// The model with this id or short id.
pub fn find(id: &str) -> Option<&'static ModelEntry> {
    registry().iter().find(|entry| entry.id == id || entry.short_id == id)
}
