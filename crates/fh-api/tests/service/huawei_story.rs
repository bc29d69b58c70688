//! Huawei's operations one after another, as a contact centre's program uses them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::sound::short;
use crate::stage::{CCISQM, CCSQM, Database, Options, Stage};

const VTT: &str = "WEBVTT\n\n00:00.200 --> 00:01.800\n<v Agent>That is not my problem.\n\n\
                   00:02.000 --> 00:03.100\n<v Customer>Oh.\n";

fn voice(path: &str) -> Value {
    json!({
        "language": "en_US",
        "voiceFilePath": path,
        "agentId": 1118,
        "beginTime": "2021-02-01 09:51:07",
        "endTime": "2021-02-01 09:51:11"
    })
}

fn range(status: &[i64]) -> Value {
    json!({
        "limit": 10, "page": 1, "call_types": [0, 2], "status": status,
        "upload_from": 1_600_000_000, "upload_to": 1_800_000_000
    })
}

#[test]
fn a_call_is_submitted_followed_judged_and_complained_about() {
    the_story(Database::Sqlite);
}

#[test]
#[ignore = "needs postgresql"]
fn a_call_is_followed_to_the_complaint_on_postgres() {
    the_story(Database::Postgres);
}

fn the_story(database: Database) {
    let stage = Stage::with(Options { database, ..Options::default() });
    let token = stage.token("default-administrator");
    stage.put_file("27/call.wav", short());
    stage.put_file("27/call.vtt", VTT);
    let path = format!("{CCISQM}/openapi/qualityInspect");
    let submitted = stage.post(&path, &token, &voice(r"Y:\27\call.wav")).expect(200).json();
    assert_eq!(submitted["resultCode"], "1010200");
    let call = submitted["call_uuid"].as_str().unwrap().to_owned();

    let details = format!("{CCSQM}/appraisecall/details");
    let mut row = Value::Null;
    for _ in 0..3_000 {
        let all = range(&[0, 1, 2, 3, 9, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
        let answer = stage.post(&details, &token, &all).expect(200).json();
        row = answer["data"][0]["calls"][0].clone();
        let status = row["status"].as_i64().unwrap();
        assert!([0, 1, 2, 3].contains(&status), "{row}");
        if status == 2 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(
        (&row["status"], &row["call_uuid"], &row["file_name"]),
        (&json!(2), &json!(call), &json!("call"))
    );
    // 2021-02-01 09:51:07 UTC by `date -u -d '2021-02-01 09:51:07' +%s`.
    assert_eq!(row["call_time"], 1_612_173_067);
    assert_eq!(row["complain_status"], -1);
    assert_eq!(
        (&row["left_channel"], &row["right_channel"]),
        (&json!("staff"), &json!("customer"))
    );

    let by_call = json!({ "call_uuid": call });
    let credit = stage.post(&format!("{CCISQM}/appraisecall/credit"), &token, &by_call);
    let credit = credit.expect(200).json();
    let scenario = &credit[0]["credit"][0];
    // 100, less 5 for the greeting that is missing and 20 for what was said.
    assert_eq!(scenario["score"], 75);
    let rude = &scenario["rules"][1];
    assert_eq!(
        (&rude["valid"], &rude["score"], &rude["revise"]),
        (&json!(false), &json!(-20), &json!(-1))
    );
    assert_eq!(
        rude["invalid_segment"],
        json!([{ "start_time": 0.2, "end_time": 1.8, "call_id": "1" }])
    );

    let detail = |root: &str| {
        stage.post(&format!("{root}/appraisecall/detail"), &token, &by_call).expect(200).json()
    };
    let shown = detail(CCISQM);
    assert_eq!(
        shown["segments"],
        json!([
            { "segment_id": 1, "start_time": 0.2, "end_time": 1.8,
              "asr_text": "That is not my problem.", "speaker": "staff" },
            { "segment_id": 2, "start_time": 2.0, "end_time": 3.1,
              "asr_text": "Oh.", "speaker": "customer" }
        ])
    );
    assert_eq!((&shown["status"], &shown["call_type"]), (&json!("2"), &json!(0)));
    assert_eq!(shown.get("rule_severity_violation_count"), None);
    assert_eq!(detail(CCSQM)["rule_severity_violation_count"], 2);

    let complaint = json!({
        "callGroupId": 12, "callId": call, "isGroup": false, "leaderRole": "tableDirector",
        "leaderUUID": "1611917095665261978", "taskDescription": "the customer asked for it",
        "chooseRuleGroupList": [{
            "ruleGroupId": scenario["setting"]["group_id"],
            "reviseIdList": [rude["revise_id"]]
        }],
        "callType": "0"
    });
    let complain = format!("{CCSQM}/appraisecall/complain");
    let answer = stage.post(&complain, &token, &complaint).expect(200).json();
    assert!(answer["status"].is_string() && answer["message"].is_string(), "{answer}");
    // A second one while the first is open is refused, and one about what is not there, too.
    stage.post(&complain, &token, &complaint).expect(409);
    let mut other = complaint;
    other["chooseRuleGroupList"][0]["reviseIdList"] = json!(["dialogRuleNone"]);
    stage.post(&complain, &token, &other).expect(404);
    let answer = stage.post(&details, &token, &range(&[2])).expect(200).json();
    assert_eq!(answer["data"][0]["calls"][0]["complain_status"], 21);

    let revised = json!({
        "scenario": scenario["setting"]["group_id"], "finding": rude["revise_id"],
        "complies": true, "remark": "a joke among friends"
    });
    stage.post(&format!("/v1/calls/{call}/revisions"), &token, &revised).expect(204);
    let credit = stage.post(&format!("{CCISQM}/appraisecall/credit"), &token, &by_call);
    let rude = credit.expect(200).json()[0]["credit"][0]["rules"][1].clone();
    assert_eq!((&rude["revise"], &rude["valid"]), (&json!(1), &json!(false)));
}

#[test]
fn voice_becomes_text() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    stage.put_file("call.wav", short());
    stage.put_file("call.vtt", VTT);
    let path = format!("{CCISQM}/openapi/voice2Text");
    let task = stage.post(&path, &token, &voice("Y:/call.wav")).expect(200).json();
    assert_eq!(
        (&task["resultCode"], &task["resultDesc"], &task["duration"]),
        (&json!("1010200"), &json!("success"), &json!("4"))
    );
    let id = task["taskId"].as_str().unwrap();
    let call: uuid::Uuid = id.parse().unwrap();
    stage.wait_for(&call.to_string(), &token);

    let text = format!("{CCISQM}/openapi/getTextByTaskId");
    let asked = json!({ "taskId": id, "language": "en_US" });
    let answer = stage.post(&text, &token, &asked).expect(200).json();
    assert_eq!(answer["resultCode"], "1010200");
    let zip = STANDARD.decode(answer["bytesZip"].as_str().unwrap()).unwrap();
    // One file, stored as it is: its content stands between its name and the directory.
    let text_of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(
        (text_of(&zip[..4]), text_of(&zip[30..36])),
        ("PK\u{3}\u{4}".into(), "0.json".into())
    );
    let length = u32::from_le_bytes(zip[18..22].try_into().unwrap()) as usize;
    let content: Value = serde_json::from_slice(&zip[36..36 + length]).unwrap();
    assert_eq!(
        content,
        json!({ "sentences": [
            { "st": 200, "et": 1800, "text": "That is not my problem.", "sa": { "role": "agent" } },
            { "st": 2000, "et": 3100, "text": "Oh.", "sa": { "role": "user" } }
        ] })
    );

    // Errors here have the shape of the published one: a number and a text.
    let unknown = json!({ "taskId": "605d5aff00000927", "language": "en_US" });
    let answer = stage.post(&text, &token, &unknown).expect(404).json();
    assert_eq!(answer["errorCode"], 1_010_404);
    assert!(answer["errorMessage"].is_string());
    assert_eq!(answer.as_object().unwrap().len(), 2);
    // Three days after the task was made it is unknown, too.
    stage.set_clock(1_700_000_000 + 3 * 86_400 + 1);
    stage.post(&text, &token, &asked).expect(404);
}

#[test]
fn a_text_call_is_uploaded_and_inspected() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let chat = json!({
        "language": "zh_CN", "agentId": 1118, "beginTime": "2021-02-01 09:51:07",
        "endTime": "2021-02-01 09:57:57", "fileName": "chat-7.json", "staffId": "77",
        "sentences": [
            { "speaker": "staff", "text": "您好", "start_time": 0.5 },
            { "speaker": "customer", "text": "我要退货" },
            { "speaker": "staff", "text": "关我什么事", "start_time": 9.25 }
        ]
    });
    let path = format!("{CCSQM}/openapi/uploadText");
    let answer = stage.post(&path, &token, &chat).expect(200).json();
    let call = answer["call_uuid"].as_str().unwrap().to_owned();
    assert_eq!(stage.wait_for(&call, &token)["state"], "done");
    let mut asked = range(&[2]);
    asked["call_types"] = json!([2]);
    asked["keyword"] = json!("退");
    let answer = stage.post(&format!("{CCSQM}/appraisecall/details"), &token, &asked);
    let answer = answer.expect(200).json();
    let row = &answer["data"][0]["calls"][0];
    assert_eq!(answer["paging"]["total"], 1);
    assert_eq!(
        (&row["call_type"], &row["staff_id"], &row["file_name"]),
        (&json!(2), &json!("77"), &json!("chat-7"))
    );
    let by_call = json!({ "call_uuid": call });
    let credit = stage.post(&format!("{CCSQM}/appraisecall/credit"), &token, &by_call);
    assert_eq!(credit.expect(200).json()[0]["credit"][0]["score"], 80);
}
