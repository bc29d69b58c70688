use std::env;
use std::io;
use std::path::{Path, PathBuf};

use crate::messages::Lang;

/// What the program is told besides its arguments. Read once, here, and handed on as values.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    /// The language of the locale.
    pub(crate) lang: Lang,
    /// `NO_COLOR` is set (no-color.org).
    pub(crate) no_color: bool,
    /// The folder with libraries and models: `$FAIRHEARING_HOME`, else
    /// `$XDG_DATA_HOME/fairhearing`, else `~/.local/share/fairhearing`.
    pub(crate) data_home: PathBuf,
    /// The key for a remote recogniser: `$FAIRHEARING_ENGINE_KEY`. Not an argument, because
    /// arguments are seen by every user of the machine.
    pub(crate) engine_key: Option<String>,
    /// The proxy for fetching models: `$HTTPS_PROXY`, `$ALL_PROXY`, in either case.
    pub(crate) proxy: Option<String>,
    /// The folders in which programs are looked for.
    pub(crate) path: Vec<PathBuf>,
    /// For recordings in S3, by the names that other programs use too.
    pub(crate) s3: S3Environment,
    /// What `serve` is told.
    pub(crate) server: ServerEnvironment,
    /// This very program, which decodes and recognises in children of itself.
    pub(crate) program: PathBuf,
}

/// Who asks an S3 server. Not in the configuration file: it names the bucket, others may read it.
#[derive(Clone, Default)]
pub(crate) struct S3Environment {
    /// The access key and its secret: `$AWS_ACCESS_KEY_ID`, `$AWS_SECRET_ACCESS_KEY`.
    pub(crate) key: Option<(String, String)>,
    /// Of temporary credentials: `$AWS_SESSION_TOKEN`.
    pub(crate) token: Option<String>,
    /// Where the URL of the bucket does not say it: `$AWS_ENDPOINT_URL`.
    pub(crate) endpoint: Option<String>,
    /// The same: `$AWS_REGION`.
    pub(crate) region: Option<String>,
}

/// Without the secrets.
impl std::fmt::Debug for S3Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = self.key.as_ref().map(|(key, _)| key);
        f.debug_struct("S3Environment").field("key", &key).finish_non_exhaustive()
    }
}

/// The variables of `fairhearing serve`; they go before its configuration file.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerEnvironment {
    /// The configuration file: `$FAIRHEARING_CONFIG`.
    pub(crate) config: Option<PathBuf>,
    /// The folder of database and recordings: `$FAIRHEARING_DATA`.
    pub(crate) data: Option<PathBuf>,
    /// The database: `$FAIRHEARING_DATABASE`.
    pub(crate) database: Option<String>,
    /// The folder of recordings: `$FAIRHEARING_OBJECTS`.
    pub(crate) objects: Option<String>,
    /// Where clients connect, addresses apart by commas: `$FAIRHEARING_LISTEN`.
    pub(crate) listen: Option<String>,
    /// Under which address clients know the server: `$FAIRHEARING_PUBLIC_URL`.
    pub(crate) public_url: Option<String>,
    /// Signs the addresses of recordings: `$FAIRHEARING_RECORDING_URL_SECRET`. Not an argument, as
    /// the key above.
    pub(crate) recording_url_secret: Option<String>,
    /// Where the process can be watched, addresses apart by commas: `$FAIRHEARING_OBSERVE`.
    pub(crate) observe: Option<String>,
    /// How much is logged: `$FAIRHEARING_LOG`.
    pub(crate) log: Option<String>,
    /// How it is written: `$FAIRHEARING_LOG_FORMAT`.
    pub(crate) log_format: Option<String>,
    /// Where traces are sent: `$FAIRHEARING_TRACES`.
    pub(crate) traces: Option<String>,
}

impl Environment {
    /// Reads it.
    pub(crate) fn read() -> io::Result<Self> {
        let text = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].map(text);
        let data_home = folder("FAIRHEARING_HOME").map_or_else(
            || {
                folder("XDG_DATA_HOME")
                    .map(PathBuf::from)
                    .or_else(|| Some(PathBuf::from(folder("HOME")?).join(".local/share")))
                    .unwrap_or_default()
                    .join("fairhearing")
            },
            PathBuf::from,
        );
        Ok(Self {
            lang: Lang::from_locale(locale.iter().map(Option::as_deref)),
            no_color: text("NO_COLOR").is_some(),
            data_home,
            engine_key: text("FAIRHEARING_ENGINE_KEY"),
            proxy: ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
                .into_iter()
                .find_map(text),
            path: env::var_os("PATH")
                .map(|path| env::split_paths(&path).collect())
                .unwrap_or_default(),
            s3: S3Environment {
                key: text("AWS_ACCESS_KEY_ID").zip(text("AWS_SECRET_ACCESS_KEY")),
                token: text("AWS_SESSION_TOKEN"),
                endpoint: text("AWS_ENDPOINT_URL"),
                region: text("AWS_REGION"),
            },
            server: ServerEnvironment {
                config: folder("FAIRHEARING_CONFIG").map(PathBuf::from),
                data: folder("FAIRHEARING_DATA").map(PathBuf::from),
                database: text("FAIRHEARING_DATABASE"),
                objects: text("FAIRHEARING_OBJECTS"),
                listen: text("FAIRHEARING_LISTEN"),
                public_url: text("FAIRHEARING_PUBLIC_URL"),
                recording_url_secret: text("FAIRHEARING_RECORDING_URL_SECRET"),
                observe: text("FAIRHEARING_OBSERVE"),
                log: text("FAIRHEARING_LOG"),
                log_format: text("FAIRHEARING_LOG_FORMAT"),
                traces: text("FAIRHEARING_TRACES"),
            },
            program: env::current_exe()?,
        })
    }

    /// Folders with shared libraries that were set up for this program alone.
    pub(crate) fn lib_dirs(&self) -> Vec<PathBuf> {
        vec![self.data_home.join("lib")]
    }

    /// The folder with one folder for each model.
    pub(crate) fn models_dir(&self) -> PathBuf {
        self.data_home.join("models")
    }

    /// Where a program lies.
    pub(crate) fn find_program(&self, name: &str) -> Option<PathBuf> {
        self.path.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
    }
}

/// The system's folders with shared libraries, Debian's and others'.
const SYSTEM_LIB_DIRS: &[&str] = &[
    "/usr/local/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/lib",
];

/// A shared library whose file name begins with `name` (`libpocketsphinx.so`), in `first` or in the
/// system's folders.
pub(crate) fn find_library(name: &str, first: &[PathBuf]) -> Option<PathBuf> {
    let system = SYSTEM_LIB_DIRS.iter().map(Path::new);
    first.iter().map(PathBuf::as_path).chain(system).find_map(|folder| {
        let mut matches: Vec<PathBuf> = folder
            .read_dir()
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name))
            })
            .collect();
        matches.sort();
        matches.into_iter().next()
    })
}
