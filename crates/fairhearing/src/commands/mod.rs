//! What each command does: one file for each.

pub(crate) mod backup;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod eval;
pub(crate) mod inspect;
pub(crate) mod models;
pub(crate) mod reference;
pub(crate) mod restore;
pub(crate) mod rules;
pub(crate) mod serve;
pub(crate) mod setup;

use std::fmt;

/// How a command ended. The numbers are documented in `--help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// All is well.
    Well,
    /// Some recordings failed, or some tests.
    SomeFailed,
    /// Ended by the user.
    Interrupted,
}

impl Ended {
    /// The exit status.
    pub(crate) const fn status(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::SomeFailed => 1,
            // 128 and the number of SIGINT, as shells have it.
            Self::Interrupted => 130,
        }
    }
}

/// The exit status of bad usage: wrong arguments, manifests or rule files.
pub(crate) const BAD_USAGE: u8 = 2;

/// A mistake of the user's, as a sentence.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}
