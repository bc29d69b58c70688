//! Reads values of every shape, and gathers what is wrong with them.

use fh_model::{Language, Millis, Points, Role};
use jiff::civil::DateTime;

use super::Limits;
use super::duration::{self, DurationError};
use super::place_in_call;
use super::suggest::closest;
use super::tree::{Node, Text, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{LocalText, Place, Reach, Window};

/// A list of words that a field takes, each with its meaning.
pub(crate) type WordTable = &'static [(&'static str, &'static str)];

/// The languages that rules may speak of.
pub(crate) const LANGUAGES: WordTable = &[("zh", "Chinese"), ("en", "English")];

/// Gathers diagnostics while values are read. Every `read_*` gives `None` after it has reported why.
pub(crate) struct Reader {
    pub(crate) limits: Limits,
    diagnostics: Vec<Diagnostic>,
    errors: usize,
    phrase_uses: usize,
}

impl Reader {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, diagnostics: Vec::new(), errors: 0, phrase_uses: 0 }
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.is_error());
        if self.diagnostics.len() < self.limits.diagnostics {
            self.diagnostics.push(diagnostic);
        } else if diagnostic.is_error() && self.errors == 1 {
            // However many warnings there are, the reason why there is no pack is shown.
            self.diagnostics.pop();
            self.diagnostics.push(diagnostic);
        }
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// All that was reported, in the order of the sources.
    pub(crate) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(|diagnostic| (diagnostic.place, diagnostic.code));
        self.diagnostics.dedup();
        self.diagnostics
    }

    /// Counts phrases that a condition at `place` is about to take; `false` beyond the limit.
    pub(crate) fn take_phrases(&mut self, count: usize, place: Place) -> bool {
        let within = self.phrase_uses <= self.limits.phrase_uses;
        self.phrase_uses = self.phrase_uses.saturating_add(count);
        let fits = self.phrase_uses <= self.limits.phrase_uses;
        if within && !fits {
            let message = "all conditions together have too many phrases";
            self.report(
                Diagnostic::new(Code::TOO_LARGE, place, message)
                    .expecting(format!("at most {}", self.limits.phrase_uses)),
            );
        }
        fits
    }

    pub(crate) fn wrong_type(&mut self, node: &Node, expected: &str) {
        self.report(
            Diagnostic::new(
                Code::WRONG_TYPE,
                node.place,
                format!("{} does not belong here", node.kind()),
            )
            .expecting(expected),
        );
    }

    pub(crate) fn unknown_field<'k>(
        &mut self,
        key: &Node,
        name: &str,
        what: &str,
        known: impl Iterator<Item = &'k str>,
    ) {
        let known: Vec<&str> = known.collect();
        let mut diagnostic = Diagnostic::new(
            Code::UNKNOWN_FIELD,
            key.place,
            format!("{what} has no field `{name}`"),
        );
        if name == "<<" {
            diagnostic.code = Code::ALIAS_REFUSED;
            diagnostic.message = "merge keys are not used in rule files".to_owned();
        }
        diagnostic = match closest(name, known.iter().copied()) {
            Some(meant) => diagnostic.suggesting(meant),
            None => diagnostic,
        };
        self.report(diagnostic.expecting_one_of(&known));
    }

    /// A mapping's key.
    pub(crate) fn key<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Text(Text { text, .. }) => Some(text),
            _ => {
                self.wrong_type(node, "a name");
                None
            }
        }
    }

    /// Text as it stands; not blank.
    pub(crate) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.value {
            Value::Text(Text { text, .. }) if !text.trim().is_empty() => Some(text),
            Value::Text(_) | Value::Nothing => {
                self.report(
                    Diagnostic::new(Code::EMPTY, node.place, format!("{what} is empty"))
                        .expecting("text"),
                );
                None
            }
            _ => {
                self.wrong_type(node, &format!("{what}: text"));
                None
            }
        }
    }

    /// An id or a name: starts with a letter, goes on with letters of any script, digits, `-` and `_`.
    pub(crate) fn name<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        let text = self.text(node, what)?;
        let wrong = text.char_indices().find(|&(at, character)| {
            !(character.is_alphabetic()
                || (at > 0 && (character.is_alphanumeric() || matches!(character, '-' | '_'))))
        });
        let reason = match wrong {
            None if text.chars().count() <= 100 => return Some(text),
            None => "it is longer than 100 characters".to_owned(),
            Some((0, character)) => format!("it starts with `{character}`"),
            Some((_, character)) => format!("it contains `{character}`"),
        };
        self.report(
            Diagnostic::new(
                Code::INVALID_NAME,
                node.place,
                format!("`{text}` cannot be {what}: {reason}"),
            )
            .expecting("a letter, then letters, digits, `-` and `_`"),
        );
        None
    }

    pub(crate) fn local_text(&mut self, node: &Node, what: &str) -> Option<LocalText> {
        let Value::Map(entries) = &node.value else {
            return self.text(node, what).map(|text| LocalText::same(text.trim()));
        };
        let mut local = LocalText::default();
        for (key, value) in entries {
            let Some(name) = self.key(key) else { continue };
            let text = self.text(value, what).unwrap_or_default().trim().to_owned();
            match name {
                "en" => local.en = text,
                "zh" => local.zh = text,
                _ => self.unknown_field(key, name, what, ["en", "zh"].into_iter()),
            }
        }
        if entries.is_empty() {
            self.report(
                Diagnostic::new(Code::EMPTY, node.place, format!("{what} is empty"))
                    .expecting("`en`, `zh` or both"),
            );
            return None;
        }
        Some(local)
    }

    pub(crate) fn whole(&mut self, node: &Node, what: &str, min: u32, max: u32) -> Option<u32> {
        let text = self.text(node, what)?;
        let number = text.trim().parse::<u32>().ok().filter(|number| (min..=max).contains(number));
        if number.is_none() {
            self.report(
                Diagnostic::new(
                    Code::INVALID_NUMBER,
                    node.place,
                    format!("`{text}` cannot be {what}"),
                )
                .expecting(format!("a whole number from {min} to {max}")),
            );
        }
        number
    }

    /// Points: two decimals at most, from -1000 to 1000.
    pub(crate) fn points(&mut self, node: &Node, what: &str) -> Option<Points> {
        let text = self.text(node, what)?;
        let plain = text.trim();
        let digits = plain.strip_prefix(['-', '+']).unwrap_or(plain);
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let well_formed = !whole.is_empty() && all_digits(whole) && all_digits(part);
        let points = (well_formed && part.len() <= 2 && whole.len() <= 4)
            .then(|| plain.parse::<Points>().ok())
            .flatten()
            .filter(|points| points.hundredths().abs() <= 100_000);
        if points.is_none() {
            self.report(
                Diagnostic::new(
                    Code::INVALID_NUMBER,
                    node.place,
                    format!("`{text}` cannot be {what}"),
                )
                .expecting(
                    "a number from -1000 to 1000 with two decimals at most, such as `-3` or `2.5`",
                ),
            );
        }
        points
    }

    pub(crate) fn flag(&mut self, node: &Node, what: &str) -> Option<bool> {
        self.word(node, what, &[("true", ""), ("false", "")]).map(|word| word == "true")
    }

    /// One of the table's words.
    pub(crate) fn word(
        &mut self,
        node: &Node,
        what: &str,
        table: WordTable,
    ) -> Option<&'static str> {
        let text = self.text(node, what)?;
        if let Some((word, _)) = table.iter().find(|(word, _)| *word == text) {
            return Some(word);
        }
        let words: Vec<&str> = table.iter().map(|(word, _)| *word).collect();
        let mut diagnostic =
            Diagnostic::new(Code::UNKNOWN_WORD, node.place, format!("`{text}` cannot be {what}"))
                .expecting_one_of(&words);
        if let Some(meant) = closest(text, words) {
            diagnostic = diagnostic.suggesting(meant);
        }
        self.report(diagnostic);
        None
    }

    pub(crate) fn role(&mut self, node: &Node) -> Option<Role> {
        let word = self.word(node, "who speaks", super::condition::ROLES)?;
        Some(if word == "agent" { Role::Agent } else { Role::Customer })
    }

    pub(crate) fn language(&mut self, node: &Node) -> Option<Language> {
        let word = self.word(node, "a language", LANGUAGES)?;
        Some(if word == "zh" { Language::ZhCn } else { Language::EnUs })
    }

    /// A duration; more than nothing unless `zero` is allowed.
    pub(crate) fn duration(&mut self, node: &Node, what: &str, zero: bool) -> Option<Millis> {
        let text = self.text(node, what)?;
        match duration::parse(text) {
            Ok(Millis::ZERO) if !zero => {
                self.report(
                    Diagnostic::new(Code::INVALID_DURATION, node.place, format!("{what} is zero"))
                        .expecting("a duration above zero such as `3s`"),
                );
                None
            }
            Ok(duration) => Some(duration),
            Err(error) => {
                self.report(duration_diagnostic(node, text, &error));
                None
            }
        }
    }

    pub(crate) fn window(&mut self, node: &Node) -> Option<Window> {
        let text = self.text(node, "`in`")?;
        let window = place_in_call::parse_window(text);
        if window.is_none() {
            self.report(
                Diagnostic::new(
                    Code::INVALID_WINDOW,
                    node.place,
                    format!("`{text}` is no part of a call"),
                )
                .expecting("`first` or `last`, then a number of utterances or a duration: `first 2 utterances`, `last 30s`"),
            );
        }
        window
    }

    pub(crate) fn reach(&mut self, node: &Node) -> Option<Reach> {
        let text = self.text(node, "`within`")?;
        match place_in_call::parse_reach(text) {
            Ok(reach) => Some(reach),
            Err(error) => {
                let diagnostic = duration_diagnostic(node, text, &error);
                self.report(diagnostic.expecting(
                    "a duration such as `30s`, or a number of utterances such as `3 utterances`",
                ));
                None
            }
        }
    }

    pub(crate) fn date_time(&mut self, node: &Node, what: &str) -> Option<DateTime> {
        let text = self.text(node, what)?;
        let date_time = text.trim().parse::<DateTime>().ok();
        if date_time.is_none() {
            self.report(
                Diagnostic::new(
                    Code::INVALID_DATE,
                    node.place,
                    format!("`{text}` cannot be {what}"),
                )
                .expecting("a date and time such as `2026-01-31T09:00:00`"),
            );
        }
        date_time
    }

    /// One value or several in a list; at least one.
    pub(crate) fn one_or_many<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.value {
            Value::List(items) if items.is_empty() => {
                self.report(
                    Diagnostic::new(Code::EMPTY, node.place, format!("{what} is an empty list"))
                        .expecting("at least one entry"),
                );
                &[]
            }
            Value::List(items) => items,
            _ => std::slice::from_ref(node),
        }
    }

    pub(crate) fn texts(&mut self, node: &Node, what: &str) -> Vec<String> {
        let nodes = self.one_or_many(node, what);
        nodes
            .iter()
            .filter_map(|node| self.text(node, what).map(|text| text.trim().to_owned()))
            .collect()
    }
}

fn duration_diagnostic(node: &Node, text: &str, error: &DurationError) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(Code::INVALID_DURATION, node.place, format!("`{text}` {}", error.reason()))
            .expecting("a duration such as `3s`, `500ms`, `2m` or `1.5s`");
    match error {
        DurationError::NoUnit => diagnostic.suggesting(format!("{}s", text.trim())),
        _ => diagnostic,
    }
}
