use fh_model::{ChannelMeasures, Millis, Span};

use super::Measure;

pub(super) const MEASURE: Measure = Measure {
    id: "mutual_silences",
    unit: "spans in ms",
    definition: "Every stretch after the first speech of the call and before the last in which no \
                 channel carries speech. There is no shortest length: a rule says which it minds. \
                 `mutual_silence_lengths` is the distribution of their lengths, by nearest rank.",
};

pub(super) fn of(channels: &[ChannelMeasures]) -> Vec<Span> {
    let mut speech: Vec<Span> = channels.iter().flat_map(|c| c.speech.iter().copied()).collect();
    speech.sort_unstable();
    let mut silences = Vec::new();
    let mut spoken_until: Option<Millis> = None;
    for span in speech {
        if let Some(end) = spoken_until
            && end < span.start
        {
            silences.push(Span::new(end, span.start));
        }
        spoken_until = spoken_until.max(Some(span.end));
    }
    silences
}
