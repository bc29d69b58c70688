use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::hex_of;
use crate::fetch::RecordingSource;
use crate::permission::Permission;
use crate::recording_key::recording_key;
use crate::temp_file::TempRecording;
use crate::{Caller, CommandError, Workflow};

/// How much is read at once.
const PIECE: usize = 64 * 1024;

impl Workflow {
    /// Takes a recording in as it comes, at most `max_bytes` of it, and says under which source it
    /// is then to be submitted. What is not submitted within a day is deleted.
    ///
    /// # Errors
    /// [`CommandError::LimitReached`] where it is larger, [`CommandError::Invalid`] where it is
    /// empty or does not come whole.
    pub async fn store_upload(
        &self,
        caller: &Caller,
        bytes: &mut (impl AsyncRead + Unpin + Send),
        max_bytes: u64,
    ) -> Result<RecordingSource, CommandError> {
        caller.require(Permission::SubmitCalls)?;
        let mut draft =
            TempRecording::create(self.settings().temp_dir.clone()).await.map_err(disk_failed)?;
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            let read = bytes.read_buf(&mut piece).await.map_err(|error| {
                CommandError::invalid("recording", "all of its bytes", error.kind().to_string())
            })?;
            if read == 0 {
                break;
            }
            let size = draft.bytes().saturating_add(read as u64);
            if size > max_bytes {
                return Err(CommandError::LimitReached {
                    what: "bytes of a recording",
                    allowed: max_bytes,
                    found: size,
                });
            }
            draft.write(piece).await.map_err(disk_failed)?;
        }
        if draft.bytes() == 0 {
            return Err(CommandError::invalid("recording", "a recording", "no byte"));
        }
        let finished = draft.finish().await.map_err(disk_failed)?;
        let owner = hex_of(self.random(), 16);
        let blob = recording_key(&caller.tenant, &finished.digest, &owner);
        self.blobs().put_file(&blob, finished.path()).await?;
        Ok(RecordingSource::Upload { blob })
    }
}

fn disk_failed(error: io::Error) -> CommandError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            CommandError::Full(fh_store::StoreError::Full(Box::new(error)))
        }
        _ => CommandError::internal(error),
    }
}
