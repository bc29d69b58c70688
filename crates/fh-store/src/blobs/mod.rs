//! Recordings and what else is too large for a row, under keys in a folder or a bucket.

mod folder;
mod key;
mod local_file;
#[cfg(feature = "s3")]
mod s3;
mod s3_access;
#[cfg(feature = "s3")]
mod s3_place;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;

use crate::StoreError;
use folder::FolderBlobs;
pub use local_file::LocalFile;
pub use s3_access::S3Access;

/// What is known of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobInfo {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written, by the clock of whoever keeps it.
    pub written_at: Timestamp,
}

/// Objects under keys such as `default/recordings/5f1c...`.
///
/// A key is 1 to 512 bytes: names of `A-Z`, `a-z`, `0-9`, `-`, `_` and `.`, joined by `/`; no name
/// begins with a dot. Other keys are refused with [`StoreError::Unfit`].
///
/// For whoever implements one: an object is durable when its writing returns, it is seen whole or
/// not at all, and one that is written again is replaced as a whole.
#[async_trait]
pub trait Blobs: Send + Sync + 'static {
    /// Keeps a file's content and returns its size. The file may be taken over as it is: nobody may
    /// write to it afterwards. Its name can be removed at any time.
    async fn put_file(&self, key: &str, path: &Path) -> Result<u64, StoreError>;

    /// Keeps bytes.
    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), StoreError>;

    /// The whole object.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError>;

    /// A part of it; less where the object ends before.
    async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Option<Bytes>, StoreError>;

    /// Its size in bytes.
    async fn size(&self, key: &str) -> Result<Option<u64>, StoreError>;

    /// A file with its content, for reading. Where the objects are elsewhere it is a copy, which is
    /// removed with the answer.
    async fn local_file(&self, key: &str) -> Result<Option<LocalFile>, StoreError>;

    /// Deletes it, if there is one.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// All objects whose key begins with `prefix`, by key. The prefix is empty or ends with `/`.
    async fn list(&self, prefix: &str) -> Result<Vec<BlobInfo>, StoreError>;
}

/// Opens the objects at a URL: a folder as `file:///var/lib/fairhearing/objects` or as a plain path.
/// The folder is made where it does not exist.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let folder = tempfile::tempdir()?;
/// let blobs = fh_store::open_blobs(&folder.path().display().to_string()).await?;
/// blobs.put("default/recordings/5f1c", "sound".into()).await?;
/// assert_eq!(blobs.size("default/recordings/5f1c").await?, Some(5));
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
///
/// # Errors
/// [`StoreError::Unfit`] for a URL of another kind, else what the system says.
pub async fn open_blobs(url: &str) -> Result<Arc<dyn Blobs>, StoreError> {
    open_blobs_as(url, None).await
}

/// The same, for a bucket too: `s3://BUCKET/PREFIX`, with the parameters `endpoint` (another server
/// than Amazon's), `region` and `path_style` (`false` where the bucket's name stands before an
/// `endpoint`'s). It must exist. `access` says who asks; passwords have no place in a URL.
///
/// # Errors
/// [`StoreError::Unfit`] for a URL of another kind and for a bucket without `access`, else what the
/// system or the server says.
pub async fn open_blobs_as(
    url: &str,
    access: Option<&S3Access>,
) -> Result<Arc<dyn Blobs>, StoreError> {
    let folder = match url.split_once("://") {
        None if !url.is_empty() => PathBuf::from(url),
        Some(("file", path)) if path.starts_with('/') => PathBuf::from(path),
        Some(("s3", _)) => return open_bucket(url, access).await,
        _ => {
            // A URL may hold a password: only its kind is told.
            let found = url.split_once("://").map_or("nothing", |(scheme, _)| scheme);
            return Err(StoreError::Unfit {
                expected:
                    "a place for recordings such as `file:///var/lib/fairhearing/objects` or \
                           `s3://bucket/prefix`"
                        .to_owned(),
                found: format!("`{found}`"),
            });
        }
    };
    Ok(Arc::new(FolderBlobs::open(folder).await?))
}

#[cfg(feature = "s3")]
async fn open_bucket(url: &str, access: Option<&S3Access>) -> Result<Arc<dyn Blobs>, StoreError> {
    let access = access.ok_or_else(|| StoreError::Unfit {
        expected: "an access key and its secret for a bucket of S3".to_owned(),
        found: "none".to_owned(),
    })?;
    Ok(Arc::new(s3::S3Blobs::open(url, access).await?))
}

#[cfg(not(feature = "s3"))]
async fn open_bucket(_: &str, _: Option<&S3Access>) -> Result<Arc<dyn Blobs>, StoreError> {
    Err(StoreError::Unfit {
        expected: "a folder, as this program was built without the feature `s3`".to_owned(),
        found: "`s3`".to_owned(),
    })
}
