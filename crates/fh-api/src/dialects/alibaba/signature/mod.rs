//! Who sent a request: the two ways of signing, and bearer tokens.
//!
//! A signature proves that the sender knows the secret of its access key, that the request is the one
//! that was signed, and, by time and nonce, that it comes for the first time. A bearer token proves
//! only that the sender knows the token: where it is allowed the connection must be encrypted.

mod acs3;
mod bearer;
mod rpc_v1;

use std::error::Error;
use std::fmt;

use async_trait::async_trait;
use fh_model::TenantId;
use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq;

use super::error::GatewayError;
use super::request::RpcRequest;
use super::time::parse_signed_at;

/// An access key as it is kept.
#[derive(Clone)]
pub struct AccessKey {
    /// Whose it is.
    pub tenant: TenantId,
    /// The secret, which never travels. A key without one can sign nothing.
    pub secret: String,
    /// Whether it may be used.
    pub active: bool,
    /// The token that has to come with a temporary key (STS); `None` for an ordinary key.
    pub security_token: Option<String>,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, active, .. } = self;
        f.debug_struct("AccessKey")
            .field("tenant", tenant)
            .field("active", active)
            .finish_non_exhaustive()
    }
}

/// A look-up failed for reasons that have nothing to do with the request.
#[derive(Debug, thiserror::Error)]
#[error("credentials and nonces cannot be looked up")]
pub struct LookupError(#[source] pub Box<dyn Error + Send + Sync>);

/// Where secrets are kept.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// The access key of that identifier, active or not; `None` where nobody has it.
    async fn access_key(&self, id: &str) -> Result<Option<AccessKey>, LookupError>;

    /// Whose bearer token this is; `None` where it is unknown, expired or revoked.
    ///
    /// Tokens are kept hashed and found by their hash, so that the look-up takes as long for a
    /// wrong one.
    async fn bearer_token(&self, token: &str) -> Result<Option<TenantId>, LookupError>;
}

/// Where the nonces of signed requests are kept.
#[async_trait]
pub trait NonceStore: Send + Sync {
    /// Remembers `nonce` of `access_key_id` until `until`, and says whether it is new.
    ///
    /// Of several requests with one nonce at the same time, on whatever machine, exactly one is
    /// told `true`. After `until` it may be forgotten: the request would have expired. What was
    /// remembered must outlive a restart, or the requests of the last minutes could be sent again.
    async fn remember(
        &self,
        access_key_id: &str,
        nonce: &str,
        until: Timestamp,
    ) -> Result<bool, LookupError>;
}

/// What is asked of a signature besides being right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignaturePolicy {
    /// How far the time of signing may be from our clock, either way.
    pub window: SignedDuration,
}

impl Default for SignaturePolicy {
    /// Alibaba's 15 minutes.
    fn default() -> Self {
        Self { window: SignedDuration::from_mins(15) }
    }
}

/// How a sender proved who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `ACS3-HMAC-SHA256`, the current SDKs' way.
    Acs3HmacSha256,
    /// `ACS3-HMAC-SM3`, the same with the Chinese national hash.
    Acs3HmacSm3,
    /// `HMAC-SHA1` of signature version 1.0, the older SDKs' way.
    RpcV1,
    /// A bearer token.
    Bearer,
}

/// Somebody who is who they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant.
    pub tenant: TenantId,
    /// The access key; `None` for a bearer token.
    pub access_key_id: Option<String>,
    /// How it was proved.
    pub scheme: Scheme,
}

/// What a signed request says of itself.
#[derive(Debug)]
struct Claim<'r> {
    scheme: Scheme,
    access_key_id: &'r str,
    nonce: &'r str,
    signed_at: Timestamp,
    security_token: Option<&'r str>,
    proof: Proof<'r>,
}

#[derive(Debug)]
enum Proof<'r> {
    Acs3(acs3::Proof<'r>),
    RpcV1(rpc_v1::Proof<'r>),
}

/// Finds out who sent `request` at `now`.
///
/// The nonce is used up only by a request that is right in everything else: nobody without the
/// secret can use up another's.
pub async fn verify(
    request: &RpcRequest<'_>,
    credentials: &dyn Credentials,
    nonces: &dyn NonceStore,
    now: Timestamp,
    policy: &SignaturePolicy,
) -> Result<Caller, GatewayError> {
    let claim = if let Some(authorization) = request.header("authorization")? {
        acs3::read(request, authorization)?
    } else if request.parameters.get("Signature").is_some() {
        rpc_v1::read(request)?
    } else if let Some(token) = bearer::read(request)? {
        let tenant = credentials.bearer_token(token).await.map_err(unavailable)?;
        let tenant = tenant.ok_or_else(|| GatewayError::invalid("BearerToken", "nobody has it"))?;
        return Ok(Caller { tenant, access_key_id: None, scheme: Scheme::Bearer });
    } else {
        return Err(GatewayError::incomplete("neither `Authorization` nor `Signature` is there"));
    };

    let age = now.duration_since(claim.signed_at);
    if age.abs() > policy.window {
        return Err(GatewayError::TimeStampExpired { minutes: policy.window.as_mins() });
    }
    let key = credentials.access_key(claim.access_key_id).await.map_err(unavailable)?;
    let key = key.ok_or(GatewayError::AccessKeyNotFound)?;
    if !key.active || key.secret.is_empty() {
        return Err(GatewayError::AccessKeyInactive);
    }
    if !same_token(key.security_token.as_deref(), claim.security_token) {
        return Err(GatewayError::invalid("SecurityToken", "it does not belong to the access key"));
    }
    match &claim.proof {
        Proof::Acs3(proof) => proof.check(request, &key.secret)?,
        Proof::RpcV1(proof) => proof.check(request, &key.secret)?,
    }
    // One second beyond the last moment at which the request could come again.
    let until = claim
        .signed_at
        .checked_add(policy.window)
        .and_then(|last| last.checked_add(SignedDuration::from_secs(1)))
        .map_err(|_| GatewayError::TimeStampFormat)?;
    if !nonces.remember(claim.access_key_id, claim.nonce, until).await.map_err(unavailable)? {
        return Err(GatewayError::SignatureNonceUsed);
    }
    Ok(Caller {
        tenant: key.tenant,
        access_key_id: Some(claim.access_key_id.to_owned()),
        scheme: claim.scheme,
    })
}

fn unavailable(_: LookupError) -> GatewayError {
    GatewayError::Unavailable
}

/// The longest nonce that is kept; the SDKs send 32 to 36 characters.
const MAX_NONCE_BYTES: usize = 128;

/// Reads a nonce.
fn nonce(text: &str) -> Result<&str, GatewayError> {
    if (1..=MAX_NONCE_BYTES).contains(&text.len()) {
        Ok(text)
    } else {
        Err(GatewayError::invalid(
            "SignatureNonce",
            format!("expected 1 to {MAX_NONCE_BYTES} bytes, found {}", text.len()),
        ))
    }
}

/// Reads the time of signing.
fn signed_at(text: &str) -> Result<Timestamp, GatewayError> {
    parse_signed_at(text).ok_or(GatewayError::TimeStampFormat)
}

/// Whether two byte strings are equal, in a time that tells nothing of where they differ.
fn same(ours: &[u8], theirs: &[u8]) -> bool {
    ours.ct_eq(theirs).into()
}

fn same_token(ours: Option<&str>, theirs: Option<&str>) -> bool {
    match (ours, theirs) {
        (None, None) => true,
        (Some(ours), Some(theirs)) => same(ours.as_bytes(), theirs.as_bytes()),
        _ => false,
    }
}
