//! The HTML report: one self-contained file that a quality manager opens with a double click.
//!
//! What goes in: inspections, and for each, where there are any, the peaks of its waveform and the
//! call's sound. What comes out: one page with its own styles, scripts, data and sound, which asks
//! the network for nothing and whose content security policy forbids it to.
//!
//! The page is written call by call as the calls come, so a report of a thousand calls needs the
//! memory of one call and of a thousand table rows. The sources of the page lie in `report/` beside
//! `src/`; `page.rs` lists them.
//!
//! ```
//! use fairhearing::report::{ReportOptions, ReportWriter};
//! use fh_model::Language;
//! let options = ReportOptions { title: "October".to_owned(), language: Language::EnUs, failures: vec![] };
//! let mut page = Vec::new();
//! ReportWriter::new(&mut page, &options)?.finish()?;
//! assert!(page.starts_with(b"<!doctype html>"));
//! # Ok::<(), std::io::Error>(())
//! ```

mod page;
mod script_json;
mod sound;
mod summary;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use fh_model::{Inspection, Language, Millis};

use script_json::write_script_json;
use summary::Overview;

/// One call of a report.
#[derive(Debug, Clone)]
pub struct ReportCall {
    /// All that was found out about it.
    pub inspection: Inspection,
    /// Its waveform; without one the page draws the stretches of speech instead.
    pub waveform: Option<Waveform>,
    /// Its sound as a whole file that browsers play (Ogg Opus, MP3, WAV); without it the page does
    /// everything but sound.
    pub audio: Option<Vec<u8>>,
}

/// The peaks of a recording, to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waveform {
    /// The length of time that one peak stands for; longer than zero.
    pub bucket: Millis,
    /// One list a channel of the recording; the greatest magnitude in each bucket, 0 to 255, where
    /// 255 is full scale.
    pub peaks: Vec<Vec<u8>>,
}

/// A recording that could not be inspected.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FailedCall {
    /// Its file, as the user named it.
    pub file: String,
    /// The stable code of the error; the page has advice for those it knows.
    pub code: String,
    /// The error in words.
    pub message: String,
}

/// What a report says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportOptions {
    /// The heading; where it is empty, the page has one in the reader's language.
    pub title: String,
    /// The language that the page opens in; the reader can switch.
    pub language: Language,
    /// What could not be inspected.
    pub failures: Vec<FailedCall>,
}

/// Writes a whole report of calls that are already in memory.
///
/// # Errors
/// Those of `out`.
pub fn write_html(
    out: impl Write,
    calls: &[ReportCall],
    options: &ReportOptions,
) -> io::Result<()> {
    let mut report = ReportWriter::new(out, options)?;
    for call in calls {
        report.add_call(&call.inspection, call.waveform.as_ref(), call.audio.as_deref())?;
    }
    report.finish().map(|_| ())
}

/// Writes a report call by call, keeping only a table row of each.
#[derive(Debug)]
pub struct ReportWriter<W: Write> {
    out: W,
    options: ReportOptions,
    overview: Overview,
}

impl<W: Write> ReportWriter<W> {
    /// Writes the head of the page. `out` should be buffered.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(mut out: W, options: &ReportOptions) -> io::Result<Self> {
        page::write_head(&mut out, &options.title, options.language)?;
        Ok(Self { out, options: options.clone(), overview: Overview::default() })
    }

    /// Writes one call. Calls stand in the report in the order in which they are added.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn add_call(
        &mut self,
        inspection: &Inspection,
        waveform: Option<&Waveform>,
        audio: Option<&[u8]>,
    ) -> io::Result<()> {
        let number = self.overview.calls();
        self.overview.add(inspection, audio.is_some());
        write!(self.out, "<script type=\"application/json\" id=\"call-{number}\">")?;
        write_script_json(&mut self.out, inspection)?;
        self.out.write_all(b"</script>\n")?;
        if let Some(waveform) = waveform {
            sound::write_waveform(&mut self.out, number, waveform)?;
        }
        if let Some(audio) = audio {
            sound::write_audio(&mut self.out, number, audio)?;
        }
        Ok(())
    }

    /// Notes a recording that could not be inspected, after those of the options.
    pub fn add_failure(&mut self, failure: FailedCall) {
        self.options.failures.push(failure);
    }

    /// Writes the overview and the scripts, flushes, and hands the writer back.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(mut self) -> io::Result<W> {
        page::write_tail(&mut self.out, &self.overview, &self.options)?;
        self.out.flush()?;
        Ok(self.out)
    }
}
