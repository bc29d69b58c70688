use fh_model::{Millis, Span};

use super::Measure;

pub(super) const MEASURE: Measure = Measure {
    id: "speech_time",
    unit: "ms",
    definition: "The lengths of a channel's stretches of speech, added up. Pauses under 200 ms \
                 belong to the stretch that they lie in. `speech_lengths` is the distribution of \
                 those lengths, by nearest rank.",
};

/// `speech` lies in order and apart.
pub(super) fn of(speech: &[Span]) -> Millis {
    speech.iter().fold(Millis::ZERO, |total, span| total + span.length())
}
