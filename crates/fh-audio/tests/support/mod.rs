//! What the decoding tests share: options, sounds to make recordings of, and recordings as bytes.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each test binary uses its own part of it"
)]

use std::f32::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fh_audio::{AudioError, ChildProgram, DecodeOptions, Receiver, decode};
use fh_model::{Completeness, Recording};

/// Options whose child is the one of this crate.
pub fn options() -> DecodeOptions {
    DecodeOptions::new(ChildProgram {
        program: PathBuf::from(env!("CARGO_BIN_EXE_fh-decode-child")),
        args: Vec::new(),
    })
}

/// Keeps everything.
#[derive(Debug, Default)]
pub struct Samples(pub Vec<Vec<f32>>);

impl Receiver for Samples {
    fn block(&mut self, channels: &[&[f32]]) -> Result<(), AudioError> {
        for (all, samples) in self.0.iter_mut().zip(channels) {
            all.extend_from_slice(samples);
        }
        Ok(())
    }
}

/// Decodes a file whole.
pub fn decode_all(
    path: &Path,
    options: &DecodeOptions,
) -> Result<(Recording, Vec<Vec<f32>>), AudioError> {
    let decoded = decode(path, options, &mut |channels| Ok(Samples(vec![Vec::new(); channels])))?;
    Ok((decoded.recording, decoded.receiver.0))
}

/// A folder for the files of one test, removed at its end.
pub struct Folder(pub tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a temporary file can be written");
        path
    }

    /// Runs ffmpeg in this folder; its arguments are words without spaces.
    pub fn ffmpeg(&self, arguments: &str) {
        self.run("ffmpeg", &format!("-hide_banner -loglevel error -y -nostdin {arguments}"));
    }

    pub fn run(&self, program: &str, arguments: &str) {
        let status = Command::new(program)
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .status()
            .unwrap_or_else(|error| panic!("`{program}` must be installed: {error}"));
        assert!(status.success(), "{program} {arguments}: {status}");
    }

    /// A file as ffmpeg decodes it to 16 kHz: one plane a channel.
    pub fn ffmpeg_decoded(&self, name: &str, channels: usize) -> Vec<Vec<f32>> {
        self.ffmpeg(&format!("-i {name} -ar 16000 -f f32le -c:a pcm_f32le reference.f32"));
        let bytes = fs::read(self.path("reference.f32")).expect("ffmpeg wrote it");
        planes(&bytes, channels)
    }
}

/// Interleaved 32-bit floats as planes.
pub fn planes(bytes: &[u8], channels: usize) -> Vec<Vec<f32>> {
    let mut planes = vec![Vec::new(); channels];
    for (at, sample) in bytes.chunks_exact(4).enumerate() {
        let sample = f32::from_le_bytes(sample.try_into().expect("four bytes"));
        planes[at % channels].push(sample);
    }
    planes
}

/// The folder of recordings that are not part of this project.
pub fn shared_recordings() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings");
    assert!(folder.is_dir(), "expected `../shared/recordings` beside the workspace");
    folder
}

/// Something like speech: a voice that glides, in syllables, on each channel another one. 16-bit
/// samples, interleaved.
pub fn speech(rate_hz: u32, seconds: f32, channels: usize) -> Vec<i16> {
    let frames = (rate_hz as f32 * seconds) as usize;
    let mut phases = vec![0.0_f32; channels];
    let mut samples = Vec::with_capacity(frames * channels);
    for frame in 0..frames {
        let time = frame as f32 / rate_hz as f32;
        for (channel, phase) in phases.iter_mut().enumerate() {
            let glide = (time * (0.7 + channel as f32 * 0.3) * TAU).sin();
            let pitch = 150.0 + 60.0 * channel as f32 + 40.0 * glide;
            *phase = (*phase + pitch / rate_hz as f32).fract();
            let syllable = (time * 3.1 + channel as f32 * 0.4).fract();
            let envelope = (syllable * (1.0 - syllable) * 4.0).powi(2);
            let voice: f32 = (1..8)
                .map(|harmonic| (*phase * TAU * harmonic as f32).sin() / harmonic as f32)
                .sum();
            samples.push((voice * envelope * 8_000.0) as i16);
        }
    }
    samples
}

/// A WAV file of one chunk of format and one of data.
pub fn wav(tag: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    wav_with_sizes(tag, channels, rate_hz, bits, data, data.len() as u32)
}

/// The same with a length of its own in the header.
pub fn wav_with_sizes(
    tag: u16,
    channels: u16,
    rate_hz: u32,
    bits: u16,
    data: &[u8],
    declared: u32,
) -> Vec<u8> {
    let block = channels.wrapping_mul(bits / 8);
    let mut file = b"RIFF".to_vec();
    file.extend(declared.saturating_add(36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend(tag.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate_hz.to_le_bytes());
    file.extend(rate_hz.wrapping_mul(u32::from(block)).to_le_bytes());
    file.extend(block.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend(declared.to_le_bytes());
    file.extend(data);
    file
}

/// 16-bit samples as a WAV file.
pub fn wav_16(channels: u16, rate_hz: u32, samples: &[i16]) -> Vec<u8> {
    wav(1, channels, rate_hz, 16, &le_bytes(samples))
}

pub fn le_bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// Why a recording is partial.
pub fn partial_reason(recording: &Recording) -> &str {
    match &recording.completeness {
        Completeness::Partial { reason, .. } => reason,
        Completeness::Complete => panic!("expected a partial recording: {recording:?}"),
    }
}

/// Signal to noise of `found` against `expected` in dB, at the lag (in samples, at most
/// `max_lag`) where it is best, and that lag: positive where `found` is late.
pub fn best_match(found: &[f32], expected: &[f32], max_lag: i64) -> (f64, i64) {
    // One sample in `step` is enough to tell the lags apart.
    let at_lag = |lag: i64, step: usize| {
        let (mut signal, mut noise) = (0.0_f64, 0.0_f64);
        for (at, &expected) in expected.iter().enumerate().step_by(step) {
            let Some(&found) = usize::try_from(at as i64 + lag).ok().and_then(|at| found.get(at))
            else {
                continue;
            };
            signal += f64::from(expected).powi(2);
            noise += f64::from(found - expected).powi(2);
        }
        10.0 * (signal / noise.max(1e-12)).log10()
    };
    let lag = (-max_lag..=max_lag)
        .max_by(|a, b| at_lag(*a, 37).total_cmp(&at_lag(*b, 37)))
        .expect("there is at least lag 0");
    (at_lag(lag, 1), lag)
}
