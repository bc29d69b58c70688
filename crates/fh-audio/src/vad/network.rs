//! The forward pass of the Silero network, version 6, at 16 kHz.
//!
//! A window of 576 samples becomes four spectra; four convolutions shrink them to 128 numbers; an
//! LSTM cell joins these with what it remembers; one neuron says how likely the window holds a
//! voice. The weights are those that the Silero Team published (see `silero_v6_16k.md`); the
//! results agree with ONNX Runtime's on the same network to a few millionths.
//!
//! It is written out here because the network is small: 0.4 million multiplications for 32 ms.
//! A runtime for arbitrary networks costs more in every call than it saves, weighs 27 MB, and
//! must be installed first.

use std::sync::{Arc, OnceLock};

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// New samples in each step: 32 ms at 16 kHz.
pub(super) const STEP: usize = 512;
/// Samples of the step before that each step sees again.
const CONTEXT: usize = 64;
/// Samples that are mirrored at the end of each window.
const MIRRORED: usize = 64;
/// Samples in each spectrum.
const FFT: usize = 256;
/// Samples from one spectrum to the next.
const HOP: usize = 128;
/// Spectra in each window.
const SPECTRA: usize = 4;
const BINS: usize = FFT / 2 + 1;
/// Numbers that the LSTM cell remembers, twice.
const HIDDEN: usize = 128;
/// Outputs that are computed at once; they stay in registers.
const LANES: usize = 16;

/// Silent steps after which the network's memory hardly changes: half a second.
pub(super) const SETTLES_IN: usize = 16;

const WEIGHT_BYTES: &[u8] = include_bytes!("silero_v6_16k.f32");

/// A layer that multiplies with a matrix and adds a bias.
struct Dense {
    inputs: usize,
    /// For each group of [`LANES`] outputs, for each input, the weights of the group.
    weights: Vec<[f32; LANES]>,
    bias: Vec<[f32; LANES]>,
}

impl Dense {
    fn read(source: &mut impl Iterator<Item = f32>, inputs: usize, outputs: usize) -> Self {
        let groups = outputs / LANES;
        let mut weights = vec![[0.0; LANES]; groups * inputs];
        for input in 0..inputs {
            for group in 0..groups {
                weights[group * inputs + input] = std::array::from_fn(|_| next(source));
            }
        }
        let bias = (0..groups).map(|_| std::array::from_fn(|_| next(source))).collect();
        Self { inputs, weights, bias }
    }

    /// Applies the layer to `T` inputs at once, so that each weight is loaded once.
    fn apply<const T: usize>(&self, inputs: [&[f32]; T], mut put: impl FnMut(usize, usize, f32)) {
        let inputs = inputs.map(|input| &input[..self.inputs]);
        let groups = self.weights.chunks_exact(self.inputs).zip(&self.bias).enumerate();
        for (group, (weights, bias)) in groups {
            let mut sums = [*bias; T];
            for (at, weights) in weights.iter().enumerate() {
                for (sums, input) in sums.iter_mut().zip(&inputs) {
                    let value = input[at];
                    for (sum, weight) in sums.iter_mut().zip(weights) {
                        *sum += value * weight;
                    }
                }
            }
            for (time, sums) in sums.iter().enumerate() {
                for (lane, &sum) in sums.iter().enumerate() {
                    put(time, group * LANES + lane, sum);
                }
            }
        }
    }
}

/// The next of the weights, whose number is known when the program is compiled.
fn next(source: &mut impl Iterator<Item = f32>) -> f32 {
    source.next().expect("the weight file has the length that the layers add up to")
}

struct Weights {
    encoder: [Dense; 4],
    cell: Dense,
    decoder: Vec<f32>,
    decoder_bias: f32,
    window: [f32; FFT],
}

