//! Signature version 1.0 of the RPC style: HMAC-SHA1 over method and parameters.
//!
//! `https://help.aliyun.com/document_detail/66678.html`. Headers are not signed, so that nothing
//! that matters may be taken from one: the action comes from the parameters.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::super::encoding::percent_encode;
use super::super::error::GatewayError;
use super::super::request::RpcRequest;
use super::{Claim, Scheme, nonce, same, signed_at};

/// What is needed to compute the signature again.
#[derive(Debug)]
pub(super) struct Proof<'r> {
    signature: &'r str,
}

/// Reads the parameters that make up the signature.
pub(super) fn read<'r>(request: &'r RpcRequest<'_>) -> Result<Claim<'r>, GatewayError> {
    let filled = |name: &str| request.parameters.filled(name);
    let parameter = |name: &str| {
        filled(name).ok_or_else(|| GatewayError::incomplete(format!("there is no `{name}`")))
    };
    for (name, expected) in [("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0")] {
        if parameter(name)? != expected {
            return Err(GatewayError::incomplete(format!("expected `{name}` `{expected}`")));
        }
    }
    for name in ["Action", "Version"] {
        parameter(name)?;
    }
    Ok(Claim {
        scheme: Scheme::RpcV1,
        access_key_id: parameter("AccessKeyId")?,
        nonce: nonce(parameter("SignatureNonce")?)?,
        signed_at: signed_at(parameter("Timestamp")?)?,
        security_token: filled("SecurityToken"),
        proof: super::Proof::RpcV1(Proof { signature: parameter("Signature")? }),
    })
}

impl Proof<'_> {
    /// Whether the signature is what `secret` makes of the request.
    pub(super) fn check(&self, request: &RpcRequest<'_>, secret: &str) -> Result<(), GatewayError> {
        let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(format!("{secret}&").as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(string_to_sign(request).as_bytes());
        let ours = STANDARD.encode(mac.finalize().into_bytes());
        if same(ours.as_bytes(), self.signature.as_bytes()) {
            Ok(())
        } else {
            Err(GatewayError::SignatureDoesNotMatch { signed: "none".to_owned() })
        }
    }
}

/// Method, path and all parameters but the signature itself, whether from query or form.
fn string_to_sign(request: &RpcRequest<'_>) -> String {
    let mut pairs: Vec<_> = request
        .parameters
        .iter()
        .filter(|parameter| parameter.name != "Signature")
        .map(|parameter| (&parameter.name, &parameter.value))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
        .collect();
    format!("{}&%2F&{}", request.method, percent_encode(&pairs.join("&")))
}
