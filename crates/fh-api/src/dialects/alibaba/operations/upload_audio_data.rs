//! Qualitycheck `UploadAudioData`: recordings to be inspected.
//!
//! `https://help.aliyun.com/document_detail/139399.html`. The `ParamsStr` of CCC's
//! `GetUploadAudioDataParams` is taken as it is: keys that the page does not know are kept.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::call_type::CallType;
use super::super::encoding::form_decode;
use super::super::error::{ScaCode, ScaError};
use super::super::fields::{FieldError, Fields};
use super::super::parameters::Parameters;
use super::super::reply::upper_uuid;
use super::super::serve;
use super::{Effect, Operation, Product};
use crate::strict_json::JsonLimits;

/// The operation's line in the list.
pub const OPERATION: Operation = Operation {
    product: Product::Qualitycheck,
    name: "UploadAudioData",
    effect: Effect::Write,
    bearer: false,
    required: &["JsonStr"],
    handler: |asked| Box::pin(serve::upload_audio_data::handle(asked)),
};

/// For how long a `callUuid` is refused after it came.
pub const CALL_UUID_WINDOW: SignedDuration = SignedDuration::from_hours(2);

/// More rules than these are cut off, as documented.
const MAX_RULES: usize = 100;

/// How much is taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadLimits {
    /// Size and depth of `JsonStr`.
    pub json: JsonLimits,
    /// Calls in one upload.
    pub max_calls: usize,
    /// Characters of any text that has no documented limit.
    pub max_text: usize,
}

impl Default for UploadLimits {
    /// 4 MiB of JSON, 1,000 calls, 4,096 characters.
    fn default() -> Self {
        let json = JsonLimits { max_bytes: 4 << 20, ..JsonLimits::default() };
        Self { json, max_calls: 1000, max_text: 4096 }
    }
}

/// What a recogniser is told about the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseModel {
    /// Mandarin at 8 kHz: `mandarin`.
    Mandarin,
    /// Mandarin at 16 kHz: `mandarin16`.
    Mandarin16,
    /// Cantonese: `cantonese`.
    Cantonese,
}

/// Recordings to be inspected, all in one task.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioUpload {
    /// Whether schemes choose the rules (the newer generation): `isSchemeData`.
    pub is_scheme_data: bool,
    /// The calls; one at least.
    pub calls: Vec<AudioCall>,
    /// Words by which a mono recording's agent is known: `serviceChannelKeywords`.
    pub service_channel_keywords: Vec<String>,
    /// The rules, 100 at most; empty for all: `ruleIds`.
    pub rule_ids: Vec<String>,
    /// Rules by what they apply to: `ruleBusinessNames`.
    pub rule_business_names: Vec<String>,
    /// Where to tell that the task is done: `callbackUrl`.
    pub callback_url: Option<String>,
    /// The language model: `modelId`.
    pub model_id: Option<String>,
    /// The base model: `baseModelId`.
    pub base_model: Option<BaseModel>,
    /// What else came, such as `appKey`.
    pub extra: Map<String, Value>,
}

/// A value of one's own on a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Most of them.
    Text(String),
    /// Remarks 5, 14 and 15.
    Number(i64),
}

