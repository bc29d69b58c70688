//! A transcript that came along with a call, as it is kept until its words are needed: the name, a
//! zero byte, the bytes.

use crate::inspection::GivenTranscript;

/// The step under which it is kept.
pub(crate) const STEP: &str = "given_transcript";

/// The transcript as a step's body; one that could not be read is kept without bytes.
pub(crate) fn to_body(transcript: &GivenTranscript) -> Vec<u8> {
    let mut body = transcript.name().replace('\0', "").into_bytes();
    body.push(0);
    body.extend_from_slice(transcript.bytes().unwrap_or_default());
    body
}

/// The transcript in a step's body.
pub(crate) fn from_body(body: &[u8]) -> GivenTranscript {
    let end = body.iter().position(|&byte| byte == 0).unwrap_or(body.len());
    let bytes = body.get(end + 1..).unwrap_or_default();
    GivenTranscript::new(String::from_utf8_lossy(&body[..end]), bytes.to_vec())
}
