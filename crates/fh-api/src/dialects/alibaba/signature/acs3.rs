//! Signature version 3: ACS3-HMAC-SHA256 and ACS3-HMAC-SM3.
//!
//! `https://help.aliyun.com/document_detail/2593177.html`. The header is
//! `Authorization: ACS3-HMAC-SHA256 Credential=<key>,SignedHeaders=<a;b>,Signature=<hex>`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use sm3::Sm3;

use super::super::encoding::{hex, percent_encode};
use super::super::error::GatewayError;
use super::super::parameters::Origin;
use super::super::request::RpcRequest;
use super::{Claim, Scheme, nonce, same, signed_at};

const CONTENT_HASH: &str = "x-acs-content-sha256";

/// Headers without whose signature a request could be altered or sent again.
const ALWAYS_SIGNED: [&str; 6] =
    ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", CONTENT_HASH];

/// Headers that must be signed where they are there.
const SIGNED_IF_PRESENT: [&str; 2] = ["x-acs-security-token", "x-acs-accesskey-id"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Sha256,
    Sm3,
}

impl Algorithm {
    /// Its name, which is also signed.
    const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "ACS3-HMAC-SHA256",
            Self::Sm3 => "ACS3-HMAC-SM3",
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sm3].into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The hash of `bytes` in lower-case hexadecimal.
    fn hash(self, bytes: &[u8]) -> String {
        match self {
            Self::Sha256 => hex(&Sha256::digest(bytes)),
            Self::Sm3 => hex(&Sm3::digest(bytes)),
        }
    }

    /// The keyed hash of `bytes` in lower-case hexadecimal.
    fn keyed_hash(self, key: &str, bytes: &[u8]) -> String {
        fn tag<M: Mac + KeyInit>(key: &str, bytes: &[u8]) -> String {
            let mut mac = <M as KeyInit>::new_from_slice(key.as_bytes())
                .expect("HMAC takes keys of any length");
            mac.update(bytes);
            hex(&mac.finalize().into_bytes())
        }
        match self {
            Self::Sha256 => tag::<Hmac<Sha256>>(key, bytes),
            Self::Sm3 => tag::<Hmac<Sm3>>(key, bytes),
        }
    }
}

/// What is needed to compute the signature again.
#[derive(Debug)]
pub(super) struct Proof<'r> {
    algorithm: Algorithm,
    /// As the client wrote it: lower-case names, separated by `;`.
    signed_headers: &'r str,
    content_hash: &'r str,
    signature: &'r str,
}

/// Reads the header and what it refers to.
pub(super) fn read<'r>(
    request: &RpcRequest<'r>,
    authorization: &'r str,
) -> Result<Claim<'r>, GatewayError> {
    let (name, fields) = authorization.split_once(' ').unwrap_or((authorization, ""));
    let algorithm = Algorithm::of(name).ok_or_else(|| {
        GatewayError::incomplete(
            "expected `ACS3-HMAC-SHA256` or `ACS3-HMAC-SM3` in `Authorization`",
        )
    })?;
    let field = |wanted: &str| {
        fields
            .split(',')
            .filter_map(|field| field.trim().split_once('='))
            .find_map(|(name, value)| (name == wanted && !value.is_empty()).then_some(value))
            .ok_or_else(|| GatewayError::incomplete(format!("`Authorization` has no `{wanted}`")))
    };
    let access_key_id = field("Credential")?;
    let signed_headers = field("SignedHeaders")?;
    let signature = field("Signature")?;

    let is_signed = |name: &str| signed_headers.split(';').any(|signed| signed == name);
    for name in ALWAYS_SIGNED {
        if !is_signed(name) {
            return Err(GatewayError::incomplete(format!("`{name}` is not signed")));
        }
    }
    for name in SIGNED_IF_PRESENT {
        if request.header(name)?.is_some() && !is_signed(name) {
            return Err(GatewayError::incomplete(format!("`{name}` is not signed")));
        }
    }
    if !request.body.is_empty() && !is_signed("content-type") {
        return Err(GatewayError::incomplete("there is a body and `content-type` is not signed"));
    }
    let header = |name: &str| {
        let value = request.header(name)?.filter(|value| !value.is_empty());
        value.ok_or_else(|| GatewayError::incomplete(format!("there is no header `{name}`")))
    };
    if request.header("x-acs-accesskey-id")?.is_some_and(|id| id != access_key_id) {
        return Err(GatewayError::incomplete("`x-acs-accesskey-id` is not the signing access key"));
    }
    let proof = Proof { algorithm, signed_headers, content_hash: header(CONTENT_HASH)?, signature };
    Ok(Claim {
        scheme: match algorithm {
            Algorithm::Sha256 => Scheme::Acs3HmacSha256,
            Algorithm::Sm3 => Scheme::Acs3HmacSm3,
        },
        access_key_id,
        nonce: nonce(header("x-acs-signature-nonce")?)?,
        signed_at: signed_at(header("x-acs-date")?)?,
        security_token: request.header("x-acs-security-token")?,
        proof: super::Proof::Acs3(proof),
    })
}

impl Proof<'_> {
    /// Whether body and signature are what `secret` makes of the request.
    pub(super) fn check(&self, request: &RpcRequest<'_>, secret: &str) -> Result<(), GatewayError> {
        let body_is_signed =
            same(self.algorithm.hash(request.body).as_bytes(), self.content_hash.as_bytes());
        let canonical = self.canonical_request(request)?;
        let string_to_sign =
            format!("{}\n{}", self.algorithm.name(), self.algorithm.hash(canonical.as_bytes()));
        let ours = self.algorithm.keyed_hash(secret, string_to_sign.as_bytes());
        if body_is_signed && same(ours.as_bytes(), self.signature.as_bytes()) {
            Ok(())
        } else {
            let signed = self.signed_headers.to_owned();
            Err(GatewayError::SignatureDoesNotMatch { signed })
        }
    }

    fn canonical_request(&self, request: &RpcRequest<'_>) -> Result<String, GatewayError> {
        let mut query: Vec<_> = request
            .parameters
            .iter()
            .filter(|parameter| parameter.origin == Origin::Query)
            .map(|parameter| (&parameter.name, &parameter.value))
            .collect();
        query.sort_unstable();
        let query: Vec<String> = query
            .into_iter()
            .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
            .collect();
        let mut headers = String::new();
        for name in self.signed_headers.split(';') {
            let value = request.header(name)?.ok_or_else(|| {
                GatewayError::incomplete(format!("there is no header `{name}`, which is signed"))
            })?;
            headers.push_str(&format!("{name}:{value}\n"));
        }
        Ok(format!(
            "{}\n/\n{}\n{headers}\n{}\n{}",
            request.method,
            query.join("&"),
            self.signed_headers,
            self.content_hash,
        ))
    }
}
