use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use super::digest::Hashed;
use super::{DATABASE, Entry, MANIFEST, Manifest, copy_hashed, hash_file, place_of};

/// A backup that is being written. Nobody else on this machine may read it.
pub(crate) enum BackupWriter {
    /// Files of a folder.
    Folder(PathBuf),
    /// One file, which has its name only once it is whole.
    Tar {
        builder: tar::Builder<BufWriter<NamedTempFile>>,
        out: PathBuf,
        /// Where the database's copy lies until it is in the file.
        scratch: TempDir,
    },
}

impl BackupWriter {
    /// Begins one at `out`, which must not exist: a file where its name ends with `.tar`.
    pub(crate) fn create(out: &Path) -> io::Result<Self> {
        if out.extension().is_none_or(|extension| extension != "tar") {
            fs::DirBuilder::new().mode(0o700).create(out)?;
            return Ok(Self::Folder(out.to_owned()));
        }
        if out.exists() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let beside = match out.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let draft = tempfile::Builder::new().prefix(".backup").tempfile_in(beside)?;
        Ok(Self::Tar {
            builder: tar::Builder::new(BufWriter::new(draft)),
            out: out.to_owned(),
            scratch: tempfile::Builder::new().prefix(".backup").tempdir_in(beside)?,
        })
    }

    /// Where the database is to be copied to.
    pub(crate) fn database(&self) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(DATABASE),
            Self::Tar { scratch, .. } => scratch.path().join(DATABASE),
        }
    }

    /// Takes the database's copy.
    pub(crate) fn add_database(&mut self) -> io::Result<Entry> {
        let copy = self.database();
        let Self::Tar { builder, .. } = self else { return hash_file(&copy) };
        let entry = append(builder, DATABASE, &copy)?;
        fs::remove_file(copy)?;
        Ok(entry)
    }

    /// Takes an object's content.
    pub(crate) fn add_object(&mut self, key: &str, content: &Path) -> io::Result<Entry> {
        let name = place_of(key);
        match self {
            Self::Tar { builder, .. } => append(builder, &name, content),
            Self::Folder(folder) => {
                let place = folder.join(name);
                if let Some(above) = place.parent() {
                    fs::create_dir_all(above)?;
                }
                let mut file = new_file(&place)?;
                let entry = copy_hashed(&mut File::open(content)?, &mut file)?;
                file.sync_all()?;
                Ok(entry)
            }
        }
    }

    /// Ends it: from now on it counts as whole.
    pub(crate) fn finish(self, manifest: &Manifest) -> io::Result<()> {
        let manifest = serde_json::to_vec_pretty(manifest)?;
        match self {
            Self::Folder(folder) => {
                let mut file = new_file(&folder.join(MANIFEST))?;
                file.write_all(&manifest)?;
                file.sync_all()?;
                File::open(folder)?.sync_all()
            }
            Self::Tar { mut builder, out, .. } => {
                let mut header = header(manifest.len() as u64);
                builder.append_data(&mut header, MANIFEST, manifest.as_slice())?;
                let draft =
                    builder.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?;
                draft.as_file().sync_all()?;
                draft.persist_noclobber(&out).map_err(|error| error.error)?;
                match out.parent() {
                    Some(folder) if !folder.as_os_str().is_empty() => {
                        File::open(folder)?.sync_all()
                    }
                    _ => File::open(".")?.sync_all(),
                }
            }
        }
    }
}

fn new_file(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

fn append(
    builder: &mut tar::Builder<BufWriter<NamedTempFile>>,
    name: &str,
    content: &Path,
) -> io::Result<Entry> {
    let mut file = File::open(content)?;
    let mut header = header(file.metadata()?.len());
    let mut content = Hashed::new(&mut file);
    builder.append_data(&mut header, name, &mut content)?;
    Ok(content.entry())
}

fn header(bytes: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header
}
