use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use fh_model::CallId;
use fh_store::Blobs;
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Refusals;
use crate::Problem;
use crate::extract::InPath;
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// How much is read from the object store at once.
const PIECE: u64 = 256 << 10;

/// What RFC 8187 lets stand in `filename*` as it is.
const FILE_NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// Gives a call's recording as it was submitted, whole or a range of its bytes.
#[utoipa::path(get, path = "/v1/calls/{id}/audio", tag = "calls",
    params(("id" = String, Path, format = Uuid),
           ("Range" = Option<String>, Header, description = "One range, such as `bytes=0-1023`.")),
    responses(
        (status = 200, description = "The whole recording, of the type that its name tells.", body = Vec<u8>, content_type = "*/*"),
        (status = 206, description = "The range that was asked for.", body = Vec<u8>, content_type = "*/*"),
        (status = 416, description = "There are no such bytes.", body = Problem, content_type = "application/problem+json"),
        Refusals))]
pub(crate) async fn get_audio(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<CallId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let audio = api
        .workflow
        .audio_of(&caller, id)
        .await?
        .ok_or_else(|| Problem::not_found("expected a `recording` of that call, found none"))?;
    let etag = format!("\"{}\"", audio.digest);
    let asked = headers.get(header::RANGE).filter(|_| {
        // A range of something else than the client has seen would not fit.
        headers.get(header::IF_RANGE).is_none_or(|value| value.as_bytes() == etag.as_bytes())
    });
    let (status, range) = match asked.map(|value| read_range(value, audio.bytes)) {
        None | Some(Asked::Everything) => (StatusCode::OK, 0..audio.bytes),
        Some(Asked::Part(range)) => (StatusCode::PARTIAL_CONTENT, range),
        Some(Asked::Nothing) => {
            let problem = Problem::range_not_satisfiable(format!(
                "expected a range of {} bytes, found another",
                audio.bytes
            ));
            let mut response = problem.into_response();
            set(response.headers_mut(), header::CONTENT_RANGE, format!("bytes */{}", audio.bytes));
            return Ok(response);
        }
    };
    let length = range.end - range.start;
    let content_range = format!("bytes {}-{}/{}", range.start, range.end - 1, audio.bytes);
    let blobs = Arc::clone(api.workflow.blobs());
    // Read before anything is answered: where somebody erases the call just now, that can be said.
    let first_end = range.end.min(range.start + PIECE);
    let first = blobs.get_range(&audio.blob, range.start..first_end).await?;
    let first = first
        .filter(|piece| piece.len() as u64 == first_end - range.start)
        .ok_or_else(|| Problem::not_found("expected a `recording` of that call, found none"))?;
    let rest = pieces(blobs, audio.blob, first_end..range.end);
    let body = Body::from_stream(stream::once(async move { Ok(first) }).chain(rest));
    let mut response = (status, body).into_response();
    let name = utf8_percent_encode(&audio.file_name, FILE_NAME);
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, audio.content_type);
    set(headers, header::CONTENT_LENGTH, length.to_string());
    set(headers, header::ACCEPT_RANGES, "bytes");
    set(headers, header::ETAG, etag);
    set(headers, header::CACHE_CONTROL, "private, no-cache");
    set(headers, header::CONTENT_DISPOSITION, format!("inline; filename*=UTF-8''{name}"));
    // A stranger's bytes are never a page.
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    if status == StatusCode::PARTIAL_CONTENT {
        set(headers, header::CONTENT_RANGE, content_range);
    }
    Ok(response)
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: impl AsRef<str>) {
    if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
        headers.insert(name, value);
    }
}

fn pieces(
    blobs: Arc<dyn Blobs>,
    key: String,
    range: Range<u64>,
) -> impl stream::Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold((blobs, key, range), |(blobs, key, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let end = range.end.min(range.start + PIECE);
        let piece = blobs.get_range(&key, range.start..end).await.map_err(std::io::Error::other)?;
        match piece {
            Some(piece) if !piece.is_empty() => {
                let next = range.start + piece.len() as u64..range.end;
                Ok(Some((piece, (blobs, key, next))))
            }
            // Erased meanwhile: the connection breaks off, so that nobody takes it for whole.
            _ => {
                Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "the recording is gone"))
            }
        }
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Everything,
    Part(Range<u64>),
    Nothing,
}

/// RFC 9110, 14.1.2 and 14.2: what is no single range of bytes is passed over.
fn read_range(value: &HeaderValue, length: u64) -> Asked {
    let Some((first, last)) = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().strip_prefix("bytes="))
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Asked::Everything;
    };
    let number = |text: &str| match text {
        "" => Some(None),
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(Some(text.parse::<u64>().unwrap_or(u64::MAX)))
        }
        _ => None,
    };
    let range = match (number(first), number(last)) {
        (Some(Some(first)), Some(last)) => {
            let last = last.unwrap_or(u64::MAX);
            if last < first {
                return Asked::Everything;
            }
            first..last.saturating_add(1).min(length)
        }
        (Some(None), Some(Some(count))) => length.saturating_sub(count)..length,
        _ => return Asked::Everything,
    };
    if range.is_empty() { Asked::Nothing } else { Asked::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_means_them() {
        let read = |text: &str| read_range(&HeaderValue::from_str(text).unwrap(), 1_000);
        assert_eq!(read("bytes=0-9"), Asked::Part(0..10));
        assert_eq!(read("bytes=990-"), Asked::Part(990..1_000));
        assert_eq!(read("bytes=990-5000"), Asked::Part(990..1_000));
        assert_eq!(read("bytes=-10"), Asked::Part(990..1_000));
        assert_eq!(read("bytes=-5000"), Asked::Part(0..1_000));
        assert_eq!(read("bytes=1000-"), Asked::Nothing);
        assert_eq!(read("bytes=-0"), Asked::Nothing);
        assert_eq!(read("bytes=99999999999999999999-"), Asked::Nothing);
        for other in ["bytes=9-0", "bytes=-", "bytes=a-b", "bytes=0-1,5-6", "items=0-9", "bytes"] {
            assert_eq!(read(other), Asked::Everything, "{other}");
        }
        assert_eq!(read_range(&HeaderValue::from_static("bytes=0-9"), 0), Asked::Nothing);
    }
}
