//! A worker as a process of its own, for this crate's tests to kill.
//!
//! `fh-work-child FILE` works as the JSON in the file says until it gets SIGTERM;
//! `FAIRHEARING_FAIL_AT` names a place where it dies. `fh-work-child decode-child` is its decoding
//! process, which dies on recordings that hold the text `POISON!`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use fh_audio::{ChildProgram, DecodeOptions, VoiceActivityChoice};
use fh_model::{Clock, RandomSource, Role, RoleMap};
use fh_speech::EngineSettings;
use fh_store::{ConnectOptions, connect, open_blobs};
use fh_workflow::fetch::{AddressPolicy, DownloadLimits, MappedRoot, MappedRoots};
use fh_workflow::{
    BackoffSettings, EngineWish, FetchSettings, InspectionSettings, Worker, WorkerSettings,
    Workflow, WorkflowParts, WorkflowSettings, crash_point,
};
use serde::Deserialize;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

#[derive(Deserialize)]
struct Settings {
    database: String,
    objects: PathBuf,
    temp_dir: PathBuf,
    recordings: PathBuf,
    rules: String,
    name: String,
    concurrency: usize,
    lease_ms: u64,
    finish_within_ms: u64,
    backoff_ms: u64,
    max_attempts: u16,
}

fn main() -> ExitCode {
    let argument = std::env::args_os().nth(1);
    if argument.as_deref().is_some_and(|argument| argument == "decode-child") {
        die_of_poison();
        return fh_audio::decode_child_main();
    }
    match argument.ok_or("expected a file with settings".into()).and_then(|file| run(file.into())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Dies as a decoder with a fault does. The recording is the standard input, and is not moved on.
fn die_of_poison() {
    let mut head = [0; 4096];
    let read = rustix::io::pread(std::io::stdin(), &mut head, 0).unwrap_or(0);
    if head[..read].windows(7).any(|window| window == b"POISON!") {
        eprintln!("the decoder met its poison");
        std::process::abort();
    }
}

fn run(file: PathBuf) -> Result<(), Box<dyn Error>> {
    let settings: Settings = serde_json::from_slice(&std::fs::read(&file)?)?;
    if let Ok(point) = std::env::var("FAIRHEARING_FAIL_AT") {
        crash_point::arm(point.parse()?);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work(settings, &file.with_extension("ready")));
    // What was handed back may still be decoding on a thread of its own.
    runtime.shutdown_background();
    done
}

async fn work(settings: Settings, ready: &Path) -> Result<(), Box<dyn Error>> {
    let stop = CancellationToken::new();
    let mut asked = signal(SignalKind::terminate())?;
    let stopping = stop.clone();
    tokio::spawn(async move {
        asked.recv().await;
        stopping.cancel();
    });
    std::fs::write(ready, "")?;
    let program = std::env::current_exe()?;
    let child = |name: &str| ChildProgram { program: program.clone(), args: vec![name.into()] };
    let recognizer =
        fh_speech::ChildProgram { program: program.clone(), args: vec!["none".into()] };
    let inspection = InspectionSettings {
        decode: DecodeOptions::new(child("decode-child")),
        voice_activity: VoiceActivityChoice::EnergyOnly,
        default_roles: Some(RoleMap(vec![Role::Agent, Role::Customer])),
        default_language: None,
        engine: EngineWish::Never,
        engine_settings: EngineSettings::new(recognizer, Vec::new(), PathBuf::new()),
        accept_transcript_beside: true,
    };
    let roots = vec![MappedRoot { prefix: "Y:".to_owned(), folder: settings.recordings }];
    let fetch = FetchSettings {
        roots: MappedRoots::new(roots)?,
        addresses: AddressPolicy {
            allow: vec!["127.0.0.1/32".parse()?],
            ..AddressPolicy::default()
        },
        limits: DownloadLimits::default(),
    };
    let rules = fh_rules::RuleSource { name: "rules.yaml".to_owned(), text: settings.rules };
    let mut workflow_settings =
        WorkflowSettings::new(fetch, inspection, vec![rules], settings.temp_dir);
    workflow_settings.lease = Duration::from_millis(settings.lease_ms);
    workflow_settings.max_attempts = settings.max_attempts;
    let backoff = BackoffSettings {
        first: Duration::from_millis(settings.backoff_ms),
        longest: Duration::from_millis(settings.backoff_ms * 4),
    };
    workflow_settings.backoff = backoff;
    workflow_settings.webhooks.backoff = backoff;
    let workflow = Workflow::new(WorkflowParts {
        store: connect(&settings.database, &ConnectOptions::default()).await?,
        blobs: open_blobs(&settings.objects.display().to_string()).await?,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        settings: workflow_settings,
    })
    .map_err(|diagnostics| format!("{diagnostics:?}"))?;
    let mut worker = WorkerSettings::new(settings.name, settings.concurrency);
    worker.finish_within = Duration::from_millis(settings.finish_within_ms);
    Worker::new(workflow.clone(), worker).run(stop).await;
    workflow.store().close().await;
    Ok(())
}

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "a program's own clock is the system's")]
    fn now(&self) -> jiff::Timestamp {
        let now = std::time::SystemTime::now();
        jiff::Timestamp::try_from(now).expect("the present is within the years that are known")
    }
}

struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        use std::io::Read as _;
        let filled =
            std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(bytes));
        filled.expect("a Linux system has random bytes");
    }
}
