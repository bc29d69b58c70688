use std::fmt::Write as _;
use std::io::{self, Write as _, stdout};

use clap::{Arg, Command, CommandFactory};

use super::Ended;
use crate::cli::{Arguments, ReferencePage};

/// Prints a page of the reference documentation, in Markdown.
pub(crate) fn run(page: ReferencePage) -> io::Result<Ended> {
    let text = match page {
        ReferencePage::Cli => command_line(),
        ReferencePage::Rules => rules(),
        ReferencePage::Models => models(),
    };
    writeln!(stdout(), "{}", text.trim_end())?;
    Ok(Ended::Well)
}

const GENERATED: &str =
    "<!-- Written by `cargo xtask generate`; what it says stands in the program's source. -->";

/// Every command with every option, as `--help` has them.
fn command_line() -> String {
    let mut root = Arguments::command();
    root.build();
    let mut text = format!("{GENERATED}\n\n# The command line\n");
    section(&mut text, &root, "");
    text
}

fn section(text: &mut String, command: &Command, above: &str) {
    let name = format!("{above} {}", command.get_name()).trim().to_owned();
    if !above.is_empty() {
        let _ = write!(text, "\n## `{name}`\n");
    }
    if let Some(about) = command.get_about() {
        let about = about.to_string();
        let _ = write!(text, "\n{}.\n", about.trim_end_matches('.'));
    }
    let arguments = || command.get_arguments().filter(|argument| is_shown(argument, above));
    if arguments().next().is_some() {
        text.push('\n');
        for argument in arguments() {
            let _ = writeln!(text, "- {}", describe(argument));
        }
    }
    if let Some(after) = command.get_after_help() {
        let _ = write!(text, "\n```text\n{}\n```\n", after.to_string().trim_end());
    }
    for below in command.get_subcommands() {
        if !below.is_hide_set() && below.get_name() != "help" {
            section(text, below, &name);
        }
    }
}

/// `--help`, `--version` and, below the top, options that hold everywhere say nothing new.
fn is_shown(argument: &Arg, above: &str) -> bool {
    let told_at_the_top = argument.is_global_set() && !above.is_empty();
    !argument.is_hide_set()
        && !told_at_the_top
        && !matches!(argument.get_id().as_str(), "help" | "version")
}

fn describe(argument: &Arg) -> String {
    let takes_value = argument.get_action().takes_values();
    let value = argument
        .get_value_names()
        .map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        .filter(|_| takes_value);
    let mut text = match (argument.get_short(), argument.get_long()) {
        (Some(short), Some(long)) => format!("`-{short}`, `--{long}"),
        (None, Some(long)) => format!("`--{long}"),
        _ => format!("`{}", value.clone().unwrap_or_default()),
    };
    if let (Some(value), Some(_)) = (value, argument.get_long()) {
        let _ = write!(text, " {value}");
    }
    text.push('`');
    if let Some(help) = argument.get_help() {
        let help = help.to_string().replace('\n', " ");
        let _ = write!(text, ": {}.", help.trim_end_matches('.'));
    }
    let possible: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if takes_value && !possible.is_empty() {
        let _ = write!(text, " One of {}.", possible.join(", "));
    }
    let default: Vec<String> = argument
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    if takes_value && !default.is_empty() {
        let _ = write!(text, " Default: {}.", default.join(", "));
    }
    text
}

/// Every operator of the rule language, each with its page.
fn rules() -> String {
    let mut text = format!("{GENERATED}\n\n# What a rule can listen for\n");
    for operator in fh_rules::OPERATORS {
        let _ = write!(text, "\n{}\n", operator.page.trim_end());
    }
    text
}

/// Every model of the registry.
fn models() -> String {
    let mut text = format!("{GENERATED}\n\n# Speech models\n\n");
    text.push_str(
        "`fairhearing models pull ID` fetches a model, checks its checksums and installs it. \
         Nothing is fetched unasked.\n",
    );
    for entry in fh_speech::models::registry() {
        let languages: Vec<&str> = entry.languages.iter().map(|language| language.code()).collect();
        let _ = write!(
            text,
            "\n## `{}`\n\n{}. Short id `{}`. Languages: {}. Licence: {} (<{}>).\n\n\
             | file | bytes | sha256 |\n|---|---|---|\n",
            entry.id,
            entry.name,
            entry.short_id,
            languages.join(", "),
            entry.licence,
            entry.licence_url
        );
        for file in &entry.files {
            let _ = writeln!(text, "| {} | {} | `{}` |", file.name, file.bytes, file.sha256);
        }
        let _ = write!(text, "\nFrom <{}>.\n", entry.base);
    }
    text
}
