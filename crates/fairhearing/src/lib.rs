//! The program `fairhearing`: recordings of calls go in, explained score cards come out.
//!
//! What goes in: the command line, the environment and the files they name. What comes out: a
//! table, JSON, CSV, Parquet or an HTML page, and an exit status. This crate is the only one that
//! reads the environment; the others receive values.

pub mod report;

use std::process::ExitCode;

/// Runs the program with the arguments it was started with.
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}
