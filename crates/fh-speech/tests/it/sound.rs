//! Sounds that are made by arithmetic, at 16 kHz, and reading simple WAV files.

use std::f32::consts::TAU;
use std::path::Path;

pub(crate) const RATE: usize = 16_000;

/// Quiet noise, the same every time: a telephone line without a voice.
pub(crate) fn line_noise(seconds: f64) -> Vec<f32> {
    let mut state = 0x2545_f491_u32;
    (0..(seconds * RATE as f64) as usize)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state as f32 / u32::MAX as f32 - 0.5) * 0.004
        })
        .collect()
}

/// Adds a loud chord of these frequencies, which swells and fades within 20 ms: a sudden start has
/// every pitch.
pub(crate) fn add_chord(samples: &mut [f32], from: f64, to: f64, frequencies: &[f32]) {
    let range = (from * RATE as f64) as usize..(to * RATE as f64) as usize;
    let level = 0.6 / frequencies.len() as f32;
    let length = range.len();
    for (index, sample) in samples[range].iter_mut().enumerate() {
        let time = index as f32 / RATE as f32;
        let level = level * (index.min(length - index) as f32 / 320.0).min(1.0);
        *sample += frequencies.iter().map(|f| level * (TAU * f * time).sin()).sum::<f32>();
    }
}

/// The samples of a mono WAV file with 16-bit PCM at 16 kHz; fails on any other.
pub(crate) fn read_wav(path: &Path) -> Vec<f32> {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("reading {}: {e}", path.display()));
    let mut at = 12;
    let mut format = None;
    while at + 8 <= bytes.len() {
        let size = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
        let body = &bytes[at + 8..(at + 8 + size).min(bytes.len())];
        match &bytes[at..at + 4] {
            b"fmt " => {
                let number = |at| u16::from_le_bytes(body[at..at + 2].try_into().unwrap());
                let rate = u32::from_le_bytes(body[4..8].try_into().unwrap());
                format = Some((number(0), number(2), rate, number(14)));
            }
            b"data" => {
                assert_eq!(format, Some((1, 1, 16_000, 16)), "{}", path.display());
                let sample = |pair: &[u8]| i16::from_le_bytes([pair[0], pair[1]]);
                return body.chunks_exact(2).map(|p| f32::from(sample(p)) / 32_768.0).collect();
            }
            _ => {}
        }
        at += 8 + size + size % 2;
    }
    panic!("no samples in {}", path.display())
}
