//! Addresses of recordings that are valid for a while, shaped like those of Alibaba's object store.
//!
//! `<base>/<path>?Expires=<seconds>&OSSAccessKeyId=<id>&Signature=<base64>`, where the signature is
//! HMAC-SHA1 over `GET`, the time and the path (the store's version 1 of presigned addresses).
//! Whoever has the address may fetch that one recording until then, and nothing else.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;
use subtle::ConstantTimeEq;

use super::encoding::{hex, percent_encode};
use super::parameters::Parameters;

/// What an installation keeps secret for its addresses: as long as it stays the same, addresses that
/// were given out stay good over a restart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecordingUrlSecret(pub [u8; 32]);

impl std::fmt::Debug for RecordingUrlSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecordingUrlSecret(..)")
    }
}

impl RecordingUrlSecret {
    /// As it is kept in a file: 64 hexadecimal digits. Whoever reads them can sign addresses.
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// The key that is made of it; of the same secret the same key.
    pub fn url_key(&self) -> UrlKey {
        let secret = blake3::derive_key("fairhearing recording addresses 1", &self.0);
        UrlKey { id: "fairhearing".to_owned(), secret: secret.to_vec() }
    }
}

impl FromStr for RecordingUrlSecret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut secret = [0; 32];
        let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let expected = || "expected 64 hexadecimal digits, found something else".to_owned();
        for (at, byte) in secret.iter_mut().enumerate().filter(|_| is_hex) {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| expected())?;
        }
        if is_hex { Ok(Self(secret)) } else { Err(expected()) }
    }
}

/// The server's own key for addresses; no client ever knows its secret.
#[derive(Clone)]
pub struct UrlKey {
    /// Which key it is: `OSSAccessKeyId`.
    pub id: String,
    /// The secret, 32 random bytes or more.
    pub secret: Vec<u8>,
}

impl std::fmt::Debug for UrlKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UrlKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a recording is not handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefused {
    /// The address is not one that we made.
    #[error("the address has no valid signature")]
    NotOurs,
    /// It was valid once.
    #[error("the address has expired")]
    Expired,
}

impl UrlKey {
    /// The address of `path` below `base` (such as `https://qa.example.com`) until `expires`.
    ///
    /// `path` starts with `/` and is not yet percent-encoded.
    pub fn sign(&self, base: &str, path: &str, expires: Timestamp) -> String {
        let expires = expires.as_second();
        let encoded: Vec<String> = path.split('/').map(percent_encode).collect();
        format!(
            "{}{}?Expires={expires}&OSSAccessKeyId={}&Signature={}",
            base.trim_end_matches('/'),
            encoded.join("/"),
            percent_encode(&self.id),
            percent_encode(&self.signature(path, expires)),
        )
    }

    /// Whether the `query` of a request for `path` (decoded) lets it be fetched at `now`.
    pub fn check(&self, path: &str, query: &str, now: Timestamp) -> Result<(), UrlRefused> {
        let parameters = Parameters::read(query, "", 8).map_err(|_| UrlRefused::NotOurs)?;
        let get = |name| parameters.get(name).ok_or(UrlRefused::NotOurs);
        let expires: i64 = get("Expires")?.parse().map_err(|_| UrlRefused::NotOurs)?;
        let is_ours: bool =
            self.signature(path, expires).as_bytes().ct_eq(get("Signature")?.as_bytes()).into();
        if !is_ours || get("OSSAccessKeyId")? != self.id {
            Err(UrlRefused::NotOurs)
        } else if now.as_second() > expires {
            Err(UrlRefused::Expired)
        } else {
            Ok(())
        }
    }

    fn signature(&self, path: &str, expires: i64) -> String {
        let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(&self.secret)
            .expect("HMAC takes keys of any length");
        mac.update(format!("GET\n\n\n{expires}\n{path}").as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> UrlKey {
        UrlKey {
            id: "fairhearing".to_owned(),
            secret: b"0123456789abcdef0123456789abcdef".to_vec(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_secret_is_written_in_64_digits_and_never_shown() {
        let text = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff";
        let secret: RecordingUrlSecret = text.parse().unwrap();
        assert_eq!((secret.0[1], secret.0[31]), (1, 255));
        assert_eq!(secret.to_hex(), text);
        assert_eq!(format!("{secret:?}"), "RecordingUrlSecret(..)");
        for wrong in ["", &text[1..], &text.replace("ff", "fg"), &text.replace("00", "é")] {
            assert!(!wrong.parse::<RecordingUrlSecret>().unwrap_err().contains("0102"));
        }
    }

    const PATH: &str = "/recordings/中 1.wav";

    #[test]
    fn an_address_is_signed_as_the_object_store_signs() {
        // Computed with Python's `hmac` and `hashlib`.
        assert_eq!(
            key().sign("http://127.0.0.1:8080/", PATH, at(1_795_248_214)),
            "http://127.0.0.1:8080/recordings/%E4%B8%AD%201.wav\
             ?Expires=1795248214&OSSAccessKeyId=fairhearing&Signature=A%2FNH%2Bh%2BaHKT1mrE1wqY%2FHP3Zrig%3D"
        );
    }

    #[test]
    fn only_that_recording_and_only_so_long() {
        let url = key().sign("http://h", PATH, at(1000));
        let query = url.split_once('?').unwrap().1;
        assert_eq!(key().check(PATH, query, at(1000)), Ok(()));
        assert_eq!(key().check(PATH, query, at(1001)), Err(UrlRefused::Expired));
        assert_eq!(key().check("/recordings/2.wav", query, at(0)), Err(UrlRefused::NotOurs));
        for (from, to) in [
            ("Expires=1000", "Expires=2000"),
            ("Expires=1000", "Expires="),
            ("fairhearing", "other"),
            ("&Signature=", "&Signature=A"),
            ("&Signature=", "&signature="),
        ] {
            let query = query.replace(from, to);
            assert_eq!(key().check(PATH, &query, at(0)), Err(UrlRefused::NotOurs), "{query}");
        }
        let other = UrlKey { secret: vec![7; 32], ..key() };
        assert_eq!(other.check(PATH, query, at(0)), Err(UrlRefused::NotOurs));
    }
}
