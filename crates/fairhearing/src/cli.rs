//! The command line, as clap reads it. What each command does is in `commands`.

mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use fh_model::{Language, Millis, RoleMap};
use jiff::civil::DateTime;

use crate::messages::Lang;
use crate::output::Format;

const EXAMPLES: &str = "\
Examples:
  fairhearing inspect call.wav
      Measures, inspects and scores one call; a transcript beside it (call.json, .vtt, .srt) is used.
  fairhearing inspect calls/ --roles left=agent,right=customer --format html --out results
      Inspects a folder and writes results/report.html; run again, it goes on where it stopped.
  fairhearing rules test my-rules.yaml
      Runs the tests that stand inside the rules.
  fairhearing doctor
      Says what is installed, what is missing and what to run.

Exit status:
  0    everything was inspected (or tested, or found well)
  1    some recordings could not be inspected, or some tests failed
  2    the command line, a manifest or a rule file is wrong
  130  interrupted";

const INSPECT_EXAMPLES: &str = "\
Examples:
  fairhearing inspect call.wav --details
      Every finding with the words and the moment it rests on.
  fairhearing inspect 'archive/2026-05/*.mp3' --jobs 4 --format csv > may.csv
      A pattern, four calls at a time, one row a call.
  find archive -name '*.wav' -newer last | fairhearing inspect - --format jsonl --out new
      A list of paths on standard input.
  fairhearing inspect --manifest calls.csv --rules my-rules/ --format html --out results
      Agent, times and roles of each call from a table with the columns path, call_id, agent_id,
      agent_name, skill_group, direction, language, begin_time, end_time, roles, transcript; any
      other column becomes an attribute.
  fairhearing inspect call.V3 --from '2026-05-04 09:30:00' --to '2026-05-04 09:33:12'
      A file without a header: its rate is found from the call's length.

Exit status: 0 all inspected, 1 some failed, 2 bad usage, 130 interrupted.";

const BACKUP_EXAMPLES: &str = "\
Examples:
  fairhearing backup --config /etc/fairhearing.toml --out /backup/2026-05-04.tar
      The database and the recordings in one file, while the server runs.
  fairhearing backup --data /var/lib/fairhearing --out /backup/2026-05-04
      The same as a folder.

Where the database is PostgreSQL, its own tools back it up, such as
`pg_dump --format=custom --file=database.dump DATABASE`, before this command, which then takes the
recordings alone.

Exit status: 0 all is in it, 1 a call's recording was missing or damaged already, 2 bad usage.";

const RESTORE_EXAMPLES: &str = "\
Examples:
  fairhearing restore --config /etc/fairhearing.toml --from /backup/2026-05-04.tar
      Into an empty place, before the server is started.
  fairhearing restore --config /etc/fairhearing.toml --from /backup/2026-05-04.tar \\
      --erased-in /old/fairhearing.db
      What was erased after the backup is erased again.

Recordings that are there already and sound stay as they are. What was erased since is also known
from the marks that erasures leave beside the recordings.

Where the database is PostgreSQL, restore it first with its own tools, such as
`pg_restore --dbname=DATABASE database.dump`.

Exit status: 0 all is there, 1 a call's recording is missing or damaged, 2 bad usage.";

const SERVE_EXAMPLES: &str = "\
Examples:
  fairhearing serve
      On http://127.0.0.1:8080, with a database of its own; the first start prints how to sign in.
  fairhearing serve --config /etc/fairhearing.toml
      As `fairhearing config example` shows and explains.
  fairhearing serve --database postgres://fairhearing@db/fairhearing --roles worker --jobs 8
      One of several machines that work on the same queue.";

