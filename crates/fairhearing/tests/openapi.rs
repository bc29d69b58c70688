//! The native API by its own document: schemathesis makes requests of every operation, sound and
//! unsound ones, and looks whether each answer is one that the document promises.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

#[expect(dead_code, reason = "one of its two transcripts is enough here")]
mod calls;
mod raw_server;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use calls::{TRANSCRIPT_EN, write_call};
use raw_server::Server;

/// What is looked at in every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection,\
    missing_required_header,unsupported_method,allow_header_conformance,use_after_free,\
    ignored_auth";

const RULES: &str = "
pack: tests
rules:
  - id: rude
    points: -20
    listen_for:
      rude: { say: [you are stupid], by: agent }
    flag_if: rude
";

/// Runs schemathesis with these options besides; panics with its report unless it finds nothing.
fn schemathesis(server: &Server, folder: &Path, token: &str, options: &[&str]) {
    let program =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/schemathesis/bin/schemathesis");
    let output = Command::new(program)
        .args(["run", &format!("http://{}/v1/openapi.json", server.address)])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", CHECKS, "--generation-deterministic", "--no-color"])
        .args(["--request-timeout", "20", "--no-shrink", "--continue-on-failure"])
        // These never end by themselves.
        .args(["--exclude-path-regex", "/events$"])
        .args(options)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("`scripts/setup.sh` puts it there: {error}"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

/// A server with two tenants, an agent, and one of everything that paths name: where an operation
/// ends its subject, or somebody's sign-in, it has one of its own.
fn server(folder: &Path) -> (Server, String) {
    write_call(&folder.join("calls/en.wav"), TRANSCRIPT_EN);
    let manifest = "path,agent_id,language,roles\nen.wav,7,en_US,\"left=agent,right=customer\"\n";
    fs::write(folder.join("calls/calls.csv"), manifest).unwrap();
    let server = Server::start(folder, &["--samples", "calls"]);
    let admin = server.administrator();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let post = |path: &str, body: Value| server.post(path, &admin, &body).expect(201).json();
    let user = |name: &str| {
        let password = "a long password";
        json!({ "name": name, "password": password, "role": "agent", "staff_id": "7" })
    };
    post("/v1/users", user("jane"));
    let other = json!({ "id": "other", "name": "Other", "first_user": user("eve") });
    server.post("/v1/tenants", &admin, &other).expect(201);

    let batch = "6e7d7b1c-9b0a-4a57-8f5a-2f6a1c6f8a01";
    let chat = json!({ "chat": [{ "role": "agent", "text": "hello" }] });
    // The last one's path leads nowhere: its job is given up at once.
    let body = json!({ "batch": batch, "calls": [
        { "source": chat, "staff_id": "7" }, { "source": { "path": "Q:/nowhere.wav" } }
    ] });
    let submitted = server.post("/v1/calls", &admin, &body).expect(202).json();
    for call in submitted["calls"].as_array().unwrap() {
        server.wait_for(call.as_str().unwrap(), &admin);
    }
    let jobs = server.get("/v1/jobs?state=dead", &admin).expect(200).json();
    let page = server.get("/v1/calls?kind=voice", &admin).expect(200).json();
    let mut calls = page["calls"].as_array().unwrap().iter();
    let sample = text(&calls.find(|call| call["file_name"] == "en").unwrap()["id"]);
    server.wait_for(&sample, &admin);
    let found = server.get(&format!("/v1/calls/{sample}/findings"), &admin).expect(200).json();
    let scenario = &found["scenarios"][0];
    let named = json!({ "scenario": scenario["id"], "finding": scenario["findings"][0]["key"] });
    let appeal = json!({ "reason": "a", "reviewer": "b", "findings": [named] });
    let appeal = post(&format!("/v1/calls/{sample}/appeals"), appeal);
    let hook = || text(&post("/v1/webhooks", json!({ "url": "http://127.0.0.1:9/" }))["id"]);
    let key = post("/v1/keys", json!({ "role": "agent" }));
    let rules = json!({ "name": "rules", "files": [{ "name": "a.yaml", "text": RULES }] });
    post("/v1/rule-packs", rules);

    let mut subjects = String::new();
    let mut name = |operations: &[&str], parameters: &[(&str, &str)]| {
        for operation in operations {
            let _ = write!(subjects, "[[operations]]\ninclude-operation-id = \"{operation}\"\n");
            for (parameter, value) in parameters {
                let _ = writeln!(subjects, "parameters.\"path.{parameter}\" = \"{value}\"");
            }
        }
    };
    let of_call = [
        "get_call",
        "cancel_call",
        "reinspect_call",
        "get_transcript",
        "find_in_call",
        "get_measures",
        "get_findings",
        "revise_finding",
        "list_appeals",
        "open_appeal",
        "get_audio",
    ];
    name(&of_call, &[("id", &sample)]);
    name(&["erase_call"], &[("id", &text(&submitted["calls"][0]))]);
    name(&["move_appeal"], &[("id", &sample), ("appeal", &text(&appeal["id"]))]);
    name(&["get_batch"], &[("id", batch)]);
    name(&["retry_job"], &[("id", &text(&jobs["jobs"][0]["id"]))]);
    name(&["enable_webhook", "list_deliveries"], &[("id", &hook())]);
    name(&["delete_webhook"], &[("id", &hook())]);
    let kim = post("/v1/users", user("kim"));
    name(&["enable_user", "set_password"], &[("id", &text(&kim["id"]))]);
    name(&["delete_key"], &[("key", &text(&key["key"]))]);
    name(&["enable_tenant"], &[("id", "other")]);
    name(&["get_rule_pack", "activate_rule_pack"], &[("name", "rules")]);
    fs::write(folder.join("schemathesis.toml"), subjects).unwrap();
    (server, admin)
}

/// A token of a key of its own: what is done to people does not touch it.
fn administrators_key(server: &Server, admin: &str) -> String {
    let key = json!({ "label": "schemathesis", "role": "administrator" });
    let key = server.post("/v1/keys", admin, &key).expect(201).json();
    let asked = json!({ "key": key["key"], "secret": key["secret"] });
    let token = server.post("/v1/tokens", "none", &asked).expect(200).json();
    token["token"].as_str().unwrap().to_owned()
}

/// `FAIRHEARING_EXAMPLES` makes it longer.
fn examples() -> String {
    std::env::var("FAIRHEARING_EXAMPLES").unwrap_or_else(|_| "8".to_owned())
}

#[test]
#[ignore = "needs schemathesis"]
fn every_answer_to_an_administrator_is_one_that_the_document_promises() {
    let folder = tempfile::tempdir().unwrap();
    let (server, admin) = server(folder.path());
    let token = administrators_key(&server, &admin);
    let signs_out =
        ["--exclude-operation-id", "sign_out", "--exclude-operation-id", "revoke_token"];
    let mut options = vec!["--max-examples"];
    let examples = examples();
    options.push(&examples);
    options.extend(signs_out);
    schemathesis(&server, folder.path(), &token, &options);
    // Who was signed out on the way got nothing but 401, and found nothing.
    server.get("/v1/session", &token).expect(200);
    // What ends the session comes last.
    let options = ["--max-examples", "3", "--include-path", "/v1/session"];
    schemathesis(&server, folder.path(), &administrators_key(&server, &admin), &options);
    let options = ["--max-examples", "3", "--include-path", "/v1/tokens"];
    schemathesis(&server, folder.path(), &administrators_key(&server, &admin), &options);
}

#[test]
#[ignore = "needs schemathesis"]
fn every_answer_to_an_agent_is_one_that_the_document_promises() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _) = server(folder.path());
    let agent = server.sign_in("default", "jane", "a long password");
    let examples = examples();
    let options = [
        "--max-examples",
        &examples,
        "--exclude-operation-id",
        "sign_out",
        "--exclude-operation-id",
        "revoke_token",
    ];
    schemathesis(&server, folder.path(), &agent, &options);
    server.get("/v1/session", &agent).expect(200);
}
