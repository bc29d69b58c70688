//! Signed requests are believed as they are, and not with anything changed.
//!
//! The requests in `alibaba_signed/` were made by the Python script there, from Alibaba's pages and
//! not from our code. Those of the shared folder were recorded from Alibaba's own SDKs.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use async_trait::async_trait;
use fh_api::dialects::alibaba::error::GatewayError;
use fh_api::dialects::alibaba::request::{RequestLimits, RpcRequest};
use fh_api::dialects::alibaba::signature::{
    AccessKey, Caller, Credentials, LookupError, NonceStore, Scheme, SignaturePolicy, verify,
};
use fh_model::TenantId;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};

/// A request as it went over the wire.
#[derive(Debug, Clone, PartialEq)]
struct Raw {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Raw {
    fn read(path: &Path) -> Self {
        let bytes =
            std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let find = |mark: &[u8]| bytes.windows(mark.len()).position(|window| window == mark);
        let (end, mark) = match (find(b"\r\n\r\n"), find(b"\n\n")) {
            (Some(end), _) => (end, 4),
            (None, Some(end)) => (end, 2),
            (None, None) => panic!("{}: no end of headers", path.display()),
        };
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.lines();
        let mut request_line = lines.next().unwrap().splitn(3, ' ');
        let mut word = || request_line.next().unwrap().to_owned();
        Self {
            method: word(),
            target: word(),
            headers: lines
                .map(|line| line.split_once(": ").unwrap())
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect(),
            body: bytes[end + mark..].to_vec(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    fn with_header(&self, name: &str, value: &str) -> Self {
        let mut changed = self.clone();
        changed.headers.retain(|(header, _)| header != name);
        changed.headers.push((name.to_owned(), value.to_owned()));
        changed
    }

    /// The names that ACS3 signed; none for RPC v1.
    fn signed_headers(&self) -> Vec<&str> {
        let list = self
            .header("authorization")
            .and_then(|text| text.split_once("SignedHeaders="))
            .and_then(|(_, rest)| rest.split(',').next());
        list.map(|list| list.split(';').collect()).unwrap_or_default()
    }

    /// When it was signed, by its own words.
    fn signed_at(&self) -> Timestamp {
        let text = match self.header("x-acs-date") {
            Some(date) => date.to_owned(),
            None => {
                let (_, rest) = self.target.split_once("Timestamp=").expect("a time");
                rest.split('&').next().unwrap().replace("%3A", ":")
            }
        };
        text.parse().unwrap()
    }
}

/// One access key, one bearer token, and the nonces seen so far.
struct Desk {
    key_id: &'static str,
    secret: &'static str,
    active: bool,
    security_token: Option<&'static str>,
    bearer: Option<&'static str>,
    nonces: Mutex<HashSet<(String, String)>>,
}

#[async_trait]
impl Credentials for Desk {
    async fn access_key(&self, id: &str) -> Result<Option<AccessKey>, LookupError> {
        Ok((id == self.key_id).then(|| AccessKey {
            tenant: "vectors".parse().unwrap(),
            secret: self.secret.to_owned(),
            active: self.active,
            security_token: self.security_token.map(str::to_owned),
        }))
    }

    async fn bearer_token(&self, token: &str) -> Result<Option<TenantId>, LookupError> {
        Ok((Some(token) == self.bearer).then(|| "bearer".parse().unwrap()))
    }
}

#[async_trait]
impl NonceStore for Desk {
    async fn remember(&self, id: &str, nonce: &str, _: Timestamp) -> Result<bool, LookupError> {
        Ok(self.nonces.lock().unwrap().insert((id.to_owned(), nonce.to_owned())))
    }
}

fn desk(security_token: Option<&'static str>) -> Desk {
    Desk {
        key_id: "VectorKey",
        secret: "vector-secret",
        active: true,
        security_token,
        bearer: None,
        nonces: Mutex::default(),
    }
}

fn ask(raw: &Raw, desk: &Desk, now: Timestamp) -> Result<Caller, GatewayError> {
    let method = Method::from_bytes(raw.method.as_bytes()).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in &raw.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    let limits = RequestLimits::default();
    let request = RpcRequest::read(&method, &raw.target, &headers, &raw.body, &limits)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(verify(&request, desk, desk, now, &SignaturePolicy::default()))
}

/// The request with one thing changed, each of them named.
fn mutations(raw: &Raw) -> Vec<(String, Raw)> {
    let mut changed = Vec::new();
    let mut add = |what: String, request: Raw| changed.push((what, request));
    let other = if raw.method == "GET" { "POST" } else { "GET" };
    add("method".to_owned(), Raw { method: other.to_owned(), ..raw.clone() });
    let (path, query) = raw.target.split_once('?').unwrap_or((&raw.target, ""));
    add("path".to_owned(), Raw { target: format!("{path}x?{query}"), ..raw.clone() });
    let pieces: Vec<&str> = query.split('&').filter(|piece| !piece.is_empty()).collect();
    for (at, piece) in pieces.iter().enumerate() {
        let (name, value) = piece.split_once('=').unwrap();
        let with = |piece: Option<String>| {
            let mut pieces: Vec<String> = pieces.iter().map(|&piece| piece.to_owned()).collect();
            match piece {
                Some(piece) => pieces[at] = piece,
                None => drop(pieces.remove(at)),
            }
            Raw { target: format!("{path}?{}", pieces.join("&")), ..raw.clone() }
        };
        add(format!("parameter {name} longer"), with(Some(format!("{piece}x"))));
        add(format!("parameter {name} gone"), with(None));
        add(format!("parameter {name} renamed"), with(Some(format!("{name}x={value}"))));
        let twice = value.replace('%', "%25");
        if twice != value {
            add(format!("parameter {name} encoded twice"), with(Some(format!("{name}={twice}"))));
        }
    }
    let separator = if query.is_empty() { "?" } else { "&" };
    add(
        "parameter more".to_owned(),
        Raw { target: format!("{}{separator}z=1", raw.target), ..raw.clone() },
    );
    for name in raw.signed_headers() {
        let value = raw.header(name).unwrap();
        add(format!("header {name}"), raw.with_header(name, &format!("{value}x")));
        let mut without = raw.clone();
        without.headers.retain(|(header, _)| header != name);
        add(format!("header {name} gone"), without);
        let authorization = raw.header("authorization").unwrap();
        for unsigned in [format!("{name};"), format!(";{name}")] {
            if authorization.contains(&unsigned) {
                let fewer = authorization.replacen(&unsigned, "", 1);
                add(format!("header {name} not signed"), raw.with_header("authorization", &fewer));
            }
        }
    }
    if let Some(authorization) = raw.header("authorization") {
        let last = authorization.chars().last().unwrap();
        let digit = if last == '0' { '1' } else { '0' };
        let mut text = authorization.to_owned();
        text.pop();
        add("signature".to_owned(), raw.with_header("authorization", &format!("{text}{digit}")));
        add("signature shorter".to_owned(), raw.with_header("authorization", &text));
    }
    // Each byte of a short body, and some of a long one.
    let step = raw.body.len().div_ceil(100).max(1);
    for at in (0..raw.body.len()).step_by(step) {
        let mut request = raw.clone();
        request.body[at] ^= 1;
        add(format!("body byte {at}"), request);
    }
    if raw.body.is_empty() {
        let form = "application/x-www-form-urlencoded";
        add(
            "body more".to_owned(),
            Raw { body: b"z=1".to_vec(), ..raw.with_header("content-type", form) },
        );
    }
    changed
}

/// Checks that a request is believed once, and nothing that differs from it at all.
#[track_caller]
fn check(name: &str, raw: &Raw, make: impl Fn() -> Desk, scheme: Scheme) {
    let now = raw.signed_at();
    let desk = make();
    let caller = ask(raw, &desk, now).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!((caller.scheme, caller.tenant.as_str()), (scheme, "vectors"), "{name}");
    assert_eq!(caller.access_key_id.as_deref(), Some(desk.key_id), "{name}");

    let code = |raw: &Raw, desk: &Desk, now| ask(raw, desk, now).map_err(|error| error.code());
    assert_eq!(code(raw, &desk, now), Err("SignatureNonceUsed".to_owned()), "{name} again");

    // 15 minutes either way, to the second.
    let (edge, beyond) = (SignedDuration::from_mins(15), SignedDuration::from_secs(901));
    assert!(ask(raw, &make(), now + edge).is_ok(), "{name}");
    assert!(ask(raw, &make(), now - edge).is_ok(), "{name}");
    let expired = Err("InvalidTimeStamp.Expired".to_owned());
    assert_eq!(code(raw, &make(), now + beyond), expired, "{name}");
    assert_eq!(code(raw, &make(), now - beyond), expired, "{name}");

    let with = |change: &dyn Fn(&mut Desk)| {
        let mut desk = make();
        change(&mut desk);
        code(raw, &desk, now).expect_err(name)
    };
    assert_eq!(with(&|desk| desk.secret = "another"), "SignatureDoesNotMatch", "{name}");
    assert_eq!(with(&|desk| desk.secret = ""), "InvalidAccessKeyId.Inactive", "{name}");
    assert_eq!(with(&|desk| desk.active = false), "InvalidAccessKeyId.Inactive", "{name}");
    assert_eq!(with(&|desk| desk.key_id = "another"), "InvalidAccessKeyId.NotFound", "{name}");
    assert_eq!(
        with(&|desk| desk.security_token = Some("another")),
        "InvalidSecurityToken",
        "{name}"
    );

    for (what, changed) in mutations(raw) {
        assert_ne!(changed, *raw, "{name}: {what} changes nothing");
        let desk = make();
        if let Ok(caller) = ask(&changed, &desk, now) {
            panic!("{name}: believed with another {what}: {caller:?}");
        }
        // A refused request does not use up the nonce of the right one.
        assert!(ask(raw, &desk, now).is_ok(), "{name}: {what}");
    }
}

fn vector(name: &str) -> Raw {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/alibaba_signed");
    Raw::read(&folder.join(format!("{name}.http")))
}

#[test]
fn requests_of_version_3_are_believed_and_no_others() {
    check("query", &vector("acs3_query"), || desk(None), Scheme::Acs3HmacSha256);
    check("form", &vector("acs3_form"), || desk(None), Scheme::Acs3HmacSha256);
    let token = || desk(Some("vector-token"));
    check("token", &vector("acs3_security_token"), token, Scheme::Acs3HmacSha256);
}

#[test]
fn requests_with_sm3_are_believed_and_no_others() {
    check("query", &vector("acs3_sm3"), || desk(None), Scheme::Acs3HmacSm3);
    check("form", &vector("acs3_sm3_form"), || desk(None), Scheme::Acs3HmacSm3);
}

#[test]
fn requests_of_version_1_are_believed_and_no_others() {
    check("query", &vector("rpc_v1_query"), || desk(None), Scheme::RpcV1);
    check("form", &vector("rpc_v1_form"), || desk(None), Scheme::RpcV1);
    let token = || desk(Some("vector-token"));
    check("token", &vector("rpc_v1_security_token"), token, Scheme::RpcV1);
}

#[test]
fn the_order_of_parameters_and_the_spelling_of_their_encoding_do_not_matter() {
    let raw = vector("acs3_query");
    let now = raw.signed_at();
    // `+` for a space and `%20` are the same; so are a bare `*` and `%2A`.
    assert!(raw.target.contains("job+7%2A~"), "{}", raw.target);
    for (from, to) in [("job+7%2A~", "job%207*%7E"), ("%E4%B8%AD", "%e4%b8%ad")] {
        let spelled = Raw { target: raw.target.replace(from, to), ..raw.clone() };
        assert!(ask(&spelled, &desk(None), now).is_ok(), "{}", spelled.target);
    }
    let (path, query) = raw.target.split_once('?').unwrap();
    let turned: Vec<&str> = query.split('&').rev().collect();
    let turned = Raw { target: format!("{path}?{}", turned.join("&")), ..raw.clone() };
    assert_ne!(turned, raw);
    assert!(ask(&turned, &desk(None), now).is_ok());
    // Headers that nobody signed may come and go on the way.
    assert!(ask(&raw.with_header("via", "1.1 proxy"), &desk(None), now).is_ok());
}

#[test]
fn a_signature_that_lacks_something_says_what() {
    let refused = |raw: Raw, code: &str, part: &str| {
        let error = ask(&raw, &desk(None), vector("acs3_query").signed_at()).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(part), "{error}");
    };
    let raw = vector("acs3_query");
    let authorization = raw.header("authorization").unwrap().to_owned();
    let with = |text: &str| raw.with_header("authorization", text);
    refused(
        with(&authorization.replace("host;", "")),
        "IncompleteSignature",
        "`host` is not signed",
    );
    refused(
        with(&authorization.replace("Signature=", "Sig=")),
        "IncompleteSignature",
        "no `Signature`",
    );
    refused(with("ACS3-HMAC-SHA256"), "IncompleteSignature", "no `Credential`");
    refused(
        with("ACS3-RSA-SHA256 Credential=a,SignedHeaders=b,Signature=c"),
        "IncompleteSignature",
        "ACS3-HMAC-SHA256",
    );
    refused(with("Bearer x"), "IncompleteSignature", "ACS3-HMAC-SHA256");
    refused(
        raw.with_header("x-acs-date", "2026-01-02 03:04:05"),
        "InvalidTimeStamp.Format",
        "YYYY",
    );
    refused(
        raw.with_header("x-acs-signature-nonce", &"n".repeat(129)),
        "InvalidSignatureNonce",
        "129",
    );
    refused(
        raw.with_header("x-acs-security-token", "t"),
        "IncompleteSignature",
        "x-acs-security-token",
    );
    let mut bare = raw.clone();
    bare.headers.retain(|(name, _)| name != "authorization");
    refused(bare, "IncompleteSignature", "neither");

    let raw = vector("rpc_v1_query");
    let with = |from: &str, to: &str| Raw { target: raw.target.replace(from, to), ..raw.clone() };
    assert_ne!(with("HMAC-SHA1", "NONE"), raw);
    refused(with("HMAC-SHA1", "NONE"), "IncompleteSignature", "`SignatureMethod` `HMAC-SHA1`");
    refused(with("SignatureVersion=1.0", "SignatureVersion=2.0"), "IncompleteSignature", "`1.0`");
    refused(with("&AccessKeyId=VectorKey", ""), "IncompleteSignature", "no `AccessKeyId`");
    // The header is not signed in version 1, so that an action in it alone names nothing.
    let unsigned = with("&Action=GetUploadAudioDataParams", "");
    let unsigned = unsigned.with_header("x-acs-action", "GetUploadAudioDataParams");
    refused(unsigned, "IncompleteSignature", "no `Action`");
}

#[test]
fn a_bearer_token_is_looked_up() {
    let bearer = || Desk { bearer: Some("btok"), ..desk(None) };
    let raw = |query: &str, token: Option<&str>| Raw {
        method: "POST".to_owned(),
        target: format!("/?{query}"),
        headers: token
            .map(|token| ("x-acs-bearer-token".to_owned(), token.to_owned()))
            .into_iter()
            .collect(),
        body: Vec::new(),
    };
    let ask = |raw: Raw| ask(&raw, &bearer(), Timestamp::UNIX_EPOCH).map_err(|error| error.code());
    let caller =
        Caller { tenant: "bearer".parse().unwrap(), access_key_id: None, scheme: Scheme::Bearer };
    assert_eq!(ask(raw("SignatureType=BEARERTOKEN", Some("btok"))), Ok(caller.clone()));
    assert_eq!(ask(raw("SignatureType=BEARERTOKEN&BearerToken=btok", None)), Ok(caller));
    assert_eq!(ask(raw("", Some("other"))), Err("InvalidBearerToken".to_owned()));
    assert_eq!(ask(raw("SignatureType=BEARERTOKEN", None)), Err("MissingBearerToken".to_owned()));
    assert_eq!(ask(raw("", Some(&"x".repeat(4097)))), Err("InvalidBearerToken".to_owned()));
}

/// A desk whose look-ups fail.
struct Down;

#[async_trait]
impl Credentials for Down {
    async fn access_key(&self, _: &str) -> Result<Option<AccessKey>, LookupError> {
        Err(LookupError("down".into()))
    }
    async fn bearer_token(&self, _: &str) -> Result<Option<TenantId>, LookupError> {
        Err(LookupError("down".into()))
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_no_fault_of_the_caller() {
    let raw = vector("rpc_v1_query");
    let headers = HeaderMap::new();
    let request =
        RpcRequest::read(&Method::GET, &raw.target, &headers, b"", &RequestLimits::default())
            .unwrap();
    let (nonces, policy) = (desk(None), SignaturePolicy::default());
    let caller = verify(&request, &Down, &nonces, raw.signed_at(), &policy).await;
    assert_eq!(caller, Err(GatewayError::Unavailable));
}

#[test]
fn secrets_are_not_printed() {
    let key = AccessKey {
        tenant: "t".parse().unwrap(),
        secret: "very-secret".to_owned(),
        active: true,
        security_token: Some("very-secret".to_owned()),
    };
    assert!(!format!("{key:?}").contains("very-secret"));
}

/// The requests that Alibaba's SDKs made: 23 with HMAC-SHA256 or HMAC-SHA1, one with SM3, one with a
/// bearer token.
#[test]
#[ignore = "needs ../shared"]
fn the_recorded_requests_of_the_official_sdks_are_believed_and_no_others() {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/golden/alibaba/signed-requests");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let (mut hmac, mut sm3, mut bearer) = (0, 0, 0);
    for file in &files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let raw = Raw::read(file);
        let recorded = |security_token| Desk {
            key_id: "testid",
            secret: "testsecret",
            bearer: Some("btok"),
            ..desk(security_token)
        };
        if raw.header("x-acs-bearer-token").is_some() {
            let caller = ask(&raw, &recorded(None), raw.signed_at()).unwrap();
            assert_eq!((caller.scheme, caller.tenant.as_str()), (Scheme::Bearer, "bearer"));
            bearer += 1;
            continue;
        }
        let token = raw.header("x-acs-security-token").map(|_| "sts-token");
        let scheme = match raw.header("authorization") {
            Some(text) if text.starts_with("ACS3-HMAC-SM3 ") => Scheme::Acs3HmacSm3,
            Some(_) => Scheme::Acs3HmacSha256,
            None => Scheme::RpcV1,
        };
        check(&name, &raw, || recorded(token), scheme);
        if scheme == Scheme::Acs3HmacSm3 { sm3 += 1 } else { hmac += 1 }
    }
    assert_eq!((hmac, sm3, bearer), (23, 1, 1), "in {}", folder.display());
}
