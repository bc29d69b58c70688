use clap::{Arg, ArgAction, Command};

/// The Chinese texts of `--help`: a command by its names, an argument by its command's names and
/// its own. A test compares the list with the commands that there are.
const TEXTS: &[(&str, &str)] = &[
    ("", "质检通话录音，并解释每一分的由来。"),
    ("--lang", "消息所用语言；默认取自区域设置（LC_ALL、LC_MESSAGES、LANG）"),
    ("inspect", "质检录音：测量、命中与得分"),
    ("inspect paths", "文件、文件夹、通配符（如 'calls/*.wav'），或用 `-` 从标准输入逐行读取路径"),
    (
        "inspect --manifest",
        "记录每通电话信息的 CSV 或 JSON Lines 文件；未给出 PATH 时也作为通话列表",
    ),
    ("inspect --roles", "各声道的说话人，例如 `left=agent,right=customer`"),
    ("inspect --language", "通话语言：`zh_CN` 或 `en_US`"),
    ("inspect --from", "通话开始时间；与 `--to` 一起用于推算无文件头录音的采样率"),
    ("inspect --to", "通话结束时间"),
    ("inspect --rules", "规则文件或其文件夹，可多次给出；默认使用程序自带的规则"),
    ("inspect --scenario", "只按此场景评分；默认按所有适用的场景评分"),
    ("inspect --format", "结果形式；配合 `--out` 可同时给出多种"),
    ("inspect --out", "将结果保存到此文件夹，已有的结果不再重做"),
    ("inspect --details", "在表格之后列出每个命中及其依据"),
    ("inspect --jobs", "同时质检的通话数，1 到 512；默认每个处理器一通"),
    ("inspect --quiet", "不显示进度条"),
    ("inspect --no-sound", "HTML 报告中不包含声音，文件会小得多"),
    (
        "inspect --engine",
        "语音转文字的方式：`auto`（录音旁的转写文件，否则使用支持该语言的已安装引擎）、`none`，\
         或引擎：`sherpa-onnx`、`openai-compatible`、`pocketsphinx`",
    ),
    ("inspect --model", "引擎所用模型，即 `fairhearing models list` 中的 id"),
    (
        "inspect --engine-url",
        "引擎 `openai-compatible` 的服务器，例如 `http://localhost:8000`；密钥取自环境变量 \
         FAIRHEARING_ENGINE_KEY",
    ),
    ("inspect --engine-model", "该服务器上的模型名称"),
    ("inspect --voice-activity", "区分说话与静默的方式"),
    ("inspect --partial", "只能解码一部分的录音如何处理"),
    ("inspect --ffmpeg", "内置解码器不支持时使用的 `ffmpeg`：`auto`（取自 PATH）、`never` 或路径"),
    ("inspect --no-sandbox", "不使用沙箱解码：只用于可信的文件"),
    ("inspect --limit-size", "文件大小上限，例如 `500M`"),
    ("inspect --limit-duration", "录音时长上限，例如 `6h` 或 `90m`"),
    ("inspect --limit-channels", "所有音轨的声道数上限，1 到 64"),
    ("inspect --limit-memory", "解码器内存上限，例如 `1G`"),
    ("inspect --limit-cpu", "解码器处理器时间上限，例如 `5m`"),
    ("serve", "提供 API 服务，并质检收到的通话"),
    ("serve --config", "配置文件"),
    ("serve --data", "数据库和录音所在的文件夹"),
    ("serve --database", "数据库：文件，或 `postgres://user@host/database`"),
    ("serve --objects", "录音：文件夹，或 `s3://bucket/prefix`"),
    ("serve --listen", "客户端连接的地址，可多次给出"),
    (
        "serve --public-url",
        "客户端访问本服务器的地址，例如 `https://qa.example.com`；录音地址以它开头，默认取自客户端的 `Host`",
    ),
    ("serve --roles", "本进程的职责；默认两者皆有"),
    ("serve --jobs", "同时处理的通话数；默认每个处理器一通"),
    ("serve --log", "日志详细程度：`error`、`warn`、`info` 或 `debug`"),
    ("serve --samples", "首次启动时提交此文件夹中 `calls.csv` 所列的通话"),
    ("backup", "备份服务器的数据库和录音，服务器运行时亦可"),
    ("backup --config", "服务器的配置文件"),
    ("backup --data", "数据库和录音所在的文件夹"),
    ("backup --database", "数据库：文件，或 `postgres://user@host/database`"),
    ("backup --objects", "录音：文件夹，或 `s3://bucket/prefix`"),
    ("backup --out", "要生成的文件夹，或以 `.tar` 结尾的文件"),
    ("restore", "将备份恢复到空处，并检查每个录音"),
    ("restore --config", "服务器的配置文件"),
    ("restore --data", "数据库和录音所在的文件夹"),
    ("restore --database", "数据库：文件，或 `postgres://user@host/database`"),
    ("restore --objects", "录音：文件夹，或 `s3://bucket/prefix`"),
    ("restore --from", "备份"),
    ("restore --erased-in", "被替换的数据库（如仍可读取）：其中已删除的通话会再次删除"),
    ("config", "显示和检查服务器的配置"),
    ("config example", "打印配置文件示例，包含每项设置、默认值及说明"),
    ("config check", "指出配置文件及其所列规则中的错误"),
    ("config check file", "配置文件"),
    ("rules", "检查、测试和解释规则"),
    ("rules check", "读取规则文件并指出其中的错误"),
    ("rules check rules", "规则文件或文件夹；默认为程序自带的规则"),
    ("rules test", "运行写在规则中的测试"),
    ("rules test rules", "规则文件或文件夹；默认为程序自带的规则"),
    ("rules explain", "用通俗的话说明规则查找什么"),
    ("rules explain rule", "规则的 id；未给出时说明所有规则"),
    ("rules explain --rules", "规则文件或文件夹；默认为程序自带的规则"),
    ("rules schema", "打印规则文件的 JSON Schema，供编辑器使用"),
    ("models", "列出、获取和校验语音模型"),
    ("models list", "可获取的模型，以及哪些已安装"),
    ("models list --format", "供人阅读或供程序读取"),
    ("models pull", "获取、校验并安装模型"),
    ("models pull id", "模型的 id 或其开头部分"),
    ("models pull --mirror", "用此服务器代替登记的服务器"),
    ("models pull --from", "已有模型文件的文件夹；不从网络获取"),
    ("models verify", "检查已安装的模型是否完整且未改动"),
    ("models verify id", "模型的 id 或其开头部分；未给出时检查所有已安装的模型"),
    ("models path", "打印模型所在的文件夹"),
    ("models path id", "模型的 id 或其开头部分"),
    ("doctor", "说明已安装什么、缺少什么、该运行什么"),
    ("doctor --format", "供人阅读或供程序读取"),
    ("eval", "在您自己的录音上测量识别引擎的错误率"),
    ("eval paths", "文件、文件夹、通配符，或用 `-` 从标准输入读取列表"),
    ("eval --references", "所说的话：每行为录音名、制表符、文字；默认使用录音旁的转写文件"),
    ("eval --format", "供人阅读或供程序读取"),
    ("eval --language", "通话语言：`zh_CN`（按字计）或 `en_US`（按词计）"),
    ("completions", "打印命令行补全脚本"),
    ("completions shell", "所用的 shell"),
];

