//! The sample calls, for somebody who looks around.

use std::path::Path;

use anyhow::Context as _;
use fh_speech::transcript_beside;
use fh_workflow::{CallContent, Caller, SubmitCall, SubmitCalls, Workflow};
use jiff::tz::TimeZone;

use crate::inspect::manifest;

/// Submits the recordings that the manifest `calls.csv` in `folder` lists, each with the transcript
/// that lies beside it; the manifest's times are meant in `time_zone`. Returns their number.
pub(super) async fn submit(
    workflow: &Workflow,
    folder: &Path,
    time_zone: &TimeZone,
) -> anyhow::Result<usize> {
    let caller = Caller::system(workflow.settings().operator.clone());
    let mut calls = Vec::new();
    for entry in manifest::read(&folder.join("calls.csv"))? {
        let shown = entry.path.display();
        let mut bytes = tokio::fs::File::open(&entry.path)
            .await
            .with_context(|| format!("reading `{shown}`"))?;
        let recording = workflow.store_upload(&caller, &mut bytes, u64::MAX).await?;
        let transcript = match entry.transcript.or_else(|| transcript_beside(&entry.path)) {
            None => None,
            Some(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                Some((name, std::fs::read(&path)?))
            }
        };
        let file_name = entry.path.file_name().map(|name| name.to_string_lossy().into_owned());
        let began = entry.metadata.begin_time;
        calls.push(SubmitCall {
            content: CallContent::Recording(recording),
            group: None,
            staff_id: entry.metadata.agent_id.clone(),
            file_name,
            call_time: began.and_then(|began| time_zone.to_timestamp(began).ok()),
            priority: 0,
            transcript,
            metadata: entry.metadata,
        });
    }
    let count = calls.len();
    let submission = SubmitCalls { calls, ..SubmitCalls::default() };
    workflow.submit_calls(&caller, submission).await?;
    Ok(count)
}
