//! Rule text beside what its author is told: `diagnostics.md` is the test, and reads as a page.

use fh_rules::{RuleSource, compile};

const PAGE: &str = include_str!("diagnostics.md");

/// A block of YAML and the block of text below it, under a heading.
struct Case {
    title: String,
    yaml: String,
    expected: String,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut title = String::new();
    let mut block: Option<&str> = None;
    for line in PAGE.lines() {
        match (block, line) {
            (Some(_), "```") => block = None,
            (Some("yaml"), line) => {
                let case = cases.last_mut().expect("a case was begun");
                case.yaml.push_str(line);
                case.yaml.push('\n');
            }
            (Some(_), line) => {
                let case = cases.last_mut().expect("yaml stands above text");
                case.expected.push_str(line);
                case.expected.push('\n');
            }
            (None, "```yaml") => {
                cases.push(Case {
                    title: title.clone(),
                    yaml: String::new(),
                    expected: String::new(),
                });
                block = Some("yaml");
            }
            (None, "```text") => block = Some("text"),
            (None, line) => {
                if let Some(heading) = line.strip_prefix("## ") {
                    title = heading.to_owned();
                }
            }
        }
    }
    cases
}

#[test]
fn authors_are_told_what_the_page_says() {
    let mut wrong = Vec::new();
    for case in cases() {
        let source = RuleSource { name: "rules.yaml".to_owned(), text: case.yaml.clone() };
        let diagnostics = match compile(&[source]) {
            Ok(pack) => pack.warnings().to_vec(),
            Err(diagnostics) => diagnostics,
        };
        let rendered: Vec<String> =
            diagnostics.iter().map(|diagnostic| diagnostic.render(&case.yaml)).collect();
        let rendered = rendered.join("\n");
        if rendered.trim_end() != case.expected.trim_end() {
            wrong.push(format!(
                "## {}\nexpected:\n{}\nfound:\n{rendered}",
                case.title, case.expected
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_says_something() {
    let cases = cases();
    assert!(cases.len() >= 15, "the page has {} cases", cases.len());
    for case in cases {
        assert!(!case.expected.is_empty(), "{}", case.title);
    }
}

#[test]
fn diagnostics_can_be_read_by_programs() {
    let text = "pack: p\nrules:\n  - id: r\n    listen_for: { a: { says: x } }\n    flag_if: a\n";
    let source = RuleSource { name: "rules.yaml".to_owned(), text: text.to_owned() };
    let diagnostics = compile(&[source]).expect_err("`says` is no field");
    let json = serde_json::to_value(&diagnostics[0]).expect("a diagnostic can be written as JSON");
    assert_eq!(
        json,
        serde_json::json!({
            "code": "FH-R012 unknown-field",
            "level": "error",
            "file": "rules.yaml",
            "line": 4,
            "column": 24,
            "length": 4,
            "message": "a condition has no field `says`",
            "expected": "`say`, `regex`, `first`, `together`, `missing`, `silence`, `faster_than`, `slower_than` or `interrupts`",
            "choices": [
                "say", "regex", "first", "together", "missing", "silence", "faster_than",
                "slower_than", "interrupts",
            ],
            "suggestion": "say",
        })
    );
}
