//! Our own reader of RIFF, RF64 and BW64: PCM, float, A-law, mu-law, Microsoft's and IMA's ADPCM.
//!
//! Lenient where real recorders are wrong: a mu-law format chunk of 16 bytes (Microsoft's own
//! sample), lengths of 0 or 0xFFFFFFFF left by a recorder that died or wrote to a pipe, lengths
//! beyond the end of the file.

use std::io::SeekFrom;

use fh_model::{DecoderPath, Millis};

use super::fault::Fault;
use super::g711::Law;
use super::kind::Kind;
use super::output::{Output, TrackShape};
use super::pcm::{Layout, Sample};
use super::wav_adpcm::{Blocks, Codec};
use super::wire::{Ending, Facts};
use super::{Input, pcm, wav_adpcm};
use crate::{LimitKind, Limits, Place};

/// A file may hold this many chunks before its samples; a damaged one could hold millions.
const MAX_CHUNKS: usize = 4_096;

/// What the format chunk says.
#[derive(Debug, Clone, Copy)]
struct Format {
    tag: u16,
    channels: u16,
    rate_hz: u32,
    block_bytes: u16,
    bits: u16,
    offset: u64,
}

/// Where the samples are.
#[derive(Debug)]
struct Data {
    start: u64,
    /// The length in bytes that the header declares; `None` where it declares none.
    declared: Option<u64>,
}

pub(crate) fn decode(
    _: &Kind,
    limits: &Limits,
    input: &mut dyn Input,
    output: &mut Output<'_>,
) -> Result<Ending, Fault> {
    let (format, data) = read_header(input)?;
    if format.channels == 0 {
        return Err(Fault::malformed(Place::Byte(format.offset + 2), "channels", "0 channels"));
    }
    if format.channels > u16::from(limits.max_channels) {
        return Err(Fault::Limit {
            limit: LimitKind::Channels,
            allowed: limits.max_channels.into(),
            found: format.channels.into(),
        });
    }
    let samples = Samples::of(&format, data.start)?;
    let there = input.length().saturating_sub(data.start);
    if samples.frames(there) == 0 {
        return Err(Fault::Empty { found: "a header and no samples".to_owned() });
    }
    let bytes = data.declared.unwrap_or(there).min(there);
    let length = |bytes: u64| Millis::from_samples(samples.frames(bytes), format.rate_hz);
    let facts = Facts {
        format: format!("wav/{}", samples.codec()),
        decoder: DecoderPath::Wav,
        rate_hz: format.rate_hz,
        channels: format.channels as u8,
    };
    let shape = TrackShape { rate_hz: format.rate_hz, channels: usize::from(format.channels) };
    output.start(&facts, &[shape])?;
    let mut ending = Ending::default();
    match &samples {
        Samples::Plain { layout, .. } => pcm::decode(layout, bytes, input, output)?,
        Samples::Adpcm(blocks) => {
            let damaged = wav_adpcm::decode(blocks, bytes, input, output)?;
            ending.damage = (damaged > 0).then(|| format!("{damaged} blocks are damaged"));
        }
    }
    match data.declared {
        None => {
            ending.note = Some(
                "the header gives no length: the recorder stopped before it wrote one".to_owned(),
            );
        }
        Some(declared) if declared > there => {
            ending.declared = Some(length(declared));
            ending.note = Some(format!(
                "the file ends at byte {}: expected {declared} bytes of samples, found {there}",
                input.length()
            ));
        }
        Some(declared) => ending.declared = Some(length(declared)),
    }
    Ok(ending)
}

/// How the samples are stored.
enum Samples {
    Plain { codec: &'static str, layout: Layout },
    Adpcm(Blocks),
}

impl Samples {
    fn of(format: &Format, start: u64) -> Result<Self, Fault> {
        let channels = usize::from(format.channels);
        let codec = match format.tag {
            2 => Codec::Ms,
            0x11 => Codec::Ima,
            _ => {
                let (codec, sample) = sample_of(format)?;
                let layout = Layout { sample, channels, rate_hz: format.rate_hz, start };
                return Ok(Self::Plain { codec, layout });
            }
        };
        let block_bytes = usize::from(format.block_bytes);
        let blocks = Blocks { codec, channels, block_bytes, start };
        if blocks.frames(block_bytes) == 0 || format.bits != 4 {
            return Err(Fault::malformed(
                Place::Byte(format.offset + 12),
                format!("blocks of {} with 4 bits a sample", codec.name()),
                format!("{block_bytes} bytes a block and {} bits a sample", format.bits),
            ));
        }
        Ok(Self::Adpcm(blocks))
    }

    const fn codec(&self) -> &'static str {
        match self {
            Self::Plain { codec, .. } => codec,
            Self::Adpcm(blocks) => blocks.codec.name(),
        }
    }

    /// How many frames are in so many bytes.
    const fn frames(&self, bytes: u64) -> u64 {
        match self {
            Self::Plain { layout, .. } => bytes / layout.frame_bytes(),
            Self::Adpcm(blocks) => {
                let block = blocks.block_bytes as u64;
                let rest = blocks.frames((bytes % block) as usize);
                bytes / block * blocks.frames(blocks.block_bytes) as u64 + rest as u64
            }
        }
    }
}

