use fh_model::Millis;
use fh_store::Write;

use super::Failure;

/// What a job did.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// What it changes, together with its end.
    pub(crate) writes: Vec<Write>,
    /// How much sound it went through.
    pub(crate) sound: Millis,
}

impl Done {
    pub(crate) const fn with(writes: Vec<Write>) -> Self {
        Self { writes, sound: Millis::ZERO }
    }
}

/// How a job ended by itself.
pub(crate) type JobResult = Result<Done, Failure>;
