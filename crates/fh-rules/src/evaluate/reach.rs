//! How far apart two hits are.

use super::Hit;
use crate::model::Reach;

/// Whether from the end of `earlier` to the start of `later` it is at most `reach`; hits that
/// overlap are zero apart.
pub(crate) fn within(reach: Reach, earlier: &Hit, later: &Hit) -> bool {
    match reach {
        Reach::Unlimited => true,
        Reach::Time(limit) => later.span.start.saturating_sub(earlier.span.end) <= limit,
        Reach::Utterances(limit) => {
            later.first_utterance.saturating_sub(earlier.last_utterance) <= limit
        }
    }
}

/// Whether two hits, whichever is earlier, are at most `reach` apart.
pub(crate) fn near(reach: Reach, one: &Hit, other: &Hit) -> bool {
    if one.order() <= other.order() { within(reach, one, other) } else { within(reach, other, one) }
}
