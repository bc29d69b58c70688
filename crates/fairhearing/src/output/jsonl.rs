use std::io::{self, Write};

use serde::Serialize;

use super::ResultWriter;
use crate::inspect::{CallFailure, CallResult};

/// A failure as JSON.
#[derive(Serialize)]
pub(super) struct FailureDocument<'a> {
    schema: &'static str,
    file: &'a str,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'a str>,
}

impl<'a> From<&'a CallFailure> for FailureDocument<'a> {
    fn from(failure: &'a CallFailure) -> Self {
        Self {
            schema: "fairhearing.failure/1",
            file: &failure.name,
            code: &failure.code,
            message: &failure.message,
            remedy: failure.remedy.as_deref(),
        }
    }
}

/// `document` as JSON on one line, fields in the order of their declaration.
pub(super) fn to_line(document: &impl Serialize) -> io::Result<String> {
    serde_json::to_string(document).map_err(io::Error::other)
}

/// One JSON document a line, in the order of the recordings.
pub(crate) struct JsonLines<W> {
    out: W,
}

impl<W: Write> JsonLines<W> {
    pub(crate) const fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> ResultWriter for JsonLines<W> {
    fn take(&mut self, result: &CallResult) -> io::Result<()> {
        let line = match result {
            CallResult::Inspected { inspection, .. } => to_line(inspection)?,
            CallResult::Failed(failure) => to_line(&FailureDocument::from(failure))?,
        };
        writeln!(self.out, "{line}")
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}
