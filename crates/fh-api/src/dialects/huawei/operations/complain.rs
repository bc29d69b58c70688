use axum::Json;
use axum::extract::State;
use fh_workflow::OpenAppeal;
use serde::{Deserialize, Serialize};

use super::detail::no_such_call;
use crate::dialects::huawei::error::SUCCESS;
use crate::dialects::huawei::{Asked, HuaweiError};
use crate::parts::Api;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(non_snake_case, reason = "the vendor's names, quoted as they are")]
pub(crate) struct ComplainRequest {
    /// A number in the table, where it is called "call business rule id"; not needed to find the
    /// call.
    #[serde(rename = "callGroupId")]
    _callGroupId: NumberOrText,
    /// A number in the table, the `call_uuid` in the sample.
    callId: NumberOrText,
    #[serde(rename = "isGroup")]
    _isGroup: Option<bool>,
    leaderRole: String,
    leaderUUID: String,
    taskDescription: String,
    chooseRuleGroupList: Vec<RuleGroup>,
    #[serde(rename = "callType")]
    _callType: String,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number or a text")]
enum NumberOrText {
    Number(#[expect(dead_code, reason = "only that it is a number matters")] u64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(non_snake_case, reason = "the vendor's names, quoted as they are")]
struct RuleGroup {
    ruleGroupId: String,
    reviseIdList: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct ComplainWire {
    status: &'static str,
    message: &'static str,
}

/// <https://support.huaweicloud.com/api-ccfs-cec/cec_07_0218.html>.
pub(crate) async fn complain(
    State(api): State<Api>,
    asked: Asked<ComplainRequest>,
) -> Result<Json<ComplainWire>, HuaweiError> {
    let Asked { caller, body } = asked;
    let call = match body.callId {
        NumberOrText::Text(text) => text.parse().map_err(|_| no_such_call())?,
        NumberOrText::Number(_) => return Err(no_such_call()),
    };
    let findings: Vec<(String, String)> = body
        .chooseRuleGroupList
        .into_iter()
        .flat_map(|group| {
            let scenario = group.ruleGroupId;
            group.reviseIdList.into_iter().map(move |finding| (scenario.clone(), finding))
        })
        .collect();
    if findings.is_empty() {
        return Err(HuaweiError::bad_request(
            "expected one `reviseIdList` entry at least in `chooseRuleGroupList`, found none",
        ));
    }
    let appeal = OpenAppeal {
        call,
        reason: body.taskDescription,
        reviewer: body.leaderUUID,
        reviewer_role: body.leaderRole,
        findings,
    };
    api.workflow.open_appeal(&caller, appeal).await?;
    Ok(Json(ComplainWire { status: SUCCESS, message: "success" }))
}
