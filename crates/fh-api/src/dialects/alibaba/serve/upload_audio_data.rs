use std::time::Duration;

use fh_model::BatchId;
use fh_workflow::fetch::RecordingSource;
use fh_workflow::{CallContent, SubmitCall, SubmitCalls};

use super::super::error::{Refusal, ScaCode, ScaError};
use super::super::operations::upload_audio_data::{
    AudioCall, AudioUpload, CALL_UUID_WINDOW, UploadLimits, answer, duplicate_call_uuid,
};
use super::super::recording_url::UrlRefused;
use super::super::reply::Reply;
use super::{Asked, RecordingAddress, kept};

/// For how long a `callUuid` is taken while its upload is not yet kept: longer than a request may
/// take. Whoever dies meanwhile leaves it free again soon, so that no call is refused that nobody has.
const CLAIM: Duration = Duration::from_secs(120);

pub(crate) async fn handle(asked: Asked<'_>) -> Result<Reply, Refusal> {
    let upload = AudioUpload::read(asked.parameters, &UploadLimits::default(), asked.now)?;
    let mut calls = Vec::with_capacity(upload.calls.len());
    for (index, call) in upload.calls.iter().enumerate() {
        calls.push(submission(asked, &upload, index, call).await?);
    }
    let batch = BatchId(asked.api.random.uuid());
    let submit = SubmitCalls { idempotency_key: None, batch: Some(batch), calls };
    let uuids: Vec<&str> =
        upload.calls.iter().filter_map(|call| call.call_uuid.as_deref()).collect();
    let claimed = Claimed::claim(asked, uuids).await?;
    match asked.api.workflow.submit_calls(asked.caller, submit).await {
        Ok(_) => claimed.keep().await,
        Err(error) => {
            claimed.give_up().await;
            return Err(error.into());
        }
    }
    Ok(Reply::sca_success(&answer(batch.0), asked.context))
}

async fn submission(
    asked: Asked<'_>,
    upload: &AudioUpload,
    index: usize,
    call: &AudioCall,
) -> Result<SubmitCall, Refusal> {
    let mut metadata = kept::metadata(upload, call, &asked.api.settings.time_zone);
    let mut source = RecordingSource::Url { url: call.voice_file_url.clone() };
    let mut transcript = None;
    let refused = |expected: &str| {
        let message =
            format!("expected {expected} at `callList[{index}].voiceFileUrl`, found another");
        Refusal::from(ScaError::new(ScaCode::InvalidField, message))
    };
    let key = asked.api.url_key();
    match RecordingAddress::read_url(&call.voice_file_url, key, asked.now) {
        // Ours: the recording is here already, and so is what is known of its channels and words. It is
        // never fetched through our own front door: that is mostly a private address, which no
        // client may make us connect to, and the signature says all that the door would ask.
        Ok(address) if address.tenant == asked.caller.tenant => {
            let row = asked.api.workflow.call(asked.caller, address.call).await?;
            let row = row.ok_or_else(|| refused("the address of a recording that is stored"))?;
            let blob = row.recording_blob;
            let blob = blob.ok_or_else(|| refused("the address of a recording that is stored"))?;
            source = RecordingSource::Upload { blob };
            transcript = asked.api.workflow.given_transcript_of(asked.caller, address.call).await?;
            if call.from_call_centre {
                metadata.roles = row.call.metadata.roles;
                metadata.language = metadata.language.or(row.call.metadata.language);
            }
        }
        // Another tenant's, which they gave away themselves, is fetched like any other address.
        Ok(_) | Err(UrlRefused::NotOurs) => {}
        Err(UrlRefused::Expired) => return Err(refused("an address that has not expired")),
    }
    Ok(SubmitCall {
        content: CallContent::Recording(source),
        metadata,
        group: None,
        staff_id: call.agent_id.clone(),
        file_name: Some(call.file_name.clone()),
        call_time: Some(call.call_started_at),
        priority: 0,
        transcript,
    })
}

/// The `callUuid`s of one upload, which no other upload may have for two hours.
struct Claimed<'a> {
    asked: Asked<'a>,
    uuids: Vec<&'a str>,
}

impl<'a> Claimed<'a> {
    /// Claims all of them or none.
    async fn claim(asked: Asked<'a>, uuids: Vec<&'a str>) -> Result<Self, Refusal> {
        let mut claimed = Self { asked, uuids: Vec::with_capacity(uuids.len()) };
        let realm = claimed.realm();
        for uuid in uuids {
            let directory = asked.api.store().directory();
            match directory.remember_nonce(&realm, uuid, CLAIM).await {
                Ok(true) => claimed.uuids.push(uuid),
                Ok(false) => {
                    claimed.give_up().await;
                    return Err(duplicate_call_uuid(uuid).into());
                }
                Err(error) => {
                    claimed.give_up().await;
                    return Err(error.into());
                }
            }
        }
        Ok(claimed)
    }

    async fn keep(self) {
        self.renew(Duration::try_from(CALL_UUID_WINDOW).unwrap_or(CLAIM)).await;
    }

    async fn give_up(self) {
        self.renew(Duration::ZERO).await;
    }

    async fn renew(self, lifetime: Duration) {
        let realm = self.realm();
        for uuid in self.uuids {
            let renewed =
                self.asked.api.store().directory().renew_nonce(&realm, uuid, lifetime).await;
            if let Err(error) = renewed {
                // The claim ends by itself, and the calls are what they are.
                tracing::warn!(%error, "a `callUuid` could not be renewed");
            }
        }
    }

    fn realm(&self) -> String {
        format!("alibaba call uuid {}", self.asked.caller.tenant)
    }
}
