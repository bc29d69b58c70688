//! The rule packs that come with the program.

use std::collections::BTreeSet;

use fh_model::Language;
use fh_rules::model::Expectation;
use fh_rules::{Pack, ShippedPack, compile, shipped_packs};

fn compiled() -> Vec<(ShippedPack, Pack)> {
    shipped_packs()
        .into_iter()
        .map(|shipped| {
            let pack = compile(&shipped.sources).unwrap_or_else(|diagnostics| {
                let text = |file: &str| {
                    let source = shipped.sources.iter().find(|source| source.name == file);
                    source.map_or("", |source| source.text.as_str())
                };
                let rendered: Vec<String> =
                    diagnostics.iter().map(|found| found.render(text(&found.file))).collect();
                panic!("{}", rendered.join("\n"))
            });
            (shipped, pack)
        })
        .collect()
}

#[test]
fn every_test_of_every_shipped_pack_passes() {
    for (_, pack) in compiled() {
        let failed: Vec<String> = pack
            .run_tests()
            .iter()
            .filter(|outcome| !outcome.passed)
            .map(ToString::to_string)
            .collect();
        assert!(failed.is_empty(), "{}", failed.join("\n"));
    }
}

#[test]
fn a_shipped_pack_gives_no_warning() {
    for (_, pack) in compiled() {
        let warnings: Vec<String> = pack
            .warnings()
            .iter()
            .map(|found| format!("{}:{}: {}", found.file, found.line, found.message))
            .collect();
        assert!(warnings.is_empty(), "{}", warnings.join("\n"));
    }
}

#[test]
fn every_shipped_rule_is_shown_firing_and_silent_in_both_languages() {
    for (_, pack) in compiled() {
        for rule in &pack.rule_set().rules {
            let shown: BTreeSet<(Language, &str)> =
                rule.tests.iter().map(|test| (test.language, test.expect.as_str())).collect();
            for language in Language::ALL {
                assert!(
                    shown.contains(&(language, Expectation::Flagged.as_str())),
                    "rule `{}` has no test that flags in {language}",
                    rule.id
                );
                // A rule that is about one kind of call may show its silence on the others.
                let silent = shown.contains(&(language, Expectation::Clear.as_str()))
                    || shown.contains(&(language, Expectation::NotEvaluated.as_str()));
                assert!(silent, "rule `{}` has no test that is silent in {language}", rule.id);
            }
            assert!(!rule.name.en.is_empty() && !rule.name.zh.is_empty(), "{}", rule.id);
            assert!(!rule.why.en.is_empty() && !rule.why.zh.is_empty(), "{}", rule.id);
        }
    }
}

#[test]
fn a_shipped_pack_has_every_file_of_its_folder() {
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules");
    for shipped in shipped_packs() {
        let folder = std::fs::read_dir(format!("{rules}/{}", shipped.id)).expect("a folder");
        let on_disk: BTreeSet<String> = folder
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .map(|name| format!("rules/{}/{name}", shipped.id))
            .collect();
        let embedded: BTreeSet<String> =
            shipped.sources.iter().map(|source| source.name.clone()).collect();
        assert_eq!(embedded, on_disk);
        // The order of the files is the order of the findings; both ways of loading agree on it.
        assert!(shipped.sources.is_sorted_by(|left, right| left.name <= right.name));
    }
}

#[test]
fn the_readme_lists_every_rule_and_scenario() {
    let readme = include_str!("../../../rules/README.md");
    for (_, pack) in compiled() {
        let rules = pack.rule_set().rules.iter().map(|rule| &rule.id);
        let scenarios = pack.scenarios().iter().map(|scenario| &scenario.id);
        for id in rules.chain(scenarios) {
            assert!(readme.contains(&format!("| `{id}` |")), "`{id}` is not in rules/README.md");
        }
    }
}
