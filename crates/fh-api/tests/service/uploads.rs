//! Uploads and heads of requests that are larger, longer or more than they may be.

use std::fmt::Write as _;

use serde_json::json;

use crate::sound::short;
use crate::stage::{Options, Stage};
use crate::wire::{Answer, Outcome, Wire};

/// The largest recording that the stage takes.
const MOST: u64 = 1 << 20;

fn stage() -> Stage {
    Stage::with(Options { upload_bytes: MOST, ..Options::default() })
}

fn part(disposition: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--b0und\r\ncontent-disposition: form-data; {disposition}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

fn upload(stage: &Stage, token: &str, body: &[u8]) -> Answer {
    let head = format!(
        "POST /v1/calls/upload HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: multipart/form-data; boundary=b0und\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    answered(stage, head.as_bytes(), body)
}

fn answered(stage: &Stage, head: &[u8], body: &[u8]) -> Answer {
    match Wire::to(stage.address).send(head, body, false) {
        Outcome::Answered(answer) => answer,
        Outcome::Closed => panic!("no answer to {}", String::from_utf8_lossy(&head[..200])),
    }
}

#[track_caller]
fn refused(answer: &Answer, statuses: &[u16], part: &str) {
    let said = String::from_utf8_lossy(&answer.body);
    assert!(statuses.contains(&answer.status), "{}: {said}", answer.status);
    assert!(said.contains(part), "{said}");
}

#[test]
fn too_much_is_refused_and_the_client_is_told() {
    let stage = stage();
    let token = stage.token("default-administrator");
    let end = b"--b0und--\r\n".to_vec();
    let recording = |bytes: usize| part("name=\"recording\"; filename=\"a.wav\"", &vec![7; bytes]);
    let most = usize::try_from(MOST).unwrap();

    let one_more = [recording(most + 1), end.clone()].concat();
    refused(&upload(&stage, &token, &one_more), &[413], "bytes of a recording");
    // Far more: the client is in the middle of sending when it is refused, and reads it all the same.
    let far_more = [recording(40 * most), end.clone()].concat();
    refused(&upload(&stage, &token, &far_more), &[413], "bytes of a recording");
    // The first part is one too many already.
    let many: Vec<u8> = (0..10_000).flat_map(|at| part(&format!("name=\"p{at}\""), b"x")).collect();
    refused(&upload(&stage, &token, &many), &[400], "each once");
    let unknown_first = [part("name=\"other\"", b""), far_more].concat();
    refused(&upload(&stage, &token, &unknown_first), &[400], "each once");
    let long_name = part(&format!("name=\"{}\"", "n".repeat(1 << 20)), b"x");
    refused(&upload(&stage, &token, &long_name), &[400], "");
    let call = part("name=\"call\"", &vec![b' '; 2 << 20]);
    refused(&upload(&stage, &token, &call), &[413], "in the part `call`");
    let transcript = part("name=\"transcript\"; filename=\"a.vtt\"", &vec![b' '; 17 << 20]);
    refused(&upload(&stage, &token, &transcript), &[413], "in the part `transcript`");
    let flood = "x: y\r\n".repeat(10_000);
    let heads = [b"--b0und\r\n".to_vec(), flood.into_bytes(), b"\r\nx\r\n".to_vec()].concat();
    refused(&upload(&stage, &token, &heads), &[400], "");
    // Whoever stops in the middle has uploaded nothing.
    let cut = &recording(1_000)[..600];
    refused(&upload(&stage, &token, cut), &[400], "multipart");

    let list = stage.get("/v1/calls", &token).expect(200).json();
    assert_eq!(list["calls"], json!([]));
    assert_eq!(stage.files("temp"), Vec::<String>::new());
    // And what is not too much is taken: the last byte counts.
    let just = [recording(most), end].concat();
    assert_eq!(upload(&stage, &token, &just).status, 202);
}

#[test]
fn a_name_never_becomes_a_path() {
    let stage = stage();
    let token = stage.token("default-administrator");
    let long = format!("{}.wav", "n".repeat(10_000));
    let names = [
        "../../../../../../tmp/escaped.wav",
        "..\\..\\escaped.wav",
        "/etc/cron.d/escaped",
        "C:\\escaped.wav",
        "..",
        ".",
        "",
        "a/../../b.wav",
        "con",
        "a%2f..%2fb.wav",
        "\u{202e}vaw.exe",
        "a;b|c$(d)`e`.wav",
        long.as_str(),
    ];
    for name in names {
        let recording = part(&format!("name=\"recording\"; filename=\"{name}\""), &short());
        let words = b"WEBVTT\n\n00:00.200 --> 00:01.800\n<v Agent>Good morning.\n";
        let words = part("name=\"transcript\"; filename=\"a.vtt\"", words);
        let body = [recording, words, b"--b0und--\r\n".to_vec()].concat();
        let answer = upload(&stage, &token, &body);
        assert_eq!(answer.status, 202, "{name}: {}", String::from_utf8_lossy(&answer.body));
        let accepted: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let call = accepted["calls"][0].as_str().unwrap();
        let row = stage.wait_for(call, &token);
        assert_eq!(row["state"], "done", "{name}: {row}");
        let kept = row["file_name"].as_str().unwrap();
        assert!(!kept.contains(['/', '\\']) && kept.chars().count() <= 200, "{name}: {kept}");
        let audio = stage.get(&format!("/v1/calls/{call}/audio"), &token).expect(200);
        assert!(audio.body == short(), "{name}: other bytes");
    }
    // What is kept is called by digests and numbers of our own.
    let kept = stage.files("objects");
    assert_eq!(kept.len(), names.len());
    for path in kept {
        let is_ours = |c: char| c.is_ascii_hexdigit() || "./-_defaultrecordings".contains(c);
        assert!(path.starts_with("default/") && path.chars().all(is_ours), "{path}");
    }
}

#[test]
fn heads_have_limits() {
    let stage = stage();
    let get = |path: &str, headers: &str| {
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
        answered(&stage, head.as_bytes(), b"").status
    };
    let mut many = String::new();
    for number in 0..10_000 {
        let _ = write!(many, "x-{number}: y\r\n");
    }
    assert_eq!(get("/v1/health", &many), 431);
    assert_eq!(get("/v1/health", &format!("x: {}\r\n", "y".repeat(1 << 20))), 431);
    assert_eq!(get("/v1/health", &"x: y\r\n".repeat(50)), 200);
    assert_eq!(get(&format!("/v1/health?x={}", "y".repeat(70_000)), ""), 414);
    // The head as a whole is too large before its first line is read.
    assert_eq!(get(&format!("/{}", "y".repeat(1 << 20)), ""), 431);
    assert_eq!(get(&format!("/v1/calls/{}", "y".repeat(60_000)), ""), 401);
}
