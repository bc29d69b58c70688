//! What an operator sees of the server: its log, its traces, its numbers; and what he must not see.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

#[expect(dead_code, reason = "other tests use the rest")]
mod calls;
mod server;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use calls::write_call;
use server::Server;

/// What nobody should find in a log or a trace: numbers, names, words, secrets.
const PERSONAL: [&str; 11] = [
    "13800138000",
    "13900139000",
    "13700137000",
    "王小明",
    "Jane Seymour",
    "Oak Avenue",
    "小心肝",
    "correct horse battery",
    "staple-secret",
    "acct-4711",
    "HOOKSECRET",
];

const TRANSCRIPT: &str = "\
WEBVTT

00:00:00.500 --> 00:00:03.000
<v Agent>您好，王小明先生，您的电话是13800138000吗？小心肝。

00:00:04.000 --> 00:00:07.000
<v Customer>Jane Seymour, Oak Avenue.
";

/// A collector of traces: answers every request with 200 and hands its body on.
fn collector() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut length = 0;
            let mut head = String::new();
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                let lower = line.to_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head.push_str(&line);
            }
            assert!(head.starts_with("POST /v1/traces HTTP/1.1"), "{head}");
            assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                          content-length: 2\r\nconnection: close\r\n\r\n{}";
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
            if sender.send(String::from_utf8(body).unwrap()).is_err() {
                return;
            }
        }
    });
    (format!("http://{address}/v1/traces"), receiver)
}

/// A server whose clients' drive `Y:` is the folder `calls`.
fn configured(folder: &Path) {
    let calls = folder.join("calls");
    fs::create_dir_all(&calls).unwrap();
    let text = format!(
        "[[fetch.roots]]\nprefix = \"Y:\"\nfolder = \"{}\"\n\
         [calls]\nroles = \"left=agent,right=customer\"\n",
        calls.display()
    );
    fs::write(folder.join("serve.toml"), text).unwrap();
}

fn sign_in(server: &Server) -> String {
    let asked = json!({ "key": server.told("access key"), "secret": server.told("its secret") });
    let (status, token) = server.call("POST", "/v1/tokens", None, &asked);
    assert_eq!(status, 200, "{token}");
    token["token"].as_str().unwrap().to_owned()
}

