//! The log: on standard error, as lines or as JSON.
//!
//! It names calls, jobs, requests, routes and kinds of failure; never a number that was dialled, a
//! name, a word that was said, or a secret. What libraries say is let through from warnings on: what
//! they tell of their work quotes addresses and values.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::sync::Arc;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry};

use super::configuration::{Configuration, LogFormat, LogLevel};
use super::system::{SystemClock, SystemRandom};
use super::traces::{Exporter, TraceLayer};

/// Starts to log, and to send traces where that is configured.
pub(super) fn start(configuration: &Configuration) -> std::io::Result<Option<Exporter>> {
    let (layer, exporter) = match &configuration.traces {
        None => (None, None),
        Some(url) => {
            let (exporter, sender) = Exporter::start(url)?;
            let layer = TraceLayer::new(sender, Arc::new(SystemClock), Arc::new(SystemRandom));
            (Some(layer.with_filter(ours(LevelFilter::INFO, LevelFilter::OFF))), Some(exporter))
        }
    };
    let level = match configuration.log {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match configuration.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let lines = lines.with_filter(ours(level, level.min(LevelFilter::WARN)));
    // Fails only where a test has set one already.
    let _ = tracing_subscriber::registry().with(lines).with(layer).try_init();
    tell_panics();
    Ok(exporter)
}

/// Our own crates up to one level, all others up to another.
fn ours(level: LevelFilter, others: LevelFilter) -> Targets {
    Targets::new().with_default(others).with_target("fh_", level).with_target("fairhearing", level)
}

/// A panic says where it was, and not why: its message may quote what was being worked on.
fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // Function names, and only where RUST_BACKTRACE asks for them.
        let trace = Backtrace::capture();
        let trace = (trace.status() == BacktraceStatus::Captured).then(|| trace.to_string());
        tracing::error!(place, trace, "a fault of the program (panic)");
    }));
}
