//! The server: requests are answered and calls are worked on until it is asked to stop.
//!
//! [`configuration`] puts file, environment and flags together, [`parts`] makes of them what the
//! other crates take, [`first_start`] makes the first people of an empty database and
//! [`sample_calls`] its first calls.

pub(crate) mod configuration;
mod first_start;
pub(crate) mod parts;
mod sample_calls;
pub(crate) mod system;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use fh_api::{ApiParts, ServeLimits};
use fh_workflow::{Worker, WorkerSettings, Workflow, WorkflowParts};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::environment::Environment;
use crate::messages::{Catalogue, fill};
use configuration::Configuration;
use first_start::{ADMINISTRATOR, FirstSecrets, first_start};
use system::{SystemClock, SystemRandom};

/// Serves until SIGTERM or SIGINT.
pub(crate) fn serve(
    configuration: &Configuration,
    samples: Option<PathBuf>,
    environment: &Environment,
    texts: &Catalogue,
) -> anyhow::Result<()> {
    start_logging(configuration.log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting threads")?;
    let ended = runtime.block_on(run(configuration, samples, environment, texts));
    // A decoder whose job was handed back may still run on a thread of its own.
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended
}

async fn run(
    configuration: &Configuration,
    samples: Option<PathBuf>,
    environment: &Environment,
    texts: &Catalogue,
) -> anyhow::Result<()> {
    let stop = stop_when_asked()?;
    let random = Arc::new(SystemRandom);
    let clock = Arc::new(SystemClock);
    let workflow = Workflow::new(WorkflowParts {
        store: parts::store(configuration).await?,
        blobs: parts::blobs(configuration, environment).await?,
        clock: clock.clone(),
        random: random.clone(),
        settings: parts::workflow_settings(configuration, environment, texts)?,
    })
    .map_err(|diagnostics| {
        anyhow::anyhow!("the default rules have {} errors", diagnostics.len())
    })?;

    let secrets = first_start(&workflow, random.as_ref()).await?;
    let is_first = secrets.is_some();
    if let Some(secrets) = secrets {
        tell(&secrets, texts)?;
    }
    // The samples are meant for somebody who looks around, not for every restart.
    if let (true, Some(folder)) = (is_first, samples) {
        let count = sample_calls::submit(&workflow, &folder).await?;
        info!(count, "submitted the sample calls");
    }

    let mut tasks = tokio::task::JoinSet::new();
    if configuration.is_worker {
        let name = format!("{}-{}", host_name(), std::process::id());
        let worker = Worker::new(workflow.clone(), WorkerSettings::new(name, configuration.jobs));
        tasks.spawn(worker.run(stop.clone()));
    }
    if configuration.is_api {
        let router = fh_api::router(ApiParts {
            workflow: workflow.clone(),
            clock,
            random,
            settings: parts::api_settings(configuration, &workflow),
            stop: stop.clone(),
        });
        let tls = parts::tls(configuration)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let mut listeners = Vec::new();
        for address in &configuration.listen {
            let listener = TcpListener::bind(address)
                .await
                .with_context(|| format!("listening on {address}"))?;
            let address = listener.local_addr()?;
            let line = fill(texts.serve_ready, &[("url", &format!("{scheme}://{address}"))]);
            writeln!(std::io::stdout(), "{line}")?;
            listeners.push(listener);
        }
        let limits = ServeLimits::default();
        tasks.spawn(fh_api::serve(listeners, router, limits, tls, stop.clone()));
    }
    while tasks.join_next().await.is_some() {
        // One that ended early takes the other with it: half a server helps nobody.
        stop.cancel();
    }
    workflow.store().close().await;
    info!("stopped");
    Ok(())
}

/// Cancelled by SIGTERM and SIGINT.
fn stop_when_asked() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut asked = signal(kind).context("waiting for signals")?;
        let stop = stop.clone();
        tokio::spawn(async move {
            asked.recv().await;
            stop.cancel();
        });
    }
    Ok(stop)
}

/// Prints what is told once. On standard output, which services keep apart from their logs or at
/// least where whoever starts the server for the first time looks.
fn tell(secrets: &FirstSecrets, texts: &Catalogue) -> anyhow::Result<()> {
    let FirstSecrets { password, key, secret } = secrets;
    let text = fill(
        texts.serve_first_start,
        &[("name", &ADMINISTRATOR), ("password", password), ("key", key), ("secret", secret)],
    );
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match name.trim() {
        "" => "worker".to_owned(),
        name => name.to_owned(),
    }
}

fn start_logging(level: configuration::LogLevel) {
    use configuration::LogLevel;
    use tracing_subscriber::filter::LevelFilter;

    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    // Fails only where a test has set one already.
    let _ = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
}
