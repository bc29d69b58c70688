//! Recogniser models: what there is, what is installed, and getting more.
//!
//! A model is a folder `<models folder>/<id>/` with the files that the registry names. Nothing is
//! fetched unless [`pull`] is called.

mod digest;
mod pull;
mod registry;

use std::path::{Path, PathBuf};

pub use digest::digest_of_files;
pub use pull::{PullError, PullSource, pull};
pub use registry::{ModelEntry, ModelFile, find, registry};

/// A model of the registry with all of its files in place, at their right sizes.
#[derive(Debug, Clone)]
pub struct InstalledModel {
    /// Its entry in the registry.
    pub entry: &'static ModelEntry,
    /// Its folder.
    pub folder: PathBuf,
}

/// The models of the registry that are installed, in the registry's order. Sizes are checked,
/// checksums are not: [`verify`] does that.
pub fn installed(models_dir: &Path) -> Vec<InstalledModel> {
    registry()
        .iter()
        .map(|entry| InstalledModel { entry, folder: path(models_dir, entry) })
        .filter(|model| {
            model.entry.files.iter().all(|file| {
                let found = std::fs::metadata(model.folder.join(&file.name));
                found.is_ok_and(|found| found.is_file() && found.len() == file.bytes)
            })
        })
        .collect()
}

/// The folder of a model, whether it is installed or not.
pub fn path(models_dir: &Path, entry: &ModelEntry) -> PathBuf {
    models_dir.join(&entry.id)
}

/// What [`verify`] found of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// The file is as the registry says.
    Good,
    /// There is no such file.
    Missing,
    /// The file has another size.
    WrongSize {
        /// Its size.
        found: u64,
    },
    /// The file has another content.
    WrongSha256 {
        /// Its sha256 in hex.
        found: String,
    },
    /// The file cannot be read.
    Unreadable {
        /// What the system said.
        reason: String,
    },
}

/// Compares a model's files with the registry, checksums included. `progress` is called with the
/// bytes read so far, of all files together.
pub fn verify(
    models_dir: &Path,
    entry: &ModelEntry,
    progress: &mut dyn FnMut(u64),
) -> Vec<(String, FileState)> {
    let folder = path(models_dir, entry);
    let mut done = 0;
    entry
        .files
        .iter()
        .map(|file| {
            let state = digest::check_file(&folder.join(&file.name), file, &mut |bytes| {
                done += bytes;
                progress(done);
            });
            (file.name.clone(), state)
        })
        .collect()
}

#[cfg(test)]
mod tests;
