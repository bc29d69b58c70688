use fh_model::{
    AcousticMeasures, CallMetadata, ChannelIndex, Completeness, DecoderPath, INSPECTION_SCHEMA,
    Language, Lineage, Millis, NotEvaluatedReason, Recording, Role, Severity, Transcript,
    TranscriptSource, TranscriptState, VoiceActivity,
};
use fh_store::NewRevision;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;

/// The published segments that are too fast: number, begin and end in hundredths of a second.
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

fn call() -> CallId {
    "822bbf4d-c4f8-473a-9144-199058375be8".parse().unwrap()
}

fn utterance(id: u32, start: u64, end: u64) -> Utterance {
    Utterance {
        id,
        channel: ChannelIndex(1),
        role: Role::Agent,
        span: Span::new(Millis(start), Millis(end)),
        text: "好".to_owned(),
        words: Vec::new(),
        confidence_permille: None,
        language: None,
        emotion: None,
    }
}

fn inspection(score_cards: Vec<ScoreCard>) -> Inspection {
    let utterances = FAST.map(|(id, start, end)| utterance(id, start * 10, end * 10)).to_vec();
    Inspection {
        schema: INSPECTION_SCHEMA.to_owned(),
        call: CallMetadata::default(),
        recording: Recording {
            file_name: "0951044.V3".to_owned(),
            bytes: 1,
            digest: "00".repeat(32),
            format: "oki_adpcm".to_owned(),
            decoder: DecoderPath::OkiAdpcm,
            sample_rate_hz: 6_000,
            channels: 1,
            duration: Millis(164_220),
            completeness: Completeness::Complete,
        },
        warnings: Vec::new(),
        measures: AcousticMeasures {
            duration: Millis(164_220),
            channels: Vec::new(),
            mutual_silences: Vec::new(),
            mutual_silence_lengths: None,
            talk_overs: Vec::new(),
            talk_over_lengths: None,
        },
        speech_rates: Vec::new(),
        transcript_state: TranscriptState::Available,
        // Numbered by the published numbers, not from 1.
        transcript: Some(Transcript {
            language: Language::ZhCn,
            source: TranscriptSource::Import { format: "x".to_owned(), digest: String::new() },
            utterances,
        }),
        score_cards,
        lineage: Lineage {
            fairhearing: "0.1.0".to_owned(),
            decoder: String::new(),
            voice_activity: VoiceActivity::SileroWithEnergy,
            voice_activity_version: String::new(),
            normalizer: String::new(),
            rule_pack_digest: String::new(),
        },
    }
}

fn card(id: &str, name: &str, why: &str, score: i32, findings: Vec<Finding>) -> ScoreCard {
    ScoreCard {
        scenario_id: id.to_owned(),
        scenario_name: name.to_owned(),
        scenario_why: why.to_owned(),
        ignore_sensitive: false,
        base: Points::whole(80),
        lower: Points::whole(0),
        upper: Points::whole(100),
        score: Points::whole(score),
        findings,
    }
}

fn finding(kind: RuleKind, id: &str, name: &str, points: i32, evidence: Vec<Evidence>) -> Finding {
    Finding {
        rule_id: id.to_owned(),
        rule_kind: kind,
        rule_name: name.to_owned(),
        why: String::new(),
        rule_digest: String::new(),
        severity: Severity::Normal,
        verdict: if points < 0 { Verdict::Flagged } else { Verdict::Clear },
        points: Points::whole(points),
        rule_points: Points::whole(points.min(-1)),
        evidence,
        excused: Vec::new(),
    }
}

fn wire(inspection: &Inspection, revisions: &[RevisionRow]) -> Value {
    serde_json::to_value([CreditWire::new(call(), 1_635_410_113, inspection, revisions)]).unwrap()
}

/// `revise_id` without its UUID: that is the call's, the scenario's and the rule's own.
fn without_uuids(mut value: Value) -> Value {
    match &mut value {
        Value::Array(values) => {
            for value in values {
                *value = without_uuids(value.take());
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                *value = match value.as_str() {
                    Some(text) if key == "revise_id" => {
                        let (kind, uuid) = text.split_at(text.len() - 36);
                        assert!(uuid.parse::<uuid::Uuid>().is_ok(), "{text}");
                        Value::from(kind)
                    }
                    _ => without_uuids(value.take()),
                };
            }
        }
        _ => {}
    }
    value
}

