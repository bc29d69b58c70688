//! Every change and every reading of a recording stands in the audit log: who, what, when, from.

use serde_json::{Value, json};

use crate::sound::short;
use crate::stage::{CCISQM, Reply, Stage};

/// The newest line of the log.
fn newest(stage: &Stage, token: &str) -> Value {
    stage.get("/v1/audit?limit=1", token).expect(200).json()["entries"][0].clone()
}

/// Operations that change nothing that is kept of calls, rules or access: signing in and out, whose
/// traces are the tokens themselves.
const SIGNING: [&str; 4] =
    ["post /v1/session", "delete /v1/session", "post /v1/tokens", "delete /v1/tokens"];

#[test]
fn every_change_leaves_a_line_that_says_who_what_when_and_from() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let document = stage.send("GET", "/v1/openapi.json", &[], None).expect(200).json();
    let mut untried: Vec<String> = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|method| *method != "get") {
            let operation = format!("{method} {path}");
            if !SIGNING.contains(&operation.as_str()) {
                untried.push(operation);
            }
        }
    }
    untried.push("get /v1/calls/{id}/audio".to_owned());

    let mut last = 0;
    // Does it, and looks whether the log says so.
    let mut change = |operation: &str, path: &str, body: Value, action: &str| -> Value {
        let method = operation.split(' ').next().unwrap().to_uppercase();
        let reply = match method.as_str() {
            "GET" => stage.get(path, &token),
            _ => stage.call(&method, path, &token, &body),
        };
        let said = String::from_utf8_lossy(&reply.body).into_owned();
        assert!((200..300).contains(&reply.status), "{operation}: {} {said}", reply.status);
        untried.retain(|other| other != operation);
        let line = newest(&stage, &token);
        let sequence = line["sequence"].as_i64().unwrap();
        assert!(sequence > last, "{operation} left no line: the newest is {line}");
        last = sequence;
        assert_eq!(line["action"], action, "{operation}: {line}");
        assert_eq!(line["who"], "default-administrator", "{operation}: {line}");
        assert_eq!(line["from"], "127.0.0.1", "{operation}: {line}");
        assert!(!line["object"].as_str().unwrap().is_empty(), "{operation}: {line}");
        assert!(line["at"].as_str().unwrap().ends_with('Z'), "{operation}: {line}");
        serde_json::from_slice(&reply.body).unwrap_or_default()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();

    stage.put_file("call.wav", short());
    stage.put_file("call.vtt", "WEBVTT\n\n00:00.200 --> 00:01.800\n<v Agent>Hello.\n");
    let submitted = json!({ "calls": [{ "source": { "path": "Y:/call.wav" }, "staff_id": "7" }] });
    let call = change("post /v1/calls", "/v1/calls", submitted.clone(), "call.submit");
    let call = text(&call["calls"][0]);
    stage.wait_for(&call, &token);
    let of_call = format!("/v1/calls/{call}");
    change("get /v1/calls/{id}/audio", &format!("{of_call}/audio"), json!({}), "call.audio.read");
    let found = stage.get(&format!("{of_call}/findings"), &token).expect(200).json();
    let named = json!({
        "scenario": found["scenarios"][0]["id"],
        "finding": found["scenarios"][0]["findings"][0]["key"]
    });
    let mut revision = named.clone();
    revision["complies"] = json!(true);
    revision["remark"] = json!("a remark");
    let path = format!("{of_call}/revisions");
    change("post /v1/calls/{id}/revisions", &path, revision, "finding.revise");
    let appeal = json!({ "reason": "r", "reviewer": "v", "findings": [named] });
    let path = format!("{of_call}/appeals");
    let appeal = change("post /v1/calls/{id}/appeals", &path, appeal, "appeal.open");
    let path = format!("{of_call}/appeals/{}/state", text(&appeal["id"]));
    let moved = json!({ "state": "completed" });
    change("post /v1/calls/{id}/appeals/{appeal}/state", &path, moved, "appeal.move");
    let path = format!("{of_call}/reinspect");
    change("post /v1/calls/{id}/reinspect", &path, json!({}), "call.reinspect");
    stage.wait_for(&call, &token);

    // One that waits for its recording long enough to be cancelled.
    let body = json!({ "calls": [{ "source": { "path": "Y:/never.wav" } }] });
    let missing = change("post /v1/calls", "/v1/calls", body, "call.submit");
    let missing = text(&missing["calls"][0]);
    stage.wait_for(&missing, &token);
    let dead = stage.get("/v1/jobs?state=dead", &token).expect(200).json();
    let path = format!("/v1/jobs/{}/retry", text(&dead["jobs"][0]["id"]));
    change("post /v1/jobs/{id}/retry", &path, json!({}), "job.retry");
    stage.pause_work();
    let waiting = change("post /v1/calls", "/v1/calls", submitted, "call.submit");
    let path = format!("/v1/calls/{}/cancel", text(&waiting["calls"][0]));
    change("post /v1/calls/{id}/cancel", &path, json!({}), "call.cancel");

    let pack = json!({ "name": "rules", "files": [{ "name": "a", "text": crate::stage::RULES }] });
    change("post /v1/rule-packs", "/v1/rule-packs", pack, "rules.put");
    let path = "/v1/rule-packs/rules/1/activate";
    change("post /v1/rule-packs/{name}/{version}/activate", path, json!({}), "rules.activate");

    let hook = json!({ "url": "https://example.com/hook" });
    let hook = change("post /v1/webhooks", "/v1/webhooks", hook, "webhook.create");
    let of_hook = format!("/v1/webhooks/{}", text(&hook["id"]));
    let off = json!({ "enabled": false });
    let path = format!("{of_hook}/enabled");
    change("post /v1/webhooks/{id}/enabled", &path, off.clone(), "webhook.disable");
    change("delete /v1/webhooks/{id}", &of_hook, json!({}), "webhook.delete");

    let user = json!({ "name": "kim", "password": "zebra zebra", "role": "agent" });
    let user = change("post /v1/users", "/v1/users", user, "user.create");
    let of_user = format!("/v1/users/{}", text(&user["id"]));
    let path = format!("{of_user}/password");
    let password = json!({ "password": "zebra stripes" });
    change("post /v1/users/{id}/password", &path, password, "user.password");
    let path = format!("{of_user}/enabled");
    change("post /v1/users/{id}/enabled", &path, off.clone(), "user.disable");
    let key = change("post /v1/keys", "/v1/keys", json!({ "role": "agent" }), "key.create");
    let path = format!("/v1/keys/{}", text(&key["key"]));
    change("delete /v1/keys/{key}", &path, json!({}), "key.delete");

    let tenant = json!({ "id": "third", "name": "Third", "retention_days": 30 });
    change("post /v1/tenants", "/v1/tenants", tenant, "tenant.create");
    change("post /v1/tenants/{id}/enabled", "/v1/tenants/third/enabled", off, "tenant.disable");
    let retention = json!({ "retention_days": 90 });
    change("put /v1/retention", "/v1/retention", retention, "tenant.retention");
    let person = json!({ "person": "zebra" });
    change("post /v1/erasures", "/v1/erasures", person, "person.erase");
    change("delete /v1/calls/{id}", &of_call, json!({}), "call.erase");

    let uploaded = upload(&stage, &token).expect(202);
    assert_eq!(newest(&stage, &token)["action"], "call.submit", "{uploaded:?}");
    untried.retain(|other| other != "post /v1/calls/upload");
    assert!(untried.is_empty(), "these are in the document and not tried here: {untried:?}");

    // Nothing of what is secret or personal stands there, and the chain holds.
    let log = stage.get("/v1/audit?limit=1000", &token).expect(200);
    let text = String::from_utf8(log.body).unwrap();
    let secrets = ["zebra", "secret", "a remark", &token, key["secret"].as_str().unwrap(), "Hello"];
    for secret in secrets {
        assert!(!text.contains(secret), "`{secret}` stands in the log");
    }
    assert_eq!(stage.get("/v1/audit/verify", &token).json(), json!({ "is_whole": true }));
}

