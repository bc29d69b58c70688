//! How results are written: one file for each format, one line for each in [`Format`].

pub(crate) mod columns;
pub(crate) mod csv;
pub(crate) mod details;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod jsonl;
#[cfg(feature = "parquet")]
pub(crate) mod parquet;
pub(crate) mod rows;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod terminal;

use std::io;

use crate::inspect::CallResult;

/// A form in which results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    Table,
    /// One JSON document: every inspection and every failure.
    Json,
    /// One JSON document a line: an inspection or a failure.
    Jsonl,
    /// One row for each call and scenario.
    Csv,
    /// The CSV's columns as Apache Parquet.
    Parquet,
    /// One self-contained page with waveforms, transcripts and scores.
    Html,
}

impl Format {
    /// `json` and so on, as on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Html => "html",
        }
    }

    /// The file's name under `--out`.
    pub(crate) const fn file_name(self) -> &'static str {
        match self {
            Self::Table => "inspections.txt",
            Self::Json => "inspections.json",
            Self::Jsonl => "inspections.jsonl",
            Self::Csv => "inspections.csv",
            Self::Parquet => "inspections.parquet",
            Self::Html => "report.html",
        }
    }

    /// Whether a terminal cannot show it.
    pub(crate) const fn is_binary(self) -> bool {
        matches!(self, Self::Parquet)
    }
}

/// Takes results one after the other, in the order of the recordings.
pub(crate) trait ResultWriter {
    /// Takes the next result.
    fn take(&mut self, result: &CallResult) -> io::Result<()>;

    /// Writes what can only be written when all is known.
    fn finish(self: Box<Self>) -> io::Result<()>;
}
