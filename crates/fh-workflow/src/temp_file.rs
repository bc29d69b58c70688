use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A recording that comes in, in a file that goes with this.
pub(crate) struct TempRecording {
    writer: Option<Writer>,
    bytes: u64,
}

/// A recording that has come in.
pub(crate) struct Finished {
    file: NamedTempFile,
    /// blake3 of its bytes, in hex.
    pub(crate) digest: String,
    /// Its size.
    pub(crate) bytes: u64,
}

impl Finished {
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }
}

impl TempRecording {
    pub(crate) async fn create(folder: PathBuf) -> io::Result<Self> {
        let writer = blocking(move || Writer::create(&folder)).await?;
        Ok(Self { writer: Some(writer), bytes: 0 })
    }

    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) async fn write(&mut self, piece: Vec<u8>) -> io::Result<()> {
        self.bytes = self.bytes.saturating_add(piece.len() as u64);
        let mut writer = self.writer.take().ok_or_else(failed_before)?;
        let writer = blocking(move || writer.write_all(&piece).map(|()| writer)).await?;
        self.writer = Some(writer);
        Ok(())
    }

    pub(crate) async fn finish(self) -> io::Result<Finished> {
        let writer = self.writer.ok_or_else(failed_before)?;
        blocking(move || Ok(writer.finish())).await
    }
}

fn failed_before() -> io::Error {
    io::Error::other("expected a file that could be written to before, found one that could not")
}

/// Writes a recording to a file of its own and takes its digest on the way.
pub(crate) struct Writer {
    file: NamedTempFile,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Writer {
    /// A file in `folder`, which is made where it does not exist.
    pub(crate) fn create(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let file = tempfile::Builder::new().prefix("recording-").tempfile_in(folder)?;
        Ok(Self { file, hasher: blake3::Hasher::new(), bytes: 0 })
    }

    /// The recording as it is now.
    pub(crate) fn finish(self) -> Finished {
        let digest = self.hasher.finalize().to_hex().to_string();
        Finished { file: self.file, digest, bytes: self.bytes }
    }

    fn as_file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.as_file().write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.as_file().flush()
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
}
