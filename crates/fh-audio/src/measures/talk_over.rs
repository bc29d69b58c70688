use fh_model::{ChannelMeasures, TalkOver};

use super::Measure;

pub(super) const MEASURE: Measure = Measure {
    id: "talk_overs",
    unit: "spans in ms",
    definition: "Every stretch in which two channels carry speech at once. The one whose stretch \
                 of speech began later cut in; where both began in the same millisecond, the one \
                 that ended first, and the higher channel where that is the same too. \
                 `other_spoke_for` counts from the start of the other's stretch to the cut. \
                 `inside_other` says that the other was still speaking when the one who cut in had \
                 finished. With more than two channels each pair counts for itself. \
                 `talk_over_lengths` is the distribution of their lengths, by nearest rank.",
};

pub(super) fn of(channels: &[ChannelMeasures]) -> Vec<TalkOver> {
    let mut talk_overs = Vec::new();
    for (at, left) in channels.iter().enumerate() {
        for right in &channels[at + 1..] {
            between(left, right, &mut talk_overs);
        }
    }
    talk_overs.sort_by_key(|talk_over| (talk_over.span, talk_over.by_channel));
    talk_overs
}

fn between(left: &ChannelMeasures, right: &ChannelMeasures, talk_overs: &mut Vec<TalkOver>) {
    let (mut at_left, mut at_right) = (0, 0);
    while let (Some(&ours), Some(&theirs)) = (left.speech.get(at_left), right.speech.get(at_right))
    {
        if let Some(span) = ours.overlap(theirs) {
            // The lower channel goes on only where it began later, or as late and ended sooner.
            let left_cut_in = (ours.start, theirs.end) > (theirs.start, ours.end);
            let (cut_in, own, other) =
                if left_cut_in { (left, ours, theirs) } else { (right, theirs, ours) };
            talk_overs.push(TalkOver {
                span,
                by_channel: cut_in.channel,
                by: cut_in.role,
                other_spoke_for: own.start - other.start,
                inside_other: own.end <= other.end,
            });
        }
        if ours.end <= theirs.end {
            at_left += 1;
        } else {
            at_right += 1;
        }
    }
}
