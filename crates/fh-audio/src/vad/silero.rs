use super::network::{Memory, Network, STEP};

/// How likely a stretch of sound holds a voice, in 255ths.
pub(super) type Probability = u8;

/// A step below this mean square, -70 dB, is quieter than any voice that is reported.
const SILENT: f32 = 1e-7;
/// After so many silent steps, half a second, the network rests until the next sound.
const RESTS_AFTER: u32 = 16;

/// The network on one channel: takes samples as they come, gives a probability for each 32 ms.
#[derive(Clone)]
pub(crate) struct SileroTrack {
    memory: Memory,
    waiting: [f32; STEP],
    waiting_samples: usize,
    silent_steps: u32,
    probabilities: Vec<Probability>,
}

impl SileroTrack {
    pub(crate) fn new(network: &Network) -> Self {
        Self {
            memory: network.settled(),
            waiting: [0.0; STEP],
            waiting_samples: 0,
            silent_steps: 0,
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
        let energy: f32 = self.waiting.iter().map(|sample| sample * sample).sum();
        self.silent_steps =
            if energy < SILENT * STEP as f32 { self.silent_steps.saturating_add(1) } else { 0 };
        let probability = if self.silent_steps > RESTS_AFTER {
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
