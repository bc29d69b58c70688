//! The requests that Alibaba's SDKs made, byte by byte, at the moment at which they were made.

use std::path::{Path, PathBuf};

use fh_store::AccessRole;
use jiff::Timestamp;
use serde_json::Value;

use crate::signed::exchange;
use crate::stage::Stage;

/// The value of a header or, for version 1 of the signature, of a parameter of the query.
fn said<'r>(head: &'r str, header: &str, parameter: &str) -> Option<&'r str> {
    let in_header = head.lines().find_map(|line| line.strip_prefix(&format!("{header}: ")));
    in_header.or_else(|| {
        let (_, rest) = head.split_once(&format!("{parameter}="))?;
        rest.split(['&', ' ']).next()
    })
}

#[test]
#[ignore = "needs ../shared"]
fn recorded_requests_of_the_sdks_get_the_answer_of_their_operation() {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/golden/alibaba/signed-requests");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let stage = Stage::new();
    stage.add_key("testid", "testsecret", AccessRole::Inspector);
    let (mut done, mut elsewhere) = (0, 0);
    for file in &files {
        let raw = std::fs::read(file).unwrap();
        let text = String::from_utf8_lossy(&raw);
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        let action = said(head, "x-acs-action", "Action").unwrap();
        let at = said(head, "x-acs-date", "Timestamp");
        if let Some(at) = at {
            stage.set_clock(at.replace("%3A", ":").parse::<Timestamp>().unwrap());
        }
        let send = || -> (u16, Value) {
            let (status, body) = exchange(stage.address, &raw);
            (status, serde_json::from_str(&body).unwrap_or_else(|_| panic!("{file:?}: {body}")))
        };
        let (status, answer) = send();
        let code = answer["Code"].as_str().unwrap();
        let has = |name: &str| head.contains(name);
        let expected = match action {
            // Nobody here has such a token.
            _ if has("x-acs-bearer-token") => (400, "InvalidBearerToken"),
            "GetUploadAudioDataParams" | "GetResult" | "UploadAudioData"
                if has("x-acs-security-token") || has("SecurityToken=") =>
            {
                (400, "InvalidSecurityToken")
            }
            // There is no such call.
            "GetUploadAudioDataParams" => (404, "NotExists.ContactId"),
            "GetResult" | "UploadAudioData" => (200, "200"),
            _ => (404, "InvalidApi.NotFound"),
        };
        assert_eq!((status, code), expected, "{}: {action}: {answer}", file.display());
        if matches!(expected.1, "200" | "NotExists.ContactId") {
            assert_eq!(send().1["Code"], "SignatureNonceUsed", "{} again", file.display());
            done += 1;
        } else {
            elsewhere += 1;
        }
    }
    assert_eq!(done + elsewhere, 25, "in {}", folder.display());
    assert!(done >= 10, "{done} in {}", folder.display());
}
