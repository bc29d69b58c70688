use crate::analyzer::RATE_HZ;

use super::level::Level;
use super::network::{Memory, Network, SETTLES_IN, STEP};
use super::noise_floor::RunningFloor;

/// How likely a stretch of sound holds a voice, in 255ths.
pub(super) type Probability = u8;

/// A step below this mean square, -70 dB, is quieter than any voice that is reported.
const SILENT: f32 = 1e-7;
/// A step so many decibels over the line's noise may hold a voice.
const RISE_DB: u8 = 12;
/// Steps of which the line's noise is told: 30 s.
const FLOOR_STEPS: usize = 30 * RATE_HZ as usize / STEP;

/// The network on one channel: takes samples as they come, gives a probability for each 32 ms.
#[derive(Clone)]
pub(crate) struct SileroTrack {
    memory: Memory,
    waiting: [f32; STEP],
    waiting_samples: usize,
    floor: RunningFloor,
    silent_steps: usize,
    quiet_steps: usize,
    probabilities: Vec<Probability>,
}

impl SileroTrack {
    pub(crate) fn new(network: &Network) -> Self {
        Self {
            memory: network.settled(),
            waiting: [0.0; STEP],
            waiting_samples: 0,
            floor: RunningFloor::new(FLOOR_STEPS),
            silent_steps: 0,
            quiet_steps: 0,
            probabilities: Vec::new(),
        }
    }

    /// Takes the next samples.
    pub(crate) fn push(&mut self, network: &mut Network, mut samples: &[f32]) {
        while !samples.is_empty() {
            let room = STEP - self.waiting_samples;
            let (now, later) = samples.split_at(samples.len().min(room));
            self.waiting[self.waiting_samples..][..now.len()].copy_from_slice(now);
            self.waiting_samples += now.len();
            if self.waiting_samples == STEP {
                self.step(network);
            }
            samples = later;
        }
    }

    /// The probabilities of all steps; what is missing of the last is taken to be silence.
    pub(crate) fn finish(mut self, network: &mut Network) -> Vec<Probability> {
        if self.waiting_samples > 0 {
            self.waiting[self.waiting_samples..].fill(0.0);
            self.step(network);
        }
        self.probabilities
    }

    fn step(&mut self, network: &mut Network) {
        self.waiting_samples = 0;
        let mean = |sum: f32| sum / STEP as f32;
        let square = mean(self.waiting.iter().map(|sample| sample * sample).sum());
        let offset = mean(self.waiting.iter().sum());
        let level = Level::from_mean_square(f64::from(square - offset * offset));
        let is_loud = level >= self.floor.push(level).plus_db(RISE_DB);
        if is_loud && self.quiet_steps >= SETTLES_IN {
            // A network that has long heard nothing but noise takes what then rises out of it for
            // more noise, and overlooks whole sentences. One that wakes from silence does not.
            self.memory = network.settled();
        }
        self.quiet_steps = if is_loud { 0 } else { self.quiet_steps + 1 };
        self.silent_steps = if square < SILENT { self.silent_steps + 1 } else { 0 };
        let probability = if self.silent_steps > SETTLES_IN {
            // Nothing can be found here, so the network need not be asked: on a line that
            // suppresses silence that is half of the call. When it is asked again it must not
            // have forgotten the silence: without it, it overlooks the first syllables.
            self.memory = network.settled();
            0.0
        } else {
            network.step(&mut self.memory, &self.waiting)
        };
        self.probabilities.push((probability * 255.0).round() as Probability);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples of changing sign and size up to `peak`, the same each time.
    fn noise(steps: usize, peak: f32) -> Vec<f32> {
        let mut state = 1_u32;
        let sample = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            peak * (state as f32 / u32::MAX as f32 * 2.0 - 1.0)
        };
        (0..steps * STEP).map(sample).collect()
    }

    fn probabilities(network: &mut Network, sound: &[f32]) -> Vec<Probability> {
        let mut track = SileroTrack::new(network);
        track.push(network, sound);
        track.finish(network)
    }

    #[test]
    fn what_rises_out_of_a_long_noise_is_heard_as_if_out_of_silence() {
        let mut network = Network::new();
        // A tenth is 20 dB less.
        let (loud, quiet) = (noise(20, 0.3), noise(40, 0.03));
        let alone = probabilities(&mut network, &loud);
        let after_noise = probabilities(&mut network, &[&quiet[..], &loud[..]].concat());
        assert_eq!(after_noise[40..], alone);
        // A pause of a few steps is no reason to forget.
        let pause = &quiet[..5 * STEP];
        let twice = [&quiet[..], &loud[..], pause, &loud[..]].concat();
        assert_ne!(probabilities(&mut network, &twice)[65..], alone);
    }
}
