use axum::Json;
use axum::extract::State;
use fh_model::{CallId, Language};
use fh_store::CallState;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::dialects::huawei::error::SUCCESS;
use crate::dialects::huawei::text_zip::bytes_zip;
use crate::dialects::huawei::{Asked, HuaweiError};
use crate::parts::Api;

/// For how long a task's text can be had, as documented.
const KEPT: SignedDuration = SignedDuration::from_hours(3 * 24);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(non_snake_case, reason = "the vendor's names, quoted as they are")]
pub(crate) struct TextRequest {
    taskId: String,
    #[serde(rename = "language")]
    _language: Language,
}

#[derive(Serialize)]
#[expect(non_snake_case, reason = "the vendor's names, quoted as they are")]
pub(crate) struct TextWire {
    resultCode: &'static str,
    resultDesc: &'static str,
    bytesZip: String,
}

/// <https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_2524.html>. Its errors have a shape of
/// their own.
pub(crate) async fn get_text_by_task_id(
    State(api): State<Api>,
    asked: Result<Asked<TextRequest>, HuaweiError>,
) -> Result<Json<TextWire>, HuaweiError> {
    match asked {
        Ok(asked) => text(&api, asked).await.map(Json).map_err(HuaweiError::by_number),
        Err(error) => Err(error.by_number()),
    }
}

async fn text(api: &Api, asked: Asked<TextRequest>) -> Result<TextWire, HuaweiError> {
    let task = asked.body.taskId;
    let unknown = || {
        HuaweiError::not_found(
            "expected the `taskId` of a task that was created within 3 days, found another",
        )
    };
    // A task id is 32 hex digits; a call's usual way of writing would parse, too.
    let id = task.parse::<CallId>().ok().filter(|_| task.len() == 32).ok_or_else(unknown)?;
    let row = api.workflow.call(&asked.caller, id).await?.ok_or_else(unknown)?;
    if api.clock.now().duration_since(row.call.upload_time) > KEPT {
        return Err(unknown());
    }
    let inspection = api.workflow.inspection_of(&asked.caller, id).await?;
    match inspection.and_then(|(_, inspection)| inspection.transcript) {
        Some(transcript) => Ok(TextWire {
            resultCode: SUCCESS,
            resultDesc: "success",
            bytesZip: bytes_zip(&transcript),
        }),
        None if row.state.is_final() && row.state != CallState::Done => Err(
            HuaweiError::not_found(format!("expected text, found a task that is `{}`", row.state)),
        ),
        None if row.state == CallState::Done => Err(HuaweiError::not_found(
            "expected text, found none: nobody speaks, or nothing recognises",
        )),
        None => Err(HuaweiError::not_found("expected text, found a task that is still at work")),
    }
}
