//! The real recordings beside this project.

mod support;

use std::fs;

use support::{decode_all, options, shared_recordings};

#[test]
#[ignore = "needs ../shared"]
fn print() {
    let mut files: Vec<_> = fs::read_dir(shared_recordings())
        .unwrap()
        .chain(fs::read_dir(shared_recordings().join("reference")).unwrap())
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_file())
        .collect();
    files.sort();
    for file in files {
        match decode_all(&file, &options()) {
            Ok((r, s)) => println!(
                "{} {} {:?} {} Hz {} ch {} {:?} {}",
                r.file_name,
                r.format,
                r.decoder,
                r.sample_rate_hz,
                r.channels,
                r.duration,
                r.completeness,
                s[0].len()
            ),
            Err(e) => println!("{} {e}", e.code()),
        }
    }
}
