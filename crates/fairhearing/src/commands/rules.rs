use std::io::{Write, stdout};
use std::path::PathBuf;

use super::{Ended, Usage};
use crate::cli::RulesCommand;
use crate::messages::{Lang, fill};
use crate::rule_files;

/// Checks, tests and explains rules.
pub(crate) fn run(command: &RulesCommand, lang: Lang) -> anyhow::Result<Ended> {
    match command {
        RulesCommand::Check { rules } => check(rules, lang),
        RulesCommand::Test { rules } => test(rules, lang),
        RulesCommand::Explain { rule, rules } => explain(rule.as_deref(), rules, lang),
        RulesCommand::Schema => {
            writeln!(stdout(), "{}", fh_rules::json_schema().trim_end())?;
            Ok(Ended::Well)
        }
    }
}

fn check(paths: &[PathBuf], lang: Lang) -> anyhow::Result<Ended> {
    let texts = lang.catalogue();
    let sources = rule_files::read(paths, texts).map_err(|error| Usage(format!("{error:#}")))?;
    let pack = rule_files::compile(&sources, texts).map_err(|error| Usage(error.to_string()))?;
    write!(stdout(), "{}", rule_files::render(pack.warnings(), &sources, lang))?;
    writeln!(
        stdout(),
        "{}",
        fill(
            texts.rules_checked,
            &[
                ("rules", &pack.rule_set().rules.len()),
                ("files", &sources.len()),
                ("warnings", &pack.warnings().len()),
            ]
        )
    )?;
    Ok(Ended::Well)
}

fn test(paths: &[PathBuf], lang: Lang) -> anyhow::Result<Ended> {
    let texts = lang.catalogue();
    let sources = rule_files::read(paths, texts).map_err(|error| Usage(format!("{error:#}")))?;
    let pack = rule_files::compile(&sources, texts).map_err(|error| Usage(error.to_string()))?;
    let outcomes = pack.run_tests();
    let mut passed = 0;
    for outcome in &outcomes {
        if outcome.passed {
            passed += 1;
            continue;
        }
        writeln!(stdout(), "{outcome}")?;
    }
    writeln!(
        stdout(),
        "{}",
        fill(texts.rules_tested, &[("passed", &passed), ("all", &outcomes.len())])
    )?;
    Ok(if passed == outcomes.len() { Ended::Well } else { Ended::SomeFailed })
}

fn explain(wanted: Option<&str>, paths: &[PathBuf], lang: Lang) -> anyhow::Result<Ended> {
    let texts = lang.catalogue();
    let sources = rule_files::read(paths, texts).map_err(|error| Usage(format!("{error:#}")))?;
    let pack = rule_files::compile(&sources, texts).map_err(|error| Usage(error.to_string()))?;
    let ids: Vec<&str> = pack.rule_set().rules.iter().map(|rule| rule.id.as_str()).collect();
    let chosen = match wanted {
        None => ids.clone(),
        Some(wanted) if ids.contains(&wanted) => vec![wanted],
        Some(wanted) => {
            let known = ids.join(", ");
            let values: [(&str, &dyn std::fmt::Display); 2] =
                [("found", &wanted), ("known", &known)];
            return Err(Usage(fill(texts.rules_no_such_rule, &values)).into());
        }
    };
    let language = lang.as_spoken();
    let pages: Vec<String> = chosen
        .iter()
        .filter_map(|id| Some(fh_rules::explain_in(pack.rule_set().rule(id)?, language)))
        .collect();
    writeln!(stdout(), "{}", pages.join("\n").trim_end())?;
    Ok(Ended::Well)
}
