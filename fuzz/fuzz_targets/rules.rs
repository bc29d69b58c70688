//! Rule files: whatever the text, it ends in a pack or in diagnostics, and a pack explains itself
//! and runs its own tests.

#![no_main]

use fh_rules::{RuleSource, compile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let source = RuleSource { name: "fuzz.yaml".to_owned(), text: text.to_owned() };
    match compile(&[source]) {
        Ok(pack) => {
            for diagnostic in pack.warnings() {
                assert!(!diagnostic.is_error());
                let _ = diagnostic.render(text);
            }
            for rule in &pack.rule_set().rules {
                assert!(pack.explain(&rule.id).is_some());
            }
            let _ = pack.run_tests();
        }
        Err(diagnostics) => {
            assert!(diagnostics.iter().any(fh_rules::Diagnostic::is_error));
            for diagnostic in &diagnostics {
                let _ = diagnostic.render(text);
            }
        }
    }
});
