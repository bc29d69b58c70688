//! What a rule author is told about a rule file.

mod codes;
mod render;

use serde::Serialize;

pub use codes::{Code, Level};
pub use render::Wording;

use crate::model::Place;

/// One thing that is wrong, or looks wrong, in a rule file.
///
/// ```
/// use fh_rules::{Code, Diagnostic, model::Place};
///
/// let diagnostic = Diagnostic::new(Code::UNKNOWN_FIELD, Place::default(), "unknown field `says`")
///     .expecting("`say`, `regex` or `silence`")
///     .suggesting("say");
/// assert_eq!(diagnostic.code.to_string(), "FH-R012 unknown-field");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What kind of thing it is.
    pub code: Code,
    /// How bad it is; the code's level.
    pub level: Level,
    /// The source's name; empty until the compiler, which knows the names, fills it in.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode code points, from 1.
    pub column: u32,
    /// Length in code points, at least 1.
    pub length: u32,
    /// What is wrong: lower case, names in backticks, no full stop.
    pub message: String,
    /// What would have been right, where that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The words of which one would have been right, where there is such a list; `expected` says
    /// the same in a sentence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What was probably meant: text to put in the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// Which source, for [`Diagnostic::in_file`].
    #[serde(skip)]
    pub place: Place,
}

impl Diagnostic {
    /// A diagnostic of `code` at `place`.
    pub fn new(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            level: code.level,
            file: String::new(),
            line: place.line,
            column: place.column,
            length: place.length.max(1),
            message: message.into(),
            expected: None,
            choices: Vec::new(),
            suggestion: None,
            place,
        }
    }

    /// Says what would have been right.
    #[must_use]
    pub fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Says which words would have been right.
    #[must_use]
    pub fn expecting_one_of(mut self, words: &[&str]) -> Self {
        self.choices = words.iter().map(|word| (*word).to_owned()).collect();
        self.expecting(one_of(words))
    }

    /// Says what was probably meant.
    #[must_use]
    pub fn suggesting(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    /// Names the file.
    #[must_use]
    pub fn in_file(mut self, name: &str) -> Self {
        name.clone_into(&mut self.file);
        self
    }

    /// As people read it: where, what, and the line of `source` (the file's whole text) with a
    /// caret under the place.
    pub fn render(&self, source: &str) -> String {
        render::render(self, source, &Wording::of(self))
    }

    /// The same in other words, for a program that speaks another language.
    pub fn render_as(&self, source: &str, wording: &Wording) -> String {
        render::render(self, source, wording)
    }

    /// What stands in the place: the text of `source` (the file's whole text) above the caret.
    pub fn found<'s>(&self, source: &'s str) -> &'s str {
        let line = source.lines().nth((self.line as usize).saturating_sub(1)).unwrap_or_default();
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        let from = (self.column as usize).saturating_sub(1);
        let mut starts = line.char_indices().map(|(at, _)| at).chain([line.len()]).skip(from);
        let start = starts.next().unwrap_or(line.len());
        let end = starts.nth((self.length as usize).saturating_sub(1)).unwrap_or(line.len());
        &line[start..end]
    }

    /// Whether there can be no pack.
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }
}

/// `` `a`, `b` or `c` ``.
fn one_of(words: &[&str]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => format!("`{only}`"),
        [most @ .., last] => {
            let most: Vec<String> = most.iter().map(|word| format!("`{word}`")).collect();
            format!("{} or `{last}`", most.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_has_a_text() {
        let check = |source: &str, line, column, length, expected| {
            let place = Place { line, column, length, ..Place::default() };
            let diagnostic = Diagnostic::new(Code::UNKNOWN_FIELD, place, "");
            assert_eq!(diagnostic.found(source), expected, "{source:?}");
        };
        check("a: 1\nseverty: high\n", 2, 1, 7, "severty");
        check("say: [您好]", 1, 7, 2, "您好");
        check("say: 您", 1, 6, 9, "您");
        // Beyond the end there is nothing.
        check("a", 1, 9, 1, "");
        check("a", 7, 1, 1, "");
        check("", 0, 0, 0, "");
    }
}
