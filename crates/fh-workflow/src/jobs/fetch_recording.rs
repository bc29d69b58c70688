use std::io::{self, Read, Write as _};
use std::path::Path;

use async_trait::async_trait;
use fh_speech::transcript_names;
use fh_store::{FailureKind, StepResult, Write};
use serde::{Deserialize, Serialize};

use super::{DECODE_AND_MEASURE, Done, FETCH_RECORDING, Failure, Job, JobResult, Work, given};
use crate::fetch::{FetchError, MappedRoots, RecordingSource, download};
use crate::inspection::{EngineWish, GivenTranscript};
use crate::recording_key::{digest_in_key, recording_key};
use crate::source::CallSource;
use crate::temp_file::{Finished, Writer};

/// How much is read at once.
const PIECE: usize = 64 * 1024;

/// What the next steps need to know of the recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fetched {
    /// Its name with the extension.
    pub(crate) file_name: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// blake3 of its bytes, in hex.
    pub(crate) digest: String,
}

/// Brings the recording, and the transcript beside it, into our own keeping.
pub(super) struct FetchRecording;

#[async_trait]
impl Job for FetchRecording {
    async fn run(&self, work: &Work) -> JobResult {
        let row = work.row().await?;
        let source: CallSource = serde_json::from_value(row.call.source.clone())
            .map_err(|error| Failure::lasting(FailureKind::WorkFailed, error.to_string()))?;
        let CallSource { recording, file_name } = source;
        if let RecordingSource::Upload { blob } = recording {
            return uploaded(work, blob, file_name).await;
        }
        let fetched = fetch(work, recording, file_name).await?;
        let call = row.call.id;
        let digest = fetched.finished.digest.clone();
        let blob = recording_key(&work.claim.job.tenant, &digest, &call.to_string());
        work.workflow.blobs().put_file(&blob, fetched.finished.path()).await?;
        work.middle();
        let known = Fetched {
            file_name: fetched.file_name,
            bytes: fetched.finished.bytes,
            digest: digest.clone(),
        };
        let mut writes = vec![
            Write::Recording { call, digest, blob },
            Write::Step { call, result: step_of(&known)? },
            work.then(DECODE_AND_MEASURE)?,
        ];
        // One that came with the submission stays: it was meant.
        if let Some(transcript) = fetched.transcript
            && work.earlier(given::STEP).await?.is_none()
        {
            let (key, body) = (transcript.digest(), given::to_body(&transcript));
            let result = StepResult { step: given::STEP.to_owned(), key, body };
            writes.push(Write::Step { call, result });
        }
        Ok(Done::with(writes))
    }
}

fn step_of(fetched: &Fetched) -> Result<StepResult, Failure> {
    let body = serde_json::to_vec(fetched)
        .map_err(|error| Failure::lasting(FailureKind::WorkFailed, error.to_string()))?;
    let key = super::step_key::step_key(FETCH_RECORDING, fetched)?;
    Ok(StepResult { step: FETCH_RECORDING.to_owned(), key, body })
}

/// An upload is in our keeping already.
async fn uploaded(work: &Work, blob: String, file_name: String) -> JobResult {
    let call = work.call()?;
    let gone = || Failure::lasting(FailureKind::RecordingUnreachable, "the upload is gone");
    let bytes = work.workflow.blobs().size(&blob).await?.ok_or_else(gone)?;
    let digest = digest_in_key(&work.claim.job.tenant, &blob).ok_or_else(gone)?.to_owned();
    work.middle();
    let known = Fetched { file_name, bytes, digest: digest.clone() };
    Ok(Done::with(vec![
        Write::Recording { call, digest, blob },
        Write::Step { call, result: step_of(&known)? },
        work.then(DECODE_AND_MEASURE)?,
    ]))
}

struct FetchedFile {
    finished: Finished,
    file_name: String,
    transcript: Option<GivenTranscript>,
}

async fn fetch(
    work: &Work,
    recording: RecordingSource,
    file_name: String,
) -> Result<FetchedFile, Failure> {
    let (workflow, heed) = (work.workflow.clone(), work.heed());
    let work_on_it = move || {
        let settings = workflow.settings();
        let mut writer = Heeding {
            writer: Writer::create(&settings.temp_dir).map_err(FetchError::Store)?,
            heed,
        };
        let (file_name, transcript) = match recording {
            RecordingSource::Path { written } => {
                let inspection = &settings.inspection;
                let most = inspection.decode.limits.max_bytes;
                copy(&settings.fetch.roots, &written, most, &mut writer)?;
                let wanted = inspection.accept_transcript_beside
                    && !matches!(inspection.engine, EngineWish::Named(_));
                let roots = &settings.fetch.roots;
                (file_name, wanted.then(|| beside(roots, &written)).flatten())
            }
            RecordingSource::Url { url } => {
                let fetch = &settings.fetch;
                let down = download(&url, &fetch.limits, &fetch.addresses, &mut writer)?;
                (better_name(file_name, down.file_name), None)
            }
            // Asked before; there is nothing to fetch.
            RecordingSource::Upload { .. } => return Err(FetchError::PathNotFound),
        };
        Ok(FetchedFile { finished: writer.writer.finish(), file_name, transcript })
    };
    let fetched: Result<FetchedFile, FetchError> = work.blocking(work_on_it).await?;
    fetched.map_err(|error| {
        tracing::info!(code = error.code(), "a recording could not be fetched");
        error.into()
    })
}

fn copy<H: Fn()>(
    roots: &MappedRoots,
    written: &str,
    most: u64,
    into: &mut Heeding<H>,
) -> Result<(), FetchError> {
    let mut file = roots.open(written)?;
    let mut piece = vec![0; PIECE];
    let mut bytes = 0_u64;
    loop {
        let read = match file.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(FetchError::PathUnreadable { kind: error.kind() }),
        };
        bytes += read as u64;
        if bytes > most {
            return Err(FetchError::TooLarge { limit: most });
        }
        into.write_all(&piece[..read]).map_err(FetchError::Store)?;
    }
}

/// The transcript beside a recording in a mapped folder.
fn beside(roots: &MappedRoots, written: &str) -> Option<GivenTranscript> {
    let end = written.rfind(['/', '\\'])? + 1;
    let (folder, name) = written.split_at(end);
    transcript_names(Path::new(name))?.into_iter().find_map(|name| {
        let name = name.into_string().ok()?;
        let file = roots.open(&format!("{folder}{name}")).ok()?;
        Some(GivenTranscript::read_from(name, file))
    })
}

/// The server's name for it, where ours does not tell the format.
fn better_name(ours: String, servers: Option<String>) -> String {
    match servers {
        Some(name) if Path::new(&ours).extension().is_none() => name,
        _ => ours,
    }
}

/// Writes, and looks whether anybody still wants it.
struct Heeding<H> {
    writer: Writer,
    heed: H,
}

impl<H: Fn()> io::Write for Heeding<H> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.heed)();
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
