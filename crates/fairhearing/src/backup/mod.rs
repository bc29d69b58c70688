//! A backup: what a server keeps, as a folder or as one tar file.
//!
//! `fairhearing.db` is a copy of an SQLite database (another database is backed up by its own tools),
//! `objects/` has the recordings under their keys, and `manifest.json`, which is written last, says how
//! large each is and its blake3. So a backup without a manifest is one that was broken off, and what
//! was damaged afterwards is found.

mod digest;
mod manifest;
mod reader;
mod writer;

pub(crate) use digest::{copy_hashed, hash_file};
pub(crate) use manifest::{Entry, Manifest};
pub(crate) use reader::BackupReader;
pub(crate) use writer::BackupWriter;

/// The name of the database's copy.
pub(crate) const DATABASE: &str = "fairhearing.db";

const MANIFEST: &str = "manifest.json";

/// Where an object lies in a backup.
pub(crate) fn place_of(key: &str) -> String {
    format!("objects/{key}")
}