/// One recording with what is known of its call.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioCall {
    /// Where it can be fetched: http or https, without spaces.
    pub voice_file_url: String,
    /// Its name; the last part of the address where none was given.
    pub file_name: String,
    /// One channel has both speakers, who are to be told apart: `autoSplit`.
    pub auto_split: bool,
    /// A data set whose way of telling roles is used: `recognizeRoleDataSetId`.
    pub recognize_role_data_set_id: Option<i64>,
    /// The agent's channel of two, 0 or 1: `serviceChannel`.
    pub service_channel: u8,
    /// The customer's channel of two, 0 or 1: `clientChannel`.
    pub client_channel: u8,
    /// 8 or 16 kHz: `sampleRate`.
    pub sample_rate_khz: u8,
    /// The list of hot words: `vocabId`.
    pub vocab_id: Option<String>,
    /// When the call began; the time of the upload where nobody said.
    pub call_started_at: Timestamp,
    /// The agent's identifier: `customerServiceId`.
    pub agent_id: Option<String>,
    /// The agent's name: `customerServiceName`.
    pub agent_name: Option<String>,
    /// The skill group's identifier: `skillGroupId`.
    pub skill_group_id: Option<String>,
    /// The skill group's name.
    pub skill_group_name: Option<String>,
    /// Who called whom.
    pub call_type: Option<CallType>,
    /// The number that called.
    pub caller: Option<String>,
    /// The number that was called.
    pub callee: Option<String>,
    /// The call's identifier: `callId`, later `Recording.Id`.
    pub call_id: Option<String>,
    /// The line of business.
    pub business: Option<String>,
    /// A call that came with the same within [`CALL_UUID_WINDOW`] is refused: `callUuid`.
    pub call_uuid: Option<String>,
    /// The conversations of one agent with one customer: `sessionGroupId`.
    pub session_group_id: Option<String>,
    /// The customer's identifier.
    pub customer_id: Option<String>,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// The task to use: `schemeTaskConfigId`.
    pub scheme_task_config_id: Option<String>,
    /// `remark1` to `remark25`, by number.
    pub remarks: BTreeMap<u8, Remark>,
    /// Further values: `jsonParamStr`.
    pub json_params: Map<String, Value>,
    /// The leg of the call, from CCC: `tid`.
    pub tid: Option<String>,
    /// CCC's recording, whose channels tell the roles whatever `autoSplit` says: `resolveType`
    /// is `ali-ACC`.
    pub from_call_centre: bool,
    /// What else came, such as `validTimes`.
    pub extra: Map<String, Value>,
}

impl AudioUpload {
    /// Reads `JsonStr`, at `now`.
    pub fn read(
        parameters: &Parameters,
        limits: &UploadLimits,
        now: Timestamp,
    ) -> Result<Self, ScaError> {
        let json = parameters.get("JsonStr").unwrap_or_default();
        let mut fields = Fields::read(json, &limits.json)?;
        let defaults = Defaults::read(&mut fields, limits)?;
        let is_scheme_data = fields.flag("isSchemeData")?.unwrap_or(false);
        let service_channel_keywords = fields.texts("serviceChannelKeywords")?.unwrap_or_default();
        let mut rule_ids = fields.texts("ruleIds")?.unwrap_or_default();
        rule_ids.truncate(MAX_RULES);
        let rule_business_names = fields.texts("ruleBusinessNames")?.unwrap_or_default();
        let callback_url = fields.short_text("callbackUrl", limits.max_text)?;
        if let Some(url) = &callback_url {
            check_url(&fields, "callbackUrl", url)?;
        }
        let model_id = fields.short_text("modelId", limits.max_text)?;
        let base_model = base_model(&mut fields)?;
        let calls = fields.objects("callList")?.unwrap_or_default();
        if calls.is_empty() {
            return Err(fields.fault("callList", "one call at least", "none").into());
        }
        if calls.len() > limits.max_calls {
            return Err(ScaError::new(
                ScaCode::TooMany,
                format!(
                    "expected at most {} calls in `callList`, found {}",
                    limits.max_calls,
                    calls.len()
                ),
            ));
        }
        let mut uuids = HashSet::new();
        let mut read = Vec::with_capacity(calls.len());
        for fields in calls {
            let call = AudioCall::read(fields, &defaults, limits, now)?;
            if let Some(uuid) = &call.call_uuid
                && !uuids.insert(uuid.clone())
            {
                return Err(duplicate_call_uuid(uuid));
            }
            read.push(call);
        }
        Ok(Self {
            is_scheme_data,
            calls: read,
            service_channel_keywords,
            rule_ids,
            rule_business_names,
            callback_url,
            model_id,
            base_model,
            extra: fields.rest(),
        })
    }
}

/// The refusal of an upload one of whose calls came before.
pub fn duplicate_call_uuid(uuid: &str) -> ScaError {
    ScaError::new(
        ScaCode::Duplicate,
        format!("expected each `callUuid` once in two hours, found `{uuid}` again"),
    )
}

/// The answer: the task's identifier, by which [`super::get_result`] finds its calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// The task, a UUID in upper case.
    pub data: String,
}

