//! The decoding process of this crate's own tests: `decode_child`.

use std::process::ExitCode;

fn main() -> ExitCode {
    fh_audio::decode_child_main()
}
