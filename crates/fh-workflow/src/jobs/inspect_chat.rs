use async_trait::async_trait;
use fh_store::{FailureKind, Write};

use super::inspect_call::{active_pack, result};
use super::step_key::step_key;
use super::{Done, Failure, INSPECT_CHAT, Job, JobResult, Work};
use crate::fetch::RecordingSource;
use crate::inspection::inspect_chat;
use crate::recording_key::digest_in_key;
use crate::source::CallSource;

/// Holds a chat against the tenant's rules.
pub(super) struct InspectChat;

#[async_trait]
impl Job for InspectChat {
    async fn run(&self, work: &Work) -> JobResult {
        let row = work.row().await?;
        let failed = |detail: String| Failure::lasting(FailureKind::TextInspectionFailed, detail);
        let source: CallSource = serde_json::from_value(row.call.source.clone())
            .map_err(|error| failed(error.to_string()))?;
        let RecordingSource::Upload { blob } = source.recording else {
            return Err(failed("expected a chat that was submitted with its call".to_owned()));
        };
        let bytes = work.workflow.blobs().get(&blob).await?;
        let bytes = bytes.ok_or_else(|| failed("the chat is gone".to_owned()))?;
        let pack = active_pack(work).await?;
        let inspection = &work.workflow.settings().inspection;
        let metadata = inspection.complete(row.call.metadata.clone());
        let digest = blake3::hash(&bytes).to_hex().to_string();
        if digest_in_key(&work.claim.job.tenant, &blob) != Some(digest.as_str()) {
            return Err(failed("the chat is not what was submitted".to_owned()));
        }
        let file_name = source.file_name;
        let key = step_key(INSPECT_CHAT, &(&digest, &file_name, &metadata, pack.digest()))?;
        let inspecting = move || inspect_chat(metadata, &file_name, &bytes, &pack);
        let inspection =
            work.blocking(inspecting).await?.map_err(|error| failed(error.to_string()))?;
        work.middle();
        let mut writes = result(work, &row, key, &inspection).await?;
        writes.push(Write::Recording { call: row.call.id, digest, blob });
        Ok(Done::with(writes))
    }
}