/// The answer to an upload that became the task `task_id`.
pub fn answer(task_id: Uuid) -> Answer {
    Answer { data: upper_uuid(task_id) }
}

/// What a call takes from the upload where it says nothing itself.
struct Defaults {
    auto_split: Option<bool>,
    recognize_role_data_set_id: Option<i64>,
    service_channel: Option<u8>,
    client_channel: Option<u8>,
    sample_rate_khz: Option<u8>,
    vocab_id: Option<String>,
}

impl Defaults {
    /// Reads the fields that stand both on the upload and on a call.
    fn read(fields: &mut Fields, limits: &UploadLimits) -> Result<Self, FieldError> {
        let channel = |number| u8::try_from(number).ok().filter(|channel| *channel <= 1);
        let rate = |number| match number {
            8 | 16 => u8::try_from(number).ok(),
            _ => None,
        };
        Ok(Self {
            auto_split: fields.flag("autoSplit")?,
            recognize_role_data_set_id: fields.integer("recognizeRoleDataSetId")?,
            service_channel: fields.choice("serviceChannel", "0 or 1", channel)?,
            client_channel: fields.choice("clientChannel", "0 or 1", channel)?,
            sample_rate_khz: fields.choice("sampleRate", "8 or 16", rate)?,
            vocab_id: fields.short_text("vocabId", limits.max_text)?,
        })
    }
}

impl AudioCall {
    fn read(
        mut fields: Fields,
        defaults: &Defaults,
        limits: &UploadLimits,
        now: Timestamp,
    ) -> Result<Self, FieldError> {
        let own = Defaults::read(&mut fields, limits)?;
        let voice_file_url = fields.required_text("voiceFileUrl")?;
        check_url(&fields, "voiceFileUrl", &voice_file_url)?;
        let auto_split = own.auto_split.or(defaults.auto_split).unwrap_or(true);
        let service_channel = own.service_channel.or(defaults.service_channel).unwrap_or(0);
        let client_channel = own.client_channel.or(defaults.client_channel).unwrap_or(1);
        if !auto_split && service_channel == client_channel {
            let expected = "another channel than `serviceChannel`";
            return Err(fields.fault("clientChannel", expected, format!("`{client_channel}`")));
        }
        let call_started_at = match fields.integer("callStartTime")? {
            Some(ms) => Timestamp::from_millisecond(ms).map_err(|_| {
                fields.fault("callStartTime", "milliseconds since 1970", format!("`{ms}`"))
            })?,
            None => now,
        };
        let max = limits.max_text;
        let file_name = fields.short_text("fileName", max)?;
        Ok(Self {
            file_name: file_name.unwrap_or_else(|| file_name_of(&voice_file_url)),
            voice_file_url,
            auto_split,
            recognize_role_data_set_id: own
                .recognize_role_data_set_id
                .or(defaults.recognize_role_data_set_id),
            service_channel,
            client_channel,
            sample_rate_khz: own.sample_rate_khz.or(defaults.sample_rate_khz).unwrap_or(8),
            vocab_id: own.vocab_id.or_else(|| defaults.vocab_id.clone()),
            call_started_at,
            agent_id: fields.short_text("customerServiceId", max)?,
            agent_name: fields.short_text("customerServiceName", max)?,
            skill_group_id: fields.short_text("skillGroupId", max)?,
            skill_group_name: fields.short_text("skillGroupName", max)?,
            call_type: fields.choice("callType", "1 or 3", CallType::of)?,
            caller: fields.short_text("caller", max)?,
            callee: fields.short_text("callee", max)?,
            call_id: fields.short_text("callId", max)?,
            business: fields.short_text("business", max)?,
            call_uuid: fields.short_text("callUuid", max)?,
            session_group_id: fields.short_text("sessionGroupId", max)?,
            customer_id: fields.short_text("customerId", max)?,
            customer_name: fields.short_text("customerName", max)?,
            scheme_task_config_id: fields.short_text("schemeTaskConfigId", max)?,
            remarks: remarks(&mut fields)?,
            json_params: fields.object("jsonParamStr")?.unwrap_or_default(),
            tid: fields.short_text("tid", max)?,
            from_call_centre: fields.text("resolveType")?.as_deref() == Some("ali-ACC"),
            extra: fields.rest(),
        })
    }
}

