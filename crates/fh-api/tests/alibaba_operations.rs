//! What Alibaba's three first operations answer for a prepared call, field by field.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use fh_api::dialects::alibaba::call_type::CallType;
use fh_api::dialects::alibaba::encoding::percent_encode;
use fh_api::dialects::alibaba::operations::get_result::{
    Progress, RecordingFacts, ResultQuery, Review, StoredCall, answer as result_answer,
};
use fh_api::dialects::alibaba::operations::get_upload_audio_data_params::{
    StoredLeg, answer as params_answer,
};
use fh_api::dialects::alibaba::operations::upload_audio_data::{AudioUpload, Remark, UploadLimits};
use fh_api::dialects::alibaba::parameters::Parameters;
use fh_api::dialects::alibaba::reply::{Format, Reply, ReplyContext};
use fh_api::strict_json::JsonLimits;
use fh_model::{Inspection, Millis, Points, Span};
use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::{Value, json};
use uuid::Uuid;

fn at_ms(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

fn context(action: &str) -> ReplyContext<'_> {
    ReplyContext {
        request_id: Uuid::from_u128(0x03C6_7DAD_EB26_41D8_949D_9B0C_470F_B716),
        host_id: "h",
        action,
        format: Format::Json,
    }
}

fn body(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200);
    serde_json::from_slice(&reply.body).unwrap()
}

fn with_json(json: &str) -> Parameters {
    Parameters::read(&format!("JsonStr={}", percent_encode(json)), "", 9).unwrap()
}

/// The published example with its stars filled in.
fn leg() -> StoredLeg {
    StoredLeg {
        contact_id: "job-466861394358430001".to_owned(),
        leg_id: "2ccd8732-62ed-4a10-9f3e-0123456789b9".parse().unwrap(),
        instance: "ccc-demo".to_owned(),
        account_uid: 1_050_000_000_000_967,
        call_type: CallType::Outbound,
        caller: "20231234".to_owned(),
        callee: "15312345678".to_owned(),
        call_started_at: at_ms(1_704_870_035_381),
        channel_opened_at: at_ms(1_704_870_030_317),
        agent_id: "203242802123456789".to_owned(),
        agent_name: "张三".to_owned(),
        agent_phone: "80012354".to_owned(),
        skill_group: "skg-default".to_owned(),
        skill_group_name: "金牌组".to_owned(),
        agent_spans: vec![Span::new(Millis(0), Millis(30_720))],
        voice_file_url: "https://qa.example/ccc-demo/2024/01/job-466861394358430001.mkv\
                         ?Expires=1704956435&OSSAccessKeyId=k&Signature=a%2Bb%3D"
            .to_owned(),
    }
}

#[test]
fn params_are_spelled_as_in_the_published_example() {
    let expected = r#"{
  "autoSplit": 1,
  "appKey": 1050000000000967,
  "sampleRate": 8,
  "callList": [
    {
      "callId": "job-466861394358430001",
      "validTimes": [
        {
          "begin_time": 0,
          "end_time": 30720,
          "speaker_id": "张三"
        }
      ],
      "resolveType": "ali-ACC",
      "instance": "ccc-demo",
      "callee": "15312345678",
      "accUid": 1050000000000967,
      "callStartTime": 1704870035381,
      "customerServiceName": "张三",
      "tid": "2ccd8732-62ed-4a10-9f3e-0123456789b9",
      "callType": 1,
      "skillGroupUUID": "skg-default@ccc-demo",
      "caller": "20231234",
      "customerServicePhone": "80012354",
      "channels": [
        {
          "speaker_id": "张三",
          "channel_key": "ch-user-15312345678-80012354-1704870030317-job-466861394358430001"
        }
      ],
      "sourceType": 1,
      "channelKey": "ch-user-15312345678-80012354-1704870030317-job-466861394358430001",
      "skillGroupName": "金牌组",
      "voiceFileUrl": "https://qa.example/ccc-demo/2024/01/job-466861394358430001.mkv?Expires=1704956435&OSSAccessKeyId=k&Signature=a%2Bb%3D",
      "skillGroupId": 0,
      "customerServiceId": 203242802123456789
    }
  ]
}"#;
    let answer = params_answer(&[leg()], 8000, 1_050_000_000_000_967);
    let reply = Reply::ccc_success(&answer, &context("GetUploadAudioDataParams"));
    assert_eq!(
        body(&reply),
        json!({
            "Code": "OK",
            "HttpStatusCode": 200,
            "Message": "无",
            "RequestId": "03C67DAD-EB26-41D8-949D-9B0C470FB716",
            "Data": {"ParamsStr": expected},
        })
    );
}

