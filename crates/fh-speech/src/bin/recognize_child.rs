//! The recogniser process of this crate's own tests and benchmark.

use std::process::ExitCode;

fn main() -> ExitCode {
    fh_speech::recognize_child_main()
}
