use std::io::Write as _;

use super::Ended;
use crate::cli::ConfigCommand;
use crate::environment::Environment;
use crate::messages::{Lang, fill};
use crate::rule_files;
use crate::serve::configuration::{Configuration, EXAMPLE};

/// `fairhearing config`
pub(crate) fn run(
    command: &ConfigCommand,
    lang: Lang,
    environment: &Environment,
) -> anyhow::Result<Ended> {
    let mut out = std::io::stdout();
    match command {
        ConfigCommand::Example => out.write_all(EXAMPLE.as_bytes())?,
        ConfigCommand::Check { file } => {
            let texts = lang.catalogue();
            let configuration = Configuration::check(file, environment)?;
            rule_files::compile(&rule_files::read(&configuration.rules, texts)?, texts)?;
            writeln!(out, "{}", fill(texts.config_sound, &[("file", &file.display())]))?;
        }
    }
    Ok(Ended::Well)
}
