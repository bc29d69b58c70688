//! From the configuration to the values that the other crates take.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use fh_api::{ApiSettings, Dialects, WatchedFolder, tls_config};
use fh_audio::{ChildProgram, DecodeOptions, VoiceActivityChoice};
use fh_model::RandomSource;
use fh_speech::engines::openai_compatible::{ApiKey, RemoteSettings};
use fh_speech::{ENGINES, EngineSettings, ModelChoice};
use fh_store::{Blobs, ConnectOptions, S3Access, Store, connect, open_blobs_as};
use fh_workflow::fetch::{AddressPolicy, DownloadLimits, MappedRoots};
use fh_workflow::{EngineWish, FetchSettings, InspectionSettings, Workflow, WorkflowSettings};

use super::configuration::Configuration;
use super::recording_secret;
use crate::commands::Usage;
use crate::environment::Environment;
use crate::messages::Catalogue;
use crate::rule_files;

/// Opens the database; makes its folder where it is a file.
pub(crate) async fn store(configuration: &Configuration) -> anyhow::Result<Arc<dyn Store>> {
    let url = &configuration.database;
    if let Some(folder) = sqlite_file(url).and_then(Path::parent) {
        make_private_folder(folder)?;
    }
    // The URL may hold a password, so it is not part of the error.
    connect(url, &ConnectOptions::default()).await.context("opening the database")
}

/// The file of a database that is one.
pub(crate) fn sqlite_file(url: &str) -> Option<&Path> {
    let path = match url.strip_prefix("sqlite:") {
        Some(path) => path.strip_prefix("//").unwrap_or(path),
        None if url.contains(':') => return None,
        None => url,
    };
    Some(Path::new(path))
}

/// The folder of the recordings, where it is one.
fn objects_folder(configuration: &Configuration) -> Option<&Path> {
    let url = configuration.objects.as_str();
    url.strip_prefix("file://").or(Some(url).filter(|path| !path.contains("://"))).map(Path::new)
}

/// Opens the folder or the bucket of recordings.
pub(crate) async fn blobs(
    configuration: &Configuration,
    environment: &Environment,
) -> anyhow::Result<Arc<dyn Blobs>> {
    if let Some(folder) = objects_folder(configuration) {
        make_private_folder(folder)?;
    }
    let s3 = &environment.s3;
    let access = s3.key.clone().map(|(key, secret)| S3Access {
        key,
        secret,
        token: s3.token.clone(),
        endpoint: s3.endpoint.clone(),
        region: s3.region.clone(),
        temp_dir: configuration.temp_dir.clone(),
    });
    make_private_folder(&configuration.temp_dir)?;
    open_blobs_as(&configuration.objects, access.as_ref())
        .await
        .context("opening the place of the recordings")
}

/// Recordings and transcripts are nobody else's business on this machine.
pub(crate) fn make_private_folder(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("making the folder `{}`", folder.display()))
}

/// How calls are fetched, listened to and inspected.
pub(super) fn workflow_settings(
    configuration: &Configuration,
    environment: &Environment,
    texts: &Catalogue,
) -> anyhow::Result<WorkflowSettings> {
    let roots = MappedRoots::new(configuration.roots.clone())
        .map_err(|error| Usage(format!("configuration, `fetch.roots`: {error}")))?;
    let addresses =
        AddressPolicy { allow: configuration.allow_networks.clone(), ..AddressPolicy::default() };
    let mut limits = DownloadLimits::default();
    if let Some(bytes) = configuration.max_bytes {
        limits.max_bytes = bytes;
    }
    if let Some(seconds) = configuration.max_seconds {
        limits.total_time = Duration::from_secs(seconds);
    }
    let sources = rule_files::read(&configuration.rules, texts)?;
    // Compiled here for its message; the workflow compiles it again.
    rule_files::compile(&sources, texts)?;
    make_private_folder(&configuration.temp_dir)?;
    let mut settings = WorkflowSettings::new(
        FetchSettings { roots, addresses, limits },
        inspection_settings(configuration, environment)?,
        sources,
        configuration.temp_dir.clone(),
    );
    settings.limits.calls_per_day = configuration.per_day;
    Ok(settings)
}

