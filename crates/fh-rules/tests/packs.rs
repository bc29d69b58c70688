//! The rule packs that come with the program.

use fh_rules::{compile, shipped_packs};

#[test]
fn every_test_of_every_shipped_pack_passes() {
    for shipped in shipped_packs() {
        let pack = compile(&shipped.sources).unwrap_or_else(|diagnostics| {
            let text = |file: &str| {
                let source = shipped.sources.iter().find(|source| source.name == file);
                source.map_or("", |source| source.text.as_str())
            };
            let rendered: Vec<String> =
                diagnostics.iter().map(|found| found.render(text(&found.file))).collect();
            panic!("{}", rendered.join("\n"))
        });
        let failed: Vec<String> = pack
            .run_tests()
            .iter()
            .filter(|outcome| !outcome.passed)
            .map(ToString::to_string)
            .collect();
        assert!(failed.is_empty(), "{}", failed.join("\n"));
        println!(
            "{:#?}",
            pack.warnings()
                .iter()
                .map(|w| format!("{}:{} {}", w.file, w.line, w.message))
                .collect::<Vec<_>>()
        );
    }
}
