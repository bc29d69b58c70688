//! Calls through the native API.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::sound::short;
use crate::stage::{Options, Reply, Stage};

const VTT: &str = "WEBVTT\n\n00:00.200 --> 00:01.800\n<v Agent>Good morning, Ada speaking.\n\n\
                   00:02.000 --> 00:03.100\n<v Customer>我要退货\n";

/// A multipart body of parts: name, file name, content.
fn upload(stage: &Stage, headers: &[(&str, &str)], parts: &[(&str, &str, &[u8])]) -> Reply {
    let mut body = Vec::new();
    for (name, file_name, content) in parts {
        let file_name = match *file_name {
            "" => String::new(),
            file_name => format!("; filename=\"{file_name}\""),
        };
        body.extend(
            format!(
                "--b0und\r\ncontent-disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--b0und--\r\n");
    let kind = ("content-type", "multipart/form-data; boundary=b0und");
    stage.send("POST", "/v1/calls/upload", &[headers, &[kind]].concat(), Some(&body))
}

#[test]
fn a_recording_is_uploaded_read_back_in_parts_and_erased() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let bearer = format!("Bearer {token}");
    let (auth, key) = (("authorization", bearer.as_str()), ("idempotency-key", "k-1"));
    let wav = short();
    let about = json!({ "staff_id": "7", "metadata": { "agent_name": "Ada" } }).to_string();
    let parts: &[(&str, &str, &[u8])] = &[
        ("recording", "../../caf\u{e9}.wav", &wav),
        ("call", "", about.as_bytes()),
        ("transcript", "words.vtt", VTT.as_bytes()),
    ];
    let first = upload(&stage, &[auth, key], parts).expect(202).json();
    let call = first["calls"][0].as_str().unwrap().to_owned();
    // The same again gives the same; another with the same key is refused.
    let again = upload(&stage, &[auth, key], parts).expect(202).json();
    assert_eq!(again, json!({ "calls": [call], "repeated": true }));
    upload(&stage, &[auth, key], &parts[..2]).expect(422);

    let row = stage.wait_for(&call, &token);
    assert_eq!(row["state"], "done", "{row}");
    assert_eq!(
        (&row["file_name"], &row["staff_id"], &row["metadata"]),
        (&json!("caf\u{e9}"), &json!("7"), &json!({ "agent_name": "Ada" }))
    );
    assert_eq!(row["summary"]["duration_ms"], 4_000);
    let transcript = stage.get(&format!("/v1/calls/{call}/transcript"), &token).expect(200).json();
    assert_eq!(transcript["utterances"][1]["text"], "我要退货");
    let findings = stage.get(&format!("/v1/calls/{call}/findings"), &token).expect(200).json();
    assert_eq!(findings["scenarios"][0]["score"], 100.0);
    let measures = stage.get(&format!("/v1/calls/{call}/measures"), &token).expect(200).json();
    assert_eq!(measures["recording"]["bytes"], wav.len());
    let hits = stage.get(&format!("/v1/calls/{call}/hits?keyword=%E9%80%80"), &token);
    assert_eq!(
        hits.expect(200).json(),
        json!({ "hits": [{ "utterance": 1, "start": 2, "end": 3 }] })
    );

    let path = format!("/v1/calls/{call}/audio");
    let audio = |range: &str| stage.send("GET", &path, &[auth, ("range", range)], None);
    let whole = stage.get(&path, &token).expect(200);
    assert!(whole.body == wav, "other bytes");
    assert_eq!(whole.header("content-type"), "audio/wav");
    assert_eq!(whole.header("content-disposition"), "inline; filename*=UTF-8''caf%C3%A9.wav");
    let part = audio("bytes=100-199").expect(206);
    assert!(part.body == wav[100..200], "other bytes");
    assert_eq!(part.header("content-range"), format!("bytes 100-199/{}", wav.len()));
    assert!(audio("bytes=-10").expect(206).body == wav[wav.len() - 10..]);
    let none = audio(&format!("bytes={}-", wav.len())).expect(416);
    assert_eq!(none.header("content-range"), format!("bytes */{}", wav.len()));

    let erased = stage.send("DELETE", &format!("/v1/calls/{call}"), &[auth], None);
    assert_eq!(erased.expect(200).json(), json!({ "calls": 1 }));
    for path in ["", "/audio", "/transcript", "/findings", "/events"] {
        stage.get(&format!("/v1/calls/{call}{path}"), &token).expect(404);
    }
    let log = stage.get("/v1/audit", &token).expect(200).json();
    let actions: Vec<&str> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    for action in ["call.erase", "call.audio.read", "call.submit"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
    assert_eq!(stage.get("/v1/audit/verify", &token).json(), json!({ "is_whole": true }));
}

#[test]
fn uploads_that_are_not_as_they_should_be() {
    let stage = Stage::with(Options { upload_bytes: 1_000, ..Options::default() });
    let bearer = format!("Bearer {}", stage.token("default-administrator"));
    let auth = [("authorization", bearer.as_str())];
    let check = |parts: &[(&str, &str, &[u8])], status: u16, detail: &str| {
        let problem = upload(&stage, &auth, parts).expect(status).json();
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
    };
    check(&[("recording", "a.wav", &[0; 1_001])], 413, "bytes of a recording");
    check(&[("recording", "a.wav", b"")], 400, "no byte");
    check(&[("call", "", b"{}")], 400, "`recording`");
    check(&[("recording", "a.wav", b"x"), ("x", "", b"")], 400, "parts `recording`, `call`");
    check(&[("recording", "a.wav", b"x"), ("recording", "b", b"x")], 400, "each once");
    check(&[("call", "", b"{\"x\":1}")], 400, "unknown field `x`");
    stage.send("POST", "/v1/calls/upload", &auth, Some(b"x")).expect(415);
    let cut = [auth[0], ("content-type", "multipart/form-data; boundary=b0und")];
    stage.send("POST", "/v1/calls/upload", &cut, Some(b"--b0und\r\ncontent-dispo")).expect(400);
    let agent = format!("Bearer {}", stage.token("default-agent"));
    upload(&stage, &[("authorization", &agent)], &[("recording", "a.wav", b"x")]).expect(403);
}

fn chat(text: &str, staff: &str) -> Value {
    json!({
        "source": { "chat": [{ "role": "agent", "text": text }] },
        "staff_id": staff,
        "metadata": { "attributes": { "customer_id": format!("c-{staff}") } }
    })
}

#[test]
fn lists_are_filtered_and_paged() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let batch = "6e7d7b1c-9b0a-4a57-8f5a-2f6a1c6f8a01";
    let mut calls = Vec::new();
    for (number, text) in
        ["退货", "Good morning", "好", "您好吗", "not my problem"].iter().enumerate()
    {
        stage.set_clock(1_700_000_000 + i64::try_from(number).unwrap());
        let staff = if number < 2 { "a" } else { "b" };
        let body = json!({ "batch": batch, "calls": [chat(text, staff)] });
        let accepted = stage.post("/v1/calls", &token, &body).expect(202).json();
        calls.push(accepted["calls"][0].as_str().unwrap().to_owned());
    }
    for call in &calls {
        stage.wait_for(call, &token);
    }
    calls.reverse();
    let list = |query: &str| stage.get(&format!("/v1/calls?{query}"), &token).expect(200).json();
    let ids = |page: &Value| -> Vec<String> {
        let calls = page["calls"].as_array().unwrap().iter();
        calls.map(|call| call["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&list("")), calls);
    assert_eq!(ids(&list("staff_id=a")), calls[3..]);
    assert_eq!(ids(&list("keyword=%E5%A5%BD")), calls[1..3]);
    assert_eq!(ids(&list("keyword=good")), calls[3..4]);
    assert_eq!(ids(&list("score_at_most=80")), calls[..1]);
    assert_eq!(ids(&list(&format!("batch={batch}&state=done&kind=text"))), calls);
    assert_eq!(ids(&list("kind=voice")), Vec::<String>::new());
    assert_eq!(ids(&list("upload_to=2023-11-14T22:13:21Z")), calls[3..]);
    // Pages follow one another without a gap.
    let mut paged = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = list(&query);
        paged.extend(ids(&page));
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(paged, calls);
    let progress = stage.get(&format!("/v1/batches/{batch}"), &token).expect(200).json();
    assert_eq!(
        progress,
        json!({ "calls": 5, "ended": 5, "states": [{ "state": "done", "calls": 5 }] })
    );
    for wrong in
        ["limit=0", "limit=1001", "cursor=x", "state=x", "x=1", "limit=1&limit=2", "batch=1"]
    {
        stage.get(&format!("/v1/calls?{wrong}"), &token).expect(400);
    }
    let erased = stage.post("/v1/erasures", &token, &json!({ "person": "c-a" })).expect(200).json();
    assert_eq!(erased, json!({ "calls": 2 }));
    assert_eq!(ids(&list("")), calls[..3]);
}

#[test]
fn agents_see_their_own_calls_only() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    stage.add_user("ada", "ada's password", fh_store::AccessRole::Agent, Some("a"));
    let body = json!({ "calls": [chat("您好", "a"), chat("您好", "b")] });
    let accepted = stage.post("/v1/calls", &token, &body).expect(202).json();
    let id = |index: usize| accepted["calls"][index].as_str().unwrap().to_owned();
    for index in 0..2 {
        stage.wait_for(&id(index), &token);
    }
    let headers = [("content-type", "application/json")];
    let credentials = json!({ "name": "ada", "password": "ada's password" }).to_string();
    let reply = stage.send("POST", "/v1/session", &headers, Some(credentials.as_bytes()));
    let cookie = reply.expect(200).header("set-cookie").split(';').next().unwrap().to_owned();
    let get = |path: &str| stage.send("GET", path, &[("cookie", &cookie)], None);
    let list = get("/v1/calls").expect(200).json();
    assert_eq!(list["calls"].as_array().unwrap().len(), 1);
    assert_eq!(list["calls"][0]["id"], json!(id(0)));
    assert_eq!(get("/v1/calls?staff_id=b").expect(200).json()["calls"], json!([]));
    for part in
        ["", "/transcript", "/findings", "/measures", "/audio", "/events", "/hits?keyword=x"]
    {
        get(&format!("/v1/calls/{}{part}", id(1))).expect(404);
    }
    get(&format!("/v1/calls/{}/transcript", id(0))).expect(200);
    for path in ["/v1/users", "/v1/keys", "/v1/jobs", "/v1/audit", "/v1/tenants", "/v1/events"] {
        get(path).expect(403);
    }
}

#[test]
fn a_call_is_cancelled_inspected_again_and_its_dead_job_tried_again() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let submit = |path: &str| {
        let body = json!({ "calls": [{ "source": { "path": path } }] });
        let accepted = stage.post("/v1/calls", &token, &body).expect(202).json();
        accepted["calls"][0].as_str().unwrap().to_owned()
    };
    let missing = submit(r"Y:\missing.wav");
    let row = stage.wait_for(&missing, &token);
    assert_eq!(
        (&row["state"], &row["failure"]),
        (&json!("failed"), &json!("recording_unreachable"))
    );
    stage.post(&format!("/v1/calls/{missing}/cancel"), &token, &json!({})).expect(409);
    let dead = stage.get("/v1/jobs?state=dead", &token).expect(200).json();
    assert_eq!(dead["jobs"][0]["call"], json!(missing));
    stage.put_file("missing.wav", short());
    stage.put_file("missing.vtt", VTT);
    let job = dead["jobs"][0]["id"].as_str().unwrap();
    stage.post(&format!("/v1/jobs/{job}/retry"), &token, &json!({})).expect(204);
    let row = stage.wait_for(&missing, &token);
    assert_eq!(row["state"], "done", "{row}");
    stage.post(&format!("/v1/jobs/{job}/retry"), &token, &json!({})).expect(404);

    let path = format!("/v1/calls/{missing}/reinspect");
    stage.post(&path, &token, &json!({ "from": "x" })).expect(400);
    stage.post(&path, &token, &json!({ "from": "recording" })).expect(202);
    let row = stage.wait_for(&missing, &token);
    assert_eq!(row["state"], "done", "{row}");
}

/// Reads events until one of that name comes.
fn follow(stage: &Stage, path: &str, token: &str, until: &str) -> Vec<String> {
    let mut stream = TcpStream::connect(stage.address).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n")
        .unwrap();
    let mut names = Vec::new();
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        if let Some(name) = line.strip_prefix("event: ") {
            names.push(name.to_owned());
            if name == until {
                return names;
            }
        }
    }
    panic!("the stream ended after {names:?}");
}

#[test]
fn progress_is_told_as_it_happens() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    stage.put_file("call.wav", short());
    stage.put_file("call.vtt", VTT);
    let body = json!({ "calls": [{ "source": { "path": "Y:/call.wav" } }] });
    let accepted = stage.post("/v1/calls", &token, &body).expect(202).json();
    let call = accepted["calls"][0].as_str().unwrap();
    let names = follow(&stage, &format!("/v1/calls/{call}/events"), &token, "call.inspected");
    assert_eq!(
        names,
        [
            "call.queued",
            "call.progress",
            "call.progress",
            "call.progress",
            "call.progress",
            "call.inspected"
        ]
    );
}

