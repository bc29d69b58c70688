//! The published answer of `credit`, made by rules from a transcript.

use fh_audio::VoiceActivityChoice;
use fh_model::{Millis, Role};
use serde_json::{Value, json};

use crate::sound::stereo;
use crate::stage::{CCISQM, Database, Options, Stage};

/// Rules whose findings are the published ones: two phrases that nobody says, a silence and an
/// interruption that do not happen, and a pace that the agent keeps to only in some segments.
const RULES: &str = "
pack: published
scenarios:
  - id: groupid_cbe2442c-471a-4da3-a43b-5ae67960b648
    name: Business scenario 1
    base: 80
    lower: 0
    upper: 100
    rules: [huawei-967510375224315904]
  - id: groupid_5cbec488-23d1-4551-a41a-6f81e501dcf7
    name: Answer on phone
    why: Answer on phone
    base: 80
    lower: 0
    upper: 100
    rules:
      - huawei-966506182489411584
      - huawei-952280134373609472
      - huawei-966506320519761920
      - huawei-966506430926426112
rules:
  - id: huawei-967510375224315904
    name: Dialog rule test
    points: -3
    listen_for:
      introduced: { say: [我是客服中心的], by: agent }
    flag_if: not introduced
  - id: huawei-952280134373609472
    name: Dialog rule
    points: -2
    listen_for:
      goodbye: { say: [祝您生活愉快], by: agent }
    flag_if: not goodbye
  - id: huawei-966506182489411584
    name: Silence rule 1
    points: -5
    listen_for:
      gap: { silence: 120s }
    flag_if: gap
  - id: huawei-966506320519761920
    name: Speech speed rule
    points: -3
    listen_for:
      fast: { faster_than: 220, by: agent, per: utterance }
    flag_if: fast
  - id: huawei-966506430926426112
    name: Interruption rule
    points: -5
    listen_for:
      cut_in: { interrupts: 30s, by: agent }
    flag_if: cut_in
";

/// The published segments: number, begin and end in hundredths of a second.
const FAST: [(u32, u64, u64); 11] = [
    (5, 2_614, 3_267),
    (7, 3_858, 4_652),
    (8, 5_090, 6_204),
    (11, 6_928, 7_190),
    (16, 10_042, 10_524),
    (19, 11_376, 11_432),
    (22, 11_574, 12_200),
    (24, 12_852, 13_020),
    (25, 13_176, 13_254),
    (27, 13_352, 15_772),
    (29, 15_952, 16_100),
];

/// 29 segments: the published ones at twice the allowed pace, and slow ones of both parties between
/// them, so that the published get their numbers.
fn transcript() -> String {
    let mut vtt = "WEBVTT\n".to_owned();
    let mut cue = |start: u64, end: u64, who: &str, text: &str| {
        let time = |at: u64| format!("{:02}:{:02}.{:03}", at / 6_000, at / 100 % 60, at % 100 * 10);
        vtt.push_str(&format!("\n{} --> {}\n<v {who}>{text}\n", time(start), time(end)));
    };
    let (mut number, mut from) = (1, 100);
    for (fast, start, end) in FAST {
        let between = u64::from(fast - number);
        for slow in 0..between {
            // Slow: one character in at least a third of a second.
            let length = (start - from) / between;
            let who = if slow % 2 == 0 { "Customer" } else { "Agent" };
            cue(from + slow * length, from + slow * length + length - 2, who, "嗯");
        }
        // 440 a minute and a little more: at least three characters even in the shortest.
        let characters = (end - start) * 440 / 6_000 + 1;
        cue(start, end, "Agent", &"好".repeat(usize::try_from(characters).unwrap()));
        (number, from) = (fast + 1, end + 5);
    }
    vtt
}

