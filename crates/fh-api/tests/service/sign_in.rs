//! Who is let in, for how long, and who is not.

use fh_store::AccessRole;
use serde_json::{Value, json};

use crate::stage::{Reply, Stage};

const TOKEN: &str = "/apigovernance/api/oauth/tokenByAkSk";

fn ask(stage: &Stage, headers: &[(&str, &str)], key: &str, secret: &str) -> Reply {
    let body = json!({ "app_key": key, "app_secret": secret }).to_string();
    let headers = [headers, &[("content-type", "application/json")]].concat();
    stage.send("POST", TOKEN, &headers, Some(body.as_bytes()))
}

#[test]
fn a_key_gets_a_token_as_documented() {
    let stage = Stage::new();
    stage.set_clock(1_545_650_171);
    let (key, secret) = ("default-administrator", "default-administrator-secret");
    let answer = ask(&stage, &[("X-Token-Expire", "600")], key, secret).expect(200).json();
    let token = answer["AccessToken"].as_str().unwrap();
    assert_eq!(token.len(), 64);
    let scope = answer["Scope"].as_str().unwrap();
    assert!(scope.len() == 32 && scope.bytes().all(|byte| byte.is_ascii_hexdigit()), "{scope}");
    assert_eq!(
        answer,
        json!({
            "AccessToken": token, "ApplyType": "Bearer", "CreateTime": "1545650171",
            "Expires": "600", "Scope": scope, "AppKey": key, "UserID": "Anonymous"
        })
    );
    let expires = |header: &[(&str, &str)]| {
        ask(&stage, header, key, secret).expect(200).json()["Expires"].clone()
    };
    assert_eq!(expires(&[]), "600");
    assert_eq!(expires(&[("x-token-expire", "86400")]), "3600");
    for wrong in ["0", "-1", "x", "1.5", ""] {
        ask(&stage, &[("x-token-expire", wrong)], key, secret).expect(400);
    }
    stage.get("/v1/calls", token).expect(200);
    // Revoked, it is good no more.
    stage
        .send("DELETE", "/v1/tokens", &[("authorization", &format!("Bearer {token}"))], None)
        .expect(204);
    stage.get("/v1/calls", token).expect(401);
}

#[test]
fn a_token_expires() {
    let stage = Stage::new();
    let (key, secret) = ("default-administrator", "default-administrator-secret");
    let answer = ask(&stage, &[("x-token-expire", "1")], key, secret).expect(200).json();
    let token = answer["AccessToken"].as_str().unwrap();
    // The database's clock decides, which no test can move: it is awaited.
    for _ in 0..300 {
        if stage.get("/v1/calls", token).status == 401 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the token is still good after 15 s");
}

#[test]
fn guessing_is_slowed_down_and_tells_nothing() {
    let stage = Stage::new();
    let told = |key: &str, secret: &str| {
        let reply = ask(&stage, &[], key, secret);
        (reply.status, reply.json()["resultDesc"].clone())
    };
    let wrong_secret = told("default-administrator", "x");
    assert_eq!(wrong_secret.0, 401);
    assert_eq!(told("nobody", "x"), wrong_secret, "an unknown key is told by its answer");
    // From the fifth failure on there is a wait, which doubles: until it is long enough not to be
    // over before the next lines are done.
    let body = json!({ "key": "default-administrator", "secret": "x" }).to_string();
    let headers = [("content-type", "application/json")];
    for round in 0.. {
        assert!(round < 600, "no long wait after a minute of guessing");
        let reply = stage.send("POST", "/v1/tokens", &headers, Some(body.as_bytes()));
        if reply.status == 429 && reply.header("retry-after").parse::<u64>().unwrap() >= 3 {
            break;
        }
        assert!([401, 429].contains(&reply.status), "{}", reply.status);
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    // Even the right secret has to wait now; others need not.
    assert_eq!(told("default-administrator", "default-administrator-secret").0, 429);
    ask(&stage, &[], "default-inspector", "default-inspector-secret").expect(200);
}

fn sign_in(stage: &Stage, body: &Value) -> Reply {
    let headers = [("content-type", "application/json")];
    stage.send("POST", "/v1/session", &headers, Some(body.to_string().as_bytes()))
}

#[test]
fn a_person_has_a_session_that_other_sites_cannot_use() {
    let stage = Stage::new();
    stage.add_user("Lee", "correct horse battery", AccessRole::QaManager, None);
    for (name, password) in [("lee", "x"), ("nobody", "correct horse battery"), ("lee", "")] {
        sign_in(&stage, &json!({ "name": name, "password": password })).expect(401);
    }
    sign_in(
        &stage,
        &json!({ "name": "lee", "password": "correct horse battery", "tenant": "other" }),
    )
    .expect(401);
    let reply = sign_in(&stage, &json!({ "name": "lee", "password": "correct horse battery" }));
    let reply = reply.expect(200);
    let cookie = reply.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap();
    let session = reply.json();
    assert_eq!((&session["name"], &session["role"]), (&json!("Lee"), &json!("qa_manager")));
    let csrf = session["csrf_token"].as_str().unwrap();

    let shown = stage.send("GET", "/v1/session", &[("cookie", cookie)], None).expect(200).json();
    assert_eq!(shown["csrf_token"], csrf);
    stage.send("GET", "/v1/calls", &[("cookie", cookie)], None).expect(200);
    // A change needs the token that only our own pages can read.
    let body = json!({ "person": "somebody" }).to_string();
    let erase = |csrf: &[(&str, &str)]| {
        let headers = [csrf, &[("cookie", cookie), ("content-type", "application/json")]].concat();
        stage.send("POST", "/v1/erasures", &headers, Some(body.as_bytes()))
    };
    erase(&[]).expect(403);
    erase(&[("x-csrf-token", "x")]).expect(403);
    erase(&[("x-csrf-token", csrf)]).expect(200);

    let out = [("cookie", cookie), ("x-csrf-token", csrf)];
    let reply = stage.send("DELETE", "/v1/session", &out, None).expect(204);
    assert!(reply.header("set-cookie").contains("Max-Age=0"));
    stage.send("GET", "/v1/session", &[("cookie", cookie)], None).expect(401);
}

#[test]
fn who_is_switched_off_or_gets_a_new_password_is_out_at_once() {
    let stage = Stage::new();
    let admin = stage.token("default-administrator");
    let made = json!({ "name": "kim", "password": "first password", "role": "inspector" });
    let id = stage.post("/v1/users", &admin, &made).expect(201).json()["id"].clone();
    let id = id.as_str().unwrap();
    stage.post("/v1/users", &admin, &made).expect(409);
    let short = json!({ "name": "kit", "password": "short", "role": "agent" });
    stage.post("/v1/users", &admin, &short).expect(400);
    let cookie = |password: &str| {
        let reply = sign_in(&stage, &json!({ "name": "KIM", "password": password }));
        reply.expect(200).header("set-cookie").split(';').next().unwrap().to_owned()
    };
    let is_in = |cookie: &str| stage.send("GET", "/v1/calls", &[("cookie", cookie)], None).status;
    let first = cookie("first password");
    assert_eq!(is_in(&first), 200);
    let path = format!("/v1/users/{id}/password");
    stage.post(&path, &admin, &json!({ "password": "second password" })).expect(204);
    assert_eq!(is_in(&first), 401);
    let second = cookie("second password");
    let path = format!("/v1/users/{id}/enabled");
    stage.post(&path, &admin, &json!({ "enabled": false })).expect(204);
    assert_eq!(is_in(&second), 401);
    sign_in(&stage, &json!({ "name": "kim", "password": "second password" })).expect(401);
}
