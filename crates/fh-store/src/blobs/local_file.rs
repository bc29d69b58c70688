use std::path::{Path, PathBuf};

/// A file to read an object from. A copy is removed when this is dropped.
#[derive(Debug)]
pub struct LocalFile {
    path: PathBuf,
    /// Removes the copy.
    _copy: Option<tempfile::TempPath>,
}

impl LocalFile {
    /// The object's own file, which stays.
    pub(super) const fn original(path: PathBuf) -> Self {
        Self { path, _copy: None }
    }

    /// A copy of it.
    #[cfg(feature = "s3")]
    pub(super) fn copy(copy: tempfile::TempPath) -> Self {
        Self { path: copy.to_path_buf(), _copy: Some(copy) }
    }

    /// Where it lies. Not to be written to.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
