//! Calls whose every 10 ms are known: a made-up set for judging voice activity detection.
//!
//! Two synthetic speakers (flite and espeak-ng, English and Mandarin) take turns on two channels at
//! telephone band; they interrupt each other, murmur assent, fall silent, dial, hear ring-back and
//! put each other on hold with a melody. Which frames hold speech is told from the clean voices
//! before anything else is mixed in. The same seed gives the same calls.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "a benchmark and a test each use a part of this module"
)]

pub mod scene;
pub mod score;
pub mod sound;
pub mod voices;

use std::path::Path;

use fh_audio::{Analysis, Analyzer, VoiceActivityChoice};
use fh_model::{Role, RoleMap};

pub use scene::{Scene, make};

/// What is done to the clean calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Variant {
    /// Nothing.
    Clean,
    /// Pink noise this many dB below the speech of the call, on both channels.
    Noise(f64),
    /// Each channel hears the other, this many dB weaker.
    Leak(f64),
}

/// The four variants of the set.
pub const VARIANTS: [(&str, Variant); 4] = [
    ("clean", Variant::Clean),
    ("noise 20 dB", Variant::Noise(20.0)),
    ("noise 10 dB", Variant::Noise(10.0)),
    ("leak -30 dB", Variant::Leak(30.0)),
];

/// The two channels of `scene` as they would arrive: mixed, through mu-law, at 16 kHz.
pub fn render(scene: &Scene, variant: Variant) -> [Vec<f32>; 2] {
    let mut channels = scene.channels.clone();
    match variant {
        Variant::Clean => {}
        Variant::Noise(db) => {
            for (at, channel) in channels.iter_mut().enumerate() {
                let noise = sound::pink_noise(channel.len(), at as u64 + 1);
                for (call, &start) in scene.calls.iter().enumerate() {
                    let end = scene.calls.get(call + 1).copied().unwrap_or(scene.labels[at].len());
                    let spoken = (start..end).filter(|&frame| scene.labels[at][frame]);
                    let speech = sound::rms(
                        spoken.flat_map(|frame| &scene.channels[at][frame * 80..frame * 80 + 80]),
                    );
                    let noise = &noise[start * 80..end * 80];
                    let gain = speech / sound::rms(noise) * sound::gain(-db);
                    let line = &mut channel[start * 80..end * 80];
                    line.iter_mut().zip(noise).for_each(|(sample, noise)| *sample += gain * noise);
                }
            }
        }
        Variant::Leak(db) => {
            let gain = sound::gain(-db);
            for (at, channel) in channels.iter_mut().enumerate() {
                let other = &scene.channels[1 - at];
                channel.iter_mut().zip(other).for_each(|(sample, leak)| *sample += gain * leak);
            }
        }
    }
    channels.map(|channel| {
        let line: Vec<f32> = channel.into_iter().map(sound::through_mu_law).collect();
        sound::resample(&line, 8_000, 16_000)
    })
}

/// Listens to `channels`, which are at 16 kHz, in blocks as they come from a decoder.
pub fn listen(channels: &[&[f32]], choice: VoiceActivityChoice) -> Analysis {
    let roles = RoleMap(vec![Role::Agent, Role::Customer]);
    let mut analyzer = Analyzer::new(channels.len(), &roles, &choice).expect("a few channels");
    let length = channels[0].len();
    for start in (0..length).step_by(4_000) {
        let end = length.min(start + 4_000);
        let block: Vec<&[f32]> = channels.iter().map(|channel| &channel[start..end]).collect();
        analyzer.push(&block).expect("blocks of equal lengths");
    }
    analyzer.finish()
}

/// A WAV file of 16-bit PCM, each channel resampled to 16 kHz.
pub fn read_wav(path: &Path) -> Vec<Vec<f32>> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    sound::parse_wav(&bytes).unwrap_or_else(|| panic!("{}: no 16-bit PCM WAV", path.display()))
}
