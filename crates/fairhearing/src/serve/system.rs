//! The system's clock and randomness; everything else gets them as values.

use std::time::SystemTime;

use fh_model::{Clock, RandomSource};
use jiff::Timestamp;

/// The system's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::try_from(SystemTime::now()).expect("the present is a time that can be written")
    }
}

/// The system's randomness.
pub(crate) struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("a system without randomness cannot keep a secret");
    }
}
