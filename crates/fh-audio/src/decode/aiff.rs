//! Our own reader of AIFF and AIFF-C: PCM, float, A-law, mu-law.

use std::io::SeekFrom;

use fh_model::{DecoderPath, Millis};

use super::fault::Fault;
use super::g711::Law;
use super::kind::Kind;
use super::output::{Output, TrackShape};
use super::pcm::{Layout, Sample};
use super::wire::{Ending, Facts};
use super::{Input, pcm};
use crate::{LimitKind, Limits, Place};

/// A file may hold this many chunks; a damaged one could hold millions.
const MAX_CHUNKS: usize = 4_096;

/// What the common chunk says.
struct Common {
    channels: u16,
    frames: u32,
    bits: u16,
    rate_hz: u32,
    /// Four letters; `NONE` in plain AIFF.
    compression: [u8; 4],
    offset: u64,
}

pub(crate) fn decode(
    _: &Kind,
    limits: &Limits,
    input: &mut dyn Input,
    output: &mut Output<'_>,
) -> Result<Ending, Fault> {
    let mut head = [0; 12];
    read_at(input, 0, &mut head, "an AIFF header")?;
    let is_aiff_c = &head[8..12] == b"AIFC";
    let (mut common, mut sound) = (None, None);
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        if input.length() < at + 8 || (common.is_some() && sound.is_some()) {
            break;
        }
        let mut chunk = [0; 8];
        read_at(input, at, &mut chunk, "a chunk")?;
        let size = u32::from_be_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        let body = at + 8;
        match &chunk[..4] {
            b"COMM" => common = Some(read_common(input, body, size, is_aiff_c)?),
            b"SSND" => {
                // The samples begin after an offset and a block size, usually both 0.
                let mut skip = [0; 4];
                read_at(input, body, &mut skip, "a sound chunk")?;
                sound = Some(body + 8 + u64::from(u32::from_be_bytes(skip)));
            }
            _ => {}
        }
        at = body + u64::from(size) + u64::from(size % 2);
    }
    let Some(common) = common else {
        return Err(Fault::malformed(Place::Byte(at), "a common chunk", "the end of the file"));
    };
    let Some(start) = sound else {
        return Err(Fault::Empty { found: "a header and no samples".to_owned() });
    };
    if common.channels == 0 {
        return Err(Fault::malformed(Place::Byte(common.offset), "channels", "0 channels"));
    }
    if common.channels > u16::from(limits.max_channels) {
        return Err(Fault::Limit {
            limit: LimitKind::Channels,
            allowed: limits.max_channels.into(),
            found: common.channels.into(),
        });
    }
    let (codec, sample) = sample_of(&common)?;
    let layout =
        Layout { sample, channels: usize::from(common.channels), rate_hz: common.rate_hz, start };
    let there = input.length().saturating_sub(start);
    let declared = u64::from(common.frames) * layout.frame_bytes();
    if there < layout.frame_bytes() || declared == 0 {
        return Err(Fault::Empty { found: "a header and no samples".to_owned() });
    }
    let facts = Facts {
        format: format!("aiff/{codec}"),
        decoder: DecoderPath::Aiff,
        rate_hz: common.rate_hz,
        channels: common.channels as u8,
    };
    output.start(&facts, &[TrackShape { rate_hz: layout.rate_hz, channels: layout.channels }])?;
    pcm::decode(&layout, declared.min(there), input, output)?;
    let note = (declared > there).then(|| {
        format!(
            "the file ends at byte {}: expected {declared} bytes of samples, found {there}",
            input.length()
        )
    });
    let declared = Millis::from_samples(u64::from(common.frames), common.rate_hz);
    Ok(Ending { declared: Some(declared), note, ..Ending::default() })
}

fn read_common(
    input: &mut dyn Input,
    offset: u64,
    size: u32,
    is_aiff_c: bool,
) -> Result<Common, Fault> {
    let mut chunk = [0; 22];
    let length = if is_aiff_c { 22 } else { 18 };
    if (size as usize) < length {
        return Err(Fault::malformed(
            Place::Byte(offset),
            format!("a common chunk of at least {length} bytes"),
            format!("{size} bytes"),
        ));
    }
    read_at(input, offset, &mut chunk[..length], "a common chunk")?;
    let u16_at = |at: usize| u16::from_be_bytes([chunk[at], chunk[at + 1]]);
    Ok(Common {
        channels: u16_at(0),
        frames: u32::from_be_bytes([chunk[2], chunk[3], chunk[4], chunk[5]]),
        bits: u16_at(6),
        rate_hz: whole_of_extended(&chunk[8..18]),
        compression: if is_aiff_c {
            [chunk[18], chunk[19], chunk[20], chunk[21]]
        } else {
            *b"NONE"
        },
        offset,
    })
}

/// An 80-bit IEEE 754 extended number, rounded to the nearest whole; 0 for what no rate can be.
fn whole_of_extended(bytes: &[u8]) -> u32 {
    let exponent = i32::from(u16::from_be_bytes([bytes[0], bytes[1]])) - 16_383;
    let mantissa = bytes[2..10].iter().fold(0_u64, |all, &byte| all << 8 | u64::from(byte));
    if !(0..=31).contains(&exponent) {
        return 0;
    }
    let halves = mantissa >> (62 - exponent);
    u32::try_from(halves.div_ceil(2)).unwrap_or(0)
}

fn sample_of(common: &Common) -> Result<(&'static str, Sample), Fault> {
    let bytes = common.bits.div_ceil(8);
    Ok(match (&common.compression, bytes) {
        (b"NONE" | b"twos", 1) => ("pcm_s8", Sample::S8),
        (b"NONE" | b"twos", 2) => ("pcm_s16be", Sample::S16Be),
        (b"NONE" | b"twos", 3) => ("pcm_s24be", Sample::S24Be),
        (b"NONE" | b"twos", 4) => ("pcm_s32be", Sample::S32Be),
        (b"sowt", 2) => ("pcm_s16le", Sample::S16Le),
        (b"sowt", 3) => ("pcm_s24le", Sample::S24Le),
        (b"sowt", 4) => ("pcm_s32le", Sample::S32Le),
        (b"raw ", 1) => ("pcm_u8", Sample::U8),
        (b"fl32" | b"FL32", _) => ("pcm_f32be", Sample::F32Be),
        (b"fl64" | b"FL64", _) => ("pcm_f64be", Sample::F64Be),
        (b"alaw" | b"ALAW", _) => (Law::A.codec(), Sample::G711(Law::A)),
        (b"ulaw" | b"ULAW", _) => (Law::Mu.codec(), Sample::G711(Law::Mu)),
        (letters, _) => {
            return Err(Fault::Unsupported {
                format: format!("aiff/{}", letters.escape_ascii()),
                detail: format!("{} bits a sample", common.bits),
            });
        }
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_from_extended_numbers() {
        // 8000 = 1.953125 * 2^12: exponent 16383 + 12 = 0x400B, mantissa 0xFA00...
        assert_eq!(whole_of_extended(&[0x40, 0x0B, 0xFA, 0, 0, 0, 0, 0, 0, 0]), 8_000);
        // 44100 = 1.3458... * 2^15: 0x400E, 0xAC44...
        assert_eq!(whole_of_extended(&[0x40, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0]), 44_100);
        assert_eq!(whole_of_extended(&[0xFF; 10]), 0);
    }
}
