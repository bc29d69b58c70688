use std::path::Path;

use fh_model::{ChannelIndex, Millis, Span};
use ogg::{PacketWriteEndInfo, PacketWriter};

use crate::decode::parent::{Receiver, decode};
use crate::resample::TARGET_RATE_HZ;
use crate::sound::SoundWriter;
use crate::{AudioError, DecodeOptions, PreviewOptions, Sound, opus};

/// A call for the eye and, in a browser, for the ear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// How loud each channel is over time.
    pub peaks: Vec<ChannelPeaks>,
    /// The call as an Ogg Opus file, if it was asked for: one channel or two. Channels beyond the
    /// second are left out; two that are the same are encoded as one.
    pub opus: Option<Vec<u8>>,
}

/// The highest sample in each stretch of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelPeaks {
    /// How long each stretch is; the last one may be shorter.
    pub bucket: Millis,
    /// The peaks, from 0 for silence to 255 for full scale.
    pub values: Vec<u8>,
}

/// Decodes a recording to a preview.
///
/// # Errors
/// As [`decode`](crate::decode()), and [`AudioError::Preview`] where it cannot be encoded.
pub fn preview(
    path: &Path,
    decode_options: &DecodeOptions,
    options: &PreviewOptions,
) -> Result<Preview, AudioError> {
    let decoded = decode(path, decode_options, &mut |channels| {
        SoundWriter::new(channels).map(Keeper).map_err(|source| AudioError::Spill { source })
    })?;
    let mut sound = decoded.receiver.0.finish().map_err(|source| AudioError::Spill { source })?;
    Preview::of(&mut sound, options)
}

struct Keeper(SoundWriter);

impl Receiver for Keeper {
    fn block(&mut self, channels: &[&[f32]]) -> Result<(), AudioError> {
        self.0.push(channels).map_err(|source| AudioError::Spill { source })
    }
}

/// The lengths of a peak to choose from: from a pixel of a screen that shows ten seconds, to what
/// keeps the peaks of a long call small.
const BUCKETS: [Millis; 4] = [Millis(10), Millis(20), Millis(50), Millis(100)];

/// A channel has no more peaks than this while a finer length can be left: in base64 they take
/// 48 kB, a fiftieth of the sound of a call that long.
const MOST_PEAKS: u64 = 36_000;

/// How long each peak is where nobody said so.
fn fitting_bucket(duration: Millis) -> Millis {
    let [.., coarsest] = BUCKETS;
    BUCKETS
        .into_iter()
        .find(|bucket| duration.0.div_ceil(bucket.0) <= MOST_PEAKS)
        .unwrap_or(coarsest)
}

/// How much is read from the sound at once.
const PIECE: Millis = Millis(1_000);

/// An Opus frame: 20 ms at 16 kHz.
const FRAME_SAMPLES: usize = 320;

/// Packets on one Ogg page: a second.
const PAGE_PACKETS: u64 = 50;

impl Preview {
    /// The preview of a call whose samples were kept.
    ///
    /// # Errors
    /// [`AudioError::Spill`] where the samples cannot be read, [`AudioError::Preview`] where they
    /// cannot be encoded.
    pub fn of(sound: &mut Sound, options: &PreviewOptions) -> Result<Self, AudioError> {
        let bucket = options.bucket.unwrap_or_else(|| fitting_bucket(sound.duration()));
        let bucket = bucket.max(BUCKETS[0]);
        let peaks = (0..sound.channels())
            .map(|channel| peaks(sound, ChannelIndex(channel), bucket))
            .collect::<Result<_, _>>()?;
        let opus = match options.opus {
            true => Some(encode(sound, options)?),
            false => None,
        };
        Ok(Self { peaks, opus })
    }
}

/// The pieces of a sound, in order.
fn pieces(duration: Millis, length: Millis) -> impl Iterator<Item = Span> {
    let count = duration.0.div_ceil(length.0);
    (0..count).map(move |piece| {
        let start = piece * length.0;
        // A last piece that ends after the sound reads all of it, also the part millisecond.
        Span::new(Millis(start), Millis(start + length.0))
    })
}

fn read(sound: &mut Sound, channel: ChannelIndex, span: Span) -> Result<Vec<f32>, AudioError> {
    sound.read(channel, span).map_err(|source| AudioError::Spill { source })
}

fn peaks(
    sound: &mut Sound,
    channel: ChannelIndex,
    bucket: Millis,
) -> Result<ChannelPeaks, AudioError> {
    let mut values = Vec::new();
    // Whole milliseconds are whole samples at 16 kHz, and pieces are whole buckets.
    let bucket_samples = bucket.to_samples(TARGET_RATE_HZ) as usize;
    let piece = Millis(bucket.0 * PIECE.0.div_ceil(bucket.0));
    for span in pieces(sound.duration(), piece) {
        let samples = read(sound, channel, span)?;
        values.extend(samples.chunks(bucket_samples).map(|bucket| {
            let peak = bucket.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
            (peak * 255.0).round() as u8
        }));
    }
    Ok(ChannelPeaks { bucket, values })
}

