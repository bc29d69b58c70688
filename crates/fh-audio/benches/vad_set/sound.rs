//! Samples: gain, filters, noise, telephone coding. Plain and slow on purpose.

use std::f64::consts::{PI, TAU};

/// A gain of `db` decibels.
pub fn gain(db: f64) -> f32 {
    10_f64.powf(db / 20.0) as f32
}

pub fn rms<'a>(samples: impl IntoIterator<Item = &'a f32>) -> f32 {
    let (mut squares, mut count) = (0.0_f64, 0_u64);
    for &sample in samples {
        squares += f64::from(sample) * f64::from(sample);
        count += 1;
    }
    (squares / count.max(1) as f64).sqrt() as f32
}

/// A windowed sinc of 48 zero crossings; cuts off at 45 % of the lower rate.
pub fn resample(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    if from == to {
        return samples.to_vec();
    }
    let ratio = f64::from(from) / f64::from(to);
    let cutoff = 0.9 * (1.0 / ratio).min(1.0);
    let reach = (24.0 / cutoff).ceil() as i64;
    // The phases repeat, as the rates are whole numbers.
    let phases = to / gcd(from, to);
    let kernels: Vec<Vec<f32>> = (0..phases)
        .map(|phase| {
            let fraction = (f64::from(phase) * ratio).fract();
            (-reach..=reach)
                .map(|tap| {
                    let time = tap as f64 - fraction;
                    let window = 0.5 + 0.5 * (PI * time / (reach as f64 + 1.0)).cos();
                    let sinc = if time == 0.0 {
                        1.0
                    } else {
                        (PI * cutoff * time).sin() / (PI * cutoff * time)
                    };
                    (cutoff * sinc * window) as f32
                })
                .collect()
        })
        .collect();
    let length = (samples.len() as u64 * u64::from(to) / u64::from(from)) as usize;
    (0..length)
        .map(|at| {
            let kernel = &kernels[at % phases as usize];
            let centre = (at as u64 * u64::from(from) / u64::from(to)) as i64;
            let first = centre - reach;
            let skip = (-first).max(0) as usize;
            let from = first.max(0) as usize;
            let until = samples.len().min((centre + reach + 1) as usize);
            samples[from.min(until)..until].iter().zip(&kernel[skip..]).map(|(s, k)| s * k).sum()
        })
        .collect()
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Takes away what a telephone does not carry below 300 Hz: two poles, Butterworth.
pub fn telephone_highpass(samples: &mut [f32], rate: f64) {
    let (sin, cos) = (TAU * 300.0 / rate).sin_cos();
    let alpha = sin * std::f64::consts::FRAC_1_SQRT_2;
    let norm = 1.0 + alpha;
    let (b0, b1) = ((1.0 + cos) / 2.0 / norm, -(1.0 + cos) / norm);
    let (a1, a2) = (-2.0 * cos / norm, (1.0 - alpha) / norm);
    let (mut x1, mut x2, mut y1, mut y2) = (0.0, 0.0, 0.0, 0.0);
    for sample in samples {
        let x = f64::from(*sample);
        let y = b0 * x + b1 * x1 + b0 * x2 - a1 * y1 - a2 * y2;
        (x2, x1, y2, y1) = (x1, x, y1, y);
        *sample = y as f32;
    }
}

/// Encodes and decodes by ITU-T G.711 mu-law, with the continuous curve rounded to 8 bits.
pub fn through_mu_law(sample: f32) -> f32 {
    let clipped = sample.clamp(-1.0, 1.0);
    let compressed = (1.0 + 255.0 * clipped.abs()).ln() / 256_f32.ln();
    let code = (compressed * 127.0).round() / 127.0;
    (256_f32.powf(code) - 1.0) / 255.0 * clipped.signum() * 0.98
}

/// Random numbers that are the same everywhere: SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    /// From 0 up to 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    pub fn one_of<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[(self.next() % things.len() as u64) as usize]
    }
}

/// Noise whose power falls by 3 dB an octave: white noise through Paul Kellet's economy filter.
pub fn pink_noise(length: usize, seed: u64) -> Vec<f32> {
    let mut dice = Dice(seed);
    let (mut slow, mut middle, mut fast) = (0.0, 0.0, 0.0);
    (0..length)
        .map(|_| {
            let white = dice.between(-1.0, 1.0);
            slow = 0.997_65 * slow + white * 0.099_046;
            middle = 0.963_0 * middle + white * 0.296_516_4;
            fast = 0.57 * fast + white * 1.052_691_3;
            (slow + middle + fast + white * 0.184_8) as f32
        })
        .collect()
}

/// Sine waves added up, at 8 kHz, with 5 ms of rise and fall.
pub fn tones(frequencies: &[f64], amplitude: f64, seconds: f64) -> Vec<f32> {
    let length = (seconds * 8_000.0) as usize;
    (0..length)
        .map(|at| {
            let edge = (at.min(length - 1 - at) as f64 / 40.0).min(1.0);
            let sum: f64 =
                frequencies.iter().map(|hertz| (TAU * hertz * at as f64 / 8_000.0).sin()).sum();
            (amplitude * edge * sum) as f32
        })
        .collect()
}

/// The channels of a RIFF file of 16-bit PCM, at 16 kHz.
pub fn parse_wav(bytes: &[u8]) -> Option<Vec<Vec<f32>>> {
    let (rate, channels) = parse_wav_at_its_rate(bytes)?;
    Some(channels.iter().map(|channel| resample(channel, rate, 16_000)).collect())
}

/// The rate and the channels of a RIFF file of 16-bit PCM.
pub fn parse_wav_at_its_rate(bytes: &[u8]) -> Option<(u32, Vec<Vec<f32>>)> {
    let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let short = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let (mut at, mut format) = (12, None);
    loop {
        let (id, size, body) = (bytes.get(at..at + 4)?, word(at + 4)? as usize, at + 8);
        if id == b"fmt " {
            format = Some((short(body)?, short(body + 2)?, word(body + 4)?, short(body + 14)?));
        }
        if id == b"data" {
            let (1, channels, rate, 16) = format? else { return None };
            let data = &bytes[body..bytes.len().min(body.saturating_add(size))];
            let channels = usize::from(channels);
            let samples: Vec<f32> = data
                .as_chunks()
                .0
                .iter()
                .map(|&pair| f32::from(i16::from_le_bytes(pair)) / 32_768.0)
                .collect();
            let one = |channel| samples.iter().skip(channel).step_by(channels).copied().collect();
            return Some((rate, (0..channels).map(one).collect()));
        }
        at = body + size + size % 2;
    }
}