/// What stands after the options, by command.
const AFTER: &[(&str, &str)] = &[
    (
        "",
        "\
示例：
  fairhearing inspect call.wav
      测量、质检一通电话并评分；使用录音旁的转写文件（call.json、.vtt、.srt）。
  fairhearing inspect calls/ --roles left=agent,right=customer --format html --out results
      质检一个文件夹并生成 results/report.html；再次运行时从中断处继续。
  fairhearing rules test my-rules.yaml
      运行写在规则中的测试。
  fairhearing doctor
      说明已安装什么、缺少什么、该运行什么。

退出状态：
  0    全部质检完成（或测试通过、检查正常）
  1    部分录音未能质检，或部分测试未通过
  2    命令行、清单或规则文件有误
  130  被中断",
    ),
    (
        "inspect",
        "\
示例：
  fairhearing inspect call.wav --details
      列出每个命中，以及所依据的话和时刻。
  fairhearing inspect 'archive/2026-05/*.mp3' --jobs 4 --format csv > may.csv
      使用通配符，同时质检四通，每通一行。
  find archive -name '*.wav' -newer last | fairhearing inspect - --format jsonl --out new
      从标准输入读取路径列表。
  fairhearing inspect --manifest calls.csv --rules my-rules/ --format html --out results
      每通电话的坐席、时间和声道取自表格，列名为 path、call_id、agent_id、agent_name、
      skill_group、direction、language、begin_time、end_time、roles、transcript；
      其他列作为附加属性。
  fairhearing inspect call.V3 --from '2026-05-04 09:30:00' --to '2026-05-04 09:33:12'
      没有文件头的录音：由通话时长推算采样率。

退出状态：0 全部完成，1 部分失败，2 用法有误，130 被中断。",
    ),
    (
        "backup",
        "\
示例：
  fairhearing backup --config /etc/fairhearing.toml --out /backup/2026-05-04.tar
      将数据库和录音写入一个文件，服务器照常运行。
  fairhearing backup --data /var/lib/fairhearing --out /backup/2026-05-04
      同上，写入文件夹。

数据库是 PostgreSQL 时，请先用其自带工具备份，例如
`pg_dump --format=custom --file=database.dump DATABASE`；本命令随后只备份录音。

退出状态：0 全部在内，1 有通话的录音原已缺失或损坏，2 用法有误。",
    ),
    (
        "restore",
        "\
示例：
  fairhearing restore --config /etc/fairhearing.toml --from /backup/2026-05-04.tar
      恢复到空处，然后再启动服务器。
  fairhearing restore --config /etc/fairhearing.toml --from /backup/2026-05-04.tar \\
      --erased-in /old/fairhearing.db
      备份之后删除的通话会再次删除。

已存在且完好的录音保持不变。删除时留在录音旁的标记也说明之后删除了什么。

数据库是 PostgreSQL 时，请先用其自带工具恢复，例如
`pg_restore --dbname=DATABASE database.dump`。

退出状态：0 全部恢复，1 有通话的录音缺失或损坏，2 用法有误。",
    ),
];

