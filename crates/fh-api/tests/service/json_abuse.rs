//! Bodies that nobody sends by mistake: every one is refused, in its family's words, and leaves
//! nothing behind.

use crate::mutants::{memory_kib, run_alone};
use crate::stage::{CCSQM, Stage};
use crate::wire::{Outcome, Wire};

/// What no reader of JSON may take for sound, with what it is.
fn nonsense() -> Vec<(&'static str, Vec<u8>)> {
    let inside = |value: &str| format!("{{\"limit\":{value}}}").into_bytes();
    vec![
        ("100,000 arrays in one another", [vec![b'['; 100_000], vec![b']'; 100_000]].concat()),
        ("100,000 objects in one another", br#"{"a":"#.repeat(100_000)),
        ("a key twice", br#"{"role":"agent","role":"administrator"}"#.to_vec()),
        ("a key twice, written in two ways", br#"{"role":1,"r\u006fle":2}"#.to_vec()),
        ("a number beyond a double", inside("1e400")),
        ("a million digits", inside(&"9".repeat(1_000_000))),
        ("half a surrogate pair", inside(r#""\ud800""#)),
        ("the other half", inside(r#""\udc00x""#)),
        ("NaN", inside("NaN")),
        ("Infinity", inside("-Infinity")),
        ("NUL", inside(r#""a\u0000b""#)),
        ("a byte order mark", b"\xef\xbb\xbf{}".to_vec()),
        ("GB 18030", b"{\"limit\":\"\xd6\xd0\"}".to_vec()),
        ("UTF-16", "{}".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("overlong UTF-8", b"{\"limit\":\"\xc0\xaf\"}".to_vec()),
        ("a control character", b"{\"limit\":\"\x01\"}".to_vec()),
        ("two values", b"{} {}".to_vec()),
        ("a comment", b"{} // why not".to_vec()),
        ("a comma too much", b"{\"limit\":1,}".to_vec()),
        ("nothing", Vec::new()),
        ("only space", vec![b' '; 1 << 20]),
        ("not an object", b"[]".to_vec()),
        ("fifty megabytes", [b"\"".to_vec(), vec![b'x'; 50_000_000], b"\"".to_vec()].concat()),
    ]
}

#[test]
fn nonsense_is_refused_and_leaves_nothing_behind() {
    if !run_alone("json_abuse::nonsense_is_refused_and_leaves_nothing_behind") {
        return;
    }
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let addresses = [
        "/v1/calls".to_owned(),
        "/v1/session".to_owned(),
        "/v1/tokens".to_owned(),
        "/apigovernance/api/oauth/tokenByAkSk".to_owned(),
        format!("{CCSQM}/appraisecall/details"),
    ];
    let nonsense = nonsense();
    let mut wire = Wire::to(stage.address);
    let mut all = |rounds: u32| {
        for _ in 0..rounds {
            for path in &addresses {
                for (what, body) in &nonsense {
                    let head = format!(
                        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
                         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
                        body.len()
                    );
                    let outcome = wire.send(head.as_bytes(), body, false);
                    let Outcome::Answered(answer) = outcome else {
                        panic!("{path}, {what}: no answer")
                    };
                    let status = if body.len() > 1 << 20 { 413 } else { 400 };
                    let said = String::from_utf8_lossy(&answer.body);
                    assert_eq!(answer.status, status, "{path}, {what}: {said}");
                    let key = if path.starts_with("/v1/") { "detail" } else { "resultDesc" };
                    let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
                    assert!(json[key].is_string(), "{path}, {what}: {said}");
                }
            }
        }
    };
    all(1);
    let before = memory_kib();
    all(3);
    let grown = memory_kib().saturating_sub(before);
    assert!(grown < 32 << 10, "{grown} KiB more after three more rounds");
}
