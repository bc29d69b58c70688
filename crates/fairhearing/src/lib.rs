//! The program `fairhearing`: recordings of calls go in, explained score cards come out.
//!
//! What goes in: the command line, the environment and the files they name. What comes out: a
//! table, JSON, CSV, Parquet or an HTML page, and an exit status. This crate is the only one that
//! reads the environment; the others receive values.
//!
//! `cli` is the command line as it is typed, `commands` what each command does, `inspect` the way
//! of a recording through the other crates, `output` the forms of the results, `messages` what is
//! said to people.
//!
//! ```no_run
//! // All of the program: parses the arguments, runs the command, gives the exit status.
//! let status: std::process::ExitCode = fairhearing::run();
//! ```

mod backup;
mod cli;
mod commands;
mod environment;
mod inspect;
mod messages;
mod output;
pub mod report;
mod rule_files;
mod serve;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use cli::{Arguments, Command};
use commands::{BAD_USAGE, Ended, Usage};
use environment::Environment;
use messages::Lang;

/// Runs the program with the arguments it was started with.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // The children come first: they set up nothing that is not theirs.
    match arguments.get(1).and_then(|command| command.to_str()) {
        Some("decode-child") => return fh_audio::decode_child_main(),
        Some("recognize-child") => return fh_speech::recognize_child_main(),
        _ => {}
    }
    let environment = match Environment::read() {
        Ok(environment) => environment,
        Err(error) => {
            eprintln!("error: finding this program's own file: {error}");
            return ExitCode::FAILURE;
        }
    };
    let lang = wanted_language(&arguments).unwrap_or(environment.lang);
    let mut command = Arguments::command();
    if lang == Lang::Zh {
        command = messages::help_in_chinese(command);
    }
    let parsed = match command.clone().try_get_matches_from(&arguments) {
        Err(error) if lang == Lang::Zh && is_mistake(&error) => {
            // Standard error may be closed; then there is nobody to tell.
            let text = messages::mistake_in_chinese(&error, command, &arguments);
            let _ = write!(io::stderr(), "{text}");
            return ExitCode::from(BAD_USAGE);
        }
        // `--help` and `--version` end here with 0, mistakes with 2.
        Err(error) => error.exit(),
        Ok(matches) => Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()),
    };
    match dispatch(&parsed.command, lang, &environment) {
        Ok(ended) => ExitCode::from(ended.status()),
        Err(error) => tell(&error, lang),
    }
}

fn dispatch(command: &Command, lang: Lang, environment: &Environment) -> anyhow::Result<Ended> {
    match command {
        Command::Inspect(arguments) => commands::inspect::run(arguments, lang, environment),
        Command::Rules(command) => commands::rules::run(command, lang),
        Command::Models(command) => commands::models::run(command, lang, environment),
        Command::Doctor(arguments) => commands::doctor::run(arguments.format, lang, environment),
        Command::Eval(arguments) => commands::eval::run(arguments, lang, environment),
        Command::Serve(arguments) => commands::serve::run(arguments, lang, environment),
        Command::Backup(arguments) => commands::backup::run(arguments, lang, environment),
        Command::Restore(arguments) => commands::restore::run(arguments, lang, environment),
        Command::Config(command) => commands::config::run(command, lang, environment),
        Command::Completions { shell } => {
            let mut command = Arguments::command();
            // Into memory first: the generator panics where it cannot write.
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut command, "fairhearing", &mut script);
            io::stdout().write_all(&script)?;
            Ok(Ended::Well)
        }
        Command::Reference { page } => Ok(commands::reference::run(*page)?),
        Command::DecodeChild | Command::RecognizeChild => {
            Err(Usage("expected the child's command as the first argument".to_owned()).into())
        }
    }
}

/// Whether something is wrong, and not only help or the version wanted.
fn is_mistake(error: &clap::Error) -> bool {
    error.use_stderr() && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
}

/// The language that `--lang` names, found before parsing: it decides the language of `--help`.
fn wanted_language(arguments: &[OsString]) -> Option<Lang> {
    let mut texts = arguments.iter().map(|argument| argument.to_string_lossy());
    while let Some(argument) = texts.next() {
        let value = match argument.strip_prefix("--lang=") {
            Some(value) => value.to_owned(),
            None if argument == "--lang" => texts.next()?.into_owned(),
            None => continue,
        };
        return clap::ValueEnum::from_str(&value, true).ok();
    }
    None
}

/// Says what went wrong and gives the exit status for it.
fn tell(error: &anyhow::Error, lang: Lang) -> ExitCode {
    // Whoever read our output has seen enough (`fairhearing ... | head`): no mistake of anybody's.
    let closed = error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    });
    if closed {
        return ExitCode::SUCCESS;
    }
    // Standard error may be closed too; then there is nobody to tell.
    let told = format!("{error:#}");
    let line = messages::fill(lang.catalogue().error_line, &[("error", &told)]);
    let _ = writeln!(io::stderr(), "{line}");
    match error.downcast_ref::<Usage>() {
        Some(_) => ExitCode::from(BAD_USAGE),
        None => ExitCode::FAILURE,
    }
}
