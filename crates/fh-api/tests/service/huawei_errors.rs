//! What Huawei's dialect refuses, and how.

use serde_json::{Value, json};

use crate::stage::{CCISQM, CCSQM, Reply, Stage};

/// Status and code, in the family's usual shape.
#[track_caller]
fn refused(reply: &Reply, status: u16, part: &str) {
    let answer = reply.json();
    let shown = format!("{} {answer}", reply.status);
    assert_eq!(reply.status, status, "{shown}");
    assert_eq!(answer["resultCode"], format!("1010{status}"), "{shown}");
    assert!(answer["resultDesc"].as_str().unwrap().contains(part), "{shown}");
    assert_eq!(answer.as_object().unwrap().len(), 2, "{shown}");
    assert!(reply.header("content-type").starts_with("application/json"), "{shown}");
    assert_eq!(reply.header("x-request-id").len(), 32);
}

const DETAILS: &str = "/apiaccess/CCSQM/rest/ccisqm/v1/appraisecall/details";

fn details() -> Value {
    json!({
        "limit": 10, "page": 1, "call_types": [0], "status": [2],
        "upload_from": 1_600_000_000, "upload_to": 1_800_000_000
    })
}

#[test]
fn who_is_not_signed_in_learns_nothing_else() {
    let stage = Stage::new();
    let good = stage.token("default-administrator");
    for root in [CCISQM, CCSQM] {
        for operation in [
            "openapi/qualityInspect",
            "openapi/voice2Text",
            "openapi/uploadText",
            "appraisecall/details",
            "appraisecall/detail",
            "appraisecall/credit",
            "appraisecall/complain",
        ] {
            let path = format!("{root}/{operation}");
            // Also where the request is nonsense otherwise.
            refused(&stage.send("POST", &path, &[], Some(b"nonsense")), 401, "Bearer TOKEN");
            let wrong = format!("{}0", &good[..63]);
            for token in [wrong.as_str(), "x", &good.to_uppercase(), &format!("{good} {good}")] {
                refused(&stage.post(&path, token, &json!({})), 401, "a token that is good");
            }
            refused(&stage.post(&path, &good, &json!({ "x": 1 })), 400, "unknown field `x`");
        }
        let text = stage.send("POST", &format!("{root}/openapi/getTextByTaskId"), &[], Some(b""));
        assert_eq!((text.status, &text.json()["errorCode"]), (401, &json!(1_010_401)));
    }
}