impl Weights {
    fn get() -> &'static Self {
        static WEIGHTS: OnceLock<Weights> = OnceLock::new();
        WEIGHTS.get_or_init(|| {
            let (numbers, _) = WEIGHT_BYTES.as_chunks::<4>();
            let mut source = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes));
            let source = &mut source;
            Self {
                encoder: [
                    Dense::read(source, 3 * BINS, 128),
                    Dense::read(source, 3 * 128, 64),
                    Dense::read(source, 2 * 64, 64),
                    Dense::read(source, 64, HIDDEN),
                ],
                // Input and memory are laid end to end, and so are their weights in the file.
                cell: Dense::read(source, 2 * HIDDEN, 4 * HIDDEN),
                decoder: source.take(HIDDEN).collect(),
                decoder_bias: next(source),
                // Periodic Hann window.
                window: std::array::from_fn(|at| {
                    let turn = at as f64 / FFT as f64;
                    (0.5 - 0.5 * (std::f64::consts::TAU * turn).cos()) as f32
                }),
            }
        })
    }
}

/// What the network remembers of one channel.
#[derive(Clone)]
pub(super) struct Memory {
    context: [f32; CONTEXT],
    hidden: [f32; HIDDEN],
    cell: [f32; HIDDEN],
}

impl Default for Memory {
    fn default() -> Self {
        Self { context: [0.0; CONTEXT], hidden: [0.0; HIDDEN], cell: [0.0; HIDDEN] }
    }
}

/// The network and the room that it works in.
pub(crate) struct Network {
    weights: &'static Weights,
    fourier: Arc<dyn RealToComplex<f32>>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    settled: Memory,
}

impl Network {
    pub(crate) fn new() -> Self {
        let fourier = RealFftPlanner::new().plan_fft_forward(FFT);
        let mut network = Self {
            weights: Weights::get(),
            spectrum: fourier.make_output_vec(),
            scratch: fourier.make_scratch_vec(),
            fourier,
            settled: Memory::default(),
        };
        let mut memory = Memory::default();
        for _ in 0..SETTLES_IN {
            network.step(&mut memory, &[0.0; STEP]);
        }
        network.settled = memory;
        network
    }

    /// What the network remembers after a silence.
    pub(super) fn settled(&self) -> Memory {
        self.settled.clone()
    }

    /// How likely `step` holds a voice, 0 to 1, given what came before on the same channel.
    pub(super) fn step(&mut self, memory: &mut Memory, step: &[f32; STEP]) -> f32 {
        let weights = self.weights;
        let [first, second, third, fourth] = &weights.encoder;

        // A column of padding stands before and after the four spectra.
        let mut spectra = [0.0; (SPECTRA + 2) * BINS];
        self.magnitudes(memory, step, &mut spectra[BINS..(SPECTRA + 1) * BINS]);

        // Each convolution sees three columns, which lie end to end. The second and the third go
        // in steps of two columns. The third begins and the fourth begins and ends on padding:
        // taps that only ever meet zeros have neither room here nor weights in the file.
        let mut wide = [0.0; (SPECTRA + 1) * 128];
        let columns = std::array::from_fn::<_, SPECTRA, _>(|time| &spectra[time * BINS..]);
        first.apply(columns, |time, at, sum| wide[(time + 1) * 128 + at] = sum.max(0.0));
        let mut half = [0.0; 2 * 64];
        second.apply([&wide[..], &wide[2 * 128..]], |time, at, sum| {
            half[time * 64 + at] = sum.max(0.0);
        });
        let mut narrow = [0.0; 64];
        third.apply([&half[..]], |_, at, sum| narrow[at] = sum.max(0.0));
        let mut joined = [0.0; 2 * HIDDEN];
        fourth.apply([&narrow[..]], |_, at, sum| joined[at] = sum.max(0.0));

        joined[HIDDEN..].copy_from_slice(&memory.hidden);
        let mut gates = [0.0; 4 * HIDDEN];
        weights.cell.apply([&joined[..]], |_, at, sum| gates[at] = sum);
        let mut activation = weights.decoder_bias;
        for at in 0..HIDDEN {
            let [input, forget, candidate, output] =
                std::array::from_fn(|gate| gates[gate * HIDDEN + at]);
            memory.cell[at] = sigmoid(forget) * memory.cell[at] + sigmoid(input) * candidate.tanh();
            memory.hidden[at] = sigmoid(output) * memory.cell[at].tanh();
            activation += weights.decoder[at] * memory.hidden[at].max(0.0);
        }
        sigmoid(activation)
    }

