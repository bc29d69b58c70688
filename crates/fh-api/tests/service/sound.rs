//! Recordings that are made for a test, so that what is measured on them is known.

use fh_audio::{ListenOptions, VoiceActivityChoice, listen};
use fh_model::{Millis, RoleMap};

use crate::stage::decode_options;

/// Samples per second.
const RATE: u64 = 8_000;

/// 16 bursts of noise on each channel, each followed by silence: all but the last as long as one
/// another.
const BURSTS: u64 = 16;

/// How long the bursts of a channel are.
#[derive(Debug, Clone, Copy)]
struct Bursts {
    /// All but the last, in milliseconds.
    usual_ms: u64,
    /// The last.
    last_ms: u64,
}

impl Bursts {
    /// So many milliseconds together; whole frames of 10 ms but for the last.
    const fn of(sounding_ms: u64) -> Self {
        let usual_ms = sounding_ms / BURSTS / 10 * 10;
        Self { usual_ms, last_ms: sounding_ms - usual_ms * (BURSTS - 1) }
    }
}

/// Two channels of 16 bits with so many milliseconds of noise all together.
pub(crate) fn stereo(duration: Millis, left_ms: u64, right_ms: u64) -> Vec<u8> {
    stereo_of(duration, Bursts::of(left_ms), Bursts::of(right_ms))
}

fn stereo_of(duration: Millis, left: Bursts, right: Bursts) -> Vec<u8> {
    let (left, right) = (channel(duration, left, 1), channel(duration, right, 2));
    let samples: Vec<u8> = left
        .iter()
        .zip(&right)
        .flat_map(|(left, right)| [left.to_le_bytes(), right.to_le_bytes()].concat())
        .collect();
    wav(2, &samples)
}

fn channel(duration: Millis, bursts: Bursts, seed: u64) -> Vec<i16> {
    let samples = duration.0 * RATE / 1_000;
    let mut channel = vec![0; usize::try_from(samples).unwrap()];
    let mut noise = seed;
    for burst in 0..BURSTS {
        let length = if burst == BURSTS - 1 { bursts.last_ms } else { bursts.usual_ms };
        let start = (burst * duration.0 / BURSTS + 50) / 10 * 10 * RATE / 1_000;
        for at in start..start + length * RATE / 1_000 {
            // Knuth's generator; its high bits are good noise.
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let level = i16::try_from((noise >> 48) % 12_000).unwrap() - 6_000;
            channel[usize::try_from(at).unwrap()] = level;
        }
    }
    channel
}

fn wav(channels: u16, samples: &[u8]) -> Vec<u8> {
    let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0".to_vec();
    wav.extend(channels.to_le_bytes());
    wav.extend(u32::try_from(RATE).unwrap().to_le_bytes());
    wav.extend((u32::try_from(RATE).unwrap() * 2 * u32::from(channels)).to_le_bytes());
    wav.extend((2 * channels).to_le_bytes());
    wav.extend([16, 0]);
    wav.extend(b"data");
    wav.extend(u32::try_from(samples.len()).unwrap().to_le_bytes());
    wav.extend(samples);
    let size = u32::try_from(wav.len() - 8).unwrap();
    wav[4..8].copy_from_slice(&size.to_le_bytes());
    wav
}

/// A recording of `duration` on whose channels the detector finds exactly `left` and `right` of
/// speech: what it adds around each burst is found out by trying, and taken off the last one.
pub(crate) fn with_speech(duration: Millis, left: Millis, right: Millis) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("try.wav");
    let wanted = [left.0, right.0];
    let mut bursts = wanted.map(Bursts::of);
    let mut found = [0; 2];
    for _ in 0..8 {
        let wav = stereo_of(duration, bursts[0], bursts[1]);
        std::fs::write(&path, &wav).unwrap();
        let options = ListenOptions {
            decode: decode_options(),
            roles: RoleMap::default(),
            voice_activity: VoiceActivityChoice::EnergyOnly,
            keep_samples: false,
        };
        let heard = listen(&path, &options, &mut |_| ()).unwrap();
        assert_eq!(heard.measures.duration, duration);
        for (found, channel) in found.iter_mut().zip(&heard.measures.channels) {
            *found = channel.speech_time.0;
        }
        if found == wanted {
            return wav;
        }
        for ((bursts, found), wanted) in bursts.iter_mut().zip(found).zip(wanted) {
            bursts.last_ms = (bursts.last_ms + wanted).saturating_sub(found);
        }
    }
    panic!("expected {wanted:?} ms of speech, found {found:?} with {bursts:?}");
}

/// Four seconds with some sound on both channels.
pub(crate) fn short() -> Vec<u8> {
    stereo(Millis(4_000), 1_600, 800)
}
