use std::io::SeekFrom;

use super::Input;
use super::fault::Fault;
use super::g711::Law;
use super::output::Output;

/// How one sample is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sample {
    U8,
    S8,
    S16Le,
    S16Be,
    S24Le,
    S24Be,
    S32Le,
    S32Be,
    F32Le,
    F32Be,
    F64Le,
    F64Be,
    G711(Law),
}

impl Sample {
    const fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::S8 | Self::G711(_) => 1,
            Self::S16Le | Self::S16Be => 2,
            Self::S24Le | Self::S24Be => 3,
            Self::S32Le | Self::S32Be | Self::F32Le | Self::F32Be => 4,
            Self::F64Le | Self::F64Be => 8,
        }
    }
}

/// Interleaved samples somewhere in a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) sample: Sample,
    pub(crate) channels: usize,
    pub(crate) rate_hz: u32,
    /// Offset of the first sample.
    pub(crate) start: u64,
}

impl Layout {
    pub(crate) const fn frame_bytes(&self) -> u64 {
        (self.sample.bytes() * self.channels) as u64
    }
}

/// Frames that are read at once.
const CHUNK_FRAMES: usize = 4_096;

/// Pushes `bytes` bytes of samples to the first track.
pub(crate) fn decode(
    layout: &Layout,
    bytes: u64,
    input: &mut dyn Input,
    output: &mut Output<'_>,
) -> Result<(), Fault> {
    let reading = |at: u64, error| Fault::reading(at, "samples", &error);
    input.seek(SeekFrom::Start(layout.start)).map_err(|error| reading(layout.start, error))?;
    let frame_bytes = layout.frame_bytes() as usize;
    let mut chunk = vec![0; CHUNK_FRAMES * frame_bytes];
    let mut planes = vec![vec![0.0_f32; CHUNK_FRAMES]; layout.channels];
    let mut frames_left = bytes / layout.frame_bytes();
    let mut at = layout.start;
    while frames_left > 0 {
        let frames = frames_left.min(CHUNK_FRAMES as u64) as usize;
        let chunk = &mut chunk[..frames * frame_bytes];
        input.read_exact(chunk).map_err(|error| reading(at, error))?;
        for (channel, plane) in planes.iter_mut().enumerate() {
            expand(layout, chunk, channel, &mut plane[..frames]);
        }
        let ready: Vec<&[f32]> = planes.iter().map(|plane| &plane[..frames]).collect();
        output.push(0, &ready)?;
        frames_left -= frames as u64;
        at += chunk.len() as u64;
    }
    Ok(())
}

/// One channel out of interleaved samples.
fn expand(layout: &Layout, chunk: &[u8], channel: usize, plane: &mut [f32]) {
    const I8: f32 = 1.0 / 128.0;
    const I16: f32 = 1.0 / 32_768.0;
    const I32: f32 = 1.0 / 2_147_483_648.0;
    match layout.sample {
        Sample::U8 => {
            each::<1>(layout, chunk, channel, plane, |[byte]| (f32::from(byte) - 128.0) * I8)
        }
        Sample::S8 => {
            each(layout, chunk, channel, plane, |bytes| f32::from(i8::from_le_bytes(bytes)) * I8);
        }
        Sample::S16Le => {
            each(layout, chunk, channel, plane, |bytes| f32::from(i16::from_le_bytes(bytes)) * I16);
        }
        Sample::S16Be => {
            each(layout, chunk, channel, plane, |bytes| f32::from(i16::from_be_bytes(bytes)) * I16);
        }
        Sample::S24Le => each(layout, chunk, channel, plane, |[low, middle, high]| {
            i32::from_le_bytes([0, low, middle, high]) as f32 * I32
        }),
        Sample::S24Be => each(layout, chunk, channel, plane, |[high, middle, low]| {
            i32::from_le_bytes([0, low, middle, high]) as f32 * I32
        }),
        Sample::S32Le => {
            each(layout, chunk, channel, plane, |bytes| i32::from_le_bytes(bytes) as f32 * I32);
        }
        Sample::S32Be => {
            each(layout, chunk, channel, plane, |bytes| i32::from_be_bytes(bytes) as f32 * I32);
        }
        Sample::F32Le => each(layout, chunk, channel, plane, f32::from_le_bytes),
        Sample::F32Be => each(layout, chunk, channel, plane, f32::from_be_bytes),
        Sample::F64Le => {
            each(layout, chunk, channel, plane, |bytes| f64::from_le_bytes(bytes) as f32);
        }
        Sample::F64Be => {
            each(layout, chunk, channel, plane, |bytes| f64::from_be_bytes(bytes) as f32);
        }
        Sample::G711(law) => {
            let table = law.table();
            each::<1>(layout, chunk, channel, plane, |[byte]| table[usize::from(byte)]);
        }
    }
}

fn each<const BYTES: usize>(
    layout: &Layout,
    chunk: &[u8],
    channel: usize,
    plane: &mut [f32],
    value: impl Fn([u8; BYTES]) -> f32,
) {
    let frames = chunk.chunks_exact(BYTES * layout.channels);
    for (to, frame) in plane.iter_mut().zip(frames) {
        let at = channel * BYTES;
        *to = value(frame[at..at + BYTES].try_into().expect("the slice has that length"));
    }
}
