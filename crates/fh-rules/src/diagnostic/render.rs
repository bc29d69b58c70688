//! A diagnostic as people read it: where, what, and the line with a caret under it.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use super::{Diagnostic, Level};

/// Columns of an excerpt; longer lines are cut around the caret.
const EXCERPT_COLUMNS: usize = 100;
/// A tab is shown as so many spaces.
const TAB: &str = "    ";

/// The words of a rendered diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// What stands before the place: `error[FH-R012 unknown-field]: a rule has no field `id2``.
    pub head: String,
    /// What stands below the excerpt, a line each: `expected: a number`.
    pub notes: Vec<String>,
}

impl Wording {
    /// In English.
    pub(super) fn of(diagnostic: &Diagnostic) -> Self {
        let level = match diagnostic.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        let expected = diagnostic.expected.iter().map(|expected| format!("expected: {expected}"));
        let meant = diagnostic.suggestion.iter().map(|meant| format!("did you mean: `{meant}`"));
        Self {
            head: format!("{level}[{}]: {}", diagnostic.code, diagnostic.message),
            notes: expected.chain(meant).collect(),
        }
    }
}

/// ```text
/// error[FH-R012 unknown-field]: a `say` condition has no field `role`
///   --> rules/greeting.yaml:7:35
///    |
///  7 |       hello: { say: [您好], role: agent }
///    |                             ^^^^
///    = expected: `say`, `by` or `in`
///    = did you mean: `by`
/// ```
pub(super) fn render(diagnostic: &Diagnostic, source: &str, wording: &Wording) -> String {
    let mut out = format!("{}\n", wording.head);
    let number = diagnostic.line.to_string();
    let margin = " ".repeat(number.len() + 1);
    // Writing to a string cannot fail.
    let _ =
        writeln!(out, "{margin}--> {}:{}:{}", diagnostic.file, diagnostic.line, diagnostic.column);
    let line =
        (diagnostic.line as usize).checked_sub(1).and_then(|index| source.lines().nth(index));
    if let Some(line) = line {
        let (excerpt, indent, carets) =
            excerpt(line, diagnostic.column as usize, diagnostic.length as usize);
        let _ = writeln!(out, "{margin} |");
        let _ = writeln!(out, " {number} | {excerpt}");
        let _ = writeln!(out, "{margin} | {}{}", " ".repeat(indent), "^".repeat(carets));
    }
    for note in &wording.notes {
        let _ = writeln!(out, "{margin} = {note}");
    }
    out
}

/// The part of `line` around the place, and the columns before and under the caret. A Han
/// character takes two columns, a combining mark none.
fn excerpt(line: &str, column: usize, length: usize) -> (String, usize, usize) {
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    let characters: Vec<char> = line.chars().collect();
    let start = column.saturating_sub(1).min(characters.len());
    let end = start.saturating_add(length).min(characters.len());
    let columns_before: usize = characters[..start].iter().copied().map(columns).sum();
    // Enough of what is before the caret that it stands in the first half.
    let mut first = 0;
    let mut dropped = 0;
    while columns_before - dropped > EXCERPT_COLUMNS / 2
        && columns_of(&characters) > EXCERPT_COLUMNS
    {
        dropped += columns(characters[first]);
        first += 1;
    }
    let mut shown = String::new();
    let mut indent = 0;
    let mut carets = 0;
    let mut used = 0;
    if first > 0 {
        shown.push('…');
        indent += 1;
        used += 1;
    }
    for (index, &character) in characters.iter().enumerate().skip(first) {
        let wide = columns(character);
        if used + wide > EXCERPT_COLUMNS {
            shown.push('…');
            break;
        }
        used += wide;
        match character {
            '\t' => shown.push_str(TAB),
            // A control character would move the cursor or colour the terminal.
            _ if character.is_control() => shown.push('\u{fffd}'),
            _ => shown.push(character),
        }
        if index < start {
            indent += wide;
        } else if index < end {
            carets += wide;
        }
    }
    (shown, indent, carets.max(1))
}

fn columns_of(characters: &[char]) -> usize {
    characters.iter().copied().map(columns).sum()
}

/// How many terminal columns a character takes.
fn columns(character: char) -> usize {
    match character {
        '\t' => TAB.len(),
        _ if character.is_control() => 1,
        _ => character.width().unwrap_or(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_wide_characters() {
        let check = |line, column, length, indent, carets| {
            let (_, found_indent, found_carets) = excerpt(line, column, length);
            assert_eq!((found_indent, found_carets), (indent, carets), "{line}");
        };
        check("abc", 2, 1, 1, 1);
        // Two Han characters before, two under.
        check("您好再见", 3, 2, 4, 4);
        check("\tabc", 2, 3, 4, 3);
        // At the end of the line and beyond it there is still a caret.
        check("ab", 3, 1, 2, 1);
        check("ab", 30, 5, 2, 1);
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let line = format!("{}here{}", "x".repeat(300), "y".repeat(300));
        let (shown, indent, carets) = excerpt(&line, 301, 4);
        assert_eq!(carets, 4);
        assert!(shown.chars().count() <= EXCERPT_COLUMNS + 1);
        let under: String = shown.chars().skip(indent).take(4).collect();
        assert_eq!(under, "here");
    }
}
