//! A stored call's parameters are uploaded as they are, and its result is asked for: a real recording
//! of a call centre with one track for each party, the shipped rules, and what a person expects of
//! them (`testdata/calls/zh_bank_silence.truth.json`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use fh_audio::VoiceActivityChoice;
use fh_model::{CallId, CallMetadata, Language};
use fh_store::AccessRole;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::postgres_server::PostgresServer;
use crate::signed::Request;
use crate::stage::{Options, Stage, SystemClock};

const FIELDS: &str =
    "status,score,taskId,hitResult,hitScore,asrResult,recording,agent,errorMessage";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(root().join("testdata/calls").join(name)).unwrap()
}

/// What a person worked out from the script of the call: the score and the rules that flag.
fn truth() -> (Value, BTreeSet<String>) {
    let truth: Value = serde_json::from_slice(&sample("zh_bank_silence.truth.json")).unwrap();
    let expected = &truth["expected"];
    let flagged = expected["flagged"].as_object().unwrap();
    (expected["score_cards"][0]["score"].clone(), flagged.keys().cloned().collect())
}

/// A server with the shipped rules.
pub(crate) fn bank(database: Option<String>) -> Stage {
    let pack = fh_rules::shipped_packs().into_iter().next().unwrap();
    Stage::with(Options {
        database,
        rules: pack.sources,
        voice_activity: VoiceActivityChoice::Silero,
        ..Options::default()
    })
}

/// The call as the call centre keeps it, under the name `job-1`.
pub(crate) fn bank_call(stage: &Stage) -> CallId {
    let metadata = CallMetadata {
        call_id: Some("job-1".to_owned()),
        agent_id: Some("203242802".to_owned()),
        agent_name: Some("赵强".to_owned()),
        skill_group: Some("金牌组".to_owned()),
        direction: Some("inbound".to_owned()),
        language: Some(Language::ZhCn),
        attributes: BTreeMap::from([
            ("callee".to_owned(), "95588".to_owned()),
            ("caller".to_owned(), "15312345678".to_owned()),
            ("agent_phone".to_owned(), "8054".to_owned()),
        ]),
        ..CallMetadata::default()
    };
    let transcript = sample("zh_bank_silence.json");
    let transcript = ("zh_bank_silence.json", transcript.as_slice());
    stage.store_call("王 1.mkv", &sample("zh_bank_silence.mkv"), transcript, metadata)
}

/// `ParamsStr` of that call.
pub(crate) fn params(stage: &Stage) -> Value {
    let (status, answer) = stage.ask("GetUploadAudioDataParams", "ContactId", "job-1");
    assert_eq!((status, &answer["Code"]), (200, &json!("OK")), "{answer}");
    serde_json::from_str(answer["Data"]["ParamsStr"].as_str().unwrap()).unwrap()
}

#[test]
fn a_stored_call_is_uploaded_by_its_params_and_inspected() {
    tell(&bank(None));
}

#[tokio::test]
#[ignore = "needs postgresql"]
async fn a_stored_call_is_uploaded_by_its_params_and_inspected_on_postgres() {
    let server = PostgresServer::start().await;
    let database = server.new_database("story").await;
    tokio::task::spawn_blocking(|| tell(&bank(Some(database)))).await.unwrap();
}

