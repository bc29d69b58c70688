//! Who speaks when.

use std::f64::consts::TAU;
use std::path::Path;

use super::sound::{self, Dice};
use super::voices::{self, Voice};

/// Samples a second.
const RATE: f64 = 8_000.0;
/// Samples in a frame of 10 ms.
const FRAME: usize = 80;
/// Frames of pause that do not part two words.
const JOIN: usize = 20;
/// A frame of a voice is speech down to this far below the loudest frame of its sentence.
const SPEECH_RANGE_DB: f64 = 35.0;

/// A made-up recording: one call after another.
pub struct Scene {
    /// The clean sound of both channels at 8 kHz.
    pub channels: [Vec<f32>; 2],
    /// Whether each frame of 10 ms of each channel is speech, pauses under 200 ms included.
    pub labels: [Vec<bool>; 2],
    /// Whether each frame of each channel carries a tone or music.
    pub tones: [Vec<bool>; 2],
    /// The frame that each call begins at.
    pub calls: Vec<usize>,
    /// How many of what there are.
    pub counts: Counts,
}

#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub turns: usize,
    pub interruptions: usize,
    pub murmurs: usize,
    pub holds: usize,
    pub dials: usize,
}

impl Counts {
    pub fn plus(self, other: Self) -> Self {
        Self {
            turns: self.turns + other.turns,
            interruptions: self.interruptions + other.interruptions,
            murmurs: self.murmurs + other.murmurs,
            holds: self.holds + other.holds,
            dials: self.dials + other.dials,
        }
    }
}

/// A recording of about `minutes`, from `seed`. Sentences are kept as files in `cache`.
pub fn make(minutes: f64, seed: u64, cache: &Path) -> Scene {
    std::fs::create_dir_all(cache).expect("the cache can be made");
    let length = (minutes * 60.0 * RATE) as usize / FRAME * FRAME;
    let silent = || vec![0.0; length];
    let mut stage = Stage {
        scene: Scene {
            channels: [silent(), silent()],
            labels: [vec![false; length / FRAME], vec![false; length / FRAME]],
            tones: [vec![false; length / FRAME], vec![false; length / FRAME]],
            calls: Vec::new(),
            counts: Counts::default(),
        },
        dice: Dice(seed),
        cache,
    };
    let mut at = 0.0;
    let mut call = 0;
    while at < minutes * 60.0 {
        stage.scene.calls.push((at * RATE) as usize / FRAME);
        at = stage.call(at, at + stage_length(minutes), call % 2 == 1);
        call += 1;
    }
    for labels in &mut stage.scene.labels {
        join_pauses(labels);
    }
    stage.scene
}

/// A call lasts three minutes, or half of a short set, so that both languages come up.
fn stage_length(minutes: f64) -> f64 {
    180_f64.min(minutes * 30.0)
}

struct Stage<'a> {
    scene: Scene,
    dice: Dice,
    cache: &'a Path,
}

struct Party {
    channel: usize,
    voice: Voice,
    level_db: f64,
}

