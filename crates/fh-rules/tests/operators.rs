//! The pages of the operators: their examples are rule files, and do what they say.

use fh_rules::{OPERATORS, RuleSource, compile};

/// The YAML examples of a page.
fn examples(page: &str) -> Vec<String> {
    page.split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_page_shows_a_firing_and_a_silent_case_that_hold() {
    for operator in OPERATORS {
        let examples = examples(operator.page);
        assert!(!examples.is_empty(), "the page of `{}` has no example", operator.name);
        for text in examples {
            let name = format!("{}.md", operator.name);
            let source = RuleSource { name, text };
            let pack = compile(&[source]).unwrap_or_else(|diagnostics| {
                panic!("{}: {diagnostics:#?}", operator.name);
            });
            let outcomes = pack.run_tests();
            for outcome in &outcomes {
                assert!(outcome.passed, "{outcome}");
            }
            for expected in ["flagged", "clear"] {
                let shown = outcomes.iter().any(|outcome| outcome.expected == expected);
                assert!(shown, "the page of `{}` shows no {expected} case", operator.name);
            }
        }
    }
}

#[test]
fn every_page_is_named_after_its_operator() {
    for operator in OPERATORS {
        assert!(operator.page.starts_with("# "), "{}", operator.name);
        assert!(operator.page.contains("| field | meaning |"), "{}", operator.name);
    }
}
