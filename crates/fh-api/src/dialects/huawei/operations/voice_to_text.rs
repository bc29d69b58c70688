use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::quality_inspect::{VoiceRequest, submit};
use crate::dialects::huawei::error::SUCCESS;
use crate::dialects::huawei::{Asked, HuaweiError};
use crate::parts::Api;

#[derive(Serialize)]
#[expect(non_snake_case, reason = "the vendor's names, quoted as they are")]
pub(crate) struct TaskWire {
    resultCode: &'static str,
    resultDesc: &'static str,
    taskId: String,
    /// Seconds as text.
    duration: String,
}

/// <https://support.huaweicloud.com/api-ccfs-cec/cec_07_0248.html>.
///
/// The recording is not read before this answers: `duration` is that of the call by its own times.
pub(crate) async fn voice_to_text(
    State(api): State<Api>,
    asked: Asked<VoiceRequest>,
) -> Result<Json<TaskWire>, HuaweiError> {
    let (call, (begin, end)) = submit(&api, &asked.caller, asked.body).await?;
    Ok(Json(TaskWire {
        resultCode: SUCCESS,
        resultDesc: "success",
        taskId: call.0.simple().to_string(),
        duration: end.duration_since(begin).as_secs().to_string(),
    }))
}
