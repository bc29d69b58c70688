//! From the recording's rate to 16 kHz, once.

use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};

/// The rate that the voice activity net and the recognisers want.
pub(crate) const TARGET_RATE_HZ: u32 = 16_000;

/// Turns a stream of planar samples at one rate into a stream at [`TARGET_RATE_HZ`], without delay
/// and exactly as long: `n` frames in are `round(n * 16000 / rate)` frames out.
pub(crate) struct Resampler {
    stage: Stage,
    rate_hz: u32,
    channels: usize,
    frames_in: u64,
    frames_out: u64,
}

enum Stage {
    /// The rates agree.
    Through,
    Fft(Box<FftStage>),
}

struct FftStage {
    fft: Fft<f32>,
    /// One chunk of input, filled so far.
    input: Vec<Vec<f32>>,
    filled: usize,
    output: Vec<Vec<f32>>,
    /// Frames of the filter's delay that are still to be dropped.
    skip: usize,
}

impl Resampler {
    /// For `channels` channels at `rate_hz`; `None` for a rate of zero.
    pub(crate) fn new(rate_hz: u32, channels: usize) -> Option<Self> {
        let stage = if rate_hz == TARGET_RATE_HZ {
            Stage::Through
        } else {
            // One sub-chunk of about 64 ms: smaller ones narrow the passband (at 192 kHz the usual
            // 256 frames leave 11 dB), larger ones cost more and gain nothing.
            let wanted = (u64::from(rate_hz) * 1024 / u64::from(TARGET_RATE_HZ)).max(1) as u32;
            // Whole periods of both rates, and an even number of frames: the filter's delay is
            // half of them, and half a frame more could not be taken off again.
            let period = rate_hz / greatest_common_divisor(rate_hz, TARGET_RATE_HZ);
            let periods = wanted.div_ceil(period);
            let odd = period % 2 == 1 && periods % 2 == 1;
            let chunk = (period * (periods + u32::from(odd))) as usize;
            let fft = Fft::new_custom(
                rate_hz as usize,
                TARGET_RATE_HZ as usize,
                chunk,
                1,
                channels,
                WindowFunction::BlackmanHarris2,
                FixedSync::Both,
            )
            .ok()?;
            Stage::Fft(Box::new(FftStage {
                input: vec![vec![0.0; fft.input_frames_max()]; channels],
                filled: 0,
                output: vec![vec![0.0; fft.output_frames_max()]; channels],
                skip: fft.output_delay(),
                fft,
            }))
        };
        Some(Self { stage, rate_hz, channels, frames_in: 0, frames_out: 0 })
    }

    /// Takes `planes` (one slice a channel, equal lengths) and hands on what is ready.
    ///
    /// Samples beyond full scale are held at full scale and NaN becomes silence: a damaged MP3
    /// holds samples of 90.0, which would make every level after it meaningless.
    pub(crate) fn push(&mut self, planes: &[&[f32]], sink: &mut dyn FnMut(&[&[f32]])) {
        let frames = planes.iter().map(|plane| plane.len()).min().unwrap_or(0);
        self.frames_in += frames as u64;
        match &mut self.stage {
            Stage::Through => {
                self.frames_out += frames as u64;
                let tame: Vec<Vec<f32>> = planes
                    .iter()
                    .map(|plane| plane[..frames].iter().map(|&sample| tame(sample)).collect())
                    .collect();
                hand_on(&tame, 0, frames, sink);
            }
            Stage::Fft(stage) => {
                let mut at = 0;
                while at < frames {
                    let take = (stage.input[0].len() - stage.filled).min(frames - at);
                    for (input, plane) in stage.input.iter_mut().zip(planes) {
                        let to = &mut input[stage.filled..stage.filled + take];
                        for (to, &sample) in to.iter_mut().zip(&plane[at..at + take]) {
                            *to = tame(sample);
                        }
                    }
                    stage.filled += take;
                    at += take;
                    if stage.filled == stage.input[0].len() {
                        self.frames_out += stage.run(u64::MAX, sink);
                    }
                }
            }
        }
    }

    /// Hands on the rest.
    pub(crate) fn finish(&mut self, sink: &mut dyn FnMut(&[&[f32]])) {
        let due = frames_at_target(self.frames_in, self.rate_hz);
        if let Stage::Fft(stage) = &mut self.stage {
            while self.frames_out < due {
                let filled = stage.filled;
                for input in &mut stage.input {
                    input[filled..].fill(0.0);
                }
                self.frames_out += stage.run(due - self.frames_out, sink);
            }
        }
    }

