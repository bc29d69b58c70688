use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::{MANIFEST, Manifest};

/// A backup that is whole.
pub(crate) struct BackupReader {
    place: Place,
    /// What it should have.
    pub(crate) manifest: Manifest,
}

enum Place {
    Folder(PathBuf),
    Tar {
        path: PathBuf,
        /// Where each file begins and how long it is.
        places: HashMap<String, (u64, u64)>,
    },
}

impl BackupReader {
    /// Opens a folder or a tar file.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let place =
            match fs::metadata(path).with_context(|| format!("opening `{}`", path.display()))? {
                metadata if metadata.is_dir() => Place::Folder(path.to_owned()),
                _ => Place::Tar { path: path.to_owned(), places: places(path)? },
            };
        let Some(mut manifest) = place.read(MANIFEST)? else {
            bail!(
                "expected a backup with a `{MANIFEST}` in `{}`, found none: it was broken off",
                path.display()
            );
        };
        let mut text = Vec::new();
        manifest.read_to_end(&mut text)?;
        let manifest: Manifest = serde_json::from_slice(&text)
            .with_context(|| format!("reading `{MANIFEST}` of `{}`", path.display()))?;
        if manifest.format != Manifest::FORMAT {
            bail!(
                "expected a backup in format {}, found format {}, written by `{}`",
                Manifest::FORMAT,
                manifest.format,
                manifest.program
            );
        }
        Ok(Self { place, manifest })
    }

    /// A file of it.
    pub(crate) fn read(&self, name: &str) -> io::Result<Option<Box<dyn Read>>> {
        self.place.read(name)
    }
}

impl Place {
    fn read(&self, name: &str) -> io::Result<Option<Box<dyn Read>>> {
        match self {
            Self::Folder(folder) => match File::open(folder.join(name)) {
                Ok(file) => Ok(Some(Box::new(file))),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
            Self::Tar { path, places } => {
                let Some(&(begin, bytes)) = places.get(name) else { return Ok(None) };
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(begin))?;
                Ok(Some(Box::new(file.take(bytes))))
            }
        }
    }
}

fn places(path: &Path) -> anyhow::Result<HashMap<String, (u64, u64)>> {
    let read = || -> io::Result<HashMap<String, (u64, u64)>> {
        let mut places = HashMap::new();
        let mut archive = tar::Archive::new(BufReader::new(File::open(path)?));
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            let name = entry.path()?.to_string_lossy().into_owned();
            places.insert(name, (entry.raw_file_position(), entry.size()));
        }
        Ok(places)
    };
    read().with_context(|| format!("reading `{}` as a tar file", path.display()))
}
