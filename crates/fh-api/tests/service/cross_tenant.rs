//! Every address, asked by somebody else than the owner.

use serde_json::{Value, json};

use crate::sound::short;
use crate::stage::{CCISQM, CCSQM, Stage};

/// Stands in everything that the owner keeps; nobody else may ever read it.
const MARK: &str = "zebra";

/// What the owner has, by the name that it has in a path.
struct Owned {
    call: String,
    batch: String,
    webhook: String,
    user: String,
    key: String,
    job: String,
    appeal: String,
    scenario: String,
    finding: String,
}

fn own(stage: &Stage) -> Owned {
    let token = stage.token("default-administrator");
    let post = |path: &str, body: Value| stage.post(path, &token, &body);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    stage.put_file("zebra.wav", short());
    stage.put_file("zebra.vtt", "WEBVTT\n\n00:00.200 --> 00:01.800\n<v Agent>A zebra.\n");
    let batch = "6e7d7b1c-9b0a-4a57-8f5a-2f6a1c6f8a01";
    let submitted = post(
        "/v1/calls",
        json!({ "batch": batch, "calls": [
            { "source": { "path": "Y:/zebra.wav" }, "staff_id": MARK },
            { "source": { "path": "Y:/zebra-missing.wav" } }
        ] }),
    );
    let calls = submitted.expect(202).json()["calls"].clone();
    for call in calls.as_array().unwrap() {
        stage.wait_for(call.as_str().unwrap(), &token);
    }
    let call = text(&calls[0]);
    let findings = stage.get(&format!("/v1/calls/{call}/findings"), &token).expect(200).json();
    let scenario = text(&findings["scenarios"][0]["id"]);
    let finding = text(&findings["scenarios"][0]["findings"][0]["key"]);
    let appeal = post(
        &format!("/v1/calls/{call}/appeals"),
        json!({ "reason": MARK, "reviewer": MARK,
                "findings": [{ "scenario": scenario, "finding": finding }] }),
    );
    let rules = format!("pack: {MARK}\n{}", crate::stage::RULES.replace("pack: tests", ""));
    let pack = json!({ "name": MARK, "files": [{ "name": "a.yaml", "text": rules }] });
    post("/v1/rule-packs", pack).expect(201);
    let hook = post("/v1/webhooks", json!({ "url": "https://example.com/zebra" }));
    let user = json!({ "name": MARK, "password": "zebra zebra", "role": "agent" });
    let dead = stage.get("/v1/jobs?state=dead", &token).expect(200).json();
    Owned {
        call,
        batch: batch.to_owned(),
        webhook: text(&hook.expect(201).json()["id"]),
        user: text(&post("/v1/users", user).expect(201).json()["id"]),
        key: text(
            &post("/v1/keys", json!({ "label": MARK, "role": "agent" })).expect(201).json()["key"],
        ),
        job: text(&dead["jobs"][0]["id"]),
        appeal: text(&appeal.expect(201).json()["id"]),
        scenario,
        finding,
    }
}

impl Owned {
    /// The path with the owner's identifiers.
    fn fill(&self, path: &str) -> String {
        let id = match path {
            path if path.starts_with("/v1/calls") => &self.call,
            path if path.starts_with("/v1/batches") => &self.batch,
            path if path.starts_with("/v1/webhooks") => &self.webhook,
            path if path.starts_with("/v1/users") => &self.user,
            path if path.starts_with("/v1/jobs") => &self.job,
            path if path.starts_with("/v1/tenants") => "default",
            _ => "",
        };
        path.replace("{id}", id)
            .replace("{appeal}", &self.appeal)
            .replace("{key}", &self.key)
            .replace("{name}", MARK)
            .replace("{version}", "1")
    }

    /// A body that the owner's own request could have.
    fn body(&self, method: &str, path: &str) -> Value {
        match (method, path) {
            ("post", "/v1/calls/{id}/reinspect") => json!({ "from": "rules" }),
            ("post", "/v1/calls/{id}/revisions") => json!({
                "scenario": self.scenario, "finding": self.finding, "complies": true, "remark": "x"
            }),
            ("post", "/v1/calls/{id}/appeals") => json!({
                "reason": "x", "reviewer": "x",
                "findings": [{ "scenario": self.scenario, "finding": self.finding }]
            }),
            ("post", "/v1/calls/{id}/appeals/{appeal}/state") => json!({ "state": "completed" }),
            ("post", path) if path.ends_with("/enabled") => json!({ "enabled": false }),
            ("post", "/v1/users/{id}/password") => json!({ "password": "another password" }),
            ("post", "/v1/erasures") => json!({ "person": MARK }),
            _ => json!({}),
        }
    }

    fn words(&self) -> Vec<&str> {
        vec![
            MARK,
            &self.call,
            &self.batch,
            &self.webhook,
            &self.user,
            &self.key,
            &self.job,
            &self.appeal,
        ]
    }
}

/// Every operation of the document: method, path, and whether it needs no sign-in.
fn operations(stage: &Stage) -> Vec<(String, String, bool)> {
    let document = stage.send("GET", "/v1/openapi.json", &[], None).expect(200).json();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, details) in methods.as_object().unwrap() {
            let is_open = details["security"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one.as_object().unwrap().is_empty()));
            operations.push((method.clone(), path.clone(), is_open));
        }
    }
    assert!(operations.len() > 45, "only {} operations", operations.len());
    operations
}

