use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use super::Entry;

/// Copies all of `from` and says what it was.
pub(crate) fn copy_hashed(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<Entry> {
    let mut from = Hashed::new(from);
    io::copy(&mut from, to)?;
    Ok(from.entry())
}

/// What a file is.
pub(crate) fn hash_file(path: &Path) -> io::Result<Entry> {
    copy_hashed(&mut File::open(path)?, &mut io::sink())
}

/// Passes on what it reads and remembers its digest.
pub(super) struct Hashed<'a> {
    from: &'a mut dyn Read,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<'a> Hashed<'a> {
    pub(super) fn new(from: &'a mut dyn Read) -> Self {
        Self { from, hasher: blake3::Hasher::new(), bytes: 0 }
    }

    pub(super) fn entry(&self) -> Entry {
        Entry { bytes: self.bytes, blake3: self.hasher.finalize().to_hex().to_string() }
    }
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
