//! CCC `GetUploadAudioDataParams`: what to hand to `UploadAudioData` for a call that is stored here.
//!
//! `https://help.aliyun.com/zh/ccs/developer-reference/api-ccc-2020-07-01-getuploadaudiodataparams`.
//! The page's example is all that is published of `ParamsStr`; keys, order and types are its.

use fh_model::Span;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::super::call_type::CallType;
use super::super::error::CccError;
use super::super::parameters::Parameters;
use super::super::serve;
use super::{Effect, Operation, Product};

/// The operation's line in the list.
pub const OPERATION: Operation = Operation {
    product: Product::Ccc,
    name: "GetUploadAudioDataParams",
    effect: Effect::Read,
    bearer: true,
    required: &["ContactId"],
    handler: |asked| Box::pin(serve::get_upload_audio_data_params::handle(asked)),
};

/// Which call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The call: `ContactId`.
    pub contact_id: String,
    /// The call centre: `InstanceId`; `None` for whichever has the call.
    pub instance_id: Option<String>,
}

impl Request {
    /// Reads the parameters.
    pub fn read(parameters: &Parameters) -> Result<Self, CccError> {
        let contact_id = parameters.get("ContactId").unwrap_or_default();
        if contact_id.trim().is_empty() {
            return Err(CccError::ParameterBlank("ContactId"));
        }
        Ok(Self {
            contact_id: contact_id.to_owned(),
            instance_id: parameters.filled("InstanceId").map(str::to_owned),
        })
    }
}

/// One leg of a stored call: the part that one agent had. Text that nobody knows is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLeg {
    /// The call, which a transfer shares: `callId`.
    pub contact_id: String,
    /// The leg, which nothing shares: `tid`.
    pub leg_id: Uuid,
    /// The call centre: `instance`.
    pub instance: String,
    /// The number of the call centre's account: `accUid`.
    pub account_uid: i64,
    /// Who called whom.
    pub call_type: CallType,
    /// The number that called.
    pub caller: String,
    /// The number that was called.
    pub callee: String,
    /// When the conversation began.
    pub call_started_at: Timestamp,
    /// When the agent's channel was opened, somewhat earlier.
    pub channel_opened_at: Timestamp,
    /// The agent's identifier, a number in Alibaba's own centres: `customerServiceId`.
    pub agent_id: String,
    /// The agent's name.
    pub agent_name: String,
    /// The agent's extension: `customerServicePhone`.
    pub agent_phone: String,
    /// The skill group's short name, such as `skg-default`.
    pub skill_group: String,
    /// The skill group's name for people.
    pub skill_group_name: String,
    /// When the agent takes part, from the start of the recording.
    pub agent_spans: Vec<Span>,
    /// Where the recording can be fetched, for a while.
    pub voice_file_url: String,
}

/// The answer's `Data`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// What the operation answers.
    pub data: Data,
}

/// The answer's only field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Data {
    /// JSON in a string, to be handed to `UploadAudioData` as it is.
    pub params_str: String,
}

/// The answer for all legs of one call, in order, recorded at `sample_rate_hz`.
///
/// `autoSplit` is 1 and `resolveType` is `ali-ACC`, as in the published example: who takes them
/// looks at the recording's channels and not at `autoSplit`. `account_uid` is the number of the
/// main account: `appKey`.
pub fn answer(legs: &[StoredLeg], sample_rate_hz: u32, account_uid: i64) -> Answer {
    let params = Params {
        auto_split: 1,
        app_key: account_uid,
        // The two rates that there are, in kHz.
        sample_rate: if sample_rate_hz >= 16_000 { 16 } else { 8 },
        call_list: legs.iter().map(ParamsCall::of).collect(),
    };
    let params_str =
        serde_json::to_string_pretty(&params).expect("a struct with string keys is always JSON");
    Answer { data: Data { params_str } }
}