#[test]
fn the_published_result_is_made_of_findings() {
    let missing = |id: &str| Evidence::Absent {
        condition: id.to_owned(),
        phrases: vec!["您好".to_owned()],
        searched: fh_model::SearchedWindow {
            span: Span::new(Millis(0), Millis(164_220)),
            utterances: None,
            role: None,
        },
        nearest: None,
    };
    let fast = FAST.map(|(id, start, end)| Evidence::Speed {
        condition: "fast".to_owned(),
        utterance: Some(id),
        span: Span::new(Millis(start * 10), Millis(end * 10)),
        channel: ChannelIndex(1),
        role: Role::Agent,
        per_minute_thousandths: 300_000,
        limit_per_minute: 220,
        above: true,
    });
    let first = finding(
        RuleKind::Dialog,
        "huawei-967510375224315904",
        "Dialog rule test",
        -3,
        vec![missing("a")],
    );
    let second = vec![
        finding(RuleKind::Silence, "huawei-966506182489411584", "Silence rule 1", 0, Vec::new()),
        finding(
            RuleKind::Dialog,
            "huawei-952280134373609472",
            "Dialog rule",
            -2,
            vec![missing("b")],
        ),
        finding(
            RuleKind::Speed,
            "huawei-966506320519761920",
            "Speech speed rule",
            -3,
            fast.to_vec(),
        ),
        finding(
            RuleKind::Interruption,
            "huawei-966506430926426112",
            "Interruption rule",
            0,
            Vec::new(),
        ),
    ];
    let inspection = inspection(vec![
        card(
            "groupid_cbe2442c-471a-4da3-a43b-5ae67960b648",
            "Business scenario 1",
            "",
            77,
            vec![first],
        ),
        card(
            "groupid_5cbec488-23d1-4551-a41a-6f81e501dcf7",
            "Answer on phone",
            "Answer on phone",
            75,
            second,
        ),
    ]);
    let segments: Vec<Value> = [
        (26.14, 32.67, "5"),
        (38.58, 46.52, "7"),
        (50.9, 62.04, "8"),
        (69.28, 71.9, "11"),
        (100.42, 105.24, "16"),
        (113.76, 114.32, "19"),
        (115.74, 122.0, "22"),
        (128.52, 130.2, "24"),
        (131.76, 132.54, "25"),
        (133.52, 157.72, "27"),
        (159.52, 161.0, "29"),
    ]
    .iter()
    .map(|(start, end, id)| json!({ "start_time": start, "end_time": end, "call_id": id }))
    .collect();
    let expected = json!([{
        "create_time": 1635410113,
        "credit": [
            {
                "score": 77,
                "rules": [{
                    "valid": false,
                    "score": -3,
                    "invalid_segment": [],
                    "revise_id": "dialogRule153309ee-7031-4322-a8d4-3682bd6f09ac",
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
                    "revise_id": "silenceRule09c8ea6a-03a7-4302-a246-1accf1f7257e",
                    "revise": -1,
                    "name": "Silence rule 1",
                    "setting": { "silence_id": "966506182489411584", "name": "Silence rule 1" }
                }],
                "score": 75,
                "rules": [{
                    "valid": false,
                    "score": -2,
                    "invalid_segment": [],
                    "revise_id": "dialogRule0a217e0b-fdb1-4819-a6db-b7e4765d6825",
                    "revise": -1,
                    "setting": { "rule_id": "952280134373609472", "rule_name": "Dialog rule" }
                }],
                "speed_rule": [{
                    "valid": false,
                    "score": -3,
                    "invalid_segment": segments,
                    "revise_id": "speedRulec4879869-5a0e-48b8-987f-217f7e08eb32",
                    "revise": -1,
                    "name": "Speech speed rule",
                    "setting": { "name": "Speech speed rule", "speed_id": "966506320519761920" }
                }],
                "interposal_rule": [{
                    "valid": true,
                    "score": 0,
                    "invalid_segment": [],
                    "revise_id": "interposalRule488e82e6-7d43-429b-9ce7-4c9043d8f8de",
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
    }]);
    assert_eq!(without_uuids(wire(&inspection, &[])), without_uuids(expected));
}

#[test]
fn a_sensitive_word_is_told_once_by_the_numbers_of_its_segments() {
    let said = |utterance| Evidence::Said {
        condition: "rude".to_owned(),
        phrase: "好".to_owned(),
        quote: "好".to_owned(),
        utterance,
        chars: 0..1,
        span: Span::new(Millis(26_200), Millis(26_300)),
        channel: ChannelIndex(1),
        role: Role::Agent,
    };
    let word =
        finding(RuleKind::SensitiveWord, "rude", "Rude", -5, vec![said(5), said(5), said(29)]);
    let cards =
        vec![card("a", "A", "", 75, vec![word.clone()]), card("b", "B", "", 75, vec![word])];
    let wire = wire(&inspection(cards), &[]);
    assert_eq!(
        without_uuids(wire[0]["sensitive_words"].clone()),
        json!([{
            "valid": false,
            "score": -5,
            "invalid_segment": [5, 29],
            "revise_id": "sensitiveWord",
            "revise": -1,
            "setting": { "sw_id": "rude", "sw_name": "Rude" }
        }])
    );
    assert_eq!(wire[0]["credit"][0].get("rules"), None);
}

#[test]
fn the_last_word_of_a_person_stands_beside_the_machines() {
    let rule = finding(RuleKind::Dialog, "greeting", "Greeting", -3, Vec::new());
    let key = rule.key(call(), "a");
    let revised = |complies| RevisionRow {
        revision: NewRevision {
            call: call(),
            scenario: "a".to_owned(),
            finding: key.clone(),
            complies,
            remark: String::new(),
            author: "lee".to_owned(),
        },
        at: Timestamp::UNIX_EPOCH,
    };
    let inspection = inspection(vec![card("a", "A", "", 77, vec![rule])]);
    let check = |revisions: &[RevisionRow], expected: i64| {
        let rule = &wire(&inspection, revisions)[0]["credit"][0]["rules"][0];
        assert_eq!((&rule["revise"], &rule["valid"]), (&json!(expected), &json!(false)));
    };
    check(&[], -1);
    check(&[revised(true)], 1);
    check(&[revised(true), revised(false)], 0);
}

#[test]
fn rewards_comply_and_what_was_not_evaluated_is_not_told() {
    let mut reward = finding(RuleKind::Dialog, "kind", "Kind", 5, Vec::new());
    reward.verdict = Verdict::Flagged;
    reward.rule_points = Points::whole(5);
    let mut untold = finding(RuleKind::Silence, "hold", "Hold", 0, Vec::new());
    untold.verdict = Verdict::NotEvaluated { reason: NotEvaluatedReason::NoTranscript };
    let cards = vec![card("a", "A", "", 85, vec![reward, untold])];
    let wire = wire(&inspection(cards), &[]);
    let scenario = &wire[0]["credit"][0];
    assert_eq!(scenario["rules"][0]["valid"], true);
    assert_eq!(scenario["rules"][0]["score"], 5);
    assert_eq!(scenario.get("silence_rule"), None);
}