/// Waits until nothing more will happen to a call, and gives it.
fn wait_for(server: &Server, call: &str, token: &str) -> Value {
    for _ in 0..600 {
        let (status, row) =
            server.call("GET", &format!("/v1/calls/{call}"), Some(token), &json!({}));
        assert_eq!(status, 200, "{row}");
        if ["done", "failed"].contains(&row["state"].as_str().unwrap()) {
            return row;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("not ended after a minute: {call}");
}

/// Does what makes servers log: what goes well, what fails, what is refused. Gives the calls.
fn drive(server: &Server, token: &str) -> Vec<String> {
    let about = json!({
        "agent_name": "王小明",
        "attributes": { "customer_id": "acct-4711", "caller": "13800138000" },
    });
    let call = |source: Value| json!({ "source": source, "metadata": about, "staff_id": "7" });
    let chat = json!([{ "role": "agent", "text": "Jane Seymour lives in Oak Avenue" }]);
    let submitted = json!({ "calls": [
        call(json!({ "path": "Y:/13800138000/王小明.wav" })),
        call(json!({ "path": "Y:/13900139000.wav" })),
        call(json!({ "path": "Y:/Jane Seymour.mp3" })),
        call(json!({ "url": "http://127.0.0.1:9/13700137000.wav?user=acct-4711" })),
        call(json!({ "chat": chat })),
    ] });
    let (status, accepted) = server.call("POST", "/v1/calls", Some(token), &submitted);
    assert_eq!(status, 202, "{accepted}");
    let calls: Vec<String> = accepted["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call.as_str().unwrap().to_owned())
        .collect();

    let admin = json!({ "name": "admin", "password": server.told("password") });
    let wrong = json!({ "name": "王小明", "password": "correct horse battery" });
    let key = json!({ "key": "acct-4711", "secret": "staple-secret" });
    let hook = json!({ "url": "http://127.0.0.1:9/HOOKSECRET" });
    let person = json!({ "person": "acct-4711" });
    let broken = json!({ "calls": "13900139000" });
    for (method, path, body, expected) in [
        ("POST", "/v1/session", &admin, 200),
        ("POST", "/v1/session", &wrong, 401),
        ("POST", "/v1/tokens", &key, 401),
        ("POST", "/v1/webhooks", &hook, 403),
        ("POST", "/v1/calls", &broken, 400),
        ("POST", "/v1/erasures", &json!({ "person": "13700137000" }), 200),
        ("GET", "/v1/calls?keyword=13800138000", &person, 200),
        ("GET", "/v1/calls?staff_id=Jane%20Seymour", &person, 200),
        ("GET", "/v1/calls/13800138000", &person, 0),
        ("GET", "/v1/13800138000/Oak%20Avenue", &person, 404),
        ("GET", "/?Action=GetResult&JsonStr=13800138000&AccessKeyId=acct-4711", &person, 0),
        ("POST", "/apigovernance/api/oauth/tokenByAkSk", &key, 0),
    ] {
        let (status, answer) = server.call(method, path, Some(token), body);
        assert!(status < 500, "{method} {path}: {answer}");
        // 0: which refusal it is does not matter here.
        assert!(expected == 0 || status == expected, "{method} {path}: {status} {answer}");
    }
    let wild = [("authorization", "Bearer staple-secret"), ("traceparent", "13800138000")];
    let url = format!("http://{}/v1/calls", server.address);
    assert_eq!(server.send("POST", &url, &wild, "{\"13800138000\":").0, 401);
    calls
}

fn expect_nothing_personal(text: &str, secrets: &[String]) {
    for line in text.lines() {
        let found = PERSONAL.iter().copied().chain(secrets.iter().map(String::as_str));
        let found: Vec<&str> = found.filter(|personal| line.contains(personal)).collect();
        assert_eq!(found, Vec::<&str>::new(), "in: {line}");
    }
}

#[test]
fn neither_the_log_nor_traces_hold_what_calls_are_about() {
    let folder = tempfile::tempdir().unwrap();
    configured(folder.path());
    write_call(&folder.path().join("calls/13800138000/王小明.wav"), TRANSCRIPT);
    fs::write(folder.path().join("calls/Jane Seymour.mp3"), "Oak Avenue 13900139000").unwrap();
    let (url, traces) = collector();
    let server = Server::start(
        folder.path(),
        &["--config", "serve.toml", "--log", "debug"],
        &[("FAIRHEARING_TRACES", &url), ("FAIRHEARING_LOG_FORMAT", "json")],
    );
    let token = sign_in(&server);
    let calls = drive(&server, &token);
    // The missing recording may still come: its job waits for another attempt.
    for (index, state) in [(0, "done"), (2, "failed"), (3, "failed"), (4, "done")] {
        assert_eq!(wait_for(&server, &calls[index], &token)["state"], state, "{index}");
    }
    let secrets: Vec<String> =
        ["password", "its secret"].map(|label| server.told(label).to_owned()).into();
    let log_file = folder.path().join("log");
    server.stop();

    let log = fs::read_to_string(log_file).unwrap();
    let secrets = [secrets, vec![token]].concat();
    expect_nothing_personal(&log, &secrets);
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let about = |call: &str, message: &str| {
        lines.iter().any(|line| line["span"]["call.id"] == call && line["message"] == message)
    };
    for call in &calls {
        assert!(about(call, "a job ended"), "{call} in: {log}");
    }
    assert!(about(&calls[1], "a job is tried again later"), "{log}");
    assert!(about(&calls[2], "a job is given up"), "{log}");
    let levels: BTreeSet<&str> = lines.iter().map(|line| line["level"].as_str().unwrap()).collect();
    assert!(levels.is_superset(&["DEBUG", "INFO", "WARN"].into()), "{levels:?}");

    // The last of them was sent before the server ended.
    let bodies: Vec<String> = traces.try_iter().collect();
    expect_nothing_personal(&bodies.concat(), &secrets);
    let spans: Vec<Value> = bodies
        .iter()
        .flat_map(|body| {
            let body: Value = serde_json::from_str(body).unwrap();
            let resource = &body["resourceSpans"][0];
            assert_eq!(
                resource["resource"]["attributes"][0]["value"]["stringValue"],
                "fairhearing"
            );
            resource["scopeSpans"][0]["spans"].as_array().unwrap().clone()
        })
        .collect();
    let trace = calls[0].replace('-', "");
    let jobs: BTreeSet<&str> = spans
        .iter()
        .filter(|span| span["traceId"] == trace)
        .map(|span| span["name"].as_str().unwrap())
        .collect();
    let steps = ["fetch_recording", "decode_and_measure", "recognize_speech", "inspect_call"];
    assert_eq!(jobs, steps.into());
    let failed = calls[2].replace('-', "");
    let mut failed = spans.iter().filter(|span| span["traceId"] == failed);
    assert!(failed.any(|span| span["status"]["code"] == 2), "{bodies:?}");
    let request = spans.iter().find(|span| span["name"] == "GET /v1/calls/{id}").unwrap();
    let attribute = |name: &str| {
        let attributes = request["attributes"].as_array().unwrap().iter();
        attributes.clone().find(|found| found["key"] == name).unwrap()["value"].clone()
    };
    assert_eq!(request["kind"], 2);
    assert_eq!(attribute("http.route"), json!({ "stringValue": "/v1/calls/{id}" }));
    let begin_and_end =
        ["startTimeUnixNano", "endTimeUnixNano"].map(|name| request[name].as_str().unwrap());
    assert!(begin_and_end[0] <= begin_and_end[1], "{request}");
}

#[test]
fn a_request_takes_its_place_in_the_trace_of_its_client() {
    let folder = tempfile::tempdir().unwrap();
    let (url, traces) = collector();
    let server = Server::start(folder.path(), &[], &[("FAIRHEARING_TRACES", &url)]);
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let health = format!("http://{}/v1/health", server.address);
    assert_eq!(server.send("GET", &health, &[("traceparent", parent)], "").0, 200);
    server.stop();
    let body: Value = serde_json::from_str(&traces.try_iter().next().unwrap()).unwrap();
    let span = &body["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!(span["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(span["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(span["name"], "GET /v1/health");
}

#[test]
fn a_process_that_only_inspects_calls_can_be_watched() {
    let folder = tempfile::tempdir().unwrap();
    let observe = [("FAIRHEARING_OBSERVE", "127.0.0.1:0")];
    let server = Server::start(folder.path(), &["--roles", "worker"], &observe);
    let mut looks = 0;
    let address = loop {
        let log = server.log();
        if let Some((_, rest)) = log.split_once("watched on http://") {
            break rest.lines().next().unwrap().trim().to_owned();
        }
        looks += 1;
        assert!(looks < 600, "not ready after a minute: {log}");
        std::thread::sleep(Duration::from_millis(100));
    };
    let get = |path: &str| server.send("GET", &format!("http://{address}{path}"), &[], "");
    assert_eq!(get("/v1/ready").0, 200);
    let (status, page) = get("/metrics");
    let page = String::from_utf8(page).unwrap();
    assert_eq!(status, 200, "{page}");
    for place in ["database", "objects", "incoming"] {
        let label = format!("fairhearing_disk_free_bytes{{place=\"{place}\"}} ");
        let value = page.lines().find_map(|line| line.strip_prefix(&label));
        assert!(value.is_some_and(|value| value.parse::<f64>().unwrap() > 0.0), "{page}");
    }
    // Nothing else is there.
    assert_eq!(get("/v1/calls").0, 404);
    assert_eq!(get("/v1/docs").0, 404);
    server.stop();
}
