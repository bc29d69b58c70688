//! Bearer tokens: the header `x-acs-bearer-token`, or the parameter `BearerToken`.

use super::super::error::GatewayError;
use super::super::request::RpcRequest;

/// The longest token that is looked up.
const MAX_TOKEN_BYTES: usize = 4096;

/// The request's token; `None` where it does not claim to have one.
pub(super) fn read<'r>(request: &'r RpcRequest<'_>) -> Result<Option<&'r str>, GatewayError> {
    let claims = request.parameters.get("SignatureType") == Some("BEARERTOKEN");
    let token = request
        .header("x-acs-bearer-token")?
        .or_else(|| request.parameters.get("BearerToken"))
        .filter(|token| !token.is_empty());
    match token {
        Some(token) if token.len() > MAX_TOKEN_BYTES => {
            let expected = format!("expected at most {MAX_TOKEN_BYTES} bytes");
            Err(GatewayError::invalid("BearerToken", expected))
        }
        None if claims => Err(GatewayError::Missing { parameter: "BearerToken" }),
        token => Ok(token),
    }
}