/// Inspects recordings of calls and explains every point of the score.
#[derive(Debug, Parser)]
#[command(
    name = "fairhearing",
    version,
    after_help = EXAMPLES,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    /// The language of messages; by default that of the locale (LC_ALL, LC_MESSAGES, LANG).
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Lang>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Inspect recordings: measures, findings and scores.
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(Box<InspectArguments>),
    /// Check, test and explain rules.
    #[command(subcommand, arg_required_else_help = true)]
    Rules(RulesCommand),
    /// List, fetch and verify speech models.
    #[command(subcommand, arg_required_else_help = true)]
    Models(ModelsCommand),
    /// Say what is installed, what is missing and what to run.
    Doctor(DoctorArguments),
    /// Measure how many words a recogniser gets wrong on your own recordings.
    #[command(after_help = EVAL_EXAMPLES)]
    Eval(EvalArguments),
    /// Serve the APIs and inspect the calls that come in.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArguments),
    /// Back up the database and the recordings of a server, also while it runs.
    #[command(after_help = BACKUP_EXAMPLES)]
    Backup(BackupArguments),
    /// Restore a backup into an empty place and check every recording.
    #[command(after_help = RESTORE_EXAMPLES)]
    Restore(RestoreArguments),
    /// Show and check the configuration of the server.
    #[command(subcommand, arg_required_else_help = true)]
    Config(ConfigCommand),
    /// Print the completions for a shell.
    #[command(
        after_help = "Example:\n  fairhearing completions bash > ~/.local/share/bash-completion/completions/fairhearing"
    )]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print a page of the reference documentation.
    #[command(hide = true)]
    Reference {
        /// The page.
        page: ReferencePage,
    },
    /// Decode one recording; started by the program itself.
    #[command(hide = true)]
    DecodeChild,
    /// Recognise speech; started by the program itself.
    #[command(hide = true)]
    RecognizeChild,
}

#[derive(Debug, Args, Default)]
pub(crate) struct ServeArguments {
    /// The configuration file.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// The folder of the database and the recordings.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,

    /// The database: a file, or `postgres://user@host/database`.
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) database: Option<String>,

    /// The recordings: a folder, or `s3://bucket/prefix`.
    #[arg(long, value_name = "DIR|URL")]
    pub(crate) objects: Option<String>,

    /// Where clients connect; may be given several times.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Vec<std::net::SocketAddr>,

    /// Under which address clients reach the server, such as `https://qa.example.com`: the addresses
    /// of recordings begin with it; by default each client's own `Host`.
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,

    /// What this process does; by default both.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) roles: Vec<ServeRole>,

    /// How many calls are worked on at the same time; by default one for each processor.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(crate) jobs: Option<u16>,

    /// How much is logged: `error`, `warn`, `info` or `debug`.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) log: Option<crate::serve::configuration::LogLevel>,

    /// At the first start, submit the calls that `calls.csv` in this folder lists.
    #[arg(long, value_name = "DIR")]
    pub(crate) samples: Option<PathBuf>,
}

/// Where a server keeps what it keeps.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeptArguments {
    /// The server's configuration file.
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The folder of the database and the recordings.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// The database: a file, or `postgres://user@host/database`.
    #[arg(long, value_name = "FILE|URL")]
    database: Option<String>,

    /// The recordings: a folder, or `s3://bucket/prefix`.
    #[arg(long, value_name = "DIR|URL")]
    objects: Option<String>,
}

impl From<KeptArguments> for ServeArguments {
    fn from(kept: KeptArguments) -> Self {
        let KeptArguments { config, data, database, objects } = kept;
        Self { config, data, database, objects, ..Self::default() }
    }
}

#[derive(Debug, Args)]
pub(crate) struct BackupArguments {
    #[command(flatten)]
    pub(crate) kept: KeptArguments,

    /// The folder, or the file that ends with `.tar`, to be made.
    #[arg(long, value_name = "DIR|FILE.tar")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArguments {
    #[command(flatten)]
    pub(crate) kept: KeptArguments,

    /// The backup.
    #[arg(long, value_name = "DIR|FILE.tar")]
    pub(crate) from: PathBuf,

    /// The database that is replaced, where it still answers: calls that were erased in it are erased
    /// again.
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) erased_in: Option<String>,
}

/// A part of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ServeRole {
    /// Answers requests.
    Api,
    /// Inspects calls.
    Worker,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print a configuration file with every setting, its default and what it does.
    Example,
    /// Say what is wrong with a configuration file and the rules that it names.
    Check {
        /// The file.
        file: PathBuf,
    },
}

/// Which page `reference` prints.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ReferencePage {
    Cli,
    Rules,
    Models,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// Files, folders, patterns such as 'calls/*.wav', or `-` for one path a line on standard input.
    #[arg(value_name = "PATH", required_unless_present = "manifest")]
    pub(crate) paths: Vec<String>,

    #[command(flatten)]
    pub(crate) call: CallArguments,

    #[command(flatten)]
    pub(crate) rules: RuleArguments,

    #[command(flatten)]
    pub(crate) output: OutputArguments,

    #[command(flatten)]
    pub(crate) speech: SpeechArguments,

    #[command(flatten)]
    pub(crate) decoding: DecodingArguments,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What is known of the calls")]
