//! What is wrong with the channels of a recording, told from levels and samples alone.

use fh_model::{CallWarning, Decibels, Span};

use crate::analyzer::index;
use crate::vad::{FRAME_MS, Level, Track, floor_at, noise_floor};

/// Samples from here on count as clipped: mu-law's loudest is 0.980, A-law's 0.984.
const FULL_SCALE: f32 = 0.98;
/// Clipped samples per million from which a person should know: one in 10,000.
const CLIPPING_PER_MILLION: u64 = 100;
/// An offset from which a person should know, in millionths of full scale: 0.5 %.
const OFFSET_MILLIONTHS: i64 = 5_000;
/// A line is dead where fewer frames than this ...
const DEAD_FRAMES: usize = 10;
/// ... reach this level.
const DEAD_LEVEL: Level = Level::from_db(-60);
/// Channels are the same where what differs carries less than this share of the energy: -60 dB.
const SAME_ENERGY: f64 = 1e-6;

/// Counts what is wrong with single samples.
#[derive(Debug, Clone, Default)]
pub(crate) struct SampleCheck {
    samples: u64,
    clipped: u64,
    sum: f64,
}

impl SampleCheck {
    pub(crate) fn push(&mut self, samples: &[f32]) {
        self.samples += samples.len() as u64;
        self.clipped += samples.iter().filter(|sample| sample.abs() >= FULL_SCALE).count() as u64;
        self.sum += samples.iter().map(|&sample| f64::from(sample)).sum::<f64>();
    }

    fn clipped_per_million(&self) -> u64 {
        (self.clipped * 1_000_000).checked_div(self.samples).unwrap_or(0)
    }

    fn offset_millionths(&self) -> i64 {
        if self.samples == 0 {
            return 0;
        }
        (self.sum / self.samples as f64 * 1e6).round() as i64
    }
}

/// Watches whether all channels carry the same sound, be it at another volume.
#[derive(Debug, Clone)]
pub(crate) struct Sameness {
    /// Energy of each channel.
    energy: Vec<f64>,
    /// Sum of the products with channel 0.
    product: Vec<f64>,
}

impl Sameness {
    pub(crate) fn new(channels: usize) -> Self {
        Self { energy: vec![0.0; channels], product: vec![0.0; channels] }
    }

    pub(crate) fn push(&mut self, block: &[&[f32]]) {
        for (at, samples) in block.iter().enumerate() {
            let pairs = samples.iter().zip(block[0]);
            let (mut energy, mut product) = (0.0, 0.0);
            for (&own, &first) in pairs {
                let own = f64::from(own);
                energy += own * own;
                product += own * f64::from(first);
            }
            self.energy[at] += energy;
            self.product[at] += product;
        }
    }

    /// Whether there are several channels and every one is the first one times a constant.
    ///
    /// Channels without any sound are dead rather than the same.
    pub(crate) fn identical(&self) -> bool {
        let first = self.energy[0];
        // What is left of a channel after the best multiple of the first is taken away.
        let same = |(&own, &product): (&f64, &f64)| {
            own > 0.0 && own - product * product / first <= SAME_ENERGY * own
        };
        self.energy.len() > 1
            && first > 0.0
            && self.energy.iter().zip(&self.product).skip(1).all(same)
    }
}

/// What a person should know of each channel, in the order of the channels.
pub(crate) fn warnings(
    tracks: &[Track],
    speech: &[Vec<Span>],
    checks: &[SampleCheck],
) -> Vec<CallWarning> {
    let mut warnings = Vec::new();
    for (at, (track, check)) in tracks.iter().zip(checks).enumerate() {
        let channel = index(at);
        if is_dead(track, &speech[at]) {
            warnings.push(CallWarning::DeadChannel { channel });
        }
        let per_million = check.clipped_per_million();
        if per_million >= CLIPPING_PER_MILLION {
            // At most a million.
            warnings.push(CallWarning::Clipping { channel, per_million: per_million as u32 });
        }
        let millionths = check.offset_millionths();
        if millionths.abs() >= OFFSET_MILLIONTHS {
            // Samples lie in -1..=1, so this is at most a million.
            warnings.push(CallWarning::DcOffset { channel, millionths: millionths as i32 });
        }
        if let Some(leak) = leak_into(at, tracks, speech) {
            warnings.push(CallWarning::Crosstalk { channel, leak });
        }
    }
    warnings
}

