use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use fh_api::PublicUrl;
use fh_api::dialects::alibaba::recording_url::RecordingUrlSecret;
use fh_model::{Language, RoleMap};
use fh_workflow::fetch::{MappedRoot, Network};
use jiff::tz::TimeZone;
use serde::Deserialize;
use url::Url;

use crate::cli::{ServeArguments, ServeRole};
use crate::commands::Usage;
use crate::environment::Environment;

/// The commented default, which `fairhearing config example` prints.
pub(crate) const EXAMPLE: &str = include_str!("fairhearing.toml");

/// A configuration file as it is written. Absent fields are taken from elsewhere.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    data: Option<PathBuf>,
    database: Option<String>,
    objects: Option<String>,
    listen: Option<Vec<SocketAddr>>,
    public_url: Option<String>,
    recording_url_secret: Option<String>,
    observe: Vec<SocketAddr>,
    proxies: Vec<Network>,
    roles: Option<Vec<ServeRole>>,
    jobs: Option<u16>,
    log: Option<LogLevel>,
    log_format: Option<LogFormat>,
    traces: Option<String>,
    time_zone: Option<String>,
    rules: Vec<PathBuf>,
    tls: Option<TlsFiles>,
    dialects: DialectsWritten,
    fetch: FetchWritten,
    calls: CallsWritten,
    recognition: RecognitionWritten,
}

/// A certificate chain and its key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsFiles {
    /// PEM.
    pub(crate) certificate: PathBuf,
    /// PEM.
    pub(crate) key: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DialectsWritten {
    huawei: bool,
    alibaba: bool,
}

impl Default for DialectsWritten {
    fn default() -> Self {
        Self { huawei: true, alibaba: true }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FetchWritten {
    roots: Vec<MappedRoot>,
    allow_networks: Vec<Network>,
    max_bytes: Option<u64>,
    max_seconds: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CallsWritten {
    roles: Option<String>,
    language: Option<Language>,
    per_day: Option<u64>,
}

/// What turns speech into words.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RecognitionWritten {
    engine: Option<String>,
    model: Option<String>,
    url: Option<String>,
    remote_model: Option<String>,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogLevel {
    /// What a person should look at.
    Error,
    /// And what is odd.
    Warn,
    /// And what is done.
    #[default]
    Info,
    /// And how.
    Debug,
}

impl std::str::FromStr for LogLevel {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "error" => Ok(Self::Error),
            "warn" => Ok(Self::Warn),
            "info" => Ok(Self::Info),
            "debug" => Ok(Self::Debug),
            _ => Err(format!("expected `error`, `warn`, `info` or `debug`, found `{text}`")),
        }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// An object a line, for programs.
    Json,
}

impl std::str::FromStr for LogFormat {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("expected `text` or `json`, found `{text}`")),
        }
    }
}

/// What the server runs with: file, environment and flags together.
#[derive(Debug)]
pub(crate) struct Configuration {
    /// Where the database is.
    pub(crate) database: String,
    /// Where the recordings are.
    pub(crate) objects: String,
    /// Where recordings lie while they are fetched.
    pub(crate) temp_dir: PathBuf,
    /// Where clients connect.
    pub(crate) listen: Vec<SocketAddr>,
    /// Under which address they know the server; each by the one that it used where absent.
    pub(crate) public_url: Option<PublicUrl>,
    /// Signs the addresses of recordings.
    pub(crate) recording_url_secret: Option<RecordingUrlSecret>,
    /// Where that secret is kept which nobody configured.
    pub(crate) recording_url_secret_file: PathBuf,
    /// Where those connect who watch the process.
    pub(crate) observe: Vec<SocketAddr>,
    /// The proxies in front.
    pub(crate) proxies: Vec<Network>,
    /// Whether requests are answered.
    pub(crate) is_api: bool,
    /// Whether calls are worked on.
    pub(crate) is_worker: bool,
    /// How many calls are worked on at the same time.
    pub(crate) jobs: usize,
    /// How much is logged.
    pub(crate) log: LogLevel,
    /// How the log is written.
    pub(crate) log_format: LogFormat,
    /// Where traces are sent; nowhere where absent.
    pub(crate) traces: Option<Url>,
    /// Where the contact centre is.
    pub(crate) time_zone: TimeZone,
    /// Rule files; the shipped ones where empty.
    pub(crate) rules: Vec<PathBuf>,
    /// TLS.
    pub(crate) tls: Option<TlsFiles>,
    /// Whether Huawei's API is served.
    pub(crate) huawei: bool,
    /// Whether Alibaba's API is served.
    pub(crate) alibaba: bool,
    /// The folders that paths may lead to.
    pub(crate) roots: Vec<MappedRoot>,
    /// Inner addresses that may be connected to.
    pub(crate) allow_networks: Vec<Network>,
    /// The largest download in bytes.
    pub(crate) max_bytes: Option<u64>,
    /// The longest download in seconds.
    pub(crate) max_seconds: Option<u64>,
    /// Who speaks on which channel, where a call does not say.
    pub(crate) roles: Option<RoleMap>,
    /// The language spoken, where a call does not say.
    pub(crate) language: Option<Language>,
    /// Calls of a tenant in 24 hours.
    pub(crate) per_day: Option<u64>,
    /// What turns speech into words, as `--engine` of `inspect` is written.
    pub(crate) engine: String,
    /// The recogniser's model.
    pub(crate) model: Option<String>,
    /// A remote recogniser.
    pub(crate) engine_url: Option<String>,
    /// The remote recogniser's model.
    pub(crate) engine_model: String,
}