#[test]
fn an_inbound_call_at_16_khz_names_the_customer_who_called() {
    let inbound = StoredLeg {
        call_type: CallType::Inbound,
        caller: "15312345678".to_owned(),
        callee: "20231234".to_owned(),
        agent_id: "A-17".to_owned(),
        ..leg()
    };
    let params = params_answer(&[inbound.clone(), inbound], 16_000, 7).data.params_str;
    let params: Value = serde_json::from_str(&params).unwrap();
    assert_eq!((&params["sampleRate"], &params["appKey"]), (&json!(16), &json!(7)));
    let calls = params["callList"].as_array().unwrap();
    assert_eq!(calls.len(), 2);
    assert_eq!(
        (&calls[1]["callType"], &calls[1]["customerServiceId"]),
        (&json!(3), &json!("A-17"))
    );
    assert_eq!(
        calls[1]["channelKey"],
        "ch-user-15312345678-80012354-1704870030317-job-466861394358430001"
    );
}

#[test]
fn params_are_taken_by_upload_audio_data_unchanged() {
    let params = params_answer(&[leg()], 8000, 1_050_000_000_000_967).data.params_str;
    let upload =
        AudioUpload::read(&with_json(&params), &UploadLimits::default(), at_ms(0)).unwrap();
    let call = &upload.calls[0];
    let leg = leg();
    assert_eq!(call.voice_file_url, leg.voice_file_url);
    assert_eq!(call.file_name, "job-466861394358430001.mkv");
    assert_eq!(call.call_id.as_deref(), Some("job-466861394358430001"));
    assert_eq!(call.tid.as_deref(), Some("2ccd8732-62ed-4a10-9f3e-0123456789b9"));
    assert_eq!(call.call_started_at, leg.call_started_at);
    assert_eq!(call.agent_id.as_deref(), Some("203242802123456789"));
    assert_eq!(call.agent_name.as_deref(), Some("张三"));
    assert_eq!(call.skill_group_name.as_deref(), Some("金牌组"));
    assert_eq!(call.call_type, Some(CallType::Outbound));
    assert!(call.auto_split && call.from_call_centre);
    assert_eq!(call.sample_rate_khz, 8);
    let kept: Vec<&str> = call.extra.keys().map(String::as_str).collect();
    let mut expected = vec![
        "accUid",
        "channelKey",
        "channels",
        "customerServicePhone",
        "instance",
        "skillGroupUUID",
        "sourceType",
        "validTimes",
    ];
    expected.sort_unstable();
    assert_eq!(kept, expected);
    assert_eq!(
        call.extra["validTimes"],
        json!([{"begin_time": 0, "end_time": 30720, "speaker_id": "张三"}])
    );
    assert_eq!(Value::Object(upload.extra), json!({"appKey": 1_050_000_000_000_967_i64}));
}

