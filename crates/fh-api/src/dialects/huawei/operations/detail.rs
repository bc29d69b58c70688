use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use crate::dialects::huawei::detail_wire::DetailWire;
use crate::dialects::huawei::{Asked, HuaweiError, Root};
use crate::parts::Api;

/// The body of `detail` and of `credit`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallRequest {
    pub(crate) call_uuid: String,
}

/// What is answered for a call that is not there, or not for this caller.
pub(crate) fn no_such_call() -> HuaweiError {
    HuaweiError::not_found("expected the `call_uuid` of a call, found another")
}

/// <https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_2526.html> and, under the other root,
/// <https://support.huaweicloud.com/api-ccfs-cec/cec_07_0216.html>.
pub(crate) async fn detail(
    root: Root,
    State(api): State<Api>,
    asked: Asked<CallRequest>,
) -> Result<Json<DetailWire>, HuaweiError> {
    let id = asked.body.call_uuid.parse().map_err(|_| no_such_call())?;
    let row = api.workflow.call(&asked.caller, id).await?.ok_or_else(no_such_call)?;
    let inspection = api.workflow.inspection_of(&asked.caller, id).await?;
    let inspection = inspection.as_ref().map(|(_, inspection)| inspection);
    Ok(Json(DetailWire::new(root, &row, inspection)))
}
