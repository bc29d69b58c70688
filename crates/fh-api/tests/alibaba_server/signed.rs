//! Requests, signed as the current SDKs sign them.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use fh_api::dialects::alibaba::encoding::percent_encode;
use fh_model::{Clock as _, RandomSource as _};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::stage::{SystemClock, SystemRandom};

/// What is asked, by whom, and how it is signed.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) key: String,
    pub(crate) secret: String,
    pub(crate) action: String,
    pub(crate) version: &'static str,
    pub(crate) parameters: BTreeMap<&'static str, String>,
    pub(crate) nonce: String,
    pub(crate) date: Timestamp,
    /// The header `Host`; the server's address where absent.
    pub(crate) host: Option<String>,
}

impl Request {
    /// A request of `key`, whose secret is the key with `-secret` behind it.
    pub(crate) fn new(key: &str, action: &str, parameter: &'static str, value: &str) -> Self {
        let is_ccc = action == "GetUploadAudioDataParams";
        Self {
            key: key.to_owned(),
            secret: format!("{key}-secret"),
            action: action.to_owned(),
            version: if is_ccc { "2020-07-01" } else { "2019-01-15" },
            parameters: BTreeMap::from([(parameter, value.to_owned())]),
            nonce: SystemRandom.uuid().simple().to_string(),
            date: SystemClock.now(),
            host: None,
        }
    }

    /// The request as it goes over the wire.
    pub(crate) fn signed(&self, address: SocketAddr) -> Wire {
        let query: Vec<String> = self
            .parameters
            .iter()
            .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
            .collect();
        let query = query.join("&");
        let headers = [
            ("host", self.host.clone().unwrap_or_else(|| address.to_string())),
            ("x-acs-action", self.action.clone()),
            ("x-acs-content-sha256", hex(&Sha256::digest(b""))),
            ("x-acs-date", self.date.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            ("x-acs-signature-nonce", self.nonce.clone()),
            ("x-acs-version", self.version.to_owned()),
        ];
        let lines: String =
            headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names = headers.each_ref().map(|(name, _)| *name).join(";");
        let canonical = format!("POST\n/\n{query}\n{lines}\n{names}\n{}", headers[2].1);
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.secret.as_bytes()).unwrap();
        let digest = hex(&Sha256::digest(canonical.as_bytes()));
        mac.update(format!("ACS3-HMAC-SHA256\n{digest}").as_bytes());
        let signature = hex(&mac.finalize().into_bytes());
        let authorization = format!(
            "ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}",
            self.key
        );
        let mut wire = Wire {
            target: format!("/?{query}"),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body: String::new(),
        };
        wire.headers.push(("authorization".to_owned(), authorization));
        wire
    }
}

/// A POST, header by header.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Wire {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(header, _)| header != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends it; status and answer.
    pub(crate) fn send(&self, address: SocketAddr) -> (u16, Value) {
        let mut text = format!("POST {} HTTP/1.1\r\n", self.target);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("content-length: {}\r\n\r\n{}", self.body.len(), self.body));
        let (status, body) = exchange(address, text.as_bytes());
        (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }
}

/// Sends bytes as they are and reads until the server ends the connection.
pub(crate) fn exchange(address: SocketAddr, request: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (status, body.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