fn tell(stage: &Stage) {
    let id = bank_call(stage);
    let (status, answer) = stage.ask("GetUploadAudioDataParams", "ContactId", "job-1");
    assert_eq!((status, &answer["Code"]), (200, &json!("OK")), "{answer}");
    let params_str = answer["Data"]["ParamsStr"].as_str().unwrap();
    let params: Value = serde_json::from_str(params_str).unwrap();
    let call = &params["callList"][0];
    assert_eq!((&params["sampleRate"], &params["autoSplit"]), (&json!(8), &json!(1)));
    assert_eq!(
        [&call["callId"], &call["tid"], &call["callType"], &call["caller"], &call["callee"]],
        [
            &json!("job-1"),
            &json!(id.to_string()),
            &json!(3),
            &json!("15312345678"),
            &json!("95588")
        ]
    );
    // 2026-01-02 03:04:05 UTC by `date -u -d '2026-01-02 03:04:05' +%s`.
    assert_eq!(call["callStartTime"], 1_767_323_045_000_i64);
    let channel = "ch-user-15312345678-8054-1767323045000-job-1";
    assert_eq!(call["channelKey"], channel);
    assert_eq!(call["channels"], json!([{ "speaker_id": "赵强", "channel_key": channel }]));
    let truth_ms: Value = serde_json::from_slice(&sample("zh_bank_silence.truth.json")).unwrap();
    let duration = truth_ms["duration_ms"].as_u64().unwrap();
    let times = &call["validTimes"][0];
    assert_eq!((&times["begin_time"], &times["speaker_id"]), (&json!(0), &json!("赵强")));
    // The encoder fills its last frame up.
    let end = times["end_time"].as_u64().unwrap();
    assert!((duration..duration + 30).contains(&end), "{end}, and {duration} of the script");

    let (status, answer) = stage.ask("UploadAudioData", "JsonStr", params_str);
    assert_eq!((status, &answer["Code"]), (200, &json!("200")), "{answer}");
    let task = answer["Data"].as_str().unwrap();
    let result = stage.result(task, FIELDS);
    assert_eq!((&result["Status"], &result["TaskId"]), (&json!(1), &json!(task)), "{result}");
    let (score, flagged) = truth();
    assert_eq!(result["Score"], score);
    let rules: BTreeSet<String> = list(&result, "HitResult", "HitResult")
        .iter()
        .map(|hit| hit["Rid"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(rules, flagged);
    // The two silences that nobody announced, to the detector's accuracy.
    let hits = list(&result, "HitResult", "HitResult");
    let held = hits.iter().find(|hit| hit["Rid"] == "hold-unannounced").unwrap();
    let silences: Vec<i64> = list(held, "Hits", "Hit")
        .iter()
        .map(|hit| hit["KeyWords"]["KeyWord"][0]["Val"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(silences.len(), 2, "{held}");
    for (found, expected) in silences.iter().zip([14_000, 12_500]) {
        assert!((found - expected).abs() < 700, "{silences:?}");
    }
    let sentences = list(&result, "AsrResult", "AsrResult");
    assert_eq!(sentences.len(), 11);
    let first = json!({ "Role": "客服", "Words": "喂，哪位？", "Begin": 800, "End": 2370 });
    for (key, value) in first.as_object().unwrap() {
        assert_eq!(&sentences[0][key], value);
    }
    let scores: BTreeMap<&str, &str> = list(&result, "HitScore", "HitScore")
        .iter()
        .map(|item| (item["RuleId"].as_str().unwrap(), item["ScoreNumber"].as_str().unwrap()))
        .collect();
    assert_eq!(scores["identity-check-missing"], "-15");
    assert_eq!(
        result["Agent"],
        json!({ "Id": "203242802", "Name": "赵强", "SkillGroup": "金牌组" })
    );
    let recording = &result["Recording"];
    assert_eq!(
        [&recording["Id"], &recording["CallId"], &recording["Name"], &recording["Duration"]],
        [&json!("job-1"), &json!("job-1"), &json!("王 1.mkv"), &json!((duration + 500) / 1000)]
    );
    assert_eq!(
        [&recording["CallType"], &recording["CallTime"], &recording["DialogueSize"]],
        [&json!(3), &json!("1767323045000"), &json!(11)]
    );
    let mkv = sample("zh_bank_silence.mkv");
    assert_eq!(stage.get(recording["Url"].as_str().unwrap(), None), (200, mkv));

    // The upload, which has the same name and recording, is no second leg of the call.
    let again = self::params(stage);
    let legs = again["callList"].as_array().unwrap();
    assert_eq!((legs.len(), &legs[0]["tid"]), (1, &json!(id.to_string())));
}

fn list<'v>(value: &'v Value, outer: &str, inner: &str) -> &'v Vec<Value> {
    value[outer][inner].as_array().unwrap_or_else(|| panic!("no {outer}.{inner} in {value}"))
}

#[test]
fn a_recording_is_given_to_whoever_has_its_address_and_no_longer_than_a_day() {
    let stage = bank(None);
    let id = bank_call(&stage);
    let params = params(&stage);
    let url = params["callList"][0]["voiceFileUrl"].as_str().unwrap();
    assert!(url.starts_with(&format!("http://{}/recordings/north/{id}/", stage.address)), "{url}");
    let recording = sample("zh_bank_silence.mkv");
    assert_eq!(stage.get(url, None), (200, recording.clone()));
    assert_eq!(stage.get(url, Some("bytes=4-11")), (206, recording[4..12].to_vec()));
    assert_eq!(stage.get(url, Some("bytes=999999999-")).0, 416);
    let expires: i64 = url.split("Expires=").nth(1).unwrap()[..10].parse().unwrap();
    let later = url.replace(&format!("Expires={expires}"), &format!("Expires={}", expires + 1));
    for changed in [
        later.as_str(),
        &url.replace("/north/", "/south/"),
        &url.replace(&id.to_string(), "00000000-0000-4000-8000-000000000000"),
        url.split("&Signature").next().unwrap(),
        url.split('?').next().unwrap(),
    ] {
        assert_eq!(stage.get(changed, None).0, 403, "{changed}");
    }

    let day = SignedDuration::from_hours(24);
    let now = fh_model::Clock::now(&SystemClock);
    stage.set_clock(
        now.checked_add(day).unwrap().checked_add(SignedDuration::from_secs(60)).unwrap(),
    );
    assert_eq!(stage.get(url, None).0, 403, "a day and a minute later");
    let upload = Request {
        date: now.checked_add(day).unwrap(),
        ..Request::new("north-inspector", "UploadAudioData", "JsonStr", &params.to_string())
    };
    let (_, refused) = stage.send(&upload);
    assert_eq!(refused["Code"], "422", "{refused}");
    assert!(refused["Message"].as_str().unwrap().contains("has not expired"), "{refused}");
}

#[test]
fn an_address_of_ours_is_taken_from_the_store_and_only_for_its_own_tenant() {
    let stage = bank(None);
    let id = bank_call(&stage);
    let mut params = params(&stage);
    // Whatever name the server went by when it signed: nobody is connected to.
    let url = params["callList"][0]["voiceFileUrl"].as_str().unwrap().to_owned();
    let elsewhere = url.replace(&stage.address.to_string(), "qa.example.invalid");
    params["callList"][0]["voiceFileUrl"] = json!(elsewhere);
    let answer = stage.upload(&params);
    assert_eq!(stage.result(answer["Data"].as_str().unwrap(), "status")["Status"], 1);
    // In another tenant's hand it is an address like any other, and a private one.
    params["callList"][0]["voiceFileUrl"] = json!(url);
    let theirs = |action: &str, parameter, value: &str| {
        stage.send(&Request::new("south-inspector", action, parameter, value)).1
    };
    let answer = theirs("UploadAudioData", "JsonStr", &params.to_string());
    assert_eq!(answer["Code"], "200", "{answer}");
    let asked =
        json!({ "taskId": answer["Data"], "requiredFields": "status,errorMessage,asrResult" });
    let mut result = Value::Null;
    for _ in 0..600 {
        result =
            theirs("GetResult", "JsonStr", &asked.to_string())["Data"]["ResultInfo"][0].clone();
        if result["Status"] != 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!((&result["Status"], &result["AsrResult"]), (&json!(6), &Value::Null), "{result}");
    assert_eq!(
        theirs("GetUploadAudioDataParams", "ContactId", "job-1")["Code"],
        "NotExists.ContactId"
    );
    // An erased call has no recording any more.
    stage.erase_call(id);
    assert_eq!(stage.get(&url, None).0, 404);
    let (_, refused) = stage.ask("UploadAudioData", "JsonStr", &params.to_string());
    assert_eq!(refused["Code"], "422", "{refused}");
}

#[test]
fn addresses_begin_as_the_client_or_the_configuration_says() {
    let begins = |stage: &Stage, host: Option<&str>, expected: &str| {
        let request = Request {
            host: host.map(str::to_owned),
            ..Request::new("north-inspector", "GetUploadAudioDataParams", "ContactId", "job-1")
        };
        let (status, answer) = stage.send(&request);
        let text = answer["Data"]["ParamsStr"].as_str().unwrap_or_default();
        assert_eq!(status, 200, "{answer}");
        assert!(text.contains(&format!("\"{expected}/recordings/north/")), "{expected}: {text}");
    };
    let stage = bank(None);
    bank_call(&stage);
    begins(&stage, Some("qa.example.com"), "http://qa.example.com");
    // As the SDKs write it whose endpoint has a scheme and whose protocol is left out.
    begins(&stage, Some("http://127.0.0.1:81"), "http://127.0.0.1:81");
    let nowhere = Request {
        host: Some("a/b".to_owned()),
        ..Request::new("north-inspector", "GetUploadAudioDataParams", "ContactId", "job-1")
    };
    let (status, answer) = stage.send(&nowhere);
    assert_eq!((status, &answer["Code"]), (400, &json!("InvalidHost")), "{answer}");
    drop(stage);
    let stage = Stage::with(Options {
        public_url: Some("https://qa.example.com:8443"),
        ..Options::default()
    });
    let metadata = CallMetadata { call_id: Some("job-1".to_owned()), ..CallMetadata::default() };
    let transcript = sample("zh_bank_silence.json");
    let recording = sample("zh_bank_silence.mkv");
    stage.store_call("1.mkv", &recording, ("zh_bank_silence.json", &transcript), metadata);
    begins(&stage, Some("inside:8080"), "https://qa.example.com:8443");
    // The tenant's name is the instance; any other is none of its.
    let elsewhere = Request {
        parameters: BTreeMap::from([
            ("ContactId", "job-1".to_owned()),
            ("InstanceId", "elsewhere".to_owned()),
        ]),
        ..Request::new("north-inspector", "GetUploadAudioDataParams", "ContactId", "job-1")
    };
    let (status, answer) = stage.send(&elsewhere);
    assert_eq!((status, &answer["Code"]), (404, &json!("NotExists.InstanceId")), "{answer}");
}

/// The example, as a new user runs it.
fn run_example(stage: &Stage) -> Value {
    let mut story = Command::new(root().join("target/alibaba-sdk/bin/python3"));
    story
        .arg(root().join("examples/alibaba/story.py"))
        .arg("job-1")
        .env("FAIRHEARING_ENDPOINT", stage.address.to_string())
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "north-inspector")
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "north-inspector-secret");
    // The server is on this machine: no proxy can reach it.
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        story.env_remove(name).env_remove(name.to_lowercase());
    }
    let told = story.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    assert!(told.status.success(), "{out}{err}");
    let result = out.split_once("result: ").unwrap_or_else(|| panic!("{out}{err}")).1;
    serde_json::from_str(result).unwrap_or_else(|error| panic!("{error}: {out}"))
}