/// Walks the chunks up to the samples.
fn read_header(input: &mut dyn Input) -> Result<(Format, Data), Fault> {
    let mut head = [0; 12];
    read_at(input, 0, &mut head, "a RIFF header")?;
    let mut data64 = None;
    let mut format = None;
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        let mut chunk = [0; 8];
        if input.length() < at + 8 {
            return Err(match format {
                Some(_) => Fault::Empty { found: "a header and no samples".to_owned() },
                None => Fault::malformed(Place::Byte(at), "a format chunk", "the end of the file"),
            });
        }
        read_at(input, at, &mut chunk, "a chunk")?;
        let size = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        let body = at + 8;
        match &chunk[..4] {
            b"ds64" if size >= 16 => {
                let mut sizes = [0; 16];
                read_at(input, body, &mut sizes, "a ds64 chunk")?;
                let (_, data_size) = sizes.split_at(8);
                data64 = Some(u64::from_le_bytes(data_size.try_into().expect("eight bytes")));
            }
            b"fmt " => format = Some(read_format(input, body, size)?),
            b"data" => {
                let Some(format) = format else {
                    return Err(Fault::malformed(
                        Place::Byte(at),
                        "a format chunk before the samples",
                        "a data chunk",
                    ));
                };
                let declared = match (size, data64) {
                    (u32::MAX, Some(size)) => Some(size),
                    // 0 and -1 are what a recorder leaves that never came to write the length.
                    (0 | u32::MAX, _) => None,
                    (size, _) => Some(u64::from(size)),
                };
                return Ok((format, Data { start: body, declared }));
            }
            _ => {}
        }
        // Chunks begin at even offsets.
        at = body + u64::from(size) + u64::from(size % 2);
    }
    Err(Fault::malformed(
        Place::Byte(at),
        format!("a data chunk among the first {MAX_CHUNKS}"),
        "another chunk",
    ))
}

fn read_format(input: &mut dyn Input, offset: u64, size: u32) -> Result<Format, Fault> {
    if size < 14 {
        return Err(Fault::malformed(
            Place::Byte(offset),
            "a format chunk of at least 14 bytes",
            format!("{size} bytes"),
        ));
    }
    let mut chunk = [0; 40];
    let known = (size as usize).min(chunk.len());
    read_at(input, offset, &mut chunk[..known], "a format chunk")?;
    let u16_at = |at: usize| u16::from_le_bytes([chunk[at], chunk[at + 1]]);
    let mut format = Format {
        tag: u16_at(0),
        channels: u16_at(2),
        rate_hz: u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]),
        block_bytes: u16_at(12),
        bits: u16_at(14),
        offset,
    };
    // WAVE_FORMAT_EXTENSIBLE: the tag stands at the front of the sub-format's GUID.
    if format.tag == 0xFFFE && known >= 26 {
        format.tag = u16_at(24);
    }
    Ok(format)
}

/// The codec's name and how one sample of it is stored.
fn sample_of(format: &Format) -> Result<(&'static str, Sample), Fault> {
    let unsupported =
        |codec: &str, detail: String| Fault::Unsupported { format: format!("wav/{codec}"), detail };
    // Samples may stand in more bytes than they have bits (24 in 32); the block size tells.
    let in_block = match format.channels {
        0 => 0,
        channels => format.block_bytes / channels,
    };
    let bytes = match format.bits.div_ceil(8) {
        least @ 1..=8 if (least..=8).contains(&in_block) => in_block,
        least => least,
    };
    Ok(match (format.tag, bytes) {
        (1, 1) => ("pcm_u8", Sample::U8),
        (1, 2) => ("pcm_s16le", Sample::S16Le),
        (1, 3) => ("pcm_s24le", Sample::S24Le),
        (1, 4) => ("pcm_s32le", Sample::S32Le),
        (3, 4) => ("pcm_f32le", Sample::F32Le),
        (3, 8) => ("pcm_f64le", Sample::F64Le),
        (6, _) => (Law::A.codec(), Sample::G711(Law::A)),
        (7, _) => (Law::Mu.codec(), Sample::G711(Law::Mu)),
        (1, _) => return Err(wrong_bits(format, "8, 16, 24 or 32 bits a sample")),
        (3, _) => return Err(wrong_bits(format, "32 or 64 bits a sample")),
        (0x31, _) => return Err(unsupported("gsm_610", "not plain samples".to_owned())),
        (0x42, _) => return Err(unsupported("g723_1", "not plain samples".to_owned())),
        (0x45 | 0x64 | 0x14, _) => return Err(unsupported("g726", "not plain samples".to_owned())),
        (0x28F | 0x65, _) => return Err(unsupported("g722", "not plain samples".to_owned())),
        (0x55, _) => return Err(unsupported("mp3", "not plain samples".to_owned())),
        (tag, _) => {
            return Err(unsupported("unknown", format!("format tag {tag:#06x}")));
        }
    })
}

fn wrong_bits(format: &Format, expected: &str) -> Fault {
    Fault::malformed(Place::Byte(format.offset + 14), expected, format!("{} bits", format.bits))
}

fn read_at(
    input: &mut dyn Input,
    offset: u64,
    bytes: &mut [u8],
    expected: &str,
) -> Result<(), Fault> {
    input
        .seek(SeekFrom::Start(offset))
        .and_then(|_| input.read_exact(bytes))
        .map_err(|error| Fault::reading(offset, expected, &error))
}
