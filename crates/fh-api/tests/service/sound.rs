//! Recordings that are made for a test, so that what is measured on them is known.

use fh_audio::{ListenOptions, VoiceActivityChoice, listen};
use fh_model::{Millis, RoleMap};

use crate::stage::decode_options;

/// Samples per second.
const RATE: u64 = 8_000;

/// Two channels of 16 bits: speech-like noise in bursts of so many milliseconds all together, on
/// each channel its own, each burst followed by silence until the recording is full.
pub(crate) fn stereo(duration: Millis, left: u64, right: u64) -> Vec<u8> {
    let (left, right) = (channel(duration, left, 1), channel(duration, right, 2));
    let samples: Vec<u8> = left
        .iter()
        .zip(&right)
        .flat_map(|(left, right)| [left.to_le_bytes(), right.to_le_bytes()].concat())
        .collect();
    wav(2, &samples)
}

/// 16 bursts, as long as one another but for the last.
const BURSTS: u64 = 16;

fn channel(duration: Millis, sounding: u64, seed: u64) -> Vec<i16> {
    let samples = duration.0 * RATE / 1_000;
    let mut channel = vec![0; usize::try_from(samples).unwrap()];
    let (usual, last) = (sounding / BURSTS, sounding / BURSTS + sounding % BURSTS);
    let mut noise = seed;
    for burst in 0..BURSTS {
        let length = if burst == BURSTS - 1 { last } else { usual };
        let start = (burst * duration.0 / BURSTS + 200) * RATE / 1_000;
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
/// speech: what it adds around each burst is found out by trying.
pub(crate) fn with_speech(duration: Millis, left: Millis, right: Millis) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("try.wav");
    let wanted = [left.0, right.0];
    let mut sounding = wanted;
    let mut found = [0; 2];
    for _ in 0..8 {
        let wav = stereo(duration, sounding[0], sounding[1]);
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
        for ((sounding, found), wanted) in sounding.iter_mut().zip(found).zip(wanted) {
            *sounding = (*sounding + wanted).saturating_sub(found);
        }
    }
    panic!("expected {wanted:?} ms of speech, found {found:?}");
}

/// A second of sound on both channels.
pub(crate) fn short() -> Vec<u8> {
    stereo(Millis(4_000), 1_600, 800)
}
