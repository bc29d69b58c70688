//! Every address, asked with a token that was good a moment ago.

use serde_json::{Value, json};

use crate::stage::Stage;

/// Method and path of every operation of the document that needs a sign-in.
fn operations(stage: &Stage) -> Vec<(String, String)> {
    let document = stage.send("GET", "/v1/openapi.json", &[], None).expect(200).json();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, details) in methods.as_object().unwrap() {
            let mut ways = details["security"].as_array().into_iter().flatten();
            if !ways.any(|way| way.as_object().is_some_and(serde_json::Map::is_empty)) {
                operations.push((method.to_uppercase(), path.clone()));
            }
        }
    }
    assert!(operations.len() > 40, "only {} operations", operations.len());
    operations
}

/// The token of a session, which is a bearer token, too.
fn sign_in(stage: &Stage, tenant: &str, name: &str) -> String {
    let body = json!({ "tenant": tenant, "name": name, "password": "a long password" });
    let headers = [("content-type", "application/json")];
    let body = body.to_string();
    let reply = stage.send("POST", "/v1/session", &headers, Some(body.as_bytes())).expect(200);
    let cookie = reply.header("set-cookie").split(';').next().unwrap();
    cookie.split_once('=').unwrap().1.to_owned()
}

#[test]
fn who_was_switched_off_is_let_in_nowhere() {
    let stage = Stage::new();
    let administrator = stage.token("default-administrator");
    let post = |path: &str, body: Value| stage.post(path, &administrator, &body);
    let person = |name: &str| {
        let asked = json!({ "name": name, "password": "a long password", "role": "administrator" });
        let made = post("/v1/users", asked).expect(201).json();
        (sign_in(&stage, "default", name), made["id"].as_str().unwrap().to_owned())
    };
    let (disabled, id) = person("disabled");
    post(&format!("/v1/users/{id}/enabled"), json!({ "enabled": false })).expect(204);
    let (with_new_password, id) = person("forgetful");
    post(&format!("/v1/users/{id}/password"), json!({ "password": "another one" })).expect(204);
    let (signed_out, _) = person("gone");
    let bearer = format!("Bearer {signed_out}");
    stage.send("DELETE", "/v1/session", &[("authorization", &bearer)], None).expect(204);
    let key = post("/v1/keys", json!({ "role": "administrator" })).expect(201).json();
    let asked = json!({ "key": key["key"], "secret": key["secret"] });
    let token = stage.post("/v1/tokens", "none", &asked).expect(200).json();
    let of_a_deleted_key = token["token"].as_str().unwrap().to_owned();
    let path = format!("/v1/keys/{}", key["key"].as_str().unwrap());
    stage.call("DELETE", &path, &administrator, &json!({})).expect(204);
    let tenant = json!({ "id": "closed", "name": "Closed", "first_user": {
        "name": "eve", "password": "a long password", "role": "administrator" } });
    post("/v1/tenants", tenant).expect(201);
    let of_a_closed_tenant = sign_in(&stage, "closed", "eve");
    post("/v1/tenants/closed/enabled", json!({ "enabled": false })).expect(204);

    let tokens = [
        ("a person who was switched off", disabled),
        ("a person with a new password", with_new_password),
        ("a person who signed out", signed_out),
        ("a key that was deleted", of_a_deleted_key),
        ("a tenant that was switched off", of_a_closed_tenant),
    ];
    for (method, path) in operations(&stage) {
        let id = "6e7d7b1c-9b0a-4a57-8f5a-2f6a1c6f8a01";
        let path = path.replace("{version}", "1").replace("{id}", id).replace("{appeal}", id);
        for (whose, token) in &tokens {
            let reply = match method.as_str() {
                "GET" => stage.get(&path, token),
                method => stage.call(method, &path, token, &json!({})),
            };
            assert_eq!(reply.status, 401, "{method} {path} with the token of {whose}");
        }
    }
    // Nor do the dialects.
    for (whose, token) in &tokens {
        let path = format!("{}/appraisecall/credit", crate::stage::CCSQM);
        let reply = stage.post(&path, token, &json!({ "call_uuid": "x" }));
        assert_eq!(reply.status, 401, "{whose}");
    }
}
