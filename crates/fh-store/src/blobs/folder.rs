use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;

use super::{BlobInfo, Blobs, LocalFile, key};
use crate::StoreError;

/// Where objects are written before they are moved to their place. No key begins with a dot.
const UNFINISHED: &str = ".unfinished";

/// What a crash left unfinished is removed when nobody wrote to it for so long.
const STALE: Duration = Duration::from_secs(60 * 60);

/// The most that is taken into memory before its size is trusted.
const FIRST_BLOCK: u64 = 1 << 20;

/// Objects as files of a folder, on a file system that renames atomically.
#[derive(Debug)]
pub(super) struct FolderBlobs {
    folder: Arc<PathBuf>,
}

impl FolderBlobs {
    pub(super) async fn open(folder: PathBuf) -> Result<Self, StoreError> {
        let folder = Arc::new(folder);
        let opened = Self { folder: Arc::clone(&folder) };
        blocking(move || {
            let unfinished = folder.join(UNFINISHED);
            fs::create_dir_all(&unfinished)?;
            remove_stale(&unfinished)
        })
        .await?;
        Ok(opened)
    }

    fn place(&self, key: &str) -> Result<PathBuf, StoreError> {
        key::check(key)?;
        Ok(self.folder.join(key))
    }
}

#[async_trait]
impl Blobs for FolderBlobs {
    async fn put_file(&self, key: &str, path: &Path) -> Result<u64, StoreError> {
        let (place, folder, path) = (self.place(key)?, Arc::clone(&self.folder), path.to_owned());
        blocking(move || {
            let draft = draft(&folder)?;
            // Another file system, or one that knows no links: copied.
            if fs::remove_file(&draft).and_then(|()| fs::hard_link(&path, &draft)).is_err() {
                fs::copy(&path, &draft)?;
            }
            let file = File::open(&draft)?;
            file.sync_all()?;
            let bytes = file.metadata()?.len();
            move_to(&folder, draft, &place)?;
            Ok(bytes)
        })
        .await
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), StoreError> {
        let (place, folder) = (self.place(key)?, Arc::clone(&self.folder));
        blocking(move || {
            let draft = draft(&folder)?;
            let mut file = File::options().write(true).open(&draft)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            move_to(&folder, draft, &place)
        })
        .await
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        let place = self.place(key)?;
        blocking(move || found(fs::read(place).map(Bytes::from))).await
    }

    async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Option<Bytes>, StoreError> {
        let place = self.place(key)?;
        blocking(move || found(read_range(&place, range))).await
    }

    async fn size(&self, key: &str) -> Result<Option<u64>, StoreError> {
        let place = self.place(key)?;
        blocking(move || found(fs::metadata(place).map(|metadata| metadata.len()))).await
    }

    async fn local_file(&self, key: &str) -> Result<Option<LocalFile>, StoreError> {
        let place = self.place(key)?;
        Ok(self.size(key).await?.map(|_| LocalFile::original(place)))
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let place = self.place(key)?;
        blocking(move || match found(fs::remove_file(&place))? {
            Some(()) => sync_folder(place.parent()),
            None => Ok(()),
        })
        .await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobInfo>, StoreError> {
        key::check_prefix(prefix)?;
        let (folder, prefix) = (Arc::clone(&self.folder), prefix.to_owned());
        blocking(move || {
            let mut infos = Vec::new();
            collect(&folder.join(&prefix), &prefix, &mut infos)?;
            infos.sort_by(|a, b| a.key.cmp(&b.key));
            Ok(infos)
        })
        .await
    }
}

/// A file that nobody else writes to, where a rename to any place of the folder is atomic.
fn draft(folder: &Path) -> io::Result<tempfile::TempPath> {
    Ok(tempfile::Builder::new().tempfile_in(folder.join(UNFINISHED))?.into_temp_path())
}

/// Moves a synced file to its place, so that it is there after a power failure too.
fn move_to(root: &Path, draft: tempfile::TempPath, place: &Path) -> io::Result<()> {
    let folder = place.parent().unwrap_or(root);
    if !folder.is_dir() {
        fs::create_dir_all(folder)?;
        // The names of new folders stand in the folders above them.
        for above in folder.ancestors().skip(1).take_while(|above| above.starts_with(root)) {
            sync_folder(Some(above))?;
        }
    }
    draft.persist(place).map_err(|error| error.error)?;
    sync_folder(Some(folder))
}

fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    folder.map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn read_range(place: &Path, range: Range<u64>) -> io::Result<Bytes> {
    let mut file = File::open(place)?;
    file.seek(SeekFrom::Start(range.start))?;
    let wanted = range.end.saturating_sub(range.start);
    let mut bytes = Vec::with_capacity(usize::try_from(wanted.min(FIRST_BLOCK)).unwrap_or(0));
    file.take(wanted).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

fn collect(folder: &Path, prefix: &str, infos: &mut Vec<BlobInfo>) -> io::Result<()> {
    let Some(entries) = found(fs::read_dir(folder))? else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let key = format!("{prefix}{name}");
        // Gone meanwhile: not there.
        let Some(metadata) = found(entry.metadata())? else { continue };
        if metadata.is_dir() {
            collect(&entry.path(), &format!("{key}/"), infos)?;
        } else {
            let written_at = Timestamp::try_from(metadata.modified()?).map_err(io::Error::other)?;
            infos.push(BlobInfo { key, bytes: metadata.len(), written_at });
        }
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the age of files is told by the clock of their file system"
)]
fn remove_stale(unfinished: &Path) -> io::Result<()> {
    let now = SystemTime::now();
    for entry in fs::read_dir(unfinished)? {
        let entry = entry?;
        let age = entry.metadata().and_then(|metadata| metadata.modified());
        if age.is_ok_and(|written| now.duration_since(written).is_ok_and(|age| age > STALE)) {
            // Somebody else may have removed it just now.
            found(fs::remove_file(entry.path()))?;
        }
    }
    Ok(())
}

fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Runs what waits for the disk where it holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panic| Err(io::Error::other(panic))).map_err(|error| match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            StoreError::Full(Box::new(error))
        }
        ErrorKind::StaleNetworkFileHandle | ErrorKind::TimedOut => {
            StoreError::Unavailable(Box::new(error))
        }
        _ => StoreError::Backend(Box::new(error)),
    })
}