pub(crate) struct CallArguments {
    /// CSV or JSON Lines with what is known of each call; without PATH, also the list of calls.
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,

    /// Who speaks on which channel, such as `left=agent,right=customer`.
    #[arg(long, value_name = "CHANNEL=ROLE,...", value_parser = crate::inspect::roles::parse)]
    pub(crate) roles: Option<RoleMap>,

    /// The language spoken: `zh_CN` or `en_US`.
    #[arg(long)]
    pub(crate) language: Option<Language>,

    /// When the call began; with `--to`, tells the rate of files without a header.
    #[arg(long, value_name = "YYYY-MM-DD HH:MM:SS", value_parser = crate::inspect::manifest::parse_time)]
    pub(crate) from: Option<DateTime>,

    /// When the call ended.
    #[arg(long, value_name = "YYYY-MM-DD HH:MM:SS", value_parser = crate::inspect::manifest::parse_time)]
    pub(crate) to: Option<DateTime>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RuleArguments {
    /// A rule file or a folder of them; may be given several times. By default the rules that the
    /// program brings along.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) rules: Vec<PathBuf>,

    /// Score by this scenario only; by default by every one that applies to the call.
    #[arg(long, value_name = "ID")]
    pub(crate) scenario: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Results")]
pub(crate) struct OutputArguments {
    /// The form of the results; several are possible with `--out`.
    #[arg(long, short, value_enum, value_delimiter = ',')]
    pub(crate) format: Vec<Format>,

    /// Keep results in this folder, and do not make those again that it already has.
    #[arg(long, short, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Below the table, every finding with what it rests on.
    #[arg(long, short)]
    pub(crate) details: bool,

    /// How many calls are inspected at the same time; by default one for each processor.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(crate) jobs: Option<u16>,

    /// No progress bar.
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Leave the calls' sound out of the HTML report, which makes it much smaller.
    #[arg(long)]
    pub(crate) no_sound: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Speech")]
pub(crate) struct SpeechArguments {
    /// What turns speech into words: `auto` (a transcript beside the recording, else an installed
    /// engine for the language), `none`, or an engine: `sherpa-onnx`, `openai-compatible`,
    /// `pocketsphinx`.
    #[arg(long, default_value = "auto")]
    pub(crate) engine: String,

    /// The model for the engine, by its id in `fairhearing models list`.
    #[arg(long, value_name = "ID")]
    pub(crate) model: Option<String>,

    /// The server of the engine `openai-compatible`, such as `http://localhost:8000`; its key is
    /// taken from the environment variable FAIRHEARING_ENGINE_KEY.
    #[arg(long, value_name = "URL")]
    pub(crate) engine_url: Option<String>,

    /// The model's name on that server.
    #[arg(long, value_name = "NAME", default_value = "whisper-1")]
    pub(crate) engine_model: String,

    /// How speech is told from silence.
    #[arg(long, value_enum, default_value_t = VoiceActivityArgument::Silero)]
    pub(crate) voice_activity: VoiceActivityArgument,
}

/// How speech is told from silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VoiceActivityArgument {
    /// The Silero network, joined with the level.
    Silero,
    /// By level alone: faster; tones, music and noise count as speech.
    Energy,
}

/// What becomes of recordings of which only a part could be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PartialArgument {
    /// The part is inspected and the call marked.
    Accept,
    /// They fail.
    Refuse,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Decoding")]
pub(crate) struct DecodingArguments {
    /// What becomes of recordings of which only a part can be decoded.
    #[arg(long, value_enum, default_value_t = PartialArgument::Accept)]
    pub(crate) partial: PartialArgument,

    /// The `ffmpeg` for what the built-in decoders refuse: `auto` (from PATH), `never`, or a path.
    #[arg(long, value_name = "auto|never|PATH", default_value = "auto")]
    pub(crate) ffmpeg: String,

    /// Decode without the sandbox: only for files that you trust.
    #[arg(long)]
    pub(crate) no_sandbox: bool,

    /// The largest file, such as `500M`.
    #[arg(long, value_name = "SIZE", value_parser = values::size, default_value = "4G")]
    pub(crate) limit_size: u64,

    /// The longest recording, such as `6h` or `90m`.
    #[arg(long, value_name = "LENGTH", value_parser = values::length, default_value = "6h")]
    pub(crate) limit_duration: Millis,

    /// The most channels over all tracks.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) limit_channels: u8,

    /// The memory of a decoder, such as `1G`.
    #[arg(long, value_name = "SIZE", value_parser = values::size, default_value = "1G")]
    pub(crate) limit_memory: u64,

    /// The processor time of a decoder, such as `5m`.
    #[arg(long, value_name = "LENGTH", value_parser = values::length, default_value = "5m")]
    pub(crate) limit_cpu: Millis,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Read rule files and say what is wrong with them.
    #[command(after_help = "Example:\n  fairhearing rules check my-rules/")]
    Check {
        /// Rule files or folders; by default the rules that the program brings along.
        #[arg(value_name = "FILE|DIR")]
        rules: Vec<PathBuf>,
    },
    /// Run the tests that stand inside the rules.
    #[command(after_help = "Example:\n  fairhearing rules test my-rules/greeting.yaml")]
    Test {
        /// Rule files or folders; by default the rules that the program brings along.
        #[arg(value_name = "FILE|DIR")]
        rules: Vec<PathBuf>,
    },
    /// Say in plain words what a rule looks for.
    #[command(after_help = "Example:\n  fairhearing rules explain greeting-missing")]
    Explain {
        /// The rule's id; without one, every rule.
        rule: Option<String>,
        /// Rule files or folders; by default the rules that the program brings along.
        #[arg(long, value_name = "FILE|DIR")]
        rules: Vec<PathBuf>,
    },
    /// Print the JSON Schema of rule files, for editors.
    Schema,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// The models that can be fetched, and which of them are installed.
    List {
        /// For programs.
        #[arg(long, value_enum, default_value_t = PlainFormat::Table)]
        format: PlainFormat,
    },
    /// Fetch a model, check it and install it.
    #[command(
        after_help = "Examples:\n  fairhearing models pull sensevoice-small-int8-2024-07-17\n  fairhearing models pull sensevoice-small-int8-2024-07-17 --from /media/usb/sensevoice"
    )]
    Pull {
        /// The model's id, or the beginning of it.
        id: String,
        /// A server to fetch from in place of the registry's.
        #[arg(long, value_name = "URL", conflicts_with = "from")]
        mirror: Option<String>,
        /// A folder that has the model's files; nothing is fetched.
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
    },
    /// Check that an installed model is complete and unchanged.
    Verify {
        /// The model's id, or the beginning of it; without one, every installed model.
        id: Option<String>,
    },
    /// Print the folder of a model.
    Path {
        /// The model's id, or the beginning of it.
        id: String,
    },
}

