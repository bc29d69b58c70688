//! The disk is full: nothing more comes in, all that is there can be read, and when there is room
//! again the same process goes on.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

#[expect(dead_code, reason = "one of its two transcripts is enough here")]
mod calls;
mod raw_server;

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use calls::{TRANSCRIPT_EN, write_call};
use raw_server::Server;

/// The program with a small file system of its own over `$FAIRHEARING_HOME`, in a namespace that
/// nobody else sees.
fn on_a_small_disk() -> Command {
    let mut command = Command::new("unshare");
    command.arg("--mount");
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        command.arg("--map-root-user");
    }
    let script = "mount -t tmpfs -o size=12m tmpfs \"$FAIRHEARING_HOME\" && exec \"$0\" \"$@\"";
    command.args(["--", "sh", "-c", script, env!("CARGO_BIN_EXE_fairhearing")]);
    command
}

/// Fills the disk but for so many bytes.
fn fill(disk: &Path, but_for: u64) {
    let mut file = File::create(disk.join("filler")).unwrap();
    let piece = vec![7; 4 << 10];
    let mut written = 0;
    while file.write_all(&piece).is_ok() {
        written += piece.len() as u64;
    }
    file.set_len(written.saturating_sub(but_for)).unwrap();
}

#[test]
#[ignore = "needs unshare"]
fn a_full_disk_refuses_what_is_new_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("home")).unwrap();
    write_call(&folder.path().join("call.wav"), TRANSCRIPT_EN);
    let recording = fs::read(folder.path().join("call.wav")).unwrap();
    let mut server = Server::start_by(on_a_small_disk(), folder.path(), &[]);
    let disk = server.sees(&folder.path().join("home"));
    let token = server.administrator();
    let accepted = |server: &Server| -> String {
        let answer = server.upload(&token, "call.wav", &recording, TRANSCRIPT_EN).expect(202);
        answer.json()["calls"][0].as_str().unwrap().to_owned()
    };
    let log = || fs::read_to_string(folder.path().join("log")).unwrap();
    let first = accepted(&server);
    server.wait_for(&first, &token);

    let chat =
        json!({ "calls": [{ "source": { "chat": [{ "role": "agent", "text": "hello" }] } }] });
    let inspect = json!({
        "language": "en_US", "voiceFilePath": "Y:\\a.wav", "agentId": 1,
        "beginTime": "2021-02-01 09:51:07", "endTime": "2021-02-01 09:57:57"
    });
    let root = "/apiaccess/CCISQM/rest/ccisqm/v1";
    let mut kept = vec![first.clone()];
    // No room at all; room for some rows; room for a part of the recording.
    for but_for in [0, 64 << 10, 200 << 10] {
        fill(&disk, but_for);
        for _ in 0..40 {
            let answer = server.upload(&token, "call.wav", &recording, TRANSCRIPT_EN);
            match answer.status {
                202 => kept.push(answer.json()["calls"][0].as_str().unwrap().to_owned()),
                507 => {
                    assert_eq!(answer.header("content-type"), "application/problem+json");
                    assert_eq!(answer.json()["type"], "urn:fairhearing:problem:out_of_room");
                    break;
                }
                other => panic!("{other}: {}\n{}", String::from_utf8_lossy(&answer.body), log()),
            }
        }
        // What came before takes the rest, until not even a row fits.
        let mut refused = 0;
        for _ in 0..400 {
            let answer = server.post("/v1/calls", &token, &chat);
            match answer.status {
                202 => kept.push(answer.json()["calls"][0].as_str().unwrap().to_owned()),
                507 => refused += 1,
                other => panic!("{other}: {}\n{}", String::from_utf8_lossy(&answer.body), log()),
            }
            if refused == 3 {
                break;
            }
        }
        assert_eq!(refused, 3, "the disk is not full with {but_for} bytes left");
        let answer = server.post(&format!("{root}/openapi/qualityInspect"), &token, &inspect);
        assert_eq!(answer.status, 507);
        assert_eq!(answer.json()["resultCode"], "1010507");
        // What is there can be read.
        for path in ["", "/transcript", "/measures", "/findings", "/hits?keyword=a", "/appeals"] {
            server.get(&format!("/v1/calls/{first}{path}"), &token).expect(200);
        }
        let credit = json!({ "call_uuid": first });
        server.post(&format!("{root}/appraisecall/credit"), &token, &credit).expect(200);
        server.get("/v1/openapi.json", &token).expect(200);
        // Nothing is half there: who was refused is in no list.
        let listed = listed(&server, &token);
        let mut expected = kept.clone();
        expected.sort();
        assert_eq!(listed, expected);
        fs::remove_file(disk.join("filler")).unwrap();
    }

    // There is room again. The same process takes new calls, and does what it had accepted.
    assert!(server.is_running());
    kept.push(accepted(&server));
    for call in &kept {
        let row = server.wait_for(call, &token);
        assert_eq!(row["state"], "done", "{row}");
    }
    let audio = server.get(&format!("/v1/calls/{first}/audio"), &token).expect(200);
    assert!(audio.body == recording, "other bytes");
    assert_eq!(
        server.get("/v1/audit/verify", &token).expect(200).json(),
        json!({ "is_whole": true })
    );
    assert_eq!(listed(&server, &token).len(), kept.len());
}

/// The identifiers of all calls, in order.
fn listed(server: &Server, token: &str) -> Vec<String> {
    let page = server.get("/v1/calls?limit=1000", token).expect(200).json();
    let calls = page["calls"].as_array().unwrap().iter();
    let mut ids: Vec<String> =
        calls.map(|call: &Value| call["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}
