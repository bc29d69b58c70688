use std::path::{Path, PathBuf};

/// A file to read an object from. A copy is removed when this is dropped.
#[derive(Debug)]
pub struct LocalFile {
    path: PathBuf,
}

impl LocalFile {
    /// The object's own file, which stays.
    pub(super) const fn original(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it lies. Not to be written to.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