/// The published answer, typed over. `revise_id` without its UUID, which is this call's own.
fn published(create_time: i64) -> Value {
    json!([{
        "create_time": create_time,
        "credit": [
            {
                "score": 77,
                "rules": [{
                    "valid": false,
                    "score": -3,
                    "invalid_segment": [],
                    "revise_id": "dialogRule",
                    "revise": -1,
                    "setting": {
                        "rule_id": "967510375224315904",
                        "rule_name": "Dialog rule test"
                    }
                }],
                "setting": {
                    "group_id": "groupid_cbe2442c-471a-4da3-a43b-5ae67960b648",
                    "group_name": "Business scenario 1",
                    "ignore_sensitive": 0,
                    "description": ""
                }
            },
            {
                "silence_rule": [{
                    "valid": true,
                    "score": 0,
                    "invalid_segment": [],
                    "revise_id": "silenceRule",
                    "revise": -1,
                    "name": "Silence rule 1",
                    "setting": { "silence_id": "966506182489411584", "name": "Silence rule 1" }
                }],
                "score": 75,
                "rules": [{
                    "valid": false,
                    "score": -2,
                    "invalid_segment": [],
                    "revise_id": "dialogRule",
                    "revise": -1,
                    "setting": { "rule_id": "952280134373609472", "rule_name": "Dialog rule" }
                }],
                "speed_rule": [{
                    "valid": false,
                    "score": -3,
                    "invalid_segment": [
                        { "start_time": 26.14, "end_time": 32.67, "call_id": "5" },
                        { "start_time": 38.58, "end_time": 46.52, "call_id": "7" },
                        { "start_time": 50.9, "end_time": 62.04, "call_id": "8" },
                        { "start_time": 69.28, "end_time": 71.9, "call_id": "11" },
                        { "start_time": 100.42, "end_time": 105.24, "call_id": "16" },
                        { "start_time": 113.76, "end_time": 114.32, "call_id": "19" },
                        { "start_time": 115.74, "end_time": 122.0, "call_id": "22" },
                        { "start_time": 128.52, "end_time": 130.2, "call_id": "24" },
                        { "start_time": 131.76, "end_time": 132.54, "call_id": "25" },
                        { "start_time": 133.52, "end_time": 157.72, "call_id": "27" },
                        { "start_time": 159.52, "end_time": 161.0, "call_id": "29" }
                    ],
                    "revise_id": "speedRule",
                    "revise": -1,
                    "name": "Speech speed rule",
                    "setting": { "name": "Speech speed rule", "speed_id": "966506320519761920" }
                }],
                "interposal_rule": [{
                    "valid": true,
                    "score": 0,
                    "invalid_segment": [],
                    "revise_id": "interposalRule",
                    "revise": -1,
                    "name": "Interruption rule",
                    "setting": {
                        "interposal_id": "966506430926426112",
                        "name": "Interruption rule"
                    }
                }],
                "setting": {
                    "group_id": "groupid_5cbec488-23d1-4551-a41a-6f81e501dcf7",
                    "group_name": "Answer on phone",
                    "ignore_sensitive": 0,
                    "description": "Answer on phone"
                }
            }
        ],
        "sensitive_words": []
    }])
}

/// Cuts the UUID off every `revise_id`, having looked that it is one and that each is another.
fn without_uuids(mut answer: Value) -> Value {
    let mut seen = std::collections::BTreeSet::new();
    for scenario in answer[0]["credit"].as_array_mut().unwrap() {
        for kind in ["rules", "silence_rule", "speed_rule", "interposal_rule"] {
            let rules = scenario.get_mut(kind).and_then(Value::as_array_mut);
            for rule in rules.into_iter().flatten() {
                let text = rule["revise_id"].as_str().unwrap().to_owned();
                let (kind, uuid) = text.split_at(text.len() - 36);
                assert!(uuid.parse::<uuid::Uuid>().is_ok(), "{text}");
                assert!(seen.insert(uuid.to_owned()), "{text} twice");
                rule["revise_id"] = kind.into();
            }
        }
    }
    answer
}

#[test]
fn the_published_answer_of_credit_comes_out() {
    the_published_answer_comes_out(Database::Sqlite);
}

#[test]
#[ignore = "needs postgresql"]
fn the_published_answer_of_credit_comes_out_of_postgres() {
    the_published_answer_comes_out(Database::Postgres);
}

fn the_published_answer_comes_out(database: Database) {
    let stage = Stage::with(Options {
        rules: RULES.to_owned(),
        // Interruptions are judged only where the network told speech from silence.
        voice_activity: VoiceActivityChoice::Silero,
        roles: vec![Role::Customer, Role::Agent],
        database,
        ..Options::default()
    });
    let token = stage.token("default-administrator");
    let folder = "27/0/20210201/1118";
    stage.put_file(&format!("{folder}/0951044.wav"), stereo(Millis(164_220), 60_000, 50_000));
    stage.put_file(&format!("{folder}/0951044.vtt"), transcript());
    stage.foretell("822bbf4d-c4f8-473a-9144-199058375be8");
    // The published request, but for a recording with a header.
    let submitted = stage.post(
        &format!("{CCISQM}/openapi/qualityInspect"),
        &token,
        &json!({
            "language": "zh_CN",
            "voiceFilePath": "Y:\\27\\0\\20210201\\1118\\0951044.wav",
            "agentId": 1118,
            "beginTime": "2021-02-01 09:51:07",
            "endTime": "2021-02-01 09:53:51"
        }),
    );
    assert_eq!(
        submitted.expect(200).json(),
        json!({
            "resultCode": "1010200",
            "call_uuid": "822bbf4d-c4f8-473a-9144-199058375be8",
            "resultDesc": "success"
        })
    );
    let row = stage.wait_for("822bbf4d-c4f8-473a-9144-199058375be8", &token);
    assert_eq!(row["state"], "done", "{row}");
    let answer = stage
        .post(
            &format!("{CCISQM}/appraisecall/credit"),
            &token,
            &json!({ "call_uuid": "822bbf4d-c4f8-473a-9144-199058375be8" }),
        )
        .expect(200)
        .json();
    let inspected_at: jiff::Timestamp = row["inspected_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(without_uuids(answer), published(inspected_at.as_second()));
}