impl Configuration {
    /// Reads the file that a flag or the environment names, if one does, and puts all together.
    pub(crate) fn gather(
        arguments: &ServeArguments,
        environment: &Environment,
    ) -> anyhow::Result<Self> {
        let file = arguments.config.as_deref().or(environment.server.config.as_deref());
        let written = file.map(read).transpose()?.unwrap_or_default();
        Self::assemble(written, arguments, environment)
    }

    /// Checks a file by itself.
    pub(crate) fn check(file: &Path, environment: &Environment) -> anyhow::Result<Self> {
        Self::assemble(read(file)?, &ServeArguments::default(), environment)
    }

    fn assemble(
        written: Written,
        arguments: &ServeArguments,
        environment: &Environment,
    ) -> anyhow::Result<Self> {
        let server = &environment.server;
        let data = (arguments.data.clone())
            .or_else(|| server.data.clone())
            .or(written.data)
            .unwrap_or_else(|| environment.data_home.join("server"));
        let within = |name: &str| data.join(name).display().to_string();
        let listen = match (&arguments.listen[..], &server.listen) {
            ([], None) => written.listen.unwrap_or_else(|| vec![([127, 0, 0, 1], 8080).into()]),
            ([], Some(text)) => addresses(text).map_err(Usage)?,
            (listen, _) => listen.to_vec(),
        };
        let public_url = (arguments.public_url.as_ref())
            .or(server.public_url.as_ref())
            .or(written.public_url.as_ref())
            .map(|url| url.parse().map_err(|error| Usage(format!("`public_url`: {error}"))));
        let recording_url_secret = (server.recording_url_secret.as_ref())
            .or(written.recording_url_secret.as_ref())
            .map(|text| {
                text.parse().map_err(|error| Usage(format!("`recording_url_secret`: {error}")))
            });
        let roles = match (&arguments.roles[..], written.roles) {
            ([], None) => vec![ServeRole::Api, ServeRole::Worker],
            ([], Some(roles)) => roles,
            (roles, _) => roles.to_vec(),
        };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = arguments.jobs.or(written.jobs).map_or(processors, usize::from).max(1);
        let log = match (&arguments.log, &server.log) {
            (Some(log), _) => *log,
            (None, Some(text)) => text.parse().map_err(Usage)?,
            (None, None) => written.log.unwrap_or_default(),
        };
        let observe = match &server.observe {
            None => written.observe,
            Some(text) => addresses(text).map_err(Usage)?,
        };
        let log_format = match &server.log_format {
            None => written.log_format.unwrap_or_default(),
            Some(text) => text.parse().map_err(Usage)?,
        };
        let traces = server.traces.as_ref().or(written.traces.as_ref());
        let traces = traces.map(|text| collector(text)).transpose().map_err(Usage)?;
        let time_zone = match written.time_zone {
            None => TimeZone::system(),
            Some(name) => TimeZone::get(&name).map_err(|_| {
                Usage(format!("expected a time zone such as `Asia/Shanghai`, found `{name}`"))
            })?,
        };
        let channel_roles = written.calls.roles.as_deref().map(crate::inspect::roles::parse);
        Ok(Self {
            database: (arguments.database.clone())
                .or_else(|| server.database.clone())
                .or(written.database)
                .unwrap_or_else(|| within("fairhearing.db")),
            objects: (arguments.objects.clone())
                .or_else(|| server.objects.clone())
                .or(written.objects)
                .unwrap_or_else(|| within("objects")),
            temp_dir: data.join("incoming"),
            listen,
            public_url: public_url.transpose()?,
            recording_url_secret: recording_url_secret.transpose()?,
            recording_url_secret_file: data.join("recording-url-secret"),
            observe,
            proxies: written.proxies,
            is_api: roles.contains(&ServeRole::Api),
            is_worker: roles.contains(&ServeRole::Worker),
            jobs,
            log,
            log_format,
            traces,
            time_zone,
            rules: written.rules,
            tls: written.tls,
            huawei: written.dialects.huawei,
            alibaba: written.dialects.alibaba,
            roots: written.fetch.roots,
            allow_networks: written.fetch.allow_networks,
            max_bytes: written.fetch.max_bytes,
            max_seconds: written.fetch.max_seconds,
            roles: channel_roles.transpose().map_err(Usage)?,
            language: written.calls.language,
            per_day: written.calls.per_day,
            engine: written.recognition.engine.unwrap_or_else(|| "auto".to_owned()),
            model: written.recognition.model,
            engine_url: written.recognition.url,
            engine_model: (written.recognition.remote_model)
                .unwrap_or_else(|| "whisper-1".to_owned()),
        })
    }
}