/// Headings of groups of options, English and Chinese.
const HEADINGS: &[(&str, &str)] = &[
    ("What is known of the calls", "通话信息"),
    ("Rules", "规则"),
    ("Results", "结果"),
    ("Speech", "语音"),
    ("Decoding", "解码"),
];

/// The same commands with Chinese help.
pub(crate) fn in_chinese(command: Command) -> Command {
    translate(command, "").disable_version_flag(true).arg(
        Arg::new("version")
            .short('V')
            .long("version")
            .action(ArgAction::Version)
            .help("打印版本")
            .help_heading("选项"),
    )
}

fn text(key: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == key).map(|(_, text)| *text)
}

/// The help of an argument, `--jobs` or `<ID>`, of the command with these names.
pub(super) fn of_argument(names: &str, argument: &str) -> Option<&'static str> {
    let name = argument.trim_matches(['<', '>', '[', ']', '.']).to_lowercase();
    let key = |command: &str| format!("{command} {name}").trim().to_owned();
    text(&key(names)).or_else(|| text(&key("inspect"))).or_else(|| text(&name))
}

fn key_of(command: &str, argument: &clap::Arg) -> String {
    // `eval` has the options of `inspect` for speech and decoding.
    let name = match argument.get_long() {
        Some(long) => format!("--{long}"),
        None => argument.get_id().to_string(),
    };
    let own = format!("{command} {name}").trim().to_owned();
    if text(&own).is_none() && command == "eval" { format!("inspect {name}") } else { own }
}

fn translate(command: Command, names: &str) -> Command {
    let mut command = command
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .disable_help_subcommand(true)
        .help_template("{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}");
    if let Some(about) = text(names) {
        command = command.about(about).long_about(None);
    }
    if let Some((_, after)) = AFTER.iter().find(|(known, _)| *known == names) {
        command = command.after_help(*after);
    }
    command = command.mut_args(|argument| {
        let heading = match argument.get_help_heading() {
            Some(english) => {
                HEADINGS.iter().find(|(known, _)| *known == english).map(|(_, chinese)| *chinese)
            }
            None if argument.is_positional() => Some("参数"),
            None => Some("选项"),
        };
        let help = text(&key_of(names, &argument));
        let argument = argument.help_heading(heading);
        match help {
            Some(help) => {
                let help = format!("{help}{}", values_of(&argument));
                let argument = match argument.get_action().takes_values() {
                    true => argument.hide_default_value(true).hide_possible_values(true),
                    false => argument,
                };
                argument.help(help).long_help(None)
            }
            None => argument,
        }
    });
    let below: Vec<String> =
        command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    command = command.disable_help_flag(true).arg(
        Arg::new("help")
            .short('h')
            .long("help")
            .action(ArgAction::Help)
            .help("打印帮助")
            .help_heading("选项"),
    );
    for name in below {
        let names = format!("{names} {name}").trim().to_owned();
        command = command.mut_subcommand(&name, |below| translate(below, &names));
    }
    command
}

/// The values that an argument takes and the one that it has by itself, as clap would add them in
/// English.
fn values_of(argument: &Arg) -> String {
    let mut text = String::new();
    let defaults: Vec<_> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !argument.get_action().takes_values() {
        return text;
    }
    let possible: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| value.get_name().to_owned())
        .collect();
    if !defaults.is_empty() {
        text.push_str(&format!(" [默认：{}]", defaults.join("、")));
    }
    if !possible.is_empty() {
        text.push_str(&format!(" [可选：{}]", possible.join("、")));
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Every key that the commands have, hidden ones left out.
    fn keys(command: &Command, names: &str, keys: &mut Vec<String>) {
        keys.push(names.to_owned());
        let arguments = command.get_arguments().filter(|argument| !argument.is_hide_set());
        keys.extend(arguments.map(|argument| key_of(names, argument)));
        for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
            let names = format!("{names} {}", below.get_name()).trim().to_owned();
            self::keys(below, &names, keys);
        }
    }

    #[test]
    fn every_command_and_option_has_a_chinese_text_and_none_is_left_over() {
        let mut there = Vec::new();
        keys(&crate::cli::Arguments::command(), "", &mut there);
        let missing: Vec<&String> = there.iter().filter(|key| text(key).is_none()).collect();
        assert!(missing.is_empty(), "no Chinese help for {missing:?}");
        let stale: Vec<&str> = TEXTS
            .iter()
            .map(|(key, _)| *key)
            .filter(|key| !there.iter().any(|known| known == key))
            .collect();
        assert!(stale.is_empty(), "nothing has the help of {stale:?}");
        for (key, _) in AFTER {
            assert!(there.iter().any(|known| known == key), "`{key}`");
        }
    }
}
