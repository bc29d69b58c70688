//! Damaged copies of recordings: no panic, no hang, no memory beyond the limit.

mod support;

use std::fs;
use std::time::{Duration, Instant};

use fh_audio::{AudioError, Limits, decode_in_this_process};
use fh_model::Millis;
use support::{Folder, decode_all, options, shared_recordings, speech, wav_16};

/// A seeded generator (SplitMix64), so that a failure can be made again.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// One of the ways in which files go bad, and how fuzzers make them go bad.
fn mutate(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(3) {
        if bytes.is_empty() {
            break;
        }
        // Half of the damage goes to the header, where it does most.
        let reach = if random.below(2) == 0 { bytes.len() } else { bytes.len().min(512) };
        let at = random.below(reach);
        match random.below(7) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << random.below(8),
            2 => {
                for _ in 0..bytes.len().div_ceil(200) {
                    let at = random.below(bytes.len());
                    bytes[at] = random.next() as u8;
                }
            }
            3 => {
                let number = [0, 1, 0x7F, 0xFF, 0x80][random.below(5)];
                let end = bytes.len().min(at + 4);
                bytes[at..end].fill(number);
            }
            4 => {
                let length = random.below(4_096).min(bytes.len() - at);
                bytes.drain(at..at + length);
            }
            5 => {
                let length = random.below(4_096).min(bytes.len() - at);
                let piece = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            _ => {
                let end = bytes.len().min(at + random.below(64));
                bytes[at..end].iter_mut().for_each(|byte| *byte = random.next() as u8);
            }
        }
    }
    bytes
}

/// The most that one copy may take in this process. The real limits are on the child.
const PATIENCE: Duration = Duration::from_secs(10);

fn check_in_process(name: &str, bytes: &[u8], copies: u64) {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let limits = Limits { max_duration: Millis::from_secs(60), ..Limits::default() };
    for seed in 0..copies {
        let mutant = mutate(bytes, &mut Random(seed));
        #[expect(clippy::disallowed_methods, reason = "looks for hangs, not for a time")]
        let begun = Instant::now();
        // A panic ends the test and names the seed by the line before it.
        println!("{name}, seed {seed}");
        decode_in_this_process(&mutant, extension, &limits);
        assert!(begun.elapsed() < PATIENCE, "{name}, seed {seed}");
    }
}

fn check_in_child(name: &str, bytes: &[u8], seeds: std::ops::Range<u64>) {
    let folder = Folder::new();
    let mut options = options();
    options.limits.max_duration = Millis::from_secs(60);
    options.limits.max_cpu_seconds = 20;
    options.limits.max_memory_bytes = 256 << 20;
    for seed in seeds {
        let path = folder.write(name, &mutate(bytes, &mut Random(seed)));
        match decode_all(&path, &options) {
            Ok((recording, samples)) => {
                let expected = samples[0].len() as u64;
                assert_eq!(recording.duration, Millis::from_samples(expected, 16_000));
                let whole = samples.iter().flatten().all(|sample| sample.abs() <= 1.0);
                assert!(whole, "{name}, seed {seed}");
            }
            Err(
                error @ (AudioError::DecoderCrashed { .. } | AudioError::DecoderProtocol { .. }),
            ) => panic!("{name}, seed {seed}: {error}"),
            Err(AudioError::LimitReached { limit, .. }) => {
                let limit = format!("{limit:?}");
                assert!(
                    !["Cpu", "Wait", "Memory"].contains(&limit.as_str()),
                    "{name}, seed {seed}: {limit}"
                );
            }
            Err(_) => {}
        }
    }
}

#[test]
fn a_hundred_damaged_copies_of_a_wav() {
    let file = wav_16(2, 8_000, &speech(8_000, 0.5, 2));
    check_in_process("call.wav", &file, 100);
    check_in_child("call.wav", &file, 0..10);
}

/// Recordings short enough that thousands of them are quick: the first part of each.
const PART: usize = 48 * 1024;

#[test]
#[ignore = "needs ../shared"]
fn two_thousand_damaged_copies_of_the_recordings() {
    let folder = shared_recordings();
    let names = [
        "azure_callCenterRecording.mp3",
        "azure_mulaw.wav",
        "google_multi.wav",
        "lca_auto_repairs_40_stereo_8k_ulaw.wav",
        "watson_sample1.webm",
        "watson_weather.ogg",
        "azure_missing_wav_header.wav",
        "speechmatics_callcenter_stereo.wav",
    ];
    for name in names {
        let mut bytes = fs::read(folder.join(name)).unwrap();
        bytes.truncate(PART);
        check_in_process(name, &bytes, 220);
        check_in_child(name, &bytes, 220..250);
    }
}

#[test]
#[ignore = "needs ffmpeg"]
fn two_thousand_damaged_copies_of_every_codec() {
    let folder = Folder::new();
    folder.write("in.wav", &wav_16(2, 16_000, &speech(16_000, 3.0, 2)));
    let made = [
        ("-c:a adpcm_ima_wav", "ima.wav"),
        ("-c:a adpcm_ms", "ms.wav"),
        ("-c:a libmp3lame -b:a 32k", "call.mp3"),
        ("-c:a flac", "call.flac"),
        ("-c:a libvorbis", "call.ogg"),
        ("-c:a libopus", "call.opus"),
        ("-c:a libopus", "call.webm"),
        ("-c:a aac", "call.m4a"),
        ("-c:a alac", "alac.m4a"),
        ("-c:a aac", "call.aac"),
        ("-c:a aac", "call.mkv"),
        ("-c:a pcm_s16be", "call.aiff"),
        ("-ac 1 -ar 8000 -c:a gsm_ms", "gsm.wav"),
        ("-c:a pcm_alaw", "call.caf"),
    ];
    for (arguments, name) in made {
        folder.ffmpeg(&format!("-i in.wav {arguments} {name}"));
        let bytes = fs::read(folder.path(name)).unwrap();
        check_in_process(name, &bytes, 134);
        check_in_child(name, &bytes, 134..144);
    }
}
