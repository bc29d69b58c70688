//! The decoding process alone, for the tests and benchmarks of this crate.

use std::process::ExitCode;

fn main() -> ExitCode {
    fh_audio::decode_child_main()
}