fn remarks(fields: &mut Fields) -> Result<BTreeMap<u8, Remark>, FieldError> {
    let mut remarks = BTreeMap::new();
    for number in 1..=25 {
        let name = format!("remark{number}");
        let remark = match number {
            5 | 14 | 15 => fields.integer(&name)?.map(Remark::Number),
            6 => fields.short_text(&name, 1024)?.map(Remark::Text),
            _ => fields.short_text(&name, 64)?.map(Remark::Text),
        };
        remarks.extend(remark.map(|remark| (number, remark)));
    }
    Ok(remarks)
}

fn base_model(fields: &mut Fields) -> Result<Option<BaseModel>, FieldError> {
    let Some(name) = fields.text("baseModelId")? else { return Ok(None) };
    Ok(Some(match name.as_str() {
        "mandarin" => BaseModel::Mandarin,
        "mandarin16" => BaseModel::Mandarin16,
        "cantonese" => BaseModel::Cantonese,
        _ => {
            let expected = "`mandarin`, `mandarin16` or `cantonese`";
            return Err(fields.fault("baseModelId", expected, format!("`{name}`")));
        }
    }))
}

/// Whether it is an address at all; whether it may be fetched is decided where it is fetched.
fn check_url(fields: &Fields, name: &str, url: &str) -> Result<(), FieldError> {
    let fault = |found: &str| {
        Err(fields.fault(name, "an address with `http://` or `https://` and without spaces", found))
    };
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return fault("another");
    }
    if rest.is_empty() || rest.starts_with(['/', '?', '#']) {
        return fault("one without a host");
    }
    if url.chars().any(|character| character.is_whitespace() || character.is_control()) {
        return fault("one with a space or control character");
    }
    if url.len() > 8192 {
        return fault("one of more than 8192 bytes");
    }
    Ok(())
}

