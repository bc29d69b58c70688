use fh_model::Millis;

use super::Measure;

pub(super) const MEASURE: Measure = Measure {
    id: "own_silence_time",
    unit: "ms",
    definition: "The call's duration less the channel's own speech time. The other party's speech \
                 counts as this channel's silence. Huawei's `left_silence_time` and \
                 `right_silence_time`.",
};

pub(super) fn of(duration: Millis, speech_time: Millis) -> Millis {
    duration - speech_time
}
