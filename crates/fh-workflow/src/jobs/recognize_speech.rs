use async_trait::async_trait;
use fh_model::{Millis, TranscriptState};
use fh_store::{FailureKind, StepResult, Write};

use super::decode_and_measure::{fetched, listen};
use super::step_key::step_key;
use super::{
    DECODE_AND_MEASURE, Done, FETCH_RECORDING, Failure, INSPECT_CALL, Job, JobResult,
    RECOGNIZE_SPEECH, Work, given,
};
use crate::inspection::{EngineWish, Listened, RecognizeError, Words};

/// Finds the words: in the transcript that came along, else by a recogniser.
pub(super) struct RecognizeSpeech;

#[async_trait]
impl Job for RecognizeSpeech {
    async fn run(&self, work: &Work) -> JobResult {
        let row = work.row().await?;
        let Some(fetched) = fetched(work).await? else {
            return Ok(Done::with(vec![work.then(FETCH_RECORDING)?]));
        };
        let Some((heard_key, listened)) = listened(work).await? else {
            return Ok(Done::with(vec![work.then(DECODE_AND_MEASURE)?]));
        };
        let inspection = &work.workflow.settings().inspection;
        let metadata = inspection.complete(row.call.metadata.clone());
        let given = match inspection.engine {
            EngineWish::Named(_) => None,
            _ => work.earlier(given::STEP).await?,
        };
        let source = match &given {
            Some(result) => format!("given {}", result.key),
            None => format!("{:?} {:?}", inspection.engine, inspection.engine_settings.model),
        };
        let key = step_key(RECOGNIZE_SPEECH, &(heard_key, source, metadata.language))?;
        let earlier = work.earlier(RECOGNIZE_SPEECH).await?;
        if !work.anew() && earlier.is_some_and(|result| result.key == key) {
            return Ok(Done::with(vec![work.then(INSPECT_CALL)?]));
        }
        let mut sound_length = Millis::ZERO;
        let words = match given {
            Some(result) => {
                let transcript = given::from_body(&result.body);
                let words = work.blocking(move || transcript.words(&listened, &metadata)).await?;
                readable(words)?
            }
            None if !listened.has_speech() => Words::none(TranscriptState::NoSpeech),
            None if inspection.engine == EngineWish::Never => {
                let remedy = "give a transcript along, or allow a recogniser".to_owned();
                return Err(RecognizeError::NoEngine { remedy }.into());
            }
            None => {
                sound_length = listened.recording.duration;
                let wanted = metadata.language;
                let (_, mut sound) = listen(work, &row, &fetched, metadata, true).await?;
                let (workflow, heed) = (work.workflow.clone(), work.heed());
                let recognizing = move || {
                    workflow.recognizers().with(|recognizer| {
                        let mut progress = |_: Millis| heed();
                        recognizer.try_recognize(&listened, sound.as_mut(), wanted, &mut progress)
                    })
                };
                something_said(work.blocking(recognizing).await??)?
            }
        };
        work.middle();
        let body = serde_json::to_vec(&words)
            .map_err(|error| Failure::lasting(FailureKind::WorkFailed, error.to_string()))?;
        let result = StepResult { step: RECOGNIZE_SPEECH.to_owned(), key, body };
        let writes = vec![Write::Step { call: row.call.id, result }, work.then(INSPECT_CALL)?];
        Ok(Done { writes, sound: sound_length })
    }
}

/// What listening left behind, with its key; `None` where it left nothing that can be read.
pub(super) async fn listened(work: &Work) -> Result<Option<(String, Listened)>, Failure> {
    let result = work.earlier(DECODE_AND_MEASURE).await?;
    Ok(result.and_then(|result| Some((result.key, serde_json::from_slice(&result.body).ok()?))))
}

/// A transcript that cannot be read is no reason to put other words in its place.
fn readable(words: Words) -> Result<Words, Failure> {
    match words.state {
        TranscriptState::Failed { reason } => {
            Err(Failure::lasting(FailureKind::RecognitionFailed, reason))
        }
        _ => Ok(words),
    }
}

/// Somebody speaks, and yet there is no word: the recogniser cannot be believed.
fn something_said(words: Words) -> Result<Words, Failure> {
    if words.transcript.as_ref().is_some_and(|transcript| transcript.utterances.is_empty()) {
        let detail = "the recogniser found no words in the speech";
        return Err(Failure::lasting(FailureKind::NothingSaid, detail));
    }
    Ok(words)
}
