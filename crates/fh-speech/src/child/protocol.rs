//! What parent and child say to one another: frames of one byte of kind, four bytes of length
//! (little endian) and a payload. The parent sends one [`Job`], then clips; the child answers each
//! with one frame.

use std::io::{self, Read, Write};

use fh_model::{ChannelIndex, Language, Millis};
use serde::{Deserialize, Serialize};

use crate::engine::Recognized;
use crate::engines::{pocketsphinx, scripted, sherpa_onnx};

/// The largest frame that either side accepts: four minutes of sound.
const LARGEST_FRAME: u32 = 16 << 20;

/// Which recogniser the child is to load.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "engine", rename_all = "snake_case")]
pub(crate) enum Job {
    SherpaOnnx(sherpa_onnx::Load),
    Pocketsphinx(pocketsphinx::Load),
    /// For tests of the process itself.
    Scripted(scripted::Script),
}

/// A recogniser inside the child. Errors are sentences; they never hold what was said.
pub(crate) trait Recognizer {
    fn recognize(&mut self, clip: &ClipHeader, samples: &[f32]) -> Result<Recognized, String>;
}

/// What goes before a clip's samples.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct ClipHeader {
    pub(crate) language: Language,
    pub(crate) channel: ChannelIndex,
    pub(crate) start: Millis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Parent: a [`Job`] as JSON.
    Job,
    /// Parent: the length of a [`ClipHeader`] as JSON, the header, 32-bit samples.
    Clip,
    /// Child: the recogniser is loaded; its version.
    Ready,
    /// Child: a [`Recognized`] as JSON.
    Heard,
    /// Child: it did not work; a sentence.
    Failed,
}

const KINDS: [(Kind, u8); 5] = [
    (Kind::Job, b'J'),
    (Kind::Clip, b'C'),
    (Kind::Ready, b'R'),
    (Kind::Heard, b'H'),
    (Kind::Failed, b'F'),
];

#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    pub(crate) fn new(kind: Kind, payload: Vec<u8>) -> Self {
        Self { kind, payload }
    }

    pub(crate) fn json<T: Serialize>(kind: Kind, value: &T) -> io::Result<Self> {
        Ok(Self::new(kind, serde_json::to_vec(value).map_err(io::Error::other)?))
    }

    pub(crate) fn clip(header: &ClipHeader, samples: &[f32]) -> io::Result<Self> {
        let header = serde_json::to_vec(header).map_err(io::Error::other)?;
        let mut payload = Vec::with_capacity(4 + header.len() + samples.len() * 4);
        payload.extend_from_slice(&(header.len() as u32).to_le_bytes());
        payload.extend_from_slice(&header);
        for sample in samples {
            payload.extend_from_slice(&sample.to_le_bytes());
        }
        Ok(Self::new(Kind::Clip, payload))
    }

    /// Header and samples of a [`Kind::Clip`].
    pub(crate) fn read_clip(&self) -> io::Result<(ClipHeader, Vec<f32>)> {
        let (length, rest) =
            self.payload.split_first_chunk().ok_or_else(|| invalid("a clip without header"))?;
        let length = u32::from_le_bytes(*length) as usize;
        let (header, samples) =
            rest.split_at_checked(length).ok_or_else(|| invalid("a clip with half a header"))?;
        let header = serde_json::from_slice(header).map_err(io::Error::other)?;
        let (samples, left) = samples.as_chunks();
        if !left.is_empty() {
            return Err(invalid("half a sample"));
        }
        Ok((header, samples.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()))
    }

    pub(crate) fn write(&self, output: &mut dyn Write) -> io::Result<()> {
        let length = u32::try_from(self.payload.len())
            .ok()
            .filter(|&length| length <= LARGEST_FRAME)
            .ok_or_else(|| invalid("a frame over the limit"))?;
        let kind = KINDS.iter().find(|(kind, _)| *kind == self.kind).map_or(0, |(_, byte)| *byte);
        output.write_all(&[kind])?;
        output.write_all(&length.to_le_bytes())?;
        output.write_all(&self.payload)?;
        output.flush()
    }

    /// The next frame; `None` at the end of the stream.
    pub(crate) fn read(input: &mut dyn Read) -> io::Result<Option<Self>> {
        let mut head = [0; 5];
        if input.read(&mut head[..1])? == 0 {
            return Ok(None);
        }
        input.read_exact(&mut head[1..])?;
        let kind = KINDS.iter().find(|(_, byte)| *byte == head[0]).map(|(kind, _)| *kind);
        let kind = kind.ok_or_else(|| invalid("a frame of an unknown kind"))?;
        let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]);
        if length > LARGEST_FRAME {
            return Err(invalid("a frame over the limit"));
        }
        let mut payload = vec![0; length as usize];
        input.read_exact(&mut payload)?;
        Ok(Some(Self { kind, payload }))
    }
}

fn invalid(found: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("expected a frame, found {found}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_survives_the_way_through_the_pipe() {
        let header =
            ClipHeader { language: Language::ZhCn, channel: ChannelIndex(1), start: Millis(700) };
        let mut bytes = Vec::new();
        Frame::clip(&header, &[0.0, -1.0, 0.25]).unwrap().write(&mut bytes).unwrap();
        let frame = Frame::read(&mut bytes.as_slice()).unwrap().unwrap();
        let (read, samples) = frame.read_clip().unwrap();
        assert_eq!((read.language, read.channel.0, read.start.0), (Language::ZhCn, 1, 700));
        assert_eq!(samples, [0.0, -1.0, 0.25]);
    }

    #[test]
    fn damaged_frames_are_errors() {
        let check = |bytes: &[u8]| assert!(Frame::read(&mut &*bytes).is_err());
        check(b"J");
        check(b"J\x02\0\0\0x");
        check(b"?\0\0\0\0");
        check(b"J\xff\xff\xff\xff");
        assert!(Frame::read(&mut &b""[..]).unwrap().is_none());
        for payload in [&b""[..], b"\x09\0\0\0{}", b"\x02\0\0\0{}"] {
            assert!(Frame::new(Kind::Clip, payload.to_vec()).read_clip().is_err());
        }
    }
}
