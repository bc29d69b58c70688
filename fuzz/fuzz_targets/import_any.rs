//! Any bytes as a transcript whose format is told by its looks.

#![no_main]

mod imported;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| imported::check(None, bytes));