fn example_tells_it(stage: &Stage) {
    bank_call(stage);
    let result = run_example(stage);
    let (score, flagged) = truth();
    assert_eq!((&result["count"], &result["status"]), (&json!(1), &json!(1)), "{result}");
    assert_eq!((&result["score"], &result["error"]), (&score, &Value::Null), "{result}");
    let rules: BTreeSet<String> = result["rules"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(rules, flagged);
    assert_eq!(
        [&result["call"], &result["agent"], &result["sentences"], &result["first"]],
        [&json!("job-1"), &json!("赵强"), &json!(11), &json!("客服: 喂，哪位？")],
        "{result}"
    );
}

#[test]
#[ignore = "needs the Alibaba SDKs"]
fn the_official_sdks_tell_the_same_story() {
    example_tells_it(&bank(None));
}

#[tokio::test]
#[ignore = "needs the Alibaba SDKs and postgresql"]
async fn the_official_sdks_tell_the_same_story_on_postgres() {
    let server = PostgresServer::start().await;
    let database = server.new_database("story").await;
    tokio::task::spawn_blocking(|| example_tells_it(&bank(Some(database)))).await.unwrap();
}

#[test]
fn a_key_that_may_not_submit_asks_for_nothing() {
    let stage = Stage::new();
    stage.add_key("supervisor", "supervisor-secret", AccessRole::AgentSupervisor);
    let upload = json!({ "callList": [{ "voiceFileUrl": "http://192.0.2.1/a.wav" }] }).to_string();
    let request = Request::new("supervisor", "UploadAudioData", "JsonStr", &upload);
    let (status, answer) = stage.send(&request);
    assert_eq!((status, &answer["Code"]), (403, &json!("Forbidden.RAM")), "{answer}");
}
