use axum::Json;
use axum::extract::State;
use fh_model::{Language, Millis, Role};
use fh_workflow::inspection::ChatLine;
use fh_workflow::{CallContent, SubmitCall};
use serde::Deserialize;

use super::quality_inspect::{SubmittedWire, metadata, submit_one};
use crate::dialects::huawei::time::{begin_and_end, moment};
use crate::dialects::huawei::{Asked, HuaweiError};
use crate::parts::Api;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(non_snake_case, reason = "in the family's way of naming")]
pub(crate) struct TextCallRequest {
    language: Language,
    agentId: u64,
    beginTime: String,
    endTime: String,
    fileName: Option<String>,
    staffId: Option<String>,
    staffName: Option<String>,
    sentences: Vec<Sentence>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentence {
    speaker: Speaker,
    text: String,
    /// Seconds from the beginning.
    start_time: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Speaker {
    Staff,
    Customer,
}

/// Submits a text call (`call_types` 2): who wrote what, as `detail` shows it. This operation is our
/// own; where the documents say how text calls come in, it is by hand.
pub(crate) async fn upload_text(
    State(api): State<Api>,
    asked: Asked<TextCallRequest>,
) -> Result<Json<SubmittedWire>, HuaweiError> {
    let Asked { caller, body } = asked;
    let (begin, end) = begin_and_end(&body.beginTime, &body.endTime)?;
    let lines = body.sentences.into_iter().enumerate().map(line).collect::<Result<_, _>>()?;
    let mut metadata = metadata(body.language, body.agentId, begin, end);
    metadata.agent_name = body.staffName;
    let call = SubmitCall {
        content: CallContent::Chat(lines),
        metadata,
        group: None,
        staff_id: body.staffId,
        file_name: body.fileName,
        call_time: Some(moment(begin, &api.settings.time_zone)?),
        priority: 0,
        transcript: None,
    };
    Ok(Json(SubmittedWire::new(submit_one(&api, &caller, call).await?)))
}

fn line((index, sentence): (usize, Sentence)) -> Result<ChatLine, HuaweiError> {
    let at = match sentence.start_time {
        None => None,
        // A week of seconds: beyond that it is a mistake, whatever a millisecond can count.
        Some(seconds) if (0.0..=604_800.0).contains(&seconds) => {
            Some(Millis((seconds * 1_000.0).round() as u64))
        }
        Some(_) => {
            return Err(HuaweiError::bad_request(format!(
                "expected 0 to 604800 seconds in `sentences[{index}].start_time`, found others"
            )));
        }
    };
    let role = match sentence.speaker {
        Speaker::Staff => Role::Agent,
        Speaker::Customer => Role::Customer,
    };
    Ok(ChatLine { role, at, text: sentence.text })
}
