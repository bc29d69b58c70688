//! How a call in Alibaba's words lies in the metadata that every call has.
//!
//! What the metadata has a field for goes there, everything else among the attributes, under these
//! names. What came under keys that no page knows is one attribute of JSON.

use std::collections::BTreeMap;

use fh_model::{CallMetadata, Language, Role, RoleMap};
use fh_store::CallRow;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::super::call_type::CallType;
use super::super::operations::upload_audio_data::{AudioCall, AudioUpload, BaseModel, Remark};

pub(super) const ACCOUNT: &str = "account";
pub(super) const AGENT_PHONE: &str = "agent_phone";
pub(super) const BUSINESS: &str = "business";
pub(super) const CALLEE: &str = "callee";
pub(super) const CALLER: &str = "caller";
/// By this one a person's calls are found and erased.
pub(super) const CUSTOMER_ID: &str = "customer_id";
pub(super) const CUSTOMER_NAME: &str = "customer_name";
pub(super) const INSTANCE: &str = "instance";
pub(super) const SCHEME_TASK: &str = "scheme_task_config_id";
pub(super) const SESSION_GROUP: &str = "session_group_id";
pub(super) const SKILL_GROUP_ID: &str = "skill_group_id";
const CALL_UUID: &str = "call_uuid";
const OTHER: &str = "alibaba";
const TID: &str = "tid";

/// Remarks whose value is a number.
const NUMBERS: [u8; 3] = [5, 14, 15];

/// The metadata of an uploaded call.
pub(super) fn metadata(
    upload: &AudioUpload,
    call: &AudioCall,
    time_zone: &TimeZone,
) -> CallMetadata {
    let mut attributes = BTreeMap::new();
    let texts = [
        (BUSINESS, &call.business),
        (CALLEE, &call.callee),
        (CALLER, &call.caller),
        (CALL_UUID, &call.call_uuid),
        (CUSTOMER_ID, &call.customer_id),
        (CUSTOMER_NAME, &call.customer_name),
        (SCHEME_TASK, &call.scheme_task_config_id),
        (SESSION_GROUP, &call.session_group_id),
        (SKILL_GROUP_ID, &call.skill_group_id),
        (TID, &call.tid),
    ];
    for (name, text) in texts {
        attributes.extend(text.clone().map(|text| (name.to_owned(), text)));
    }
    for (number, remark) in &call.remarks {
        let text = match remark {
            Remark::Text(text) => text.clone(),
            Remark::Number(number) => number.to_string(),
        };
        attributes.insert(remark_name(*number), text);
    }
    let mut extra = call.extra.clone();
    let from_call_centre =
        [(INSTANCE, "instance"), (AGENT_PHONE, "customerServicePhone"), (ACCOUNT, "accUid")];
    for (name, key) in from_call_centre {
        let text = match extra.get(key) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => continue,
        };
        extra.remove(key);
        attributes.insert(name.to_owned(), text);
    }
    let other = other(upload, call, extra);
    if !other.is_empty() {
        attributes.insert(OTHER.to_owned(), Value::Object(other).to_string());
    }
    CallMetadata {
        call_id: call.call_id.clone(),
        agent_id: call.agent_id.clone(),
        agent_name: call.agent_name.clone(),
        skill_group: call.skill_group_name.clone().or_else(|| call.skill_group_id.clone()),
        direction: call.call_type.map(|call_type| direction(call_type).to_owned()),
        language: match upload.base_model {
            Some(BaseModel::Mandarin | BaseModel::Mandarin16) => Some(Language::ZhCn),
            Some(BaseModel::Cantonese) | None => None,
        },
        begin_time: Some(call.call_started_at.to_zoned(time_zone.clone()).datetime()),
        end_time: None,
        roles: Some(roles(call)),
        attributes,
    }
}

/// Which channel is whose. One channel with both speakers is nobody's.
fn roles(call: &AudioCall) -> RoleMap {
    if call.auto_split && !call.from_call_centre {
        return RoleMap::default();
    }
    let role = |channel| match channel {
        channel if channel == call.service_channel => Role::Agent,
        channel if channel == call.client_channel => Role::Customer,
        _ => Role::Unknown,
    };
    RoleMap(vec![role(0), role(1)])
}

/// What the metadata has no name for.
fn other(upload: &AudioUpload, call: &AudioCall, extra: Map<String, Value>) -> Map<String, Value> {
    let parts = [
        ("rule_ids", json!(upload.rule_ids)),
        ("rule_business_names", json!(upload.rule_business_names)),
        ("service_channel_keywords", json!(upload.service_channel_keywords)),
        ("callback_url", json!(upload.callback_url)),
        ("model_id", json!(upload.model_id)),
        ("vocab_id", json!(call.vocab_id)),
        ("json_params", json!(call.json_params)),
        ("upload", json!(upload.extra)),
        ("call", Value::Object(extra)),
    ];
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    parts
        .into_iter()
        .filter(|(_, value)| !is_empty(value))
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

const fn direction(call_type: CallType) -> &'static str {
    match call_type {
        CallType::Outbound => "outbound",
        CallType::Inbound => "inbound",
    }
}

/// Who called whom, where the centre wrote it so that it can be told.
pub(super) fn call_type(row: &CallRow) -> Option<CallType> {
    let written = row.call.metadata.direction.as_deref()?.trim().to_ascii_lowercase();
    match written.as_str() {
        "outbound" | "out" => Some(CallType::Outbound),
        "inbound" | "in" => Some(CallType::Inbound),
        _ => None,
    }
}

/// An attribute of a call.
pub(super) fn attribute<'r>(row: &'r CallRow, name: &str) -> Option<&'r str> {
    row.call.metadata.attributes.get(name).map(String::as_str)
}

/// A remark of a call, as text.
pub(super) fn remark(row: &CallRow, number: u8) -> Option<&str> {
    attribute(row, &remark_name(number))
}

/// All remarks of a call.
pub(super) fn remarks(row: &CallRow) -> BTreeMap<u8, Remark> {
    let read = |number: u8| {
        let text = remark(row, number)?;
        let as_number = text.parse().ok().filter(|_| NUMBERS.contains(&number));
        let remark = as_number.map_or_else(|| Remark::Text(text.to_owned()), Remark::Number);
        Some((number, remark))
    };
    (1..=25).filter_map(read).collect()
}

fn remark_name(number: u8) -> String {
    format!("remark{number}")
}