    /// The magnitudes of the four overlapping spectra, end to end.
    fn magnitudes(&mut self, memory: &mut Memory, step: &[f32; STEP], into: &mut [f32]) {
        let mut window = [0.0; CONTEXT + STEP + MIRRORED];
        window[..CONTEXT].copy_from_slice(&memory.context);
        window[CONTEXT..CONTEXT + STEP].copy_from_slice(step);
        let last = CONTEXT + STEP - 1;
        for at in 1..=MIRRORED {
            window[last + at] = window[last - at];
        }
        memory.context.copy_from_slice(&step[STEP - CONTEXT..]);

        for (time, magnitudes) in into.chunks_exact_mut(BINS).enumerate() {
            let samples = &window[time * HOP..time * HOP + FFT];
            let mut frame: [f32; FFT] =
                std::array::from_fn(|at| samples[at] * self.weights.window[at]);
            self.fourier
                .process_with_scratch(&mut frame, &mut self.spectrum, &mut self.scratch)
                .expect("the plan made these buffers");
            for (magnitude, number) in magnitudes.iter_mut().zip(&self.spectrum) {
                *magnitude = number.norm_sqr().sqrt();
            }
        }
    }
}

fn sigmoid(number: f32) -> f32 {
    1.0 / (1.0 + (-number).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weight_file_has_one_number_for_every_weight() {
        let layers = [(3 * BINS, 128), (3 * 128, 64), (2 * 64, 64), (64, 128), (256, 512)];
        let numbers: usize = layers.iter().map(|(inputs, outputs)| (inputs + 1) * outputs).sum();
        assert_eq!(WEIGHT_BYTES.len(), 4 * (numbers + HIDDEN + 1));
    }

    /// A hummed vowel on a wavering pitch, twice a second.
    fn test_sound() -> Vec<f32> {
        use std::f64::consts::TAU;
        let sample = |at: usize| {
            let time = at as f64 / 16_000.0;
            let phase = TAU * 120.0 * time + 20.0 / 3.0 * (1.0 - (TAU * 3.0 * time).cos());
            let voice: f64 = (1..=30)
                .map(|harmonic| {
                    let amplitude: f64 = [(700.0, 1.0), (1200.0, 0.5), (2600.0, 0.25)]
                        .map(|(formant, gain)| {
                            let apart = (120.0 * f64::from(harmonic) - formant) / 80.0;
                            gain / (1.0 + apart * apart)
                        })
                        .iter()
                        .sum();
                    amplitude * (f64::from(harmonic) * phase).sin()
                })
                .sum();
            (0.05 * (TAU * 2.0 * time).sin().max(0.0) * voice) as f32
        };
        (0..40 * STEP).map(sample).collect()
    }

    /// ONNX Runtime 1.31.1 on `silero_vad.onnx` gave these for the sound made here.
    #[test]
    fn agrees_with_onnx_runtime() {
        let expected: &[(usize, f32)] = &[
            (0, 0.027584),
            (1, 0.363130),
            (2, 0.364260),
            (3, 0.195306),
            (7, 0.485560),
            (13, 0.030789),
            (16, 0.108613),
            (30, 0.004334),
            (38, 0.053775),
        ];
        let mut network = Network::new();
        let mut memory = Memory::default();
        let got: Vec<f32> =
            test_sound().as_chunks().0.iter().map(|step| network.step(&mut memory, step)).collect();
        for &(step, probability) in expected {
            assert!(
                (got[step] - probability).abs() < 2e-5,
                "step {step}: expected {probability}, found {}",
                got[step]
            );
        }
    }
}
