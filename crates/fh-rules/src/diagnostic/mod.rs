//! What a rule author is told about a rule file.

mod codes;
mod render;

use serde::Serialize;

pub use codes::{Code, Level};

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
        render::render(self, source)
    }

    /// Whether there can be no pack.
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }
}