#[test]
fn health_numbers_and_documents_need_no_sign_in() {
    let stage = Stage::new();
    let get = |path: &str| stage.send("GET", path, &[], None);
    assert_eq!(
        get("/v1/health").expect(200).json(),
        json!({ "status": "ok", "version": "0.0.0-test" })
    );
    get("/v1/ready").expect(200);
    let numbers = String::from_utf8(get("/metrics").expect(200).body).unwrap();
    let line = "fairhearing_http_duration_seconds_count{method=\"GET\",route=\"/v1/health\",status=\"200\"} 1";
    assert!(numbers.lines().any(|found| found == line), "{numbers}");
    let document = get("/v1/openapi.json").expect(200).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let page = String::from_utf8(get("/v1/docs").expect(200).body).unwrap();
    // Nothing of the page comes from elsewhere.
    assert!(!page.contains("http://") && !page.contains("https://"), "{page}");
    let mut unused = Vec::new();
    TcpStream::connect(stage.address).unwrap().take(0).read_to_end(&mut unused).unwrap();
    let problem = get("/v1/nothing").expect(404);
    assert_eq!(problem.header("content-type"), "application/problem+json");
    let problem = problem.json();
    assert_eq!(problem["type"], "urn:fairhearing:problem:not_found");
    assert_eq!(
        stage.send("PATCH", "/v1/health", &[], None).expect(405).header("allow"),
        "GET,HEAD"
    );
}
