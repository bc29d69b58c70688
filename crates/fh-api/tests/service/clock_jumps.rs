//! The server's clock jumps: nobody is signed out by it, and no work is lost.

use serde_json::json;

use crate::stage::Stage;

/// Where the stage's clock stands at first.
const BEGIN: i64 = 1_700_000_000;

#[test]
fn tokens_and_answers_outlive_a_jump_of_the_clock() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let submission =
        json!({ "calls": [{ "source": { "chat": [{ "role": "agent", "text": "a" }] } }] });
    let headers = [
        ("authorization", &*format!("Bearer {token}")),
        ("content-type", "application/json"),
        ("idempotency-key", "k-1"),
    ];
    let submit = || {
        let body = submission.to_string();
        stage.send("POST", "/v1/calls", &headers, Some(body.as_bytes())).expect(202).json()
    };
    let first = submit();
    let call = first["calls"][0].as_str().unwrap();
    stage.wait_for(call, &token);
    // Two days on, two hours back from the beginning, a year on, ten years back.
    for jump in [172_800, -7_200, 31_536_000, -315_360_000] {
        stage.set_clock(BEGIN + jump);
        stage.get("/v1/session", &token).expect(200);
        let again = submit();
        assert_eq!(again, json!({ "calls": [call], "repeated": true }), "{jump}");
        let new = stage.post("/v1/calls", &token, &submission).expect(202).json();
        let row = stage.wait_for(new["calls"][0].as_str().unwrap(), &token);
        assert_eq!(row["state"], "done", "{jump}: {row}");
        stage.get(&format!("/v1/calls/{call}/findings"), &token).expect(200);
    }
}