/// Two sentences, and a rule of each kind that flagged.
fn inspection() -> Inspection {
    let said = |condition: &str, quote: &str, chars: [u32; 2]| {
        json!({
            "kind": "said", "condition": condition, "phrase": "p", "quote": quote, "utterance": 2,
            "chars": {"start": chars[0], "end": chars[1]},
            "span": {"start": 4000, "end": 4500}, "channel": 1, "role": "customer",
        })
    };
    let finding = |id: &str, name: &str, points: i64, evidence: Value| {
        json!({
            "rule_id": id, "rule_name": name, "rule_digest": "d", "severity": "normal",
            "outcome": "flagged", "points": points, "rule_points": points, "evidence": evidence,
        })
    };
    let channel = |index: u8, role: &str, levels: Value| {
        json!({
            "channel": index, "role": role, "speech": [], "speech_time": 0, "own_silence_time": 0,
            "speech_lengths": null,
            "loudness": {
                "integrated_lufs": null, "peak_dbfs": null, "per_second_dbfs": levels,
                "speaking_dbfs": null,
            },
        })
    };
    let mut clear = finding("unused", "不该出现", 0, json!([]));
    clear["outcome"] = json!("clear");
    serde_json::from_value(json!({
        "schema": "fairhearing.inspection/1",
        "call": {},
        "recording": {
            "file_name": "job-1.wav", "bytes": 1, "digest": "d", "format": "wav/pcm", "decoder": "wav",
            "sample_rate_hz": 8000, "channels": 2, "duration": 60_500,
            "completeness": {"state": "complete"},
        },
        "warnings": [],
        "measures": {
            "duration": 60_500,
            "channels": [
                // The first sentence touches the seconds 0 and 1: their mean is -30 dB, which is 7.
                channel(0, "agent", json!([-20, -40, -100, -100, -100, -100])),
                // The second touches 4 and 5: -15 dB is 8.5 and rounds to 9.
                channel(1, "customer", json!([-100, -100, -100, -100, -10, -20])),
            ],
            "mutual_silences": [], "mutual_silence_lengths": null,
            "talk_overs": [], "talk_over_lengths": null,
        },
        "speech_rates": [],
        "transcript_state": {"state": "available"},
        "transcript": {
            "language": "zh_CN",
            "source": {"kind": "import", "format": "f", "digest": "d"},
            "utterances": [
                {"id": 1, "channel": 0, "role": "agent", "span": {"start": 0, "end": 2000}, "text": "您好，请讲"},
                {"id": 2, "channel": 1, "role": "customer", "span": {"start": 4000, "end": 6000},
                 "text": "😀不可能给你退货的"},
            ],
        },
        "score_cards": [{
            "scenario_id": "s", "scenario_name": "服务规范", "base": 100, "lower": 0, "upper": 100,
            "score": 80.5,
            "findings": [
                finding("refuse", "拒绝退货", -20, json!([said("a", "不可能", [1, 4])])),
                finding("silent", "静音", 0, json!([{
                    "kind": "silence", "condition": "b", "span": {"start": 2000, "end": 4000}, "limit": 1000,
                }])),
                finding("fast", "语速", 0, json!([{
                    "kind": "speed", "condition": "c", "utterance": 2, "span": {"start": 4000, "end": 6000},
                    "channel": 1, "role": "customer", "per_minute_thousandths": 240_500,
                    "limit_per_minute": 200, "above": true,
                }])),
                finding("cut-in", "抢话", 0, json!([{
                    "kind": "interruption", "condition": "d", "span": {"start": 4000, "end": 4600},
                    "channel": 1, "role": "customer", "limit": 500,
                }])),
                finding("no-farewell", "没有道别", -5, json!([{
                    "kind": "absent", "condition": "e", "phrases": ["再见"],
                    "searched": {"span": {"start": 0, "end": 60_500}, "utterances": [1, 2], "role": "agent"},
                    "nearest": null,
                }])),
                clear,
            ],
        }],
        "lineage": {
            "fairhearing": "0", "decoder": "d", "voice_activity": "energy_only",
            "voice_activity_version": "v", "normalizer": "n", "rule_pack_digest": "r",
        },
    }))
    .unwrap()
}

