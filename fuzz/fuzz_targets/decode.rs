//! Any bytes as a recording: every sniffer and every built-in decoder, in this process.

#![no_main]

use fh_audio::{Limits, decode_in_this_process};
use fh_model::Millis;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // A minute is enough to reach any code; more is the fuzzer's time lost.
    let limits = Limits { max_duration: Millis::from_secs(60), ..Limits::default() };
    // The first byte chooses the file's name, which tells headerless codecs apart.
    let names = [None, Some("V3"), Some("vox"), Some("al"), Some("ul"), Some("g729")];
    let Some((&choice, rest)) = bytes.split_first() else { return };
    decode_in_this_process(rest, names[usize::from(choice) % names.len()], &limits);
});
