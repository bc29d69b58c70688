use std::io::IsTerminal;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Colours, or none of them where nobody sees them or `NO_COLOR` forbids them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// Colours for standard output, if that is a terminal and `no_color` is not set.
    pub(crate) fn for_stdout(no_color: bool) -> Self {
        Self { on: !no_color && std::io::stdout().is_terminal() }
    }

    /// Colours, for a caller who knows that standard error is a terminal.
    pub(crate) const fn for_stderr() -> Self {
        Self { on: true }
    }

    /// No colours, as in a file.
    pub(crate) const fn plain() -> Self {
        Self { on: false }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.wrap("31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.wrap("32", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.wrap("33", text)
    }
}

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// Fills `text` up to `columns` of a terminal, where a Han character takes two.
pub(crate) fn pad(text: &str, columns: usize, side: Side) -> String {
    let blanks = " ".repeat(columns.saturating_sub(text.width()));
    match side {
        Side::Left => format!("{text}{blanks}"),
        Side::Right => format!("{blanks}{text}"),
    }
}

/// Cuts `text` to `columns` of a terminal; `…` stands for what was cut, which is the middle: the
/// end of a file's name tells as much as its beginning.
pub(crate) fn shorten(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let half = columns.saturating_sub(1) / 2;
    let head = take_columns(text.chars(), columns.saturating_sub(1) - half);
    let tail: String = take_columns(text.chars().rev(), half).chars().rev().collect();
    format!("{head}…{tail}")
}

fn take_columns(characters: impl Iterator<Item = char>, columns: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= columns
        })
        .collect()
}

/// `text` as one line without control characters: a file's name or a transcript may hold escape
/// sequences that would repaint the terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_characters_take_two_columns() {
        assert_eq!(pad("坐席", 6, Side::Left), "坐席  ");
        assert_eq!(pad("ab", 6, Side::Right), "    ab");
        assert_eq!(pad("坐席长", 4, Side::Left), "坐席长");
    }

    #[test]
    fn the_middle_is_cut() {
        assert_eq!(shorten("recording-2024.wav", 9), "reco….wav");
        assert_eq!(shorten("客户投诉录音.wav", 9), "客户….wav");
        assert_eq!(shorten("short", 9), "short");
    }

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(printable("a\x1b[31mb\n"), "a\u{fffd}[31mb\u{fffd}");
    }
}
