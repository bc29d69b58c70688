//! Who gets in: only the exact request of the right key, once and in time.

use std::collections::BTreeMap;

use fh_model::Clock as _;
use fh_store::AccessRole;
use jiff::SignedDuration;
use serde_json::json;

use crate::signed::{Request, Wire};
use crate::stage::{Stage, SystemClock};

fn asking(key: &str) -> Request {
    Request::new(key, "GetResult", "JsonStr", r#"{"taskId":"x y/中"}"#)
}

#[track_caller]
fn refused(stage: &Stage, wire: &Wire, status: u16, code: &str) {
    let (found, answer) = wire.send(stage.address);
    assert_eq!((found, &answer["Code"]), (status, &json!(code)), "{answer}");
    // The gateway's own five fields, which the SDKs read.
    let fields: Vec<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["Code", "HostId", "Message", "Recommend", "RequestId"]);
}

#[test]
fn the_same_request_is_believed_once() {
    let stage = Stage::new();
    let request = asking("north-inspector");
    let wire = request.signed(stage.address);
    assert_eq!(wire.send(stage.address).0, 200);
    refused(&stage, &wire, 400, "SignatureNonceUsed");
    // The same nonce on another request, and a second later.
    let other = Request {
        parameters: BTreeMap::from([("JsonStr", r#"{"taskId":"z"}"#.to_owned())]),
        date: request.date.checked_add(SignedDuration::from_secs(1)).unwrap(),
        ..request.clone()
    };
    refused(&stage, &other.signed(stage.address), 400, "SignatureNonceUsed");
    // Somebody else's nonces are their own.
    let theirs = Request { nonce: request.nonce, ..asking("south-inspector") };
    assert_eq!(theirs.signed(stage.address).send(stage.address).0, 200);
}

#[test]
fn the_clocks_may_be_fifteen_minutes_apart() {
    let stage = Stage::new();
    let at = |seconds: i64| {
        let mut request = asking("north-inspector");
        let by = SignedDuration::from_secs(seconds);
        request.date = SystemClock.now().checked_add(by).unwrap();
        request.signed(stage.address)
    };
    // Some seconds within the edge for the test's own time; to the second it is tested in
    // `alibaba_signatures`.
    assert_eq!(at(15 * 60 - 10).send(stage.address).0, 200);
    assert_eq!(at(10 - 15 * 60).send(stage.address).0, 200);
    refused(&stage, &at(15 * 60 + 10), 400, "InvalidTimeStamp.Expired");
    refused(&stage, &at(-15 * 60 - 1), 400, "InvalidTimeStamp.Expired");
}

#[test]
fn nothing_of_a_signed_request_may_be_changed() {
    let stage = Stage::new();
    let wire = || asking("north-inspector").signed(stage.address);
    let mismatch = |changed: &Wire| refused(&stage, changed, 400, "SignatureDoesNotMatch");

    let original = wire();
    let twice = Wire { target: original.target.replace('%', "%25"), ..original.clone() };
    mismatch(&twice);
    mismatch(&Wire { target: format!("{}&Extra=1", original.target), ..original.clone() });
    mismatch(&original.clone().header("x-acs-action", "UploadAudioData"));
    mismatch(&original.clone().header("x-acs-signature-nonce", "another"));
    mismatch(&original.clone().header("host", "elsewhere"));
    // A body that nobody signed, under the hash of none and under its own.
    let body = Wire { body: "BaseMeAgentId=5".to_owned(), ..original.clone() };
    let form = body.header("content-type", "application/x-www-form-urlencoded");
    refused(&stage, &form, 400, "IncompleteSignature");
    let signed_type = |wire: &Wire| {
        let (_, authorization) = wire.headers.last().unwrap();
        let with_type =
            authorization.replace("SignedHeaders=host", "SignedHeaders=content-type;host");
        wire.clone().header("authorization", &with_type)
    };
    let original = wire();
    let form = Wire { body: "BaseMeAgentId=5".to_owned(), ..signed_type(&original) };
    mismatch(&form.header("content-type", "application/x-www-form-urlencoded"));
    // Refused requests use no nonce up.
    assert_eq!(original.send(stage.address).0, 200);
}

#[test]
fn the_order_of_headers_and_parameters_does_not_matter() {
    let stage = Stage::new();
    let mut request = asking("north-inspector");
    request.parameters.insert("BaseMeAgentId", "5".to_owned());
    let mut wire = request.signed(stage.address);
    wire.headers.reverse();
    let (_, query) = wire.target.split_once('?').unwrap();
    let turned: Vec<&str> = query.split('&').rev().collect();
    wire.target = format!("/?{}", turned.join("&"));
    assert_eq!(wire.send(stage.address).0, 200);
}

#[test]
fn only_the_right_key_gets_in_and_only_to_its_own() {
    let stage = Stage::new();
    stage.add_key("without-secret", "", AccessRole::Inspector);
    let guessed = Request { secret: "guessed".to_owned(), ..asking("north-inspector") };
    refused(&stage, &guessed.signed(stage.address), 400, "SignatureDoesNotMatch");
    let empty = Request { secret: String::new(), ..asking("north-inspector") };
    refused(&stage, &empty.signed(stage.address), 400, "SignatureDoesNotMatch");
    // One tenant's key with another's secret.
    let mixed =
        Request { secret: "south-inspector-secret".to_owned(), ..asking("north-inspector") };
    refused(&stage, &mixed.signed(stage.address), 400, "SignatureDoesNotMatch");
    refused(&stage, &asking("nobody").signed(stage.address), 404, "InvalidAccessKeyId.NotFound");
    // A key that has no secret signs nothing, not even with none.
    let none = Request { secret: String::new(), ..asking("without-secret") };
    refused(&stage, &none.signed(stage.address), 400, "InvalidAccessKeyId.Inactive");

    let upload = json!({ "callList": [{ "voiceFileUrl": "http://192.0.2.1/a.wav" }] }).to_string();
    let upload = Request::new("north-agent", "UploadAudioData", "JsonStr", &upload);
    refused(&stage, &upload.signed(stage.address), 403, "Forbidden.RAM");
    let unknown = Request { action: "DropEverything".to_owned(), ..asking("north-inspector") };
    refused(&stage, &unknown.signed(stage.address), 404, "InvalidApi.NotFound");
    let lower = Request { action: "getresult".to_owned(), ..asking("north-inspector") };
    refused(&stage, &lower.signed(stage.address), 404, "InvalidApi.NotFound");
    let missing = Request { parameters: BTreeMap::new(), ..asking("north-inspector") };
    refused(&stage, &missing.signed(stage.address), 400, "MissingJsonStr");
}
