use axum::Json;
use axum::extract::State;
use fh_model::{CallId, CallMetadata, Language};
use fh_workflow::fetch::RecordingSource;
use fh_workflow::{CallContent, Caller, SubmitCall, SubmitCalls};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::dialects::huawei::error::SUCCESS;
use crate::dialects::huawei::time::{begin_and_end, moment};
use crate::dialects::huawei::{Asked, HuaweiError};
use crate::parts::Api;

/// The body of `qualityInspect` and of `voice2Text`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(non_snake_case, reason = "the vendor's names, quoted as they are")]
pub(crate) struct VoiceRequest {
    pub(crate) language: Language,
    voiceFilePath: String,
    agentId: u64,
    beginTime: String,
    endTime: String,
}

#[derive(Serialize)]
#[expect(non_snake_case, reason = "the vendor's names, quoted as they are")]
pub(crate) struct SubmittedWire {
    resultCode: &'static str,
    resultDesc: &'static str,
    call_uuid: String,
}

impl SubmittedWire {
    pub(crate) fn new(call: CallId) -> Self {
        Self { resultCode: SUCCESS, resultDesc: "success", call_uuid: call.to_string() }
    }
}

/// <https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_2528.html>.
pub(crate) async fn quality_inspect(
    State(api): State<Api>,
    asked: Asked<VoiceRequest>,
) -> Result<Json<SubmittedWire>, HuaweiError> {
    let (call, _) = submit(&api, &asked.caller, asked.body).await?;
    Ok(Json(SubmittedWire::new(call)))
}

/// Submits a recording; its call and when it began and ended.
pub(crate) async fn submit(
    api: &Api,
    caller: &Caller,
    body: VoiceRequest,
) -> Result<(CallId, (DateTime, DateTime)), HuaweiError> {
    let (begin, end) = begin_and_end(&body.beginTime, &body.endTime)?;
    let written = body.voiceFilePath;
    if written.is_empty() || written.chars().count() > 2_000 {
        return Err(HuaweiError::bad_request(
            "expected 1 to 2000 characters in `voiceFilePath`, found another length",
        ));
    }
    let is_url = ["http://", "https://"].iter().any(|scheme| {
        written.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
    });
    let source = if is_url {
        RecordingSource::Url { url: written }
    } else {
        RecordingSource::Path { written }
    };
    let metadata = metadata(body.language, body.agentId, begin, end);
    let call = SubmitCall {
        content: CallContent::Recording(source),
        metadata,
        group: None,
        staff_id: None,
        file_name: None,
        call_time: Some(moment(begin, &api.settings.time_zone)?),
        priority: 0,
        transcript: None,
    };
    Ok((submit_one(api, caller, call).await?, (begin, end)))
}

/// What both sorts of call are told about.
pub(crate) fn metadata(
    language: Language,
    agent: u64,
    begin: DateTime,
    end: DateTime,
) -> CallMetadata {
    CallMetadata {
        agent_id: Some(agent.to_string()),
        language: Some(language),
        begin_time: Some(begin),
        end_time: Some(end),
        ..CallMetadata::default()
    }
}

/// Submits one call.
pub(crate) async fn submit_one(
    api: &Api,
    caller: &Caller,
    call: SubmitCall,
) -> Result<CallId, HuaweiError> {
    let submit = SubmitCalls { calls: vec![call], ..SubmitCalls::default() };
    let submitted = api.workflow.submit_calls(caller, submit).await?;
    let no_call = || HuaweiError::new(http::StatusCode::INTERNAL_SERVER_ERROR, "internal error");
    submitted.calls.first().copied().ok_or_else(no_call)
}
