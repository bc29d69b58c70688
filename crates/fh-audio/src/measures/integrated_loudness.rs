use ebur128::{EbuR128, Mode};
use fh_model::Decibels;

use super::Measure;
use crate::analyzer::RATE_HZ;

pub(super) const MEASURE: Measure = Measure {
    id: "integrated_lufs",
    unit: "LUFS",
    definition: "Integrated loudness by EBU R128 (ITU-R BS.1770-4, both gates) of the channel as \
                 one mono programme at 16 kHz; none where nothing passes the gate of -70 LUFS.",
};

pub(super) struct Meter(EbuR128);

impl Meter {
    pub(super) fn new() -> Self {
        // The histogram keeps a fixed number of counters instead of every block's energy.
        let meter = EbuR128::new(1, RATE_HZ, Mode::I | Mode::HISTOGRAM);
        Self(meter.expect("one channel at 16 kHz is within what the library takes"))
    }

    pub(super) fn push(&mut self, samples: &[f32]) {
        self.0.add_frames_f32(samples).expect("one channel has whole frames of any number");
    }

    pub(super) fn finish(self) -> Option<Decibels> {
        Decibels::from_f64(self.0.loudness_global().ok()?)
    }
}
