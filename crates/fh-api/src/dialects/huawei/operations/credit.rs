use axum::Json;
use axum::extract::State;

use super::detail::{CallRequest, no_such_call};
use crate::dialects::huawei::credit_wire::CreditWire;
use crate::dialects::huawei::{Asked, HuaweiError};
use crate::parts::Api;

/// <https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_2527.html>. The answer is an array with
/// one element, as the sample has it. A call without a result is answered with 404.
pub(crate) async fn credit(
    State(api): State<Api>,
    asked: Asked<CallRequest>,
) -> Result<Json<[CreditWire; 1]>, HuaweiError> {
    let id = asked.body.call_uuid.parse().map_err(|_| no_such_call())?;
    let row = api.workflow.call(&asked.caller, id).await?.ok_or_else(no_such_call)?;
    let Some((row, inspection)) = api.workflow.inspection_of(&asked.caller, id).await? else {
        return Err(HuaweiError::not_found(format!(
            "expected a call that is inspected, found one that is `{}`",
            row.state
        )));
    };
    let made_at = row.inspected_at.unwrap_or(row.call.upload_time);
    let revisions = api.store().scope(&asked.caller.tenant).revisions_of(id).await?;
    Ok(Json([CreditWire::new(id, made_at.as_second(), &inspection, &revisions)]))
}
