//! What is wrong with a command line, in Chinese, made of what clap knows of the mistake.

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::diagnostics_zh::one_of;
use super::help_zh;

/// The mistake, how the command is used, and where its help is. `command` is the one that found the
/// mistake in `arguments`.
pub(crate) fn in_chinese(error: &clap::Error, command: Command, arguments: &[OsString]) -> String {
    let (names, mut command) = command_of(command, arguments);
    let mut text = format!("错误：{}\n", what(error, &names));
    for (kind, suggestion) in [
        (ContextKind::SuggestedSubcommand, "是否想写命令"),
        (ContextKind::SuggestedArg, "是否想写"),
        (ContextKind::SuggestedValue, "是否想写"),
    ] {
        let meant = strings(error, kind);
        if !meant.is_empty() {
            text.push_str(&format!("\n  {suggestion}：{}\n", one_of(&meant)));
        }
    }
    command = command.help_template("{usage}");
    let full = format!("fairhearing {names}");
    text.push_str(&format!(
        "\n用法：{}\n\n更多说明：`{} --help`\n",
        command.render_help().to_string().trim(),
        full.trim()
    ));
    text
}

fn what(error: &clap::Error, names: &str) -> String {
    let argument = strings(error, ContextKind::InvalidArg);
    let value = strings(error, ContextKind::InvalidValue).concat();
    let argument_named = one_of(&argument);
    match error.kind() {
        ErrorKind::UnknownArgument => format!("没有参数 {argument_named}"),
        ErrorKind::InvalidSubcommand => {
            format!("没有命令 {}", one_of(&strings(error, ContextKind::InvalidSubcommand)))
        }
        ErrorKind::MissingSubcommand => {
            let known = strings(error, ContextKind::ValidSubcommand);
            format!(
                "{} 之后需要命令：{}",
                one_of(&strings(error, ContextKind::InvalidSubcommand)),
                one_of(&known)
            )
        }
        ErrorKind::MissingRequiredArgument => format!("缺少必需的参数 {argument_named}"),
        ErrorKind::ArgumentConflict => {
            let prior = strings(error, ContextKind::PriorArg);
            if prior.is_empty() || prior == argument {
                format!("参数 {argument_named} 只能给出一次")
            } else {
                format!("参数 {argument_named} 不能与 {} 同时使用", one_of(&prior))
            }
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => {
            format!("参数 {argument_named} 需要值{}", choices(error, names, &argument))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("`{value}` 不能用作 {argument_named} 的值{}", choices(error, names, &argument))
        }
        ErrorKind::TooManyValues => format!("参数 {argument_named} 的值太多：`{value}`"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("参数 {argument_named} 的值的个数不对")
        }
        ErrorKind::NoEquals => format!("参数 {argument_named} 与值之间需要等号"),
        ErrorKind::InvalidUtf8 => "命令行中有不是 UTF-8 的文字".to_owned(),
        // Clap's kinds may become more.
        other => other.to_string(),
    }
}

/// The values that there are, else what the help says of the argument.
fn choices(error: &clap::Error, names: &str, argument: &[String]) -> String {
    let known = strings(error, ContextKind::ValidValue);
    if !known.is_empty() {
        return format!("；应为 {}", one_of(&known));
    }
    // `--limit-size <SIZE>`
    let name = argument.first().and_then(|argument| argument.split(' ').next());
    match name.and_then(|name| help_zh::of_argument(names, name)) {
        Some(help) => format!("；此参数是：{help}"),
        None => String::new(),
    }
}

fn strings(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

/// The command that the arguments name: `rules check`.
fn command_of(mut command: Command, arguments: &[OsString]) -> (String, Command) {
    command.build();
    let mut names = Vec::new();
    for argument in arguments.iter().skip(1) {
        if let Some(below) = argument.to_str().and_then(|name| command.find_subcommand(name)) {
            names.push(below.get_name().to_owned());
            command = below.clone();
        }
    }
    (names.join(" "), command)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// What is said of a command line.
    fn told(line: &str) -> String {
        let command = help_zh::in_chinese(crate::cli::Arguments::command());
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = command.clone().try_get_matches_from(&arguments).unwrap_err();
        in_chinese(&error, command, &arguments)
    }

    #[test]
    fn common_mistakes_are_told_in_chinese() {
        let check = |line, expected: &[&str]| {
            let text = told(line);
            for part in expected {
                assert!(text.contains(part), "{line}: expected {part:?} in {text:?}");
            }
            assert!(!text.contains("Usage") && !text.contains("error"), "{text}");
        };
        check("fairhearing inspekt", &["错误：没有命令 `inspekt`", "是否想写命令：`inspect`"]);
        check(
            "fairhearing inspect --manifst calls.csv",
            &[
                "错误：没有参数 `--manifst`",
                "是否想写：`--manifest`",
                "用法：fairhearing inspect ",
                "更多说明：`fairhearing inspect --help`",
            ],
        );
        check(
            "fairhearing inspect --format pdf x.wav",
            &["`pdf` 不能用作 `--format <FORMAT>` 的值；应为 `table`、"],
        );
        check(
            "fairhearing inspect --limit-size much x.wav",
            &["`much` 不能用作 `--limit-size <SIZE>` 的值；此参数是：文件大小上限"],
        );
        check(
            "fairhearing models pull",
            &["缺少必需的参数 `<ID>`", "fairhearing models pull --help"],
        );
        check(
            "fairhearing models pull a --from b --mirror c",
            &["`--from <DIR>` 不能与 `--mirror <URL>` 同时使用"],
        );
        check("fairhearing inspect --jobs", &["`--jobs <N>` 需要值"]);
    }
}