/// For people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlainFormat {
    /// A table for people.
    Table,
    /// JSON for programs.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t = PlainFormat::Table)]
    pub(crate) format: PlainFormat,
}

const EVAL_EXAMPLES: &str = "\
Examples:
  fairhearing eval calls/ --engine sherpa-onnx --language zh_CN
      Recognises each call and holds it against the transcript beside it, channel by channel.
  fairhearing eval clips/ --references clips/refs.tsv --engine pocketsphinx --language en_US
      References as lines of name, tab, words.";

#[derive(Debug, Args)]
pub(crate) struct EvalArguments {
    /// Files, folders, patterns, or `-` for a list on standard input.
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<String>,

    /// The words that were said: lines of recording name, tab, words. By default the transcript
    /// beside each recording.
    #[arg(long, value_name = "FILE")]
    pub(crate) references: Option<PathBuf>,

    /// For people or for programs.
    #[arg(long, value_enum, default_value_t = PlainFormat::Table)]
    pub(crate) format: PlainFormat,

    /// The language spoken: `zh_CN` (counted in characters) or `en_US` (counted in words).
    #[arg(long)]
    pub(crate) language: Option<Language>,

    #[command(flatten)]
    pub(crate) speech: SpeechArguments,

    #[command(flatten)]
    pub(crate) decoding: DecodingArguments,
}
