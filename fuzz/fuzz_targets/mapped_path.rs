//! Any text as a recording's path: it is refused, or every name in it is harmless, however it is
//! spelled.

#![no_main]

// The file itself, for the crate around it needs two databases to be built.
#[path = "../../crates/fh-workflow/src/fetch/written_path.rs"]
#[allow(dead_code, unreachable_pub)]
mod written_path;

use libfuzzer_sys::fuzz_target;
use written_path::WrittenPath;

const MAX_BYTES: usize = 1024;

fuzz_target!(|written: &str| {
    let Ok(path) = WrittenPath::parse(written, MAX_BYTES) else { return };
    assert!(written.len() <= MAX_BYTES);
    assert!(!written.chars().any(char::is_control));
    // Past a drive, what the kernel would take apart is what was checked.
    let rest = match written.as_bytes() {
        [drive, b':', ..] if drive.is_ascii_alphabetic() => &written[2..],
        _ => written,
    };
    let names: Vec<&str> = rest.split(['/', '\\']).collect();
    assert_eq!(names.first(), Some(&""), "it is not absolute");
    for name in &names[1..] {
        assert!(!name.is_empty() && *name != "." && *name != ".." && !name.contains(':'));
        assert!(!name.ends_with(['.', ' ']));
    }
    assert_eq!(names.last(), Some(&path.file_name()));
    // The other separator means the same.
    let turned = written.replace('\\', "/");
    assert_eq!(WrittenPath::parse(&turned, MAX_BYTES).as_ref(), Ok(&path));
});
