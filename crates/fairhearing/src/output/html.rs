use std::io::{self, Write};

use super::ResultWriter;
use crate::inspect::CallResult;
use crate::messages::Lang;
use crate::report::{FailedCall, ReportOptions, ReportWriter, Waveform};

/// The report as one page, written call by call.
pub(crate) struct Html<W: Write> {
    report: ReportWriter<W>,
}

impl<W: Write> Html<W> {
    pub(crate) fn new(out: W, lang: Lang) -> io::Result<Self> {
        let options = ReportOptions {
            title: String::new(),
            language: lang.as_spoken(),
            failures: Vec::new(),
        };
        Ok(Self { report: ReportWriter::new(out, &options)? })
    }
}

impl<W: Write> ResultWriter for Html<W> {
    fn take(&mut self, result: &CallResult) -> io::Result<()> {
        match result {
            CallResult::Inspected { inspection, preview, .. } => {
                let waveform = preview.as_ref().map(|preview| Waveform {
                    bucket: preview.peaks.first().map(|peaks| peaks.bucket).unwrap_or_default(),
                    peaks: preview.peaks.iter().map(|peaks| peaks.values.clone()).collect(),
                });
                let waveform = waveform.filter(|waveform| waveform.bucket.0 > 0);
                let sound = preview.as_ref().and_then(|preview| preview.opus.as_deref());
                self.report.add_call(inspection, waveform.as_ref(), sound)
            }
            CallResult::Failed(failure) => {
                self.report.add_failure(FailedCall {
                    file: failure.name.clone(),
                    code: failure.code.clone(),
                    message: failure.told.clone(),
                });
                Ok(())
            }
        }
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.report.finish().map(|_| ())
    }
}
