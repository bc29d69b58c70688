use super::Measure;

/// Worked out by [`fh_model::ChannelMeasures::speech_ratio`], so that it cannot disagree with the
/// two times that are kept.
pub(super) const MEASURE: Measure = Measure {
    id: "speech_ratio",
    unit: "0 to 1",
    definition: "A channel's speech time over the call's duration; 0 for a call without length.",
};
