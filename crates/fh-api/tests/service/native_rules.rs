//! Rule packs, receivers, tenants through the native API.

use serde_json::json;

use crate::stage::Stage;

const STRICT: &str = "
pack: strict
rules:
  - id: thanks-missing
    points: -50
    listen_for:
      thanks: { say: [谢谢], by: agent }
    flag_if: not thanks
";

#[test]
fn a_rule_pack_is_uploaded_activated_and_used() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let put = |text: &str| {
        let body = json!({ "name": "strict", "files": [{ "name": "a.yaml", "text": text }] });
        stage.post("/v1/rule-packs", &token, &body)
    };
    let problem = put("pack: strict\nrules:\n  - id: x\n    flag_if: nothing\n").expect(422).json();
    let first = &problem["diagnostics"][0];
    assert_eq!((&first["level"], &first["file"]), (&json!("error"), &json!("a.yaml")));
    assert!(first["line"].as_u64().unwrap() >= 3, "{problem}");

    let kept = put(STRICT).expect(201).json();
    assert_eq!(kept["version"], 1);
    assert_eq!(put(STRICT).expect(201).json()["version"], 1);
    assert_eq!(put(&STRICT.replace("-50", "-40")).expect(201).json()["version"], 2);
    stage.post("/v1/rule-packs/strict/3/activate", &token, &json!({})).expect(404);
    stage.post("/v1/rule-packs/strict/1/activate", &token, &json!({})).expect(204);
    let pack = stage.get("/v1/rule-packs/strict/1", &token).expect(200).json();
    assert_eq!((&pack["is_active"], &pack["files"][0]["text"]), (&json!(true), &json!(STRICT)));
    let list = stage.get("/v1/rule-packs", &token).expect(200).json();
    let versions: Vec<_> = list["rule_packs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pack| (pack["version"].as_u64().unwrap(), pack["is_active"].as_bool().unwrap()))
        .collect();
    assert_eq!(versions, [(2, false), (1, true)]);

    let chat =
        json!({ "calls": [{ "source": { "chat": [{ "role": "agent", "text": "您好" }] } }] });
    let accepted = stage.post("/v1/calls", &token, &chat).expect(202).json();
    let call = accepted["calls"][0].as_str().unwrap();
    stage.wait_for(call, &token);
    let findings = stage.get(&format!("/v1/calls/{call}/findings"), &token).expect(200).json();
    assert_eq!(findings["scenarios"][0]["score"], 50.0);
    assert_eq!(findings["lineage"]["rule_pack_digest"], kept["digest"]);
    let inspector = stage.token("default-inspector");
    stage.post("/v1/rule-packs/strict/2/activate", &inspector, &json!({})).expect(403);
}

#[test]
fn receivers_keys_and_tenants_are_managed() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let hook = json!({ "url": "https://example.com/hook", "events": ["call.inspected"] });
    let made = stage.post("/v1/webhooks", &token, &hook).expect(201).json();
    assert!(made["secret"].as_str().unwrap().len() >= 32);
    let id = made["id"].as_str().unwrap();
    let list = stage.get("/v1/webhooks", &token).expect(200).json();
    assert_eq!(list["webhooks"][0]["url"], "https://example.com/hook");
    assert_eq!(list["webhooks"][0].get("secret"), None);
    let path = format!("/v1/webhooks/{id}/deliveries");
    assert_eq!(stage.get(&path, &token).expect(200).json(), json!({ "deliveries": [] }));
    stage
        .post(&format!("/v1/webhooks/{id}/enabled"), &token, &json!({ "enabled": false }))
        .expect(204);
    stage.call("DELETE", &format!("/v1/webhooks/{id}"), &token, &json!({})).expect(204);
    stage.get(&path, &token).expect(404);
    let wrong = json!({ "url": "file:///etc/passwd" });
    stage.post("/v1/webhooks", &token, &wrong).expect(400);

    let made = stage.post("/v1/keys", &token, &json!({ "label": "crm", "role": "agent" }));
    let made = made.expect(201).json();
    let key = made["key"].as_str().unwrap();
    let asked = json!({ "key": key, "secret": made["secret"], "lifetime_s": 60 }).to_string();
    let headers = [("content-type", "application/json")];
    let issued = stage.send("POST", "/v1/tokens", &headers, Some(asked.as_bytes())).expect(200);
    let issued = issued.json()["token"].as_str().unwrap().to_owned();
    stage.get("/v1/session", &issued).expect(200);
    stage.call("DELETE", &format!("/v1/keys/{key}"), &token, &json!({})).expect(204);
    stage.get("/v1/session", &issued).expect(401);

    let tenant = json!({
        "id": "third", "name": "Third", "retention_days": 30,
        "first_user": { "name": "root", "password": "a long password", "role": "administrator" }
    });
    stage.post("/v1/tenants", &token, &tenant).expect(201);
    stage.post("/v1/tenants", &token, &tenant).expect(409);
    let sign_in = json!({ "tenant": "third", "name": "root", "password": "a long password" });
    let sign_in =
        || stage.send("POST", "/v1/session", &headers, Some(sign_in.to_string().as_bytes()));
    let session = sign_in().expect(200).json();
    assert_eq!(session["tenant"], "third");
    stage.post("/v1/tenants/third/enabled", &token, &json!({ "enabled": false })).expect(204);
    sign_in().expect(401);
    let other = stage.token("other-administrator");
    stage.get("/v1/tenants", &other).expect(403);
    stage.post("/v1/tenants", &other, &tenant).expect(403);
    stage.call("PUT", "/v1/retention", &other, &json!({ "retention_days": 0 })).expect(400);
    stage.call("PUT", "/v1/retention", &other, &json!({ "retention_days": 90 })).expect(204);
}