fn is_dead(track: &Track, speech: &[Span]) -> bool {
    speech.is_empty()
        && track.levels.iter().filter(|&&level| level >= DEAD_LEVEL).count() < DEAD_FRAMES
}

const FRAMES_IN_AN_HOUR: usize = 3_600_000 / FRAME_MS;
/// Frames of the other's speech that it takes to tell a leak: two seconds.
const LEAK_FRAMES: usize = 200;
/// A leak stands out of the line's own noise by this many half decibels: 3 dB.
const LEAK_OVER_FLOOR: u8 = 6;
/// A leak is weaker than its source by at least this many half decibels: 12 dB. What is closer is
/// two people on one line.
const LEAK_WEAKER: u8 = 24;
/// The middle half of the differences of a leak lies within this many half decibels: 6 dB.
/// Two people's levels have nothing to do with one another and differ far more.
const LEAK_SPREAD: u8 = 12;

/// How much weaker the speech of another channel is heard on channel `at`, if it is.
///
/// Looks at the frames in which the other speaks and this one does not, and the leak would have to
/// stand out of this line's noise if there were one.
fn leak_into(at: usize, tracks: &[Track], speech: &[Vec<Span>]) -> Option<Decibels> {
    let own = &tracks[at].levels;
    let floors = noise_floor(own);
    // An hour's worth of frames says enough, and a day's would take more memory than all the rest.
    let stride = own.len() / FRAMES_IN_AN_HOUR + 1;
    let mut strongest: Option<u8> = None;
    for (_, (other, spans)) in
        tracks.iter().zip(speech).enumerate().filter(|(other, _)| *other != at)
    {
        let mut own_spans = speech[at].iter().peekable();
        let mut differences = Vec::new();
        for span in spans {
            let frames = span.start.0 as usize / FRAME_MS..span.end.0 as usize / FRAME_MS;
            for frame in frames.step_by(stride) {
                let moment = (frame * FRAME_MS) as u64;
                while own_spans.peek().is_some_and(|own| own.end.0 <= moment) {
                    own_spans.next();
                }
                if own_spans.peek().is_some_and(|own| own.start.0 <= moment) {
                    continue;
                }
                if let (Some(&here), Some(&there)) = (own.get(frame), other.levels.get(frame)) {
                    differences.push((there, here, floor_at(&floors, frame)));
                }
            }
        }
        // Only the louder half: there a leak is strongest against the line's own noise.
        differences.sort_unstable_by(|a, b| b.cmp(a));
        differences.truncate(differences.len() / 2);
        if differences.len() < LEAK_FRAMES {
            continue;
        }
        let mut over_floor: Vec<u8> =
            differences.iter().map(|(_, here, floor)| here.above(*floor)).collect();
        let mut weaker: Vec<u8> =
            differences.iter().map(|(there, here, _)| there.above(*here)).collect();
        over_floor.sort_unstable();
        weaker.sort_unstable();
        let quarter = |values: &[u8], part: usize| values[values.len() * part / 4];
        if quarter(&over_floor, 2) >= LEAK_OVER_FLOOR
            && quarter(&weaker, 2) >= LEAK_WEAKER
            && quarter(&weaker, 3) - quarter(&weaker, 1) <= LEAK_SPREAD
        {
            let leak = quarter(&weaker, 2);
            strongest = Some(strongest.map_or(leak, |before| before.min(leak)));
        }
    }
    strongest.map(|half_decibels| Decibels::from_hundredths(i64::from(half_decibels) * 50))
}
