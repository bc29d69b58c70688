use fh_model::{Decibels, Distribution, Millis, Span};

use super::Measure;
use crate::analyzer::RATE_HZ;

pub(super) const MEASURE: Measure = Measure {
    id: "per_second_dbfs",
    unit: "dBFS",
    definition: "The root mean square of the samples of each whole second, in dB relative to full \
                 scale, not lower than -100; what is left after the last whole second is left out. \
                 `speaking_dbfs` is the distribution, by nearest rank, over those seconds of which \
                 at least half is the channel's speech.",
};

const FLOOR_DBFS: f64 = -100.0;

#[derive(Default)]
pub(super) struct Meter {
    squares: f64,
    samples: usize,
    levels: Vec<Decibels>,
}

impl Meter {
    pub(super) fn push(&mut self, mut samples: &[f32]) {
        const SECOND: usize = RATE_HZ as usize;
        while !samples.is_empty() {
            let (now, later) = samples.split_at(samples.len().min(SECOND - self.samples));
            for &sample in now {
                self.squares += f64::from(sample) * f64::from(sample);
            }
            self.samples += now.len();
            if self.samples == SECOND {
                let level = 10.0 * (self.squares / SECOND as f64).log10();
                // Only a sample that is no number makes a level that is none.
                self.levels.extend(Decibels::from_f64(level.max(FLOOR_DBFS)));
                (self.squares, self.samples) = (0.0, 0);
            }
            samples = later;
        }
    }

    pub(super) fn finish(self) -> Vec<Decibels> {
        self.levels
    }
}

/// The levels of the seconds of which at least half is speech; `speech` lies in order and apart.
pub(super) fn while_speaking(
    levels: &[Decibels],
    speech: &[Span],
) -> Option<Distribution<Decibels>> {
    let mut first = 0;
    let speaking = levels.iter().enumerate().filter(|(second, _)| {
        let start = Millis::from_secs(*second as u64);
        let second = Span::new(start, start + Millis(1000));
        while speech.get(first).is_some_and(|span| span.end <= second.start) {
            first += 1;
        }
        let spoken = speech[first..]
            .iter()
            .take_while(|span| span.start < second.end)
            .filter_map(|span| span.overlap(second))
            .fold(Millis::ZERO, |total, part| total + part.length());
        spoken >= Millis(500)
    });
    Distribution::of(speaking.map(|(_, &level)| level).collect())
}
