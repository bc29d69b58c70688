//! The server as its operator and a client see it: started, asked over HTTP, stopped, started again.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

mod calls;
mod server;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use calls::{TRANSCRIPT_EN, TRANSCRIPT_ZH, write_call};
use server::Server;

/// A server with the sample calls of `folder`.
fn started(folder: &Path) -> Server {
    Server::start(folder, &["--log", "warn", "--samples", "calls"], &[])
}

const DETAILS: &str = "/apiaccess/CCSQM/rest/ccisqm/v1/appraisecall/details";

#[test]
fn the_first_start_tells_how_to_sign_in_and_inspects_the_samples() {
    let folder = tempfile::tempdir().unwrap();
    write_call(&folder.path().join("calls/en.wav"), TRANSCRIPT_EN);
    write_call(&folder.path().join("calls/zh.wav"), TRANSCRIPT_ZH);
    let manifest = "path,agent_id,language,roles\n\
                    en.wav,7,en_US,\"left=agent,right=customer\"\n\
                    zh.wav,8,zh_CN,\"left=agent,right=customer\"\n";
    fs::write(folder.path().join("calls/calls.csv"), manifest).unwrap();

    let server = started(folder.path());
    assert_eq!(server.told("sign in as"), "admin");
    let asked = json!({
        "app_key": server.told("access key"),
        "app_secret": server.told("its secret"),
    });
    let (status, token) = server.call("POST", "/apigovernance/api/oauth/tokenByAkSk", None, &asked);
    assert_eq!(status, 200, "{token}");
    let token = token["AccessToken"].as_str().unwrap();

    let all = json!({
        "page": 1, "limit": 10, "call_types": [0, 2], "status": [0, 1, 2, 3],
        "upload_from": 0, "upload_to": 4_000_000_000_u64,
    });
    let (status, _) = server.call("POST", DETAILS, None, &all);
    assert_eq!(status, 401, "nobody lists calls without a token");
    let mut looks = 0;
    let calls = loop {
        let (status, page) = server.call("POST", DETAILS, Some(token), &all);
        assert_eq!((status, &page["paging"]["total"]), (200, &json!(2)), "{page}");
        let calls: Vec<Value> =
            page["data"].as_array().unwrap().iter().map(|row| row["calls"][0].clone()).collect();
        if calls.iter().all(|call| call["status"] == 2) {
            break calls;
        }
        looks += 1;
        assert!(looks < 600, "not inspected after two minutes: {page}");
        std::thread::sleep(Duration::from_millis(200));
    };
    for call in &calls {
        // Tones of 7 s in all: 0.5 to 3 s on the left, 4 to 7 s on the right.
        assert_eq!(call["left_channel"], "staff", "{call}");
        assert!((6.9..8.1).contains(&call["duration"].as_f64().unwrap()), "{call}");
    }

    // A recording's signed address, as Alibaba's clients get it, outlives the process.
    let id = calls[0]["call_uuid"].as_str().unwrap();
    let query = format!("/?Action=GetUploadAudioDataParams&Version=2020-07-01&ContactId={id}");
    let asked = format!("http://{}{query}", server.address);
    let (status, answer) = server.send("GET", &asked, &[("x-acs-bearer-token", token)], "");
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!((status, &answer["Code"]), (200, &json!("OK")), "{answer}");
    let params: Value =
        serde_json::from_str(answer["Data"]["ParamsStr"].as_str().unwrap()).unwrap();
    let url = params["callList"][0]["voiceFileUrl"].as_str().unwrap();
    let address = url.strip_prefix(&format!("http://{}", server.address)).unwrap().to_owned();
    let get = |server: &Server| {
        server.send("GET", &format!("http://{}{address}", server.address), &[], "")
    };
    let (status, recording) = get(&server);
    assert_eq!(status, 200);
    assert!(recording.starts_with(b"RIFF"));
    let secret = folder.path().join("home/server/recording-url-secret");
    assert_eq!(fs::metadata(secret).unwrap().permissions().mode() & 0o777, 0o600);
    server.stop();

    let again = started(folder.path());
    assert_eq!(get(&again), (200, recording));
    assert_eq!(again.greeting, "", "what is told once is not told again");
    let (status, page) = again.call("POST", DETAILS, Some(token), &all);
    assert_eq!((status, &page["paging"]["total"]), (200, &json!(2)), "all is kept: {page}");
    again.stop();
}

#[test]
fn the_example_of_a_configuration_passes_its_check_and_a_wrong_one_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_fairhearing"))
            .args(arguments)
            .current_dir(folder.path())
            .env("LANG", "C.UTF-8")
            .env_remove("LC_ALL")
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let (status, example) = run(&["config", "example"]);
    assert_eq!(status, Some(0));
    fs::write(folder.path().join("good.toml"), example).unwrap();
    let (status, said) = run(&["config", "check", "good.toml"]);
    assert_eq!((status, said.trim()), (Some(0), "`good.toml` is sound"));

    fs::write(folder.path().join("bad.toml"), "listen = [\"127.0.0.1\"]\n").unwrap();
    let (status, said) = run(&["config", "check", "bad.toml"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("bad.toml") && said.contains("line 1"), "{said}");

    for (line, expected) in [
        ("public_url = \"qa.example.com\"", "`public_url`: expected an address such as `https://"),
        ("public_url = \"https://qa.example.com/fh\"", "found `https://qa.example.com/fh`"),
        (
            "recording_url_secret = \"abc\"",
            "`recording_url_secret`: expected 64 hexadecimal digits",
        ),
    ] {
        fs::write(folder.path().join("bad.toml"), format!("{line}\n")).unwrap();
        let (status, said) = run(&["config", "check", "bad.toml"]);
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
    }
}
