//! The reference page of rule files, made from the tables of fields that the reader itself uses.

use std::fmt::Write as _;

use crate::diagnostic::{Code, Level};
use crate::syntax::{Field, Shape, TABLES};

/// The parts of a rule file with all their fields, the forms that values take, and every
/// diagnostic, in Markdown with headings of the second level. What conditions listen for is on the
/// pages of [`OPERATORS`](crate::OPERATORS).
pub fn language_reference() -> String {
    let mut page = String::new();
    for &(name, doc, fields) in TABLES {
        section(&mut page, name, doc, fields);
    }
    page.push_str(FORMS);
    page.push_str("\n## Diagnostics\n\n| code | level | meaning |\n|---|---|---|\n");
    for code in Code::ALL {
        let level = match code.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| `{code}` | {level} | {} |", code.meaning);
    }
    page
}

fn section(page: &mut String, name: &str, doc: &str, fields: &[Field]) {
    // Writing to a string cannot fail.
    let _ = write!(page, "## `{name}`\n\n{doc}\n\n| field | takes | meaning |\n|---|---|---|\n");
    for field in fields {
        let required = if field.required { " (required)" } else { "" };
        let _ = writeln!(
            page,
            "| `{}`{required} | {} | {} |",
            field.name,
            takes(field.shape).replace('|', "\\|"),
            field.doc.replace('|', "\\|")
        );
    }
    page.push('\n');
}

fn takes(shape: Shape) -> String {
    let words = |table: &[(&str, &str)]| {
        let words: Vec<String> = table.iter().map(|(word, _)| format!("`{word}`")).collect();
        words.join(", ")
    };
    match shape {
        Shape::Text => "text".to_owned(),
        Shape::Id => "a name".to_owned(),
        Shape::LocalText => "text, or `{ en: ..., zh: ... }`".to_owned(),
        Shape::Whole(min, max) => format!("a whole number from {min} to {max}"),
        Shape::Points => "points".to_owned(),
        Shape::Flag => "`true`, `false`".to_owned(),
        Shape::Word(table) => words(table),
        Shape::Words(table) => format!("{}, or a list of them", words(table)),
        Shape::Duration => "a duration".to_owned(),
        Shape::Window => "a part of the call".to_owned(),
        Shape::Reach => "a distance".to_owned(),
        Shape::Phrases => "a phrase, `$list`, or a list of them".to_owned(),
        Shape::Needed => "`any`, `all`, a number from 2".to_owned(),
        Shape::Pattern => "a regular expression".to_owned(),
        Shape::Condition => "a condition above".to_owned(),
        Shape::Conditions => "a condition above, or a list of them".to_owned(),
        Shape::Rates => "a number, or `{ zh: ..., en: ... }`".to_owned(),
        Shape::Expression => "an expression".to_owned(),
        Shape::Texts => "text, or a list of texts".to_owned(),
        Shape::TextMap => "names, each with a text or a list of texts".to_owned(),
        Shape::DateTime => "a date and time".to_owned(),
        Shape::Dialogue => "a dialogue".to_owned(),
        Shape::RuleChoice => "`all`, or a list of rule ids".to_owned(),
        Shape::Map(name) => format!("[`{name}`](#{name})"),
        Shape::ListOf(name) => format!("a list of [`{name}`](#{name})"),
        Shape::PhraseLists => "names, each with a list of phrases".to_owned(),
        Shape::ConditionMap => "names, each with a condition".to_owned(),
    }
}

/// What the values look like that are text with a grammar of its own.
const FORMS: &str = "\
## Forms

| form | examples |
|---|---|
| a name | a letter of any script, then letters, digits, `-` and `_`: `greeting-missing`, `开场白` |
| points | a number from -1000 to 1000 with two decimals at most: `-5`, `2.5` |
| a duration | a number and `ms`, `s`, `m` or `h`, a day at most: `500ms`, `1.5s`, `2m` |
| a part of the call | `first 2 utterances`, `last utterance`, `first 30s`, `last 1m` |
| a distance | a duration, or a number of utterances: `15s`, `3 utterances` |
| a date and time | `2026-01-31T09:00:00` |
| an expression | `a and not (b or c)`, the same with `&&`, `!`, `\\|\\|`, `2 of (a, b, c)`, `any of (...)`, `all of (...)`, `none of (...)` |
| a dialogue | one utterance a line: `agent: words`, `customer 3.2-4.0: words`, `agent 1:03.2-1:05: words`, `silence 12s` |
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_to_a_section() {
        let page = language_reference();
        for (_, _, fields) in TABLES {
            for field in *fields {
                if let Shape::Map(name) | Shape::ListOf(name) = field.shape {
                    assert!(page.contains(&format!("\n## `{name}`\n")), "{name}");
                }
            }
        }
    }

    #[test]
    fn codes_have_numbers_and_names_of_their_own() {
        let mut numbers: Vec<u16> = Code::ALL.iter().map(|code| code.number).collect();
        let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.name).collect();
        assert!(numbers.is_sorted(), "codes are listed by number");
        numbers.dedup();
        names.sort_unstable();
        names.dedup();
        assert_eq!((numbers.len(), names.len()), (Code::ALL.len(), Code::ALL.len()));
    }
}