/// `ParamsStr`, in the order of the published example.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Params<'a> {
    auto_split: u8,
    app_key: i64,
    sample_rate: u8,
    call_list: Vec<ParamsCall<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ParamsCall<'a> {
    call_id: &'a str,
    valid_times: Vec<ValidTime<'a>>,
    resolve_type: &'static str,
    instance: &'a str,
    callee: &'a str,
    acc_uid: i64,
    call_start_time: i64,
    customer_service_name: &'a str,
    tid: Uuid,
    call_type: i64,
    #[serde(rename = "skillGroupUUID")]
    skill_group_uuid: String,
    caller: &'a str,
    customer_service_phone: &'a str,
    channels: [Channel<'a>; 1],
    source_type: u8,
    channel_key: String,
    skill_group_name: &'a str,
    voice_file_url: &'a str,
    skill_group_id: u8,
    customer_service_id: NumberOrText<'a>,
}

#[derive(Serialize)]
struct ValidTime<'a> {
    begin_time: u64,
    end_time: u64,
    speaker_id: &'a str,
}

#[derive(Serialize)]
struct Channel<'a> {
    speaker_id: &'a str,
    channel_key: String,
}

/// A number in Alibaba's own centres; ours may have letters in it.
#[derive(Serialize)]
#[serde(untagged)]
enum NumberOrText<'a> {
    Number(i64),
    Text(&'a str),
}

impl<'a> NumberOrText<'a> {
    /// A number only where it reads back as the same text: `007` stays text.
    fn of(text: &'a str) -> Self {
        match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Self::Number(number),
            _ => Self::Text(text),
        }
    }
}

impl<'a> ParamsCall<'a> {
    fn of(leg: &'a StoredLeg) -> Self {
        let customer = match leg.call_type {
            CallType::Outbound => &leg.callee,
            CallType::Inbound => &leg.caller,
        };
        let channel_key = format!(
            "ch-user-{customer}-{}-{}-{}",
            leg.agent_phone,
            leg.channel_opened_at.as_millisecond(),
            leg.contact_id
        );
        let valid_time = |span: &Span| ValidTime {
            begin_time: span.start.0,
            end_time: span.end.0,
            speaker_id: &leg.agent_name,
        };
        Self {
            call_id: &leg.contact_id,
            valid_times: leg.agent_spans.iter().map(valid_time).collect(),
            resolve_type: "ali-ACC",
            instance: &leg.instance,
            callee: &leg.callee,
            acc_uid: leg.account_uid,
            call_start_time: leg.call_started_at.as_millisecond(),
            customer_service_name: &leg.agent_name,
            tid: leg.leg_id,
            call_type: leg.call_type.number(),
            skill_group_uuid: format!("{}@{}", leg.skill_group, leg.instance),
            caller: &leg.caller,
            customer_service_phone: &leg.agent_phone,
            channels: [Channel { speaker_id: &leg.agent_name, channel_key: channel_key.clone() }],
            // 1 is Alibaba's call centre.
            source_type: 1,
            channel_key,
            skill_group_name: &leg.skill_group_name,
            voice_file_url: &leg.voice_file_url,
            // The group's real identifier is the text above; the number is a placeholder.
            skill_group_id: 0,
            customer_service_id: NumberOrText::of(&leg.agent_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_a_call() {
        let read = |query| Request::read(&Parameters::read(query, "", 9).unwrap());
        assert_eq!(
            read("ContactId=job-1+2%2A&InstanceId=ccc-test"),
            Ok(Request {
                contact_id: "job-1 2*".to_owned(),
                instance_id: Some("ccc-test".to_owned())
            })
        );
        assert_eq!(read("ContactId=j&InstanceId=").unwrap().instance_id, None);
        assert_eq!(read("ContactId=+"), Err(CccError::ParameterBlank("ContactId")));
    }

    #[test]
    fn an_agent_is_a_number_only_where_it_reads_back_the_same() {
        let json = |text| serde_json::to_string(&NumberOrText::of(text)).unwrap();
        assert_eq!(json("203242802123456789"), "203242802123456789");
        for text in ["007", "+7", "A7", "", "99999999999999999999"] {
            assert_eq!(json(text), format!("\"{text}\""));
        }
    }
}
