use axum::extract::FromRequestParts;
use fh_store::TokenRow;
use fh_workflow::Caller;
use http::request::Parts;
use http::{HeaderMap, Method, header};

use super::{COOKIE, SignInError, csrf_token, equal, token_hash};
use crate::parts::Api;
use crate::{PeerAddress, Problem};

/// Who asks, in a request of the native API.
pub(crate) struct SignedIn(pub(crate) Caller);

impl FromRequestParts<Api> for SignedIn {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        Ok(Self(identify(api, parts).await?.caller))
    }
}

/// Who asks, and by which token.
pub(crate) struct Session {
    /// Who.
    pub(crate) caller: Caller,
    /// The token itself.
    pub(crate) token: String,
    /// Who in the directory.
    pub(crate) row: TokenRow,
}

impl FromRequestParts<Api> for Session {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        Ok(identify(api, parts).await?)
    }
}

/// Finds out who asks, by a bearer token or a session cookie. Where there are both, the header
/// counts: a browser sends cookies unasked.
pub(crate) async fn identify(api: &Api, parts: &Parts) -> Result<Session, SignInError> {
    let (token, by_cookie) = match bearer(&parts.headers)? {
        Some(token) => (token, false),
        None => (cookie(&parts.headers).ok_or(SignInError::NoToken)?, true),
    };
    let changes = !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if by_cookie && changes {
        let sent = parts.headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
        if !sent.is_some_and(|sent| equal(sent, &csrf_token(token))) {
            return Err(SignInError::NoCsrfToken);
        }
    }
    let row = api.store().directory().token(&token_hash(token)).await?;
    let row = row.ok_or(SignInError::BadToken)?;
    let caller = Caller {
        tenant: row.tenant.clone(),
        name: row.name.clone(),
        role: row.role,
        staff_id: row.staff_id.clone(),
        address: peer(parts),
    };
    Ok(Session { caller, token: token.to_owned(), row })
}

/// The address that the request came from, for the audit log and the lock against guessing.
pub(crate) fn peer(parts: &Parts) -> Option<String> {
    parts.extensions.get::<PeerAddress>().map(|peer| peer.0.ip().to_string())
}

/// The token in `Authorization: Bearer TOKEN`, if there is such a header.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, SignInError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        // Which one would count is nobody's business to guess.
        return Err(SignInError::BadToken);
    }
    let text = value.to_str().map_err(|_| SignInError::BadToken)?;
    let (scheme, token) = text.split_once(' ').ok_or(SignInError::BadToken)?;
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(Some(token.trim()))
    } else {
        Err(SignInError::BadToken)
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(header::COOKIE).iter();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';')).find_map(
        |pair| {
            let (name, value) = pair.split_once('=')?;
            (name.trim() == COOKIE && !value.is_empty()).then(|| value.trim())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_bearer_token_is_read() {
        let read = |values: &[&str]| {
            let headers = headers(header::AUTHORIZATION, values);
            bearer(&headers).map(|token| token.map(str::to_owned)).ok()
        };
        assert_eq!(read(&[]), Some(None));
        assert_eq!(read(&["Bearer abc"]), Some(Some("abc".to_owned())));
        assert_eq!(read(&["bearer abc"]), Some(Some("abc".to_owned())));
        assert_eq!(read(&["Basic abc"]), None);
        assert_eq!(read(&["Bearer "]), None);
        assert_eq!(read(&["abc"]), None);
        assert_eq!(read(&["Bearer abc", "Bearer def"]), None);
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let read = |values: &[&str]| cookie(&headers(header::COOKIE, values)).map(str::to_owned);
        assert_eq!(read(&["a=b; fairhearing_session=t; c=d"]), Some("t".to_owned()));
        assert_eq!(read(&["xfairhearing_session=t"]), None);
        assert_eq!(read(&["fairhearing_session="]), None);
        assert_eq!(read(&[]), None);
    }
}
