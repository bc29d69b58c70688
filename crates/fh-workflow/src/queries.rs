//! Questions that need more than one row, or a line in the audit log.

use fh_model::{CallId, Inspection};
use fh_store::{CallFilter, CallRow};

use crate::jobs::given;
use crate::permission::Permission;
use crate::source::CallSource;
use crate::{Caller, CommandError, Workflow};

/// Where a call's recording can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioFile {
    /// Its key in the object store.
    pub blob: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// blake3 of its bytes, in hex.
    pub digest: String,
    /// Its name with the extension, as the client gave it.
    pub file_name: String,
    /// What it is, by the name's extension; `application/octet-stream` where that tells nothing.
    pub content_type: &'static str,
}

/// Extensions and what browsers call them.
const CONTENT_TYPES: &[(&str, &str)] = &[
    ("wav", "audio/wav"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("flac", "audio/flac"),
    ("m4a", "audio/mp4"),
    ("mp4", "audio/mp4"),
    ("aac", "audio/aac"),
    ("amr", "audio/amr"),
    ("mkv", "audio/x-matroska"),
    ("mka", "audio/x-matroska"),
    ("webm", "audio/webm"),
    ("aif", "audio/aiff"),
    ("aiff", "audio/aiff"),
    ("json", "application/json"),
];

impl Workflow {
    /// A call that the caller may see.
    pub async fn call(&self, caller: &Caller, id: CallId) -> Result<Option<CallRow>, CommandError> {
        match self.visible_call(caller, id).await {
            Ok(row) => Ok(Some(row)),
            Err(CommandError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The filter held to what the caller may see: agents list their own calls.
    ///
    /// # Errors
    /// [`CommandError::Forbidden`] for an agent of whom nobody knows the calls.
    pub fn visible(&self, caller: &Caller, filter: CallFilter) -> Result<CallFilter, CommandError> {
        if caller.may(Permission::ReadAllCalls) {
            return Ok(filter);
        }
        caller.require(Permission::ReadOwnCalls)?;
        let own = caller.staff_id.clone().ok_or(CommandError::Forbidden)?;
        // Somebody else's calls: none.
        let ids = match &filter.staff_id {
            Some(asked) if *asked != own => Some(Vec::new()),
            _ => filter.ids.clone(),
        };
        Ok(CallFilter { staff_id: Some(own), ids, ..filter })
    }

    /// A call that the caller may see, with its latest result.
    pub async fn inspection_of(
        &self,
        caller: &Caller,
        id: CallId,
    ) -> Result<Option<(CallRow, Inspection)>, CommandError> {
        let Some(row) = self.call(caller, id).await? else { return Ok(None) };
        let Some(stored) = self.scope(caller).inspection(id).await? else { return Ok(None) };
        let inspection = serde_json::from_slice(&stored.json).map_err(CommandError::internal)?;
        Ok(Some((row, inspection)))
    }

    /// The transcript that came along with a call: its name and its bytes. `None` where there was
    /// none, and where the words were recognised here.
    pub async fn given_transcript_of(
        &self,
        caller: &Caller,
        id: CallId,
    ) -> Result<Option<(String, Vec<u8>)>, CommandError> {
        if self.call(caller, id).await?.is_none() {
            return Ok(None);
        }
        let kept = self.scope(caller).step_result(id, given::STEP).await?;
        let transcript = kept.map(|kept| given::from_body(&kept.body));
        Ok(transcript.and_then(|transcript| {
            let bytes = transcript.bytes()?.to_vec();
            Some((transcript.name().to_owned(), bytes))
        }))
    }

    /// Where the recording of a call can be read; noted in the audit log.
    pub async fn audio_of(
        &self,
        caller: &Caller,
        id: CallId,
    ) -> Result<Option<AudioFile>, CommandError> {
        let Some(row) = self.call(caller, id).await? else { return Ok(None) };
        let (Some(blob), Some(digest)) = (row.recording_blob, row.recording_digest) else {
            return Ok(None);
        };
        let Some(bytes) = self.blobs().size(&blob).await? else { return Ok(None) };
        let source: CallSource =
            serde_json::from_value(row.call.source).map_err(CommandError::internal)?;
        self.scope(caller).note(caller.entry("call.audio.read", id.to_string())).await?;
        let content_type = content_type(&source.file_name);
        Ok(Some(AudioFile { blob, bytes, digest, file_name: source.file_name, content_type }))
    }
}

fn content_type(file_name: &str) -> &'static str {
    let extension = file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let known = extension.and_then(|extension| {
        CONTENT_TYPES.iter().find(|(known, _)| *known == extension).map(|(_, kind)| *kind)
    });
    known.unwrap_or("application/octet-stream")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_tells_the_content_type() {
        assert_eq!(content_type("a.b.WAV"), "audio/wav");
        assert_eq!(content_type("0951044.V3"), "application/octet-stream");
        assert_eq!(content_type("wav"), "application/octet-stream");
    }
}
