use std::io;
use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use fh_store::Blobs;
use fh_workflow::Caller;
use futures_util::stream::{self, Stream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::super::recording_url::UrlRefused;
use super::RecordingAddress;
use crate::parts::Api;
use crate::{PeerAddress, Problem};

/// How much is read from the object store at once.
const PIECE: u64 = 256 << 10;

/// Gives a recording to whoever has its signed address, whole or one range of its bytes.
pub(super) async fn get_recording(
    State(api): State<Api>,
    request: Request,
) -> Result<Response, Problem> {
    let uri = request.uri();
    let address = RecordingAddress::read(
        uri.path(),
        uri.query().unwrap_or_default(),
        api.url_key(),
        api.clock.now(),
    )
    .map_err(refused)?;
    let peer = request.extensions().get::<PeerAddress>();
    let reader = Caller {
        name: "signed address".to_owned(),
        address: peer.map(|peer| peer.0.ip().to_string()),
        ..Caller::system(address.tenant)
    };
    let audio = api.workflow.audio_of(&reader, address.call).await?;
    let audio = audio
        .ok_or_else(|| Problem::not_found("expected a `recording` of that call, found none"))?;
    let asked = request.headers().get(header::RANGE);
    let (status, range) = match asked.and_then(|value| read_range(value, audio.bytes)) {
        None => (StatusCode::OK, 0..audio.bytes),
        Some(range) if range.is_empty() => {
            let mut response = Problem::range_not_satisfiable(format!(
                "expected a range of {} bytes, found another",
                audio.bytes
            ))
            .into_response();
            let found = format!("bytes */{}", audio.bytes);
            set(response.headers_mut(), header::CONTENT_RANGE, &found);
            return Ok(response);
        }
        Some(range) => (StatusCode::PARTIAL_CONTENT, range),
    };
    let content_range = format!("bytes {}-{}/{}", range.start, range.end.max(1) - 1, audio.bytes);
    let length = range.end - range.start;
    let body = if request.method() == Method::HEAD {
        Body::empty()
    } else {
        Body::from_stream(pieces(Arc::clone(api.workflow.blobs()), audio.blob, range))
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, audio.content_type);
    set(headers, header::CONTENT_LENGTH, &length.to_string());
    set(headers, header::ACCEPT_RANGES, "bytes");
    set(headers, header::ETAG, &format!("\"{}\"", audio.digest));
    set(headers, header::CACHE_CONTROL, "private, no-store");
    // A stranger's bytes are never a page.
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    if status == StatusCode::PARTIAL_CONTENT {
        set(headers, header::CONTENT_RANGE, &content_range);
    }
    Ok(response)
}

fn refused(error: UrlRefused) -> Problem {
    Problem::forbidden(error)
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn pieces(
    blobs: Arc<dyn Blobs>,
    key: String,
    range: Range<u64>,
) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((blobs, key, range), |(blobs, key, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let end = range.end.min(range.start + PIECE);
        let piece = blobs.get_range(&key, range.start..end).await.map_err(io::Error::other)?;
        match piece.filter(|piece| !piece.is_empty()) {
            Some(piece) => {
                let next = range.start + piece.len() as u64..range.end;
                Ok(Some((piece, (blobs, key, next))))
            }
            // Erased meanwhile: the connection breaks off, so that nobody takes it for whole.
            None => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
        }
    })
}

/// RFC 9110, 14.1.2: `None` where it is no single range, which is passed over; empty where there are
/// no such bytes.
fn read_range(value: &HeaderValue, length: u64) -> Option<Range<u64>> {
    let (first, last) = value.to_str().ok()?.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    match (first, last) {
        ("", count) => Some(length.saturating_sub(number(count)?)..length),
        (first, "") => Some(number(first)?.min(length)..length),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then(|| first.min(length)..last.saturating_add(1).min(length))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_means_them() {
        let read = |text: &str| read_range(&HeaderValue::from_str(text).unwrap(), 1_000);
        assert_eq!(read("bytes=0-9"), Some(0..10));
        assert_eq!(read("bytes=990-"), Some(990..1_000));
        assert_eq!(read("bytes=990-5000"), Some(990..1_000));
        assert_eq!(read("bytes=-10"), Some(990..1_000));
        assert_eq!(read("bytes=-5000"), Some(0..1_000));
        for none in ["bytes=1000-", "bytes=-0", "bytes=99999999999999999999-"] {
            assert!(read(none).unwrap().is_empty(), "{none}");
        }
        for other in ["bytes=9-0", "bytes=-", "bytes=a-b", "bytes=0-1,5-6", "items=0-9", "bytes"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
