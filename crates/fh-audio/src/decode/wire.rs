//! What parent and decoding process say to each other.
//!
//! The request is one JSON argument. The recording is the child's standard input, already open:
//! the child opens nothing. The answer comes on its standard output as frames, each a tag, a
//! length (32 bits, little endian) and that many bytes.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use fh_model::{DecoderPath, Millis};
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::kind::Kind;
use crate::Limits;

/// The rate of all samples that leave the decoding process.
pub(crate) const OUTPUT_RATE_HZ: u32 = 16_000;

/// The most frames in one block.
pub(crate) const BLOCK_FRAMES: usize = 8_192;

/// The longest JSON in a frame.
const MAX_JSON_BYTES: usize = 1 << 16;

/// What the child is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) task: Task,
    pub(crate) limits: Limits,
    /// Whether the child must lock itself in before it looks at the recording.
    pub(crate) sandbox: bool,
    /// The parent's process id: a child whose parent is another one was orphaned while starting.
    pub(crate) parent: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// Decode standard input.
    Decode { kind: Kind },
    /// Become this program, locked in, with standard input as the only file of the user's that it
    /// can read.
    Ffmpeg { program: PathBuf, args: Vec<OsString> },
}

/// What is known before the first sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// Container and codec, `wav/pcm_mulaw`.
    pub(crate) format: String,
    pub(crate) decoder: DecoderPath,
    /// The rate of the recording.
    pub(crate) rate_hz: u32,
    /// Channels over all tracks.
    pub(crate) channels: u8,
}

/// What is known after the last sample.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Ending {
    /// The length that the container declares.
    pub(crate) declared: Option<Millis>,
    /// How much of what was sent is silence that stands for sound that could not be decoded.
    pub(crate) filled: Millis,
    /// Why the recording is partial although nothing failed.
    pub(crate) note: Option<String>,
    /// Which packets were damaged, for the reason if so much is missing that there must be one.
    pub(crate) damage: Option<String>,
    /// What ended decoding early.
    pub(crate) fault: Option<Fault>,
}

/// A frame as it is read.
#[derive(Debug)]
pub(crate) enum Frame {
    Facts(Facts),
    /// Samples of all channels, one channel after the other.
    Block(Vec<u8>),
    Ending(Ending),
}

const TAG_FACTS: u8 = b'F';
const TAG_BLOCK: u8 = b'B';
const TAG_ENDING: u8 = b'E';

pub(crate) fn write_facts(to: &mut impl Write, facts: &Facts) -> io::Result<()> {
    write_json(to, TAG_FACTS, facts)
}

pub(crate) fn write_ending(to: &mut impl Write, ending: &Ending) -> io::Result<()> {
    write_json(to, TAG_ENDING, ending)
}

fn write_json(to: &mut impl Write, tag: u8, value: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_vec(value)?;
    write_head(to, tag, json.len())?;
    to.write_all(&json)
}

fn write_head(to: &mut impl Write, tag: u8, length: usize) -> io::Result<()> {
    let length = u32::try_from(length).map_err(|_| io::ErrorKind::InvalidInput)?;
    to.write_all(&[tag])?;
    to.write_all(&length.to_le_bytes())
}

/// Writes one block of as many channels as there are planes, all of one length.
pub(crate) fn write_block(
    to: &mut impl Write,
    planes: &[Vec<i16>],
    scratch: &mut Vec<u8>,
) -> io::Result<()> {
    scratch.clear();
    for plane in planes {
        scratch.extend(plane.iter().flat_map(|sample| sample.to_le_bytes()));
    }
    write_head(to, TAG_BLOCK, scratch.len())?;
    to.write_all(scratch)
}

/// The next frame; `None` where the stream ends between two frames. `block` is a spent buffer to
/// use again.
pub(crate) fn read_frame(from: &mut impl Read, mut block: Vec<u8>) -> io::Result<Option<Frame>> {
    let mut tag = [0];
    if from.read(&mut tag)? == 0 {
        return Ok(None);
    }
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    let longest = match tag[0] {
        TAG_FACTS | TAG_ENDING => MAX_JSON_BYTES,
        TAG_BLOCK => BLOCK_FRAMES * 2 * usize::from(u8::MAX),
        tag => return Err(invalid(format!("expected a frame, found tag {tag}"))),
    };
    if length > longest {
        return Err(invalid(format!("expected at most {longest} bytes, found {length}")));
    }
    block.resize(length, 0);
    from.read_exact(&mut block)?;
    let json = |error: serde_json::Error| invalid(error.to_string());
    Ok(Some(match tag[0] {
        TAG_FACTS => Frame::Facts(serde_json::from_slice(&block).map_err(json)?),
        TAG_BLOCK => Frame::Block(block),
        _ => Frame::Ending(serde_json::from_slice(&block).map_err(json)?),
    }))
}

fn invalid(detail: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, detail)
}
