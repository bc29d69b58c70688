//! The server: requests are answered and calls are worked on until it is asked to stop.
//!
//! [`configuration`] puts file, environment and flags together, [`parts`] makes of them what the
//! other crates take, [`first_start`] makes the first people of an empty database and
//! [`sample_calls`] its first calls. [`logging`] says what goes on, [`traces`] sends it to a collector.

pub(crate) mod configuration;
mod first_start;
mod logging;
pub(crate) mod parts;
mod recording_secret;
mod sample_calls;
pub(crate) mod system;
mod traces;

use std::io::Write as _;
use std::net::SocketAddr;
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
    let traces = logging::start(configuration).context("sending traces")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting threads")?;
    let ended = runtime.block_on(run(configuration, samples, environment, texts));
    // A decoder whose job was handed back may still run on a thread of its own.
    runtime.shutdown_timeout(Duration::from_secs(1));
    if let Some(traces) = traces {
        traces.finish();
    }
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
        let count = sample_calls::submit(&workflow, &folder, &configuration.time_zone).await?;
        info!(count, "submitted the sample calls");
    }

    let mut tasks = tokio::task::JoinSet::new();
    if configuration.is_worker {
        let settings = WorkerSettings::new(process_name(), configuration.jobs);
        let worker = Worker::new(workflow.clone(), settings);
        tasks.spawn(worker.run(stop.clone()));
    }
    let routers = fh_api::routers(ApiParts {
        workflow: workflow.clone(),
        clock,
        settings: parts::api_settings(configuration, &workflow, random.as_ref())?,
        random,
        stop: stop.clone(),
    });
    let limits = ServeLimits::default();
    if !configuration.observe.is_empty() {
        let listeners = listen(&configuration.observe).await?;
        for listener in &listeners {
            let address = listener.local_addr()?;
            info!("watched on http://{address}");
        }
        let observation = routers.observation;
        tasks.spawn(fh_api::serve(listeners, observation, limits, None, stop.clone()));
    }
    if configuration.is_api {
        let tls = parts::tls(configuration)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listeners = listen(&configuration.listen).await?;
        for listener in &listeners {
            let url = format!("{scheme}://{}", listener.local_addr()?);
            writeln!(std::io::stdout(), "{}", fill(texts.serve_ready, &[("url", &url)]))?;
        }
        tasks.spawn(fh_api::serve(listeners, routers.all, limits, tls, stop.clone()));
    }
    while tasks.join_next().await.is_some() {
        // One that ended early takes the other with it: half a server helps nobody.
        stop.cancel();
    }
    workflow.store().close().await;
    info!("stopped");
    Ok(())
}

async fn listen(addresses: &[SocketAddr]) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in addresses {
        let listener = TcpListener::bind(address).await;
        listeners.push(listener.with_context(|| format!("listening on {address}"))?);
    }
    Ok(listeners)
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

/// What this process is called where there are several: machine and process.
fn process_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = Some(host.trim()).filter(|host| !host.is_empty()).unwrap_or("host");
    format!("{host}-{}", std::process::id())
}
