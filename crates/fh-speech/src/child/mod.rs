//! Native recognisers run in a child process: sherpa-onnx ends the process with status 255 when a
//! model lacks its metadata and aborts on a wrong `tokens.txt`, and PocketSphinx ends it on an
//! unreadable model. The parent turns such a death into an error and starts anew.

mod main;
mod pool;
mod process;
mod protocol;

use std::ffi::OsString;
use std::path::PathBuf;

pub use main::recognize_child_main;
pub(crate) use pool::{ChildEngine, ChildSettings};
pub(crate) use protocol::{ClipHeader, Job, Recognizer};

/// Which program runs [`recognize_child_main`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildProgram {
    /// The program, mostly our own binary.
    pub program: PathBuf,
    /// Its arguments, mostly the name of a hidden subcommand.
    pub args: Vec<OsString>,
}
