use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a backup has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// How this is written: [`Manifest::FORMAT`].
    pub(crate) format: u32,
    /// The program that wrote it.
    pub(crate) program: String,
    /// When it was begun.
    pub(crate) begun_at: Timestamp,
    /// The copy of the database, unless that is another server's.
    pub(crate) database: Option<Entry>,
    /// The recordings by their keys.
    pub(crate) recordings: BTreeMap<String, Entry>,
}

impl Manifest {
    /// The one that this program writes and reads.
    pub(crate) const FORMAT: u32 = 1;
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Its size.
    pub(crate) bytes: u64,
    /// Its blake3, in hex.
    pub(crate) blake3: String,
}
