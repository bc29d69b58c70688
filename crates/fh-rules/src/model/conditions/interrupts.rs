use fh_model::Millis;
use serde::Serialize;

/// `interrupts: 500ms, by: agent`: somebody begins to speak while the other still does.
///
/// A hit is a talk-over of at least `overlap`, begun by [`Scope::by`](crate::model::Scope::by).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Interrupts {
    /// From which overlap on. More than zero.
    pub overlap: Millis,
    /// `after_other_spoke: 1s`: only where the other had been speaking at least this long. Zero
    /// for at once.
    pub other_spoke_for: Millis,
    /// `backchannel: 1s`: speech wholly inside the other's and at most this long ("mhm") does not
    /// count; 1 second where the file does not say, zero to count all.
    pub backchannel: Millis,
}