/// Reads `127.0.0.1:8080,[::1]:8080`.
fn addresses(text: &str) -> Result<Vec<SocketAddr>, String> {
    let address = |part: &str| {
        part.trim()
            .parse()
            .map_err(|_| format!("expected an address such as `127.0.0.1:8080`, found `{part}`"))
    };
    text.split(',').map(address).collect()
}

/// The address of a collector of traces. It may hold a password, so it is not told again.
fn collector(text: &str) -> Result<Url, String> {
    let expected = "expected an address of traces such as `http://127.0.0.1:4318/v1/traces`";
    let url = Url::parse(text).map_err(|fault| format!("{expected}: {fault}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(format!("{expected}, found one of `{other}:`")),
    }
}

fn read(file: &Path) -> anyhow::Result<Written> {
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("reading the configuration `{shown}`"))?;
    let mut written: Written = toml::from_str(&text)
        .map_err(|error| Usage(format!("configuration `{shown}`: {}", error.to_string().trim())))?;
    written.resolve(file.parent().unwrap_or(Path::new("")));
    Ok(written)
}

impl Written {
    /// Paths count from the file's folder.
    fn resolve(&mut self, folder: &Path) {
        let paths = self.data.iter_mut().chain(&mut self.rules);
        let tls = self.tls.iter_mut().flat_map(|tls| [&mut tls.certificate, &mut tls.key]);
        for path in paths.chain(tls) {
            *path = folder.join(&path);
        }
        for place in [&mut self.database, &mut self.objects].into_iter().flatten() {
            if !place.contains(':') {
                *place = folder.join(&place).display().to_string();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commented_example_is_sound_also_with_its_lines_in_force() {
        let default: Written = toml::from_str(EXAMPLE).expect("the example as it stands");
        assert!(default.database.is_none() && default.fetch.roots.is_empty());

        // A line in force is a `#` with something else than a space behind it.
        let in_force: String = EXAMPLE
            .lines()
            .filter_map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')))
            .map(|line| format!("{line}\n"))
            .collect();
        let written: Written = toml::from_str(&in_force).expect("the example with all its lines");
        assert_eq!(written.listen, Some(vec![([127, 0, 0, 1], 8080).into()]));
        assert_eq!(written.fetch.roots.len(), 1);
        assert_eq!(written.fetch.max_bytes, Some(1 << 30));
        assert_eq!(written.calls.language, Some(Language::ZhCn));
        assert_eq!(written.observe, [([127, 0, 0, 1], 9090).into()]);
        assert_eq!(written.log_format, Some(LogFormat::Text));
        assert!(collector(&written.traces.expect("an address")).is_ok());
        TimeZone::get(&written.time_zone.expect("a name")).expect("a zone that is known");
    }

    #[test]
    fn an_unknown_field_is_named_with_its_place() {
        let error = toml::from_str::<Written>("listen = [\"127.0.0.1:1\"]\nlisten_on = 3\n");
        let text = error.expect_err("a field that does not exist").to_string();
        assert!(text.contains("line 2") && text.contains("listen_on"), "{text}");
    }
}