/// The last part of the path of an address: `audio.wav` of `http://h/a/audio.wav?x=1`.
fn file_name_of(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let after_scheme = path.split_once("://").map_or(path, |(_, rest)| rest);
    let name = after_scheme.split_once('/').and_then(|(_, path)| path.rsplit('/').next());
    // In a path, unlike in a form, a plus is a plus.
    let decoded = name.and_then(|name| form_decode(&name.replace('+', "%2B")));
    // A name is shown and never opened, but still it shall be no path.
    let is_name = |name: &String| !name.is_empty() && !name.contains(['/', '\\', '\0']);
    decoded.filter(is_name).unwrap_or_else(|| "recording".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_795_248_214).unwrap()
    }

    fn read(value: Value) -> Result<AudioUpload, ScaError> {
        read_text(&value.to_string())
    }

    fn read_text(json: &str) -> Result<AudioUpload, ScaError> {
        let query = format!("jsonStr={}", super::super::super::encoding::percent_encode(json));
        let parameters = Parameters::read(&query, "", 9).unwrap();
        AudioUpload::read(&parameters, &UploadLimits::default(), now())
    }

    fn one(mut call: Value) -> Result<AudioCall, ScaError> {
        let fields = call.as_object_mut().unwrap();
        fields.entry("voiceFileUrl").or_insert_with(|| json!("http://h/a.wav"));
        read(json!({"callList": [call]})).map(|mut upload| upload.calls.remove(0))
    }

    #[track_caller]
    fn refused(result: Result<impl std::fmt::Debug, ScaError>, code: &str, message: &str) {
        let error = result.unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str()), (code, message));
    }

    #[test]
    fn the_documented_defaults() {
        let upload =
            read(json!({"callList": [{"voiceFileUrl": "https://h.example/x/audio.wav?E=1"}]}));
        let upload = upload.unwrap();
        assert!(!upload.is_scheme_data);
        assert_eq!((upload.callback_url, upload.base_model), (None, None));
        let call = &upload.calls[0];
        assert!(call.auto_split);
        assert_eq!((call.service_channel, call.client_channel, call.sample_rate_khz), (0, 1, 8));
        assert_eq!(call.call_started_at, now());
        assert_eq!(call.file_name, "audio.wav");
        assert!(!call.from_call_centre);
    }

    #[test]
    fn a_call_takes_from_the_upload_what_it_does_not_say() {
        let upload = read(json!({
            "autoSplit": 0, "serviceChannel": 1, "clientChannel": 0, "sampleRate": 16,
            "recognizeRoleDataSetId": 5, "vocabId": "v",
            "callList": [
                {"voiceFileUrl": "http://h/1.wav"},
                {"voiceFileUrl": "http://h/2.wav", "serviceChannel": "0", "clientChannel": 1,
                 "sampleRate": 8, "recognizeRoleDataSetId": 6, "vocabId": "w", "autoSplit": true},
            ],
        }));
        let facts: Vec<_> = upload
            .unwrap()
            .calls
            .into_iter()
            .map(|call| {
                (
                    call.auto_split,
                    call.service_channel,
                    call.client_channel,
                    call.sample_rate_khz,
                    call.recognize_role_data_set_id,
                    call.vocab_id,
                )
            })
            .collect();
        assert_eq!(
            facts,
            [
                (false, 1, 0, 16, Some(5), Some("v".to_owned())),
                (true, 0, 1, 8, Some(6), Some("w".to_owned())),
            ]
        );
    }

    /// The kinds of value that the documentation's own sample mixes up.
    #[test]
    fn the_documented_sample_is_taken() {
        let upload = read(json!({
            "autoSplit": 1,
            "serviceChannelKeywords": ["留学", "客服老师"],
            "ruleIds": [18123, "15545"],
            "vocabId": "a7735a24c9ef",
            "modelId": "9706",
            "callList": [{
                "voiceFileUrl": "https://bucket.example/x.wav",
                "fileName": "abc.wav",
                "callStartTime": "1584535485856",
                "customerServiceId": "30",
                "customerServiceName": "Aagent",
                "skillGroupId": "34sd24",
                "skillGroupName": "售前技能组",
                "callType": 1,
                "callee": 18_888_880_000_i64,
                "caller": "01023230000",
                "callId": 2_345_645_700_i64,
                "business": "售前一组",
                "remark1": "38节大促",
            }],
        }));
        let upload = upload.unwrap();
        assert_eq!(upload.rule_ids, ["18123", "15545"]);
        assert_eq!(upload.service_channel_keywords, ["留学", "客服老师"]);
        let call = &upload.calls[0];
        assert_eq!(call.call_started_at.as_millisecond(), 1_584_535_485_856);
        let text = |value: &Option<String>| value.clone().unwrap();
        assert_eq!(text(&call.agent_id), "30");
        assert_eq!(text(&call.skill_group_id), "34sd24");
        assert_eq!(text(&call.callee), "18888880000");
        assert_eq!(text(&call.call_id), "2345645700");
        assert_eq!(call.call_type, Some(CallType::Outbound));
        assert_eq!(call.remarks, [(1, Remark::Text("38节大促".to_owned()))].into());
    }

    #[test]
    fn what_nobody_documented_is_kept() {
        let upload = read(json!({
            "appKey": 105_123_967, "callList": [{"voiceFileUrl": "http://h/a", "validTimes": [{"begin_time": 0}]}],
        }));
        let upload = upload.unwrap();
        assert_eq!(Value::Object(upload.extra), json!({"appKey": 105_123_967}));
        let call = upload.calls.into_iter().next().unwrap();
        assert_eq!(Value::Object(call.extra), json!({"validTimes": [{"begin_time": 0}]}));
    }

    #[test]
    fn the_documented_limits_hold() {
        let long = |length| "好".repeat(length);
        assert!(one(json!({"remark1": long(64), "remark6": long(1024), "remark5": i64::MIN, "remark14": "7"})).is_ok());
        refused(
            one(json!({"remark25": long(65)})),
            "422",
            "expected at most 64 characters at `callList[0].remark25`, found 65 characters",
        );
        refused(
            one(json!({"remark6": long(1025)})),
            "422",
            "expected at most 1024 characters at `callList[0].remark6`, found 1025 characters",
        );
        refused(
            one(json!({"remark15": "x"})),
            "422",
            "expected a whole number of 64 bits at `callList[0].remark15`, found `x`",
        );
        let rules: Vec<i64> = (0..150).collect();
        let upload = read(json!({"ruleIds": rules, "callList": [{"voiceFileUrl": "http://h/a"}]}));
        assert_eq!(upload.unwrap().rule_ids.len(), 100);
        let calls = vec![json!({"voiceFileUrl": "http://h/a"}); 1001];
        refused(
            read(json!({"callList": calls})),
            "413",
            "expected at most 1000 calls in `callList`, found 1001",
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        refused(read(json!({})), "422", "expected one call at least at `callList`, found none");
        refused(
            read(json!({"callList": []})),
            "422",
            "expected one call at least at `callList`, found none",
        );
        refused(
            read(json!({"callList": {}})),
            "422",
            "expected a list at `callList`, found an object",
        );
        refused(
            read(json!({"callList": [{"callId": "1"}]})),
            "422",
            "expected a text at `callList[0].voiceFileUrl`, found nothing",
        );
        refused(
            one(json!({"sampleRate": 44})),
            "422",
            "expected 8 or 16 at `callList[0].sampleRate`, found `44`",
        );
        refused(
            one(json!({"callType": 2})),
            "422",
            "expected 1 or 3 at `callList[0].callType`, found `2`",
        );
        refused(
            one(json!({"autoSplit": 2})),
            "422",
            "expected 0 or 1 at `callList[0].autoSplit`, found `2`",
        );
        refused(
            one(json!({"autoSplit": 0, "serviceChannel": 1})),
            "422",
            "expected another channel than `serviceChannel` at `callList[0].clientChannel`, found `1`",
        );
        refused(
            one(json!({"callStartTime": i64::MAX})),
            "422",
            "expected milliseconds since 1970 at `callList[0].callStartTime`, found `9223372036854775807`",
        );
        refused(
            one(json!({"jsonParamStr": "[1]"})),
            "422",
            "expected an object, or a string of JSON with one at `callList[0].jsonParamStr`, found a list",
        );
        let twice = json!({"callUuid": "u", "voiceFileUrl": "http://h/a"});
        refused(
            read(json!({"callList": [twice, twice]})),
            "409",
            "expected each `callUuid` once in two hours, found `u` again",
        );
        refused(
            read_text("{\"callList\":1,\"callList\":2}"),
            "400",
            "`JsonStr`: expected each key once, found `callList` again at line 1, column 24",
        );
        assert_eq!(read_text("{\"callList\":").unwrap_err().code, ScaCode::InvalidJson);
    }

    #[test]
    fn an_address_has_a_scheme_and_a_host() {
        let address = |url: &str| one(json!({"voiceFileUrl": url}));
        for url in ["http://127.0.0.1:1/a.wav?Expires=1&Signature=a%2Bb", "HTTPS://h.example"] {
            assert!(address(url).is_ok(), "{url}");
        }
        for url in [
            "file:///etc/passwd",
            "ftp://h/a",
            "h/a.wav",
            "http://",
            "http:///a",
            "http://h/a b",
            "http://h/\u{3000}",
            "http://h/\n",
        ] {
            assert_eq!(address(url).unwrap_err().code, ScaCode::InvalidField, "{url}");
        }
    }

    #[test]
    fn a_recording_is_named_after_its_address() {
        let check = |url, name| assert_eq!(file_name_of(url), name);
        check("http://www.aliyun.com/audio.wav", "audio.wav");
        check("http://h/ccc/2024/01/job-1.mkv?Expires=1&Signature=a/b", "job-1.mkv");
        check("http://h/%E5%BD%95+%E9%9F%B3.wav#x", "录+音.wav");
        check("http://h/", "recording");
        check("http://h", "recording");
        check("http://h/..%2f..%2fetc", "recording");
    }

    #[test]
    fn a_task_is_a_uuid_in_upper_case() {
        assert_eq!(answer(Uuid::from_u128(0xab)).data, "00000000-0000-0000-0000-0000000000AB");
    }
}
