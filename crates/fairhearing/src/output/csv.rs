use std::io::{self, Write};

use super::ResultWriter;
use super::rows::{COLUMNS, Cell, rows_of};
use crate::inspect::CallResult;

/// One row for each call and scenario, as CSV with a head line.
pub(crate) struct Csv<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> Csv<W> {
    pub(crate) fn new(out: W) -> io::Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(COLUMNS.iter().map(|(name, _)| name))?;
        Ok(Self { out })
    }
}

impl<W: Write> ResultWriter for Csv<W> {
    fn take(&mut self, result: &CallResult) -> io::Result<()> {
        for row in rows_of(result) {
            self.out.write_record(row.iter().map(plain))?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.as_deref().map(harmless).unwrap_or_default(),
        Cell::Whole(number) => number.map(|number| number.to_string()).unwrap_or_default(),
        Cell::Number(number) => number.map(|number| format!("{number}")).unwrap_or_default(),
    }
}

/// A spreadsheet takes a cell that begins with one of these for a formula and runs it: an agent's
/// name must not be able to do that. The apostrophe makes it text (OWASP, "CSV injection").
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_numbers_stay_numbers() {
        let check = |cell: Cell, expected: &str| assert_eq!(plain(&cell), expected);
        let text = |text: &str| Cell::Text(Some(text.to_owned()));
        check(text("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        check(text("+49 30 1"), "'+49 30 1");
        check(text("-"), "'-");
        check(text("@cmd"), "'@cmd");
        check(text("a=b"), "a=b");
        check(Cell::Number(Some(-23.04)), "-23.04");
        check(Cell::Whole(None), "");
    }
}
