use fh_model::Millis;
use serde::Serialize;

use crate::model::{ConditionIndex, Reach};

/// `silence: 10s`: nobody speaks for at least so long, between the first and the last speech.
///
/// A hit is a mutual silence of at least `at_least_long`. A silence that is excused is no hit, but
/// is reported as excused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Silence {
    /// From which length on. More than zero.
    pub at_least_long: Millis,
    /// `unless_before: wait`: excused when one of these (conditions above this one) has a hit that
    /// ends at or before the silence's end and at most `within` before its start. May be empty.
    pub unless_before: Vec<ConditionIndex>,
    /// `unless_after: back`: excused when one of these has a hit that begins at or after the
    /// silence's start and at most `within` after its end. May be empty.
    pub unless_after: Vec<ConditionIndex>,
    /// How near the excuse must be; 15 seconds where the file does not say.
    pub within: Reach,
}
