use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use fh_audio::Sound;
use fh_model::{CallMetadata, Millis};
use fh_store::{CallRow, FailureKind, LocalFile, StepResult, Write};

use super::fetch_recording::Fetched;
use super::step_key::step_key;
use super::{
    DECODE_AND_MEASURE, Done, FETCH_RECORDING, Failure, Job, JobResult, RECOGNIZE_SPEECH, Work,
};
use crate::inspection::Listened;

/// Decodes the recording and measures its sound.
pub(super) struct DecodeAndMeasure;

#[async_trait]
impl Job for DecodeAndMeasure {
    async fn run(&self, work: &Work) -> JobResult {
        let row = work.row().await?;
        let Some(fetched) = fetched(work).await? else {
            return Ok(Done::with(vec![work.then(FETCH_RECORDING)?]));
        };
        let inspection = &work.workflow.settings().inspection;
        let metadata = inspection.complete(row.call.metadata.clone());
        let key = step_key(
            DECODE_AND_MEASURE,
            &(
                &fetched.digest,
                &fetched.file_name,
                &metadata.roles,
                metadata.expected_duration(),
                inspection.fingerprint(),
            ),
        )?;
        let earlier = work.earlier(DECODE_AND_MEASURE).await?;
        if !work.anew() && earlier.is_some_and(|result| result.key == key) {
            return Ok(Done::with(vec![work.then(RECOGNIZE_SPEECH)?]));
        }
        let (listened, _) = listen(work, &row, &fetched, metadata, false).await?;
        work.middle();
        let sound = listened.recording.duration;
        let body = serde_json::to_vec(&listened)
            .map_err(|error| Failure::lasting(FailureKind::WorkFailed, error.to_string()))?;
        let result = StepResult { step: DECODE_AND_MEASURE.to_owned(), key, body };
        let writes = vec![Write::Step { call: row.call.id, result }, work.then(RECOGNIZE_SPEECH)?];
        Ok(Done { writes, sound })
    }
}

/// What the fetching left behind; `None` where it left nothing that can be read.
pub(super) async fn fetched(work: &Work) -> Result<Option<Fetched>, Failure> {
    let result = work.earlier(FETCH_RECORDING).await?;
    Ok(result.and_then(|result| serde_json::from_slice(&result.body).ok()))
}

/// Listens to the recording of a call.
pub(super) async fn listen(
    work: &Work,
    row: &CallRow,
    fetched: &Fetched,
    metadata: CallMetadata,
    keep_samples: bool,
) -> Result<(Listened, Option<Sound>), Failure> {
    let gone = || Failure::passing(FailureKind::RecordingUnreachable, "the recording is gone");
    let blob = row.recording_blob.as_deref().ok_or_else(gone)?;
    let local = work.workflow.blobs().local_file(blob).await?.ok_or_else(gone)?;
    let (workflow, heed, name) = (work.workflow.clone(), work.heed(), fetched.file_name.clone());
    let listening = move || {
        let settings = workflow.settings();
        let named = Named::new(local, &settings.temp_dir, &name)
            .map_err(|error| Failure::passing(FailureKind::WorkFailed, error.to_string()))?;
        let mut progress = |_: Millis| heed();
        let heard =
            Listened::to(&named.path, &metadata, &settings.inspection, keep_samples, &mut progress);
        let (mut listened, sound) =
            heard.map_err(|error| Failure::of_audio(&error, &named.path, &name))?;
        listened.recording.file_name = name;
        Ok((listened, sound))
    };
    work.blocking(listening).await?
}

/// The recording under a name with its extension, which tells headerless formats apart: objects
/// have none.
struct Named {
    path: PathBuf,
    _folder: tempfile::TempDir,
    _local: LocalFile,
}

impl Named {
    fn new(local: LocalFile, temp_dir: &Path, file_name: &str) -> std::io::Result<Self> {
        std::fs::create_dir_all(temp_dir)?;
        let folder = tempfile::Builder::new().prefix("named-").tempdir_in(temp_dir)?;
        let extension = Path::new(file_name).extension().and_then(|extension| extension.to_str());
        // Whatever a stranger wrote there, it is no part of a path.
        let is_plain =
            |text: &&str| text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let name = match extension.filter(is_plain) {
            Some(extension) => format!("recording.{extension}"),
            None => "recording".to_owned(),
        };
        let path = folder.path().join(name);
        symlink(std::path::absolute(local.path())?, &path)?;
        Ok(Self { path, _folder: folder, _local: local })
    }
}