fn stored_call() -> StoredCall {
    StoredCall {
        task_id: Uuid::from_u128(0xA6BE_0C8D_9A5B_4BE5_8432_4F63_5EAA_BBCC),
        task_name: Some("test".to_owned()),
        last_data_id: "1@a".to_owned(),
        // 2019-07-24 19:31:40 in Greenwich.
        uploaded_at: at_ms(1_563_996_700_000),
        progress: Progress::Done(Box::new(inspection())),
        score: Some(Points::from_hundredths(8050)),
        assigned: Some(("李质检".to_owned(), at_ms(1_563_996_760_000))),
        review: Some(Review {
            result: 2,
            automatic: false,
            resolver: Some("王质检".to_owned()),
            at: at_ms(1_563_996_820_000),
            comments: Some("听过".to_owned()),
        }),
        recording: RecordingFacts {
            file_id: "job-1".to_owned(),
            primary_id: "3437500".to_owned(),
            name: "job-1.wav".to_owned(),
            url: Some("http://h/job-1.wav".to_owned()),
            call_id: Some("job-1".to_owned()),
            call_started_at: Some(at_ms(1_563_967_699_000)),
            call_type: Some(CallType::Outbound),
            caller: Some("01088880000".to_owned()),
            callee: Some("18888880000".to_owned()),
            business: Some("客服业务线".to_owned()),
            customer_name: None,
            data_set_name: None,
            task_config: Some((9, "每日".to_owned())),
            remarks: BTreeMap::from([
                (1, Remark::Text("一".to_owned())),
                (5, Remark::Number(-5)),
                (14, Remark::Number(14)),
            ]),
        },
        agent_id: Some("2824000000015643".to_owned()),
        agent_name: Some("张三".to_owned()),
        skill_group: Some("质检技能".to_owned()),
        schemes: vec![(3, "售前通用方案".to_owned())],
    }
}

fn results(calls: &[StoredCall], json: &Value) -> Value {
    let parameters = with_json(&json.to_string());
    let query =
        ResultQuery::read(&parameters, &JsonLimits::default(), Offset::constant(8)).unwrap();
    body(&Reply::sca_success(&result_answer(calls, 41, &query), &context("GetResult")))
}

/// What the rules found, worked out by hand.
fn hit_result() -> Value {
    let second = json!({
        "Role": "客户", "Words": "😀不可能给你退货的", "Begin": 4000, "End": 6000, "EmotionValue": 9,
    });
    let rule = |rid: &str, name: &str, hits: Value| json!({"Rid": rid, "Name": name, "Type": "服务规范", "Hits": {"Hit": [hits]}});
    let hit = |cid: &str, val: &str, from: u32, to: u32| {
        json!({
            "Cid": {"Cid": [cid]},
            "KeyWords": {"KeyWord": [{"Val": val, "Cid": cid, "From": from, "To": to}]},
            "Phrase": second.clone(),
        })
    };
    json!({"HitResult": [
        // The emoji before the words is two of Java's characters; the sentence has ten in all.
        rule("refuse", "拒绝退货", hit("a", "不可能", 2, 5)),
        rule("silent", "静音", hit("b", "2000", 0, 10)),
        rule("fast", "语速", hit("c", "241", 0, 10)),
        rule("cut-in", "抢话", hit("d", "0.6：8", 0, 10)),
        rule("no-farewell", "没有道别", json!({"Cid": {"Cid": ["e"]}, "KeyWords": {"KeyWord": []}})),
    ]})
}

#[test]
fn a_result_has_the_four_default_fields() {
    assert_eq!(
        results(&[stored_call()], &json!({})),
        json!({
            "RequestId": "03C67DAD-EB26-41D8-949D-9B0C470FB716",
            "Success": true,
            "Code": "200",
            "Message": "successful",
            "Count": 41,
            "PageNumber": 1,
            "PageSize": 10,
            "Data": {"ResultInfo": [{
                "Score": 81,
                "Status": 1,
                "TaskId": "A6BE0C8D-9A5B-4BE5-8432-4F635EAABBCC",
                "LastDataId": "1@a",
                "HitResult": hit_result(),
            }]},
        })
    );
}

