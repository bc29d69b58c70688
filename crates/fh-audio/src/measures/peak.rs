use fh_model::Decibels;

use super::Measure;

pub(super) const MEASURE: Measure = Measure {
    id: "peak_dbfs",
    unit: "dBFS",
    definition: "The largest absolute sample of the channel at 16 kHz, in dB relative to full \
                 scale; none where every sample is zero.",
};

#[derive(Default)]
pub(super) struct Meter(f32);

impl Meter {
    pub(super) fn push(&mut self, samples: &[f32]) {
        self.0 = samples.iter().fold(self.0, |peak, sample| peak.max(sample.abs()));
    }

    pub(super) fn finish(self) -> Option<Decibels> {
        // The logarithm of zero is infinite, which is no level.
        Decibels::from_f64(20.0 * f64::from(self.0).log10())
    }
}