fn upload(stage: &Stage, token: &str) -> Reply {
    let mut body = b"--b\r\ncontent-disposition: form-data; name=\"recording\"; filename=\"a.wav\"\
                     \r\n\r\n"
        .to_vec();
    body.extend(short());
    body.extend(b"\r\n--b--\r\n");
    let bearer = format!("Bearer {token}");
    let headers =
        [("content-type", "multipart/form-data; boundary=b"), ("authorization", bearer.as_str())];
    stage.send("POST", "/v1/calls/upload", &headers, Some(&body))
}

#[test]
fn what_the_dialects_change_stands_there_too() {
    let stage = Stage::new();
    let token = stage.token("default-inspector");
    let administrator = stage.token("default-administrator");
    let asked = json!({
        "language": "zh_CN", "voiceFilePath": r"Y:\call.wav", "agentId": 1118,
        "beginTime": "2021-02-01 09:51:07", "endTime": "2021-02-01 09:57:57"
    });
    let reply = stage.post(&format!("{CCISQM}/openapi/qualityInspect"), &token, &asked);
    let call = reply.expect(200).json()["call_uuid"].as_str().unwrap().to_owned();
    let line = newest(&stage, &administrator);
    assert_eq!(
        (&line["who"], &line["action"], &line["object"], &line["from"]),
        (&json!("default-inspector"), &json!("call.submit"), &json!(call), &json!("127.0.0.1"))
    );
}