fn inspection_settings(
    configuration: &Configuration,
    environment: &Environment,
) -> anyhow::Result<InspectionSettings> {
    let child =
        ChildProgram { program: environment.program.clone(), args: vec!["decode-child".into()] };
    let recognizer = fh_speech::ChildProgram {
        program: environment.program.clone(),
        args: vec!["recognize-child".into()],
    };
    let mut engine_settings =
        EngineSettings::new(recognizer, environment.lib_dirs(), environment.models_dir());
    if let Some(model) = &configuration.model {
        engine_settings.model = ModelChoice::Id(model.clone());
    }
    engine_settings.remote = configuration.engine_url.as_ref().map(|url| {
        let model = configuration.engine_model.clone();
        let mut remote = RemoteSettings::new(url.clone(), model);
        remote.api_key = environment.engine_key.clone().map(ApiKey);
        remote.proxy.clone_from(&environment.proxy);
        remote
    });
    Ok(InspectionSettings {
        decode: DecodeOptions::new(child),
        voice_activity: VoiceActivityChoice::Silero,
        default_roles: configuration.roles.clone(),
        default_language: configuration.language,
        engine: engine_wish(&configuration.engine)?,
        engine_settings,
        accept_transcript_beside: true,
    })
}

fn engine_wish(engine: &str) -> Result<EngineWish, Usage> {
    match engine {
        "auto" => Ok(EngineWish::Auto),
        "none" => Ok(EngineWish::Never),
        id if ENGINES.iter().any(|entry| entry.id == id) => Ok(EngineWish::Named(id.to_owned())),
        other => {
            let known: Vec<String> =
                ENGINES.iter().map(|entry| format!("`{}`", entry.id)).collect();
            Err(Usage(format!(
                "configuration, `recognition.engine`: expected `auto`, `none` or one of {}, found \
                 `{other}`",
                known.join(", ")
            )))
        }
    }
}

/// How requests are answered.
pub(super) fn api_settings(
    configuration: &Configuration,
    workflow: &Workflow,
    random: &dyn RandomSource,
) -> anyhow::Result<ApiSettings> {
    let tenant = workflow.settings().operator.clone();
    let version = concat!("fairhearing ", env!("CARGO_PKG_VERSION"));
    let mut settings = ApiSettings::new(tenant, version);
    settings.time_zone = configuration.time_zone.clone();
    let is_public_over_tls =
        configuration.public_url.as_ref().is_some_and(|url| url.as_str().starts_with("https:"));
    settings.secure_cookies = configuration.tls.is_some() || is_public_over_tls;
    settings.dialects = Dialects { huawei: configuration.huawei, alibaba: configuration.alibaba };
    settings.proxies.clone_from(&configuration.proxies);
    let folders = [
        ("database", sqlite_file(&configuration.database).and_then(Path::parent)),
        ("objects", objects_folder(configuration)),
        ("incoming", Some(configuration.temp_dir.as_path())),
    ];
    let watched = |(place, folder): (&'static str, Option<&Path>)| {
        folder.map(|folder| WatchedFolder { place, folder: folder.to_owned() })
    };
    settings.watched = folders.into_iter().filter_map(watched).collect();
    settings.public_url.clone_from(&configuration.public_url);
    settings.recording_url_secret = Some(match configuration.recording_url_secret {
        Some(secret) => secret,
        None => recording_secret::kept_in(&configuration.recording_url_secret_file, random)?,
    });
    Ok(settings)
}

/// The certificate and its key.
pub(super) fn tls(
    configuration: &Configuration,
) -> anyhow::Result<Option<Arc<rustls::ServerConfig>>> {
    let Some(files) = &configuration.tls else { return Ok(None) };
    let read =
        |path: &Path| std::fs::read(path).with_context(|| format!("reading `{}`", path.display()));
    let (chain, key) = (read(&files.certificate)?, read(&files.key)?);
    tls_config(&chain, &key).context("setting up TLS").map(Some)
}