fn same(sound: &mut Sound) -> Result<bool, AudioError> {
    for span in pieces(sound.duration(), PIECE) {
        if read(sound, ChannelIndex(0), span)? != read(sound, ChannelIndex(1), span)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// An Ogg Opus file (RFC 7845).
fn encode(sound: &mut Sound, options: &PreviewOptions) -> Result<Vec<u8>, AudioError> {
    let failed = |detail: String| AudioError::Preview { detail };
    let channels: u8 = match sound.channels() {
        0 => return Err(failed("expected a channel, found none".to_owned())),
        1 => 1,
        _ if same(sound)? => 1,
        _ => 2,
    };
    let bits = options.bits_per_second.unwrap_or(if channels == 1 { 24_000 } else { 32_000 });
    let mut encoder = opus::Encoder::new(usize::from(channels), bits).map_err(failed)?;
    let pre_skip = encoder.lookahead_48k().map_err(failed)?;
    let mut stream = Stream { writer: PacketWriter::new(Vec::new()) };
    stream.headers(channels, pre_skip)?;

    let total = sound.duration().to_samples(TARGET_RATE_HZ);
    // What the player drops from the start must be there at the end too.
    let packets = (total + u64::from(pre_skip).div_ceil(3)).div_ceil(FRAME_SAMPLES as u64);
    let mut waiting: Vec<i16> = Vec::new();
    let mut written = 0;
    let mut spans = pieces(sound.duration(), PIECE);
    while written < packets {
        let frame = FRAME_SAMPLES * usize::from(channels);
        while waiting.len() < frame {
            let Some(span) = spans.next() else {
                waiting.resize(frame, 0);
                break;
            };
            let planes = (0..channels)
                .map(|channel| read(sound, ChannelIndex(channel), span))
                .collect::<Result<Vec<_>, _>>()?;
            for at in 0..planes[0].len() {
                // Exact: the samples are 16 bits.
                waiting.extend(planes.iter().map(|plane| (plane[at] * 32_768.0) as i16));
            }
        }
        let packet = encoder.encode(&waiting[..frame]).map_err(failed)?;
        waiting.drain(..frame);
        written += 1;
        let all = u64::from(pre_skip) + total * 3;
        let granule = (written * 3 * FRAME_SAMPLES as u64).min(all);
        stream.audio(packet, granule, written, written == packets)?;
    }
    Ok(stream.writer.into_inner())
}

/// The one stream of an Ogg file in memory.
struct Stream {
    writer: PacketWriter<'static, Vec<u8>>,
}

/// Any number does where there is one stream; a fixed one gives the same bytes each time.
const SERIAL: u32 = 1;

impl Stream {
    fn headers(&mut self, channels: u8, pre_skip: u16) -> Result<(), AudioError> {
        // RFC 7845, section 5.1: version 1, no gain, channel mapping family 0.
        let mut head = b"OpusHead\x01".to_vec();
        head.push(channels);
        head.extend(pre_skip.to_le_bytes());
        head.extend(TARGET_RATE_HZ.to_le_bytes());
        head.extend([0, 0, 0]);
        // Section 5.2: the encoder's name and no comments.
        let vendor = b"fairhearing";
        let mut tags = b"OpusTags".to_vec();
        tags.extend((vendor.len() as u32).to_le_bytes());
        tags.extend(vendor);
        tags.extend(0_u32.to_le_bytes());
        self.write(head, PacketWriteEndInfo::EndPage, 0)?;
        self.write(tags, PacketWriteEndInfo::EndPage, 0)
    }

    fn audio(
        &mut self,
        packet: Vec<u8>,
        granule: u64,
        count: u64,
        last: bool,
    ) -> Result<(), AudioError> {
        let end = match () {
            () if last => PacketWriteEndInfo::EndStream,
            () if count.is_multiple_of(PAGE_PACKETS) => PacketWriteEndInfo::EndPage,
            () => PacketWriteEndInfo::NormalPacket,
        };
        self.write(packet, end, granule)
    }

    fn write(
        &mut self,
        packet: Vec<u8>,
        end: PacketWriteEndInfo,
        granule: u64,
    ) -> Result<(), AudioError> {
        self.writer
            .write_packet(packet, SERIAL, end, granule)
            .map_err(|error| AudioError::Preview { detail: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_calls_are_drawn_finely_and_long_ones_in_bounds() {
        let check = |minutes: u64, expected| {
            assert_eq!(fitting_bucket(Millis::from_secs(minutes * 60)), Millis(expected));
        };
        check(0, 10);
        check(6, 10);
        check(7, 20);
        check(12, 20);
        check(30, 50);
        check(31, 100);
        check(24 * 60, 100);
    }
}
