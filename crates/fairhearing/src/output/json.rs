use std::io::{self, Write};

use super::ResultWriter;
use super::jsonl::{FailureDocument, to_line};
use crate::inspect::CallResult;

/// The name and version of the document.
const SCHEMA: &str = "fairhearing.inspections/1";

/// One JSON document: every inspection and then every failure, one a line, each in the order of
/// the recordings. Nothing but the failures is held in memory.
pub(crate) struct Json<W> {
    out: W,
    inspections: usize,
    failures: Vec<String>,
}

impl<W: Write> Json<W> {
    pub(crate) fn new(mut out: W) -> io::Result<Self> {
        write!(out, "{{\"schema\":\"{SCHEMA}\",\n\"inspections\":[")?;
        Ok(Self { out, inspections: 0, failures: Vec::new() })
    }
}

impl<W: Write> ResultWriter for Json<W> {
    fn take(&mut self, result: &CallResult) -> io::Result<()> {
        match result {
            CallResult::Inspected { inspection, .. } => {
                let comma = if self.inspections == 0 { "" } else { "," };
                self.inspections += 1;
                write!(self.out, "{comma}\n{}", to_line(inspection)?)
            }
            CallResult::Failed(failure) => {
                self.failures.push(to_line(&FailureDocument::from(failure))?);
                Ok(())
            }
        }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        write!(self.out, "\n],\n\"failures\":[")?;
        for (index, failure) in self.failures.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(self.out, "{comma}\n{failure}")?;
        }
        writeln!(self.out, "\n]}}")?;
        self.out.flush()
    }
}
