use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::terminal::{Paint, Side, pad};

/// A table of text with heads, as wide as its cells.
pub(crate) struct Columns<const N: usize> {
    heads: [(&'static str, Side); N],
    lines: Vec<[String; N]>,
    widths: [usize; N],
}

impl<const N: usize> Columns<N> {
    pub(crate) fn new(heads: [(&'static str, Side); N]) -> Self {
        Self { heads, lines: Vec::new(), widths: heads.map(|(head, _)| head.width()) }
    }

    pub(crate) fn add(&mut self, line: [String; N]) {
        for (width, cell) in self.widths.iter_mut().zip(&line) {
            *width = (*width).max(cell.width());
        }
        self.lines.push(line);
    }

    /// The head and the rule below it.
    pub(crate) fn render_head(&self, paint: Paint) -> String {
        let head = self.join(&self.heads.map(|(head, _)| head));
        let width = self.widths.iter().sum::<usize>() + 2 * N.saturating_sub(1);
        format!("{}\n{}\n", paint.bold(&head), paint.dim(&"─".repeat(width)))
    }

    /// One line, without its end.
    pub(crate) fn render_line(&self, index: usize) -> String {
        self.join(&self.lines[index].each_ref().map(String::as_str))
    }

    /// All of it.
    pub(crate) fn render(&self, paint: Paint) -> String {
        let mut text = self.render_head(paint);
        for index in 0..self.lines.len() {
            let _ = writeln!(text, "{}", self.render_line(index));
        }
        text
    }

    fn join(&self, cells: &[&str; N]) -> String {
        let padded: Vec<String> = cells
            .iter()
            .zip(self.widths)
            .zip(self.heads)
            .map(|((cell, width), (_, side))| pad(cell, width, side))
            .collect();
        padded.join("  ").trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_and_latin_cells_stand_below_each_other() {
        let mut columns = Columns::new([("名称", Side::Left), ("n", Side::Right)]);
        columns.add(["a".to_owned(), "12".to_owned()]);
        columns.add(["坐席长".to_owned(), "3".to_owned()]);
        assert_eq!(
            columns.render(Paint::plain()),
            "名称     n\n──────────\na       12\n坐席长   3\n"
        );
    }
}