/// Streams never end: what they begin with is enough.
fn is_stream(path: &str) -> bool {
    path.ends_with("/events")
}

#[test]
fn every_address_keeps_what_belongs_to_others() {
    let stage = Stage::new();
    let owned = own(&stage);
    let other = stage.token("other-administrator");
    for (method, path, is_open) in operations(&stage) {
        let filled = owned.fill(&path);
        let body = owned.body(&method, &path);
        if is_open || path == "/v1/events" {
            continue;
        }
        let reply = match method.as_str() {
            // Signing out would end the walk.
            "delete" if ["/v1/session", "/v1/tokens"].contains(&path.as_str()) => continue,
            "get" => {
                let query = if path.ends_with("/hits") { "?keyword=zebra" } else { "" };
                stage.get(&format!("{filled}{query}"), &other)
            }
            method => stage.call(&method.to_uppercase(), &filled, &other, &body),
        };
        let shown = format!("{method} {path}: {}", reply.status);
        if path.contains('{') {
            assert!([403, 404].contains(&reply.status), "{shown}");
        } else {
            assert!(reply.status < 500, "{shown}");
        }
        let answer = String::from_utf8_lossy(&reply.body).into_owned();
        for word in owned.words() {
            assert!(!answer.contains(word), "{shown} tells of `{word}`: {answer}");
        }
    }
    // Nothing was changed by it all.
    let owner = stage.token("default-administrator");
    let call = stage.get(&format!("/v1/calls/{}", owned.call), &owner).expect(200).json();
    assert_eq!((&call["state"], &call["appeal"]), (&json!("done"), &json!("reviewing")));
    stage.get(&format!("/v1/calls/{}/audio", owned.call), &owner).expect(200);
    let users = stage.get("/v1/users", &owner).expect(200).json();
    assert_eq!(users["users"][0]["is_enabled"], true);
}

#[test]
fn every_address_but_the_open_ones_needs_a_sign_in() {
    let stage = Stage::new();
    let owned = own(&stage);
    for (method, path, is_open) in operations(&stage) {
        if is_open {
            continue;
        }
        let filled = owned.fill(&path);
        let body = owned.body(&method, &path).to_string();
        for headers in
            [vec![], vec![("authorization", "Bearer 0")], vec![("cookie", "fairhearing_session=0")]]
        {
            let headers = [headers, vec![("content-type", "application/json")]].concat();
            let sent = (method != "get").then_some(body.as_bytes());
            let reply = stage.send(&method.to_uppercase(), &filled, &headers, sent);
            // A change by a cookie that is none lacks its proof as well.
            assert!([401, 403].contains(&reply.status), "{method} {path}: {}", reply.status);
        }
    }
}

#[test]
fn agents_may_change_nothing() {
    let stage = Stage::new();
    let owned = own(&stage);
    // A key of an agent of whom nobody knows the calls.
    let agent = stage.token("default-agent");
    for (method, path, is_open) in operations(&stage) {
        if is_open || path == "/v1/session" || path == "/v1/tokens" {
            continue;
        }
        let filled = owned.fill(&path);
        let reply = match method.as_str() {
            "get" => {
                let query = if path.ends_with("/hits") { "?keyword=zebra" } else { "" };
                stage.get(&format!("{filled}{query}"), &agent)
            }
            method => {
                let body = owned.body(method, &path);
                stage.call(&method.to_uppercase(), &filled, &agent, &body)
            }
        };
        assert!(
            // 400 and 415: refused before anybody looked who may.
            [400, 403, 404, 415].contains(&reply.status),
            "{method} {path}: {}",
            reply.status
        );
        assert!(!is_stream(&path) || reply.status != 200);
        let answer = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(!answer.contains(MARK), "{method} {path}: {answer}");
    }
}

#[test]
fn huaweis_operations_keep_what_belongs_to_others() {
    let stage = Stage::new();
    let owned = own(&stage);
    let other = stage.token("other-administrator");
    let task = owned.call.replace('-', "");
    for root in [CCISQM, CCSQM] {
        let ask = |operation: &str, body: Value| {
            let reply = stage.post(&format!("{root}/{operation}"), &other, &body);
            let answer = String::from_utf8_lossy(&reply.body).into_owned();
            for word in owned.words() {
                assert!(!answer.contains(word), "{operation} tells of `{word}`: {answer}");
            }
            reply
        };
        ask("appraisecall/credit", json!({ "call_uuid": owned.call })).expect(404);
        ask("appraisecall/detail", json!({ "call_uuid": owned.call })).expect(404);
        ask("openapi/getTextByTaskId", json!({ "taskId": task, "language": "en_US" })).expect(404);
        let complaint = json!({
            "callGroupId": 1, "callId": owned.call, "leaderRole": "a", "leaderUUID": "b",
            "taskDescription": "c", "callType": "0",
            "chooseRuleGroupList":
                [{ "ruleGroupId": owned.scenario, "reviseIdList": [owned.finding] }]
        });
        ask("appraisecall/complain", complaint).expect(404);
        for keyword in [Value::Null, json!(MARK)] {
            let list = json!({
                "limit": 10, "page": 1, "call_types": [0, 2], "status": [2, 40], "keyword": keyword,
                "upload_from": 0, "upload_to": 2_000_000_000
            });
            let answer = ask("appraisecall/details", list).expect(200).json();
            assert_eq!(answer, json!({ "data": [], "paging": { "total": 0 } }));
        }
    }
}