#[test]
fn requests_that_are_not_as_documented_are_refused_clearly() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    let bearer = format!("Bearer {token}");
    let as_type = |content_type: &str, body: &[u8]| {
        let headers = [("authorization", bearer.as_str()), ("content-type", content_type)];
        stage.send("POST", DETAILS, &headers, Some(body))
    };
    let json_body = |body: &[u8]| as_type("application/json", body);

    refused(&as_type("text/plain", b"{}"), 415, "expected the content type `application/json`");
    refused(&as_type("application/json; charset=gbk", b"{}"), 415, "charset=utf-8");
    refused(&json_body(b"{\"limit\":"), 400, "line 1");
    refused(&json_body(b""), 400, "ends too early");
    refused(&json_body(b"[]"), 400, "expected");
    refused(&json_body(&vec![b' '; (1 << 20) + 1]), 413, "at most 1048576 bytes");
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    refused(&json_body(&deep), 400, "at most 32 arrays and objects in one another");
    refused(&json_body(b"{\"limit\":1,\"limit\":2}"), 400, "`limit` again");
    // Without a content type it may be JSON, too: the documents call the header optional.
    let headers = [("authorization", bearer.as_str())];
    let body = details().to_string();
    stage.send("POST", DETAILS, &headers, Some(body.as_bytes())).expect(200);

    let with = |changes: Value| {
        let mut asked = details();
        for (key, value) in changes.as_object().unwrap() {
            if value.is_null() && key != "staff_id" {
                asked.as_object_mut().unwrap().remove(key);
            } else {
                asked[key] = value.clone();
            }
        }
        stage.post(DETAILS, &token, &asked)
    };
    with(json!({})).expect(200);
    with(json!({ "staff_id": null })).expect(200);
    refused(&with(json!({ "limit": "10" })), 400, "`limit`");
    refused(&with(json!({ "limit": 1.5 })), 400, "`limit`");
    refused(&with(json!({ "limit": -1 })), 400, "`limit`");
    refused(&with(json!({ "page": null })), 400, "missing field `page`");
    refused(&with(json!({ "status": 2 })), 400, "`status`");
    refused(&with(json!({ "status": ["2"] })), 400, "`status[0]`");
    refused(&with(json!({ "status": [5] })), 400, "found 5");
    refused(&with(json!({ "call_types": [1] })), 400, "expected 0 or 2 in `call_types`");
    refused(&with(json!({ "duration_min": -1 })), 400, "`duration_min`");
    refused(
        &with(json!({ "upload_to": null })),
        400,
        "missing: `call_from`, `call_to`, `upload_to`",
    );

    let inspect = |changes: Value| {
        let mut asked = json!({
            "language": "zh_CN", "voiceFilePath": "Y:\\27\\0\\20210201\\1118\\0951044.V3",
            "agentId": 1118, "beginTime": "2021-02-01 09:51:07",
            "endTime": "2021-02-01 09:57:57"
        });
        for (key, value) in changes.as_object().unwrap() {
            asked[key] = value.clone();
        }
        stage.post(&format!("{CCISQM}/openapi/qualityInspect"), &token, &asked)
    };
    inspect(json!({})).expect(200);
    refused(&inspect(json!({ "language": "de_DE" })), 400, "`language`");
    refused(&inspect(json!({ "agentId": "1118" })), 400, "`agentId`");
    refused(&inspect(json!({ "voiceFilePath": "" })), 400, "`voiceFilePath`");
    refused(&inspect(json!({ "beginTime": "2021-02-01" })), 400, "`beginTime`");
    refused(&inspect(json!({ "endTime": "2021-02-01 09:51:06" })), 400, "at or after `beginTime`");
}

#[test]
fn paths_methods_and_calls_that_are_not_there() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    refused(&stage.get(DETAILS, &token), 405, "expected the method POST");
    refused(&stage.post(&format!("{CCSQM}/appraisecall/create"), &token, &json!({})), 404, "path");
    for operation in ["appraisecall/credit", "appraisecall/detail"] {
        for call in ["822bbf4d-c4f8-473a-9144-199058375be8", "1", "", "../x"] {
            let path = format!("{CCISQM}/{operation}");
            let reply = stage.post(&path, &token, &json!({ "call_uuid": call }));
            refused(&reply, 404, "`call_uuid`");
        }
    }
}

#[test]
fn a_recording_that_cannot_be_had_or_read_ends_as_40() {
    let stage = Stage::new();
    let token = stage.token("default-administrator");
    stage.put_file("noise.wav", b"this is no recording");
    let statuses: Vec<Value> = [r"Y:\noise.wav", r"Y:\missing.wav", r"Y:\..\rows.sqlite"]
        .iter()
        .map(|path| {
            let asked = json!({
                "language": "zh_CN", "voiceFilePath": path, "agentId": 1118,
                "beginTime": "2021-02-01 09:51:07", "endTime": "2021-02-01 09:57:57"
            });
            let path = format!("{CCISQM}/openapi/qualityInspect");
            let answer = stage.post(&path, &token, &asked).expect(200).json();
            let call = answer["call_uuid"].as_str().unwrap().to_owned();
            stage.wait_for(&call, &token);
            let asked = json!({ "call_uuid": call });
            let credit = stage.post(&format!("{CCISQM}/appraisecall/credit"), &token, &asked);
            refused(&credit, 404, "failed:");
            let path = format!("{CCISQM}/appraisecall/detail");
            stage.post(&path, &token, &asked).expect(200).json()["status"].clone()
        })
        .collect();
    assert_eq!(statuses, ["40", "40", "40"]);
}