#[test]
fn a_result_has_every_field_that_is_asked_for() {
    let fields = "status,errorMessage,taskId,taskName,vid,score,createTime,createTimeLong,reviewer,\
                  assignmentTime,reviewStatus,reviewResult,reviewType,reviewTime,reviewTimeLong,resolver,\
                  comments,asrResult,hitResult,hitScore,recording,agent,schemeIdList,schemeNameList";
    let all = results(
        &[stored_call()],
        &json!({"requiredFields": fields, "pageNumber": 2, "pageSize": 5}),
    );
    assert_eq!((&all["PageNumber"], &all["PageSize"]), (&json!(2), &json!(5)));
    assert_eq!(
        all["Data"]["ResultInfo"][0],
        json!({
            "Status": 1,
            "TaskId": "A6BE0C8D-9A5B-4BE5-8432-4F635EAABBCC",
            "TaskName": "test",
            "Vid": "job-1",
            "LastDataId": "1@a",
            "Score": 81,
            "CreateTime": "2019-07-24T19:31Z",
            "CreateTimeLong": "1563996700",
            "Reviewer": "李质检",
            "AssignmentTime": "2019-07-24T19:32Z",
            "ReviewStatus": 1,
            "ReviewResult": 2,
            "ReviewType": 2,
            "ReviewTime": "2019-07-24T19:33Z",
            "ReviewTimeLong": "1563996820",
            "Resolver": "王质检",
            "Comments": "听过",
            // Four characters in 2 s are 120 a minute; eight are 240.
            "AsrResult": {"AsrResult": [
                {"Role": "客服", "Words": "您好，请讲", "Begin": 0, "End": 2000, "SpeechRate": 120, "EmotionValue": 7},
                {"Role": "客户", "Words": "😀不可能给你退货的", "Begin": 4000, "End": 6000, "SpeechRate": 240,
                 "EmotionValue": 9},
            ]},
            "HitResult": hit_result(),
            "HitScore": {"HitScore": [
                {"ScoreId": "refuse", "ScoreName": "拒绝退货", "ScoreNumber": "-20", "RuleId": "refuse"},
                {"ScoreId": "no-farewell", "ScoreName": "没有道别", "ScoreNumber": "-5", "RuleId": "no-farewell"},
            ]},
            "Recording": {
                "Id": "job-1",
                "PrimaryId": "3437500",
                "Name": "job-1.wav",
                "Url": "http://h/job-1.wav",
                "CallId": "job-1",
                "CallTime": "1563967699000",
                "CallType": 1,
                "Caller": "01088880000",
                "Callee": "18888880000",
                "Duration": 61,
                "DialogueSize": 2,
                "Business": "客服业务线",
                "TaskConfigId": 9,
                "TaskConfigName": "每日",
                "Remark1": "一",
                "Remark5": -5,
            },
            "Agent": {"Id": "2824000000015643", "Name": "张三", "SkillGroup": "质检技能"},
            "SchemeIdList": {"SchemeIdList": [3]},
            "SchemeNameList": {"SchemeNameList": ["售前通用方案"]},
        })
    );
}

#[test]
fn unfinished_and_failed_calls_have_a_status() {
    let running =
        StoredCall { progress: Progress::Running, score: None, review: None, ..stored_call() };
    let failed = StoredCall {
        progress: Progress::Failed("the recording cannot be fetched".to_owned()),
        ..running.clone()
    };
    let fields = json!({"requiredFields": "status,errorMessage,score,hitResult,reviewStatus,recording.duration"});
    assert_eq!(
        results(&[running, failed], &fields)["Data"]["ResultInfo"],
        json!([
            {"Status": 0, "ReviewStatus": 0, "Recording": {}, "LastDataId": "1@a"},
            {"Status": 6, "ErrorMessage": "the recording cannot be fetched", "ReviewStatus": 0,
             "Recording": {}, "LastDataId": "1@a"},
        ])
    );
}

#[test]
fn hits_and_addresses_can_be_left_out() {
    let query = json!({
        "requiredFields": "hitResult, recording.url,recording.name",
        "excludeFields": "hitResult.hits, recording.url",
    });
    let result = &results(&[stored_call()], &query)["Data"]["ResultInfo"][0];
    assert_eq!(result["Recording"], json!({"Name": "job-1.wav"}));
    assert_eq!(
        result["HitResult"]["HitResult"][0],
        json!({"Rid": "refuse", "Name": "拒绝退货", "Type": "服务规范"})
    );
}

#[test]
fn a_page_without_results_is_an_empty_list() {
    let empty = results(&[], &json!({"taskId": "no such task"}));
    assert_eq!(empty["Data"], json!({"ResultInfo": []}));
}