impl Stage<'_> {
    /// Plays one call from second `at` and returns when it is over.
    fn call(&mut self, mut at: f64, end: f64, mandarin: bool) -> f64 {
        let (cast, lines, murmurs) = if mandarin {
            (voices::MANDARIN, voices::MANDARIN_LINES, voices::MANDARIN_MURMURS)
        } else {
            (voices::ENGLISH, voices::ENGLISH_LINES, voices::ENGLISH_MURMURS)
        };
        let parties: [Party; 2] = std::array::from_fn(|channel| Party {
            channel,
            voice: *self.dice.one_of(cast),
            level_db: self.dice.between(-32.0, -18.0),
        });
        at += 0.5;
        // Ring-back, 440 and 480 Hz, on the customer's side.
        for _ in 0..2 {
            self.tone(1, at, &sound::tones(&[440.0, 480.0], 0.05, 1.5));
            at += 3.0;
        }
        let mut speaker = 0;
        let mut line = (self.dice.next() % lines.len() as u64) as usize;
        let mut since_hold = 0;
        while at < end {
            let party = &parties[speaker];
            let length = self.speak(party, at, lines[line % lines.len()]);
            self.scene.counts.turns += 1;
            line += 1;
            since_hold += 1;
            let chance = self.dice.share();
            let other = &parties[1 - speaker];
            if chance < 0.14 && length > 1.6 {
                // The other begins before this one has finished.
                at += length - self.dice.between(0.4, 1.4);
                self.scene.counts.interruptions += 1;
            } else if chance < 0.32 && length > 2.0 {
                let murmur = *self.dice.one_of(murmurs);
                let when = at + self.dice.between(0.3, 0.7) * length;
                self.speak(other, when, murmur);
                self.scene.counts.murmurs += 1;
                at += length + self.dice.between(0.25, 1.0);
            } else if chance < 0.40 {
                at += length + self.dice.between(3.2, 8.0);
            } else if chance < 0.415 {
                at += length + 0.6;
                at = self.dial(1, at) + 0.5;
                self.scene.counts.dials += 1;
            } else if since_hold > 50 || (chance < 0.43 && since_hold > 12) {
                at = self.hold(0, at + length + 0.8) + 0.7;
                self.scene.counts.holds += 1;
                since_hold = 0;
            } else {
                at += length + self.dice.between(0.15, 1.3);
            }
            // Now and then somebody goes on.
            if self.dice.share() < 0.85 {
                speaker = 1 - speaker;
            }
        }
        at.max(end) + 2.0
    }

    /// Mixes a sentence in at second `at` and labels it; returns its length in seconds.
    fn speak(&mut self, party: &Party, at: f64, text: &str) -> f64 {
        let mut samples = voices::say(party.voice, text, self.cache);
        let level = party.level_db + self.dice.between(-3.0, 3.0);
        let gain = sound::gain(level) / sound::rms(&samples);
        samples.iter_mut().for_each(|sample| *sample *= gain);
        // Sentences begin on a frame, so that the label of a frame is its own.
        let start = (at * RATE) as usize / FRAME * FRAME;
        let levels: Vec<f64> =
            samples.chunks(FRAME).map(|frame| f64::from(sound::rms(frame))).collect();
        let loudest = levels.iter().fold(0.0_f64, |most, &level| most.max(level));
        let least = loudest * f64::from(sound::gain(-SPEECH_RANGE_DB));
        for (at, &level) in levels.iter().enumerate() {
            if let Some(label) = self.scene.labels[party.channel].get_mut(start / FRAME + at) {
                *label |= level >= least;
            }
        }
        mix(&mut self.scene.channels[party.channel], start, &samples);
        samples.len() as f64 / RATE
    }

    fn tone(&mut self, channel: usize, at: f64, samples: &[f32]) {
        let start = (at * RATE) as usize / FRAME * FRAME;
        mix(&mut self.scene.channels[channel], start, samples);
        for at in 0..samples.len() / FRAME {
            if let Some(label) = self.scene.tones[channel].get_mut(start / FRAME + at) {
                *label = true;
            }
        }
    }

    /// Six keys; returns when the last is let go.
    fn dial(&mut self, channel: usize, mut at: f64) -> f64 {
        for _ in 0..6 {
            let row = *self.dice.one_of(&[697.0, 770.0, 852.0, 941.0]);
            let column = *self.dice.one_of(&[1209.0, 1336.0, 1477.0]);
            self.tone(channel, at, &sound::tones(&[row, column], 0.1, 0.12));
            at += 0.24;
        }
        at
    }

    /// A melody of plucked notes over a bass; returns when it ends.
    fn hold(&mut self, channel: usize, at: f64) -> f64 {
        let seconds = self.dice.between(8.0, 20.0);
        let mut music = vec![0.0; (seconds * RATE) as usize];
        let beat = 0.28;
        let mut note = 0_i32;
        for at in 0..(seconds / beat) as usize {
            note = (note + (self.dice.next() % 5) as i32 - 2).clamp(-7, 9);
            let scale = [0, 2, 4, 5, 7, 9, 11];
            let semitone = scale[note.rem_euclid(7) as usize] + 12 * note.div_euclid(7);
            let pitch = 440.0 * 2_f64.powf(f64::from(semitone) / 12.0);
            let bass = if at % 4 < 2 { 220.0 } else { 165.0 };
            for (pitch, loudness) in [(pitch, 0.08), (bass, 0.05)] {
                let pluck: Vec<f32> = (0..(1.2 * RATE) as usize)
                    .map(|at| {
                        let time = at as f64 / RATE;
                        let decay = (-3.0 * time).exp() * (time / 0.004).min(1.0);
                        let wave: f64 = (1..=4)
                            .map(f64::from)
                            .map(|n| (TAU * pitch * n * time).sin() / (n * n))
                            .sum();
                        (loudness * decay * wave) as f32
                    })
                    .collect();
                mix(&mut music, (at as f64 * beat * RATE) as usize, &pluck);
            }
        }
        sound::telephone_highpass(&mut music, RATE);
        self.tone(channel, at, &music);
        at + seconds
    }
}

fn mix(into: &mut [f32], start: usize, samples: &[f32]) {
    if let Some(into) = into.get_mut(start..) {
        into.iter_mut().zip(samples).for_each(|(into, sample)| *into += sample);
    }
}

fn join_pauses(labels: &mut [bool]) {
    let mut last_speech: Option<usize> = None;
    for at in 0..labels.len() {
        if labels[at] {
            if let Some(last) = last_speech
                && at - last - 1 < JOIN
            {
                labels[last..at].fill(true);
            }
            last_speech = Some(at);
        }
    }
}
