//! For the tests of this crate.

use std::sync::atomic::{AtomicU8, Ordering};

use fh_model::RandomSource;

/// A source of foreseeable bytes: 1, 2, 3 ...
#[derive(Debug, Default)]
pub(crate) struct Counting(AtomicU8);

impl RandomSource for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        }
    }
}
