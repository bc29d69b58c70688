use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;

use crate::Problem;
use crate::parts::Api;
use crate::patience::TooSlow;
use crate::strict_json::{self, JsonError, JsonLimits};

/// Why a request's body could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// The content is said to be something else.
    #[error(
        "expected the content type `application/json`, if any with `charset=utf-8`, found `{found}`"
    )]
    WrongType {
        /// What came, cut to a sane length.
        found: String,
    },
    /// It is larger than allowed.
    #[error("expected at most {limit} bytes, found more")]
    TooLarge {
        /// What is allowed.
        limit: usize,
    },
    /// It came too slowly.
    #[error("{0}")]
    TooSlow(TooSlow),
    /// The connection ended before the body did.
    #[error("expected the whole body, found less")]
    Broken,
    /// It is not the JSON that was expected.
    #[error("{0}")]
    Json(#[from] JsonError),
}

/// Reads JSON. A request without a content type may hold JSON, too: both vendors' documents call the
/// header optional.
pub(crate) async fn read_json<T: DeserializeOwned>(
    request: Request,
    limits: &JsonLimits,
) -> Result<T, BodyError> {
    check_type(request.headers())?;
    let bytes = read_bytes(request, limits.max_bytes).await?;
    Ok(strict_json::from_slice(&bytes, limits)?)
}

fn check_type(headers: &HeaderMap) -> Result<(), BodyError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let wrong = || BodyError::WrongType {
        found: String::from_utf8_lossy(value.as_bytes())
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect(),
    };
    let text = value.to_str().map_err(|_| wrong())?;
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    let is_json = essence.eq_ignore_ascii_case("application/json");
    let is_utf_8 = charset.is_none_or(|charset| {
        charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
    });
    if is_json && is_utf_8 { Ok(()) } else { Err(wrong()) }
}

/// The whole body, if it is not larger than `limit`.
async fn read_bytes(request: Request, limit: usize) -> Result<Bytes, BodyError> {
    // Refused before a byte is read where the client says how much it has.
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let waits = request.headers().contains_key(header::EXPECT);
    let mut body = request.into_body();
    if let Some(announced) = announced.filter(|&length| length > limit as u64) {
        if !waits && announced - limit as u64 <= SPILLED {
            spill(&mut body, limit as u64 + SPILLED).await;
        }
        return Err(BodyError::TooLarge { limit });
    }
    match Limited::new(&mut body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) => {
            let error = read_failed(error.as_ref(), limit);
            if matches!(error, BodyError::TooLarge { .. }) {
                spill(&mut body, SPILLED).await;
            }
            Err(error)
        }
    }
}

/// How much of a body that is too large is taken in for nothing.
const SPILLED: u64 = 4 << 20;

/// Reads on, for a client that sends first and listens then: were the connection closed on what it
/// still sends, its system would throw our answer away.
async fn spill(body: &mut Body, most: u64) {
    let mut left = most;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
        match left.checked_sub(bytes) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

fn read_failed(error: &(dyn std::error::Error + 'static), limit: usize) -> BodyError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(slow) = error.downcast_ref::<TooSlow>() {
            return BodyError::TooSlow(*slow);
        }
        if error.is::<http_body_util::LengthLimitError>() {
            return BodyError::TooLarge { limit };
        }
        cause = error.source();
    }
    BodyError::Broken
}

/// JSON in a request of the native API.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Api> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        Ok(Self(read_json(request, &api.settings.json).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_utf_8_is_accepted_and_nothing_else() {
        let check = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
            check_type(&headers).is_ok()
        };
        assert!(check_type(&HeaderMap::new()).is_ok());
        assert!(check("application/json"));
        assert!(check("application/json; charset=UTF-8"));
        assert!(check("Application/JSON;charset=\"utf-8\""));
        assert!(!check("application/json; charset=gbk"));
        assert!(!check("text/plain"));
        assert!(!check("application/jsonp"));
        assert!(!check(""));
    }
}