    pub(crate) const fn channels(&self) -> usize {
        self.channels
    }

    pub(crate) const fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Frames taken in so far.
    pub(crate) const fn frames_in(&self) -> u64 {
        self.frames_in
    }
}

impl FftStage {
    /// Transforms the full input chunk and hands on at most `most` frames; says how many.
    fn run(&mut self, most: u64, sink: &mut dyn FnMut(&[&[f32]])) -> u64 {
        let channels = self.input.len();
        let (frames_in, frames_out) = (self.input[0].len(), self.output[0].len());
        {
            const SIZES: &str = "the buffers were made for this resampler";
            let input = SequentialSliceOfVecs::new(&self.input, channels, frames_in).expect(SIZES);
            let mut output = SequentialSliceOfVecs::new_mut(&mut self.output, channels, frames_out)
                .expect(SIZES);
            self.fft.process_into_buffer(&input, &mut output, None).expect(SIZES);
        }
        self.filled = 0;
        let skipped = self.skip.min(frames_out);
        self.skip -= skipped;
        let ready = ((frames_out - skipped) as u64).min(most);
        hand_on(&self.output, skipped, skipped + ready as usize, sink);
        ready
    }
}

/// How many frames at the target rate `frames` at `rate_hz` are.
pub(crate) fn frames_at_target(frames: u64, rate_hz: u32) -> u64 {
    let rate = u128::from(rate_hz.max(1));
    ((u128::from(frames) * u128::from(TARGET_RATE_HZ) + rate / 2) / rate) as u64
}

const fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

fn tame(sample: f32) -> f32 {
    let number = if sample.is_nan() { 0.0 } else { sample };
    number.clamp(-1.0, 1.0)
}

fn hand_on(planes: &[Vec<f32>], from: usize, to: usize, sink: &mut dyn FnMut(&[&[f32]])) {
    if from == to {
        return;
    }
    let planes: Vec<&[f32]> = planes.iter().map(|plane| &plane[from..to]).collect();
    sink(&planes);
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    fn resample(rate_hz: u32, samples: &[f32], piece: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(rate_hz, 1).unwrap();
        let mut out = Vec::new();
        let mut sink = |planes: &[&[f32]]| out.extend_from_slice(planes[0]);
        for piece in samples.chunks(piece) {
            resampler.push(&[piece], &mut sink);
        }
        resampler.finish(&mut sink);
        out
    }

    /// A tone through the resampler against the same tone computed at 16 kHz.
    fn check(rate_hz: u32, tone_hz: f64, least_db: f64) {
        let seconds = 2;
        let tone = |rate: u32, n: u32| (f64::from(n) / f64::from(rate) * tone_hz * TAU).sin() * 0.5;
        let samples: Vec<f32> = (0..rate_hz * seconds).map(|n| tone(rate_hz, n) as f32).collect();
        let out = resample(rate_hz, &samples, 777);
        assert_eq!(out.len() as u32, TARGET_RATE_HZ * seconds, "at {rate_hz} Hz");
        let (mut signal, mut noise) = (0.0, 0.0);
        // The ends see the jump to silence.
        for n in 4_000..28_000 {
            let exact = tone(TARGET_RATE_HZ, n);
            signal += exact * exact;
            noise += (f64::from(out[n as usize]) - exact).powi(2);
        }
        let db = 10.0 * (signal / noise).log10();
        assert!(db >= least_db, "{rate_hz} Hz: {db:.1} dB");
    }

    #[test]
    fn tones_come_through_in_time_at_every_rate() {
        for rate in [8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000] {
            check(rate, 300.0, 60.0);
            check(rate, 3_000.0, 60.0);
        }
        check(16_000, 300.0, 90.0);
    }

    #[test]
    fn the_length_is_exact_however_it_is_cut() {
        // 12,345 frames at 44.1 kHz are 4478.9 frames at 16 kHz.
        assert_eq!(resample(44_100, &vec![0.1; 12_345], 1).len(), 4_479);
        assert_eq!(resample(8_000, &[0.1; 1], 1).len(), 2);
        assert_eq!(resample(8_000, &[], 1).len(), 0);
    }

    #[test]
    fn wild_samples_are_held_at_full_scale() {
        assert_eq!(
            resample(16_000, &[90.0, f32::NAN, f32::NEG_INFINITY, 0.25], 4),
            [1.0, 0.0, -1.0, 0.25]
        );
    }
}
