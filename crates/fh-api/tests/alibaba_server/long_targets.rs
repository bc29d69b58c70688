//! Uploads with everything in their query.

use serde_json::{Value, json};

use crate::signed::{Request, exchange};
use crate::stage::Stage;

/// So many calls that nobody may fetch.
fn calls(count: usize) -> Value {
    let call = |number: usize| {
        json!({
            "voiceFileUrl": format!("http://192.0.2.1/{number}.wav?{}", "s".repeat(200)),
            "callId": format!("job-{number}"),
        })
    };
    json!({ "callList": (0..count).map(call).collect::<Vec<_>>() })
}

#[test]
fn five_hundred_calls_in_one_query_are_taken() {
    let stage = Stage::new();
    let request =
        Request::new("north-inspector", "UploadAudioData", "JsonStr", &calls(500).to_string());
    let wire = request.signed(stage.address);
    assert!(wire.target.len() > 130_000, "{}", wire.target.len());
    let (status, answer) = wire.send(stage.address);
    assert_eq!((status, &answer["Code"]), (200, &json!("200")), "{answer}");
    let asked = json!({ "taskId": answer["Data"] }).to_string();
    let (_, answer) = stage.ask("GetResult", "JsonStr", &asked);
    assert_eq!(answer["Count"], 500);
    // The long target is what was signed.
    let request =
        Request::new("north-inspector", "UploadAudioData", "JsonStr", &calls(500).to_string());
    let mut changed = request.signed(stage.address);
    changed.target = changed.target.replace("job-499", "job-498");
    let (status, answer) = changed.send(stage.address);
    assert_eq!((status, &answer["Code"]), (400, &json!("SignatureDoesNotMatch")), "{answer}");
}

#[test]
fn a_target_beyond_the_limit_is_refused_in_words() {
    let stage = Stage::new();
    let head = "host: h\r\ncontent-length: 0\r\n\r\n";
    let request = format!("POST /?JsonStr={} HTTP/1.1\r\n{head}", "a".repeat(3 << 20));
    let (status, answer) = exchange(stage.address, request.as_bytes());
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((status, &answer["Code"]), (400, &json!("InvalidRequestTarget")));
    assert!(answer["Message"].as_str().unwrap().contains("2097152 bytes"), "{answer}");
    // Every other address keeps to hyper's limit.
    let request = format!("GET /v1/calls?{} HTTP/1.1\r\n{head}", "a".repeat(66_000));
    assert_eq!(exchange(stage.address, request.as_bytes()).0, 414);
}
