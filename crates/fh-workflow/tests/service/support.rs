//! A service in a temporary folder, recordings to put into it, and workers to kill.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use fh_audio::{ChildProgram, DecodeOptions, VoiceActivityChoice};
use fh_model::{CallId, CallMetadata, Clock, RandomSource, Role, RoleMap, TenantId};
use fh_rules::RuleSource;
use fh_speech::EngineSettings;
use fh_store::{
    AccessRole, Blobs, CallRow, CallState, ConnectOptions, EventRow, JobFilter, JobRow, JobState,
    NewTenant, Store, TenantScope, connect, open_blobs,
};
use fh_workflow::fetch::{AddressPolicy, DownloadLimits, MappedRoot, MappedRoots, RecordingSource};
use fh_workflow::{
    BackoffSettings, CallContent, Caller, EngineWish, FetchSettings, InspectionSettings,
    SubmitCall, SubmitCalls, Worker, WorkerSettings, Workflow, WorkflowParts, WorkflowSettings,
    event_names,
};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const RULES: &str = "
pack: tests
rules:
  - id: greeting-missing
    points: -5
    listen_for:
      greeted: { say: [good morning, 您好], by: agent }
    flag_if: not greeted
  - id: rude
    points: -20
    listen_for:
      rude: { say: [not my problem], by: agent }
    flag_if: rude
";

/// Time that goes on by a millisecond with each look, from 2020 on.
pub(crate) struct TickingClock(AtomicI64);

impl TickingClock {
    /// Goes so many milliseconds on, or back.
    pub(crate) fn jump(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for TickingClock {
    fn now(&self) -> jiff::Timestamp {
        let millis = self.0.fetch_add(1, Ordering::Relaxed);
        jiff::Timestamp::from_millisecond(millis).unwrap()
    }
}

/// Numbers that look random and are the same each time.
pub(crate) struct Seeded(pub(crate) AtomicU64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(crate) fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes) % bound
    }
}

impl RandomSource for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        let mut hasher = blake3::Hasher::new();
        hasher.update(&number.to_le_bytes());
        hasher.finalize_xof().fill(bytes);
    }
}

pub(crate) struct Service {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) workflow: Workflow,
    pub(crate) caller: Caller,
    pub(crate) clock: Arc<TickingClock>,
}

impl Service {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// A service with settings changed.
    pub(crate) async fn with(change: impl FnOnce(&mut WorkflowSettings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["recordings", "temp", "objects"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let mut settings = settings(folder.path());
        change(&mut settings);
        let database = folder.path().join("rows.sqlite").display().to_string();
        let store = connect(&database, &ConnectOptions::default()).await.unwrap();
        let objects = folder.path().join("objects").display().to_string();
        let clock = Arc::new(TickingClock(AtomicI64::new(1_580_000_000_000)));
        let parts = WorkflowParts {
            store,
            blobs: open_blobs(&objects).await.unwrap(),
            clock: clock.clone(),
            random: Arc::new(Seeded::new(1)),
            settings,
        };
        let tenant: TenantId = "default".parse().unwrap();
        let service = Self {
            folder,
            workflow: Workflow::new(parts).unwrap(),
            caller: caller("default", AccessRole::Administrator),
            clock,
        };
        service.add_tenant(&tenant).await;
        service
    }

    pub(crate) async fn add_tenant(&self, id: &TenantId) {
        let tenant = NewTenant { id: id.clone(), name: id.to_string(), retention_days: None };
        // The operator's own tenant may be there from the beginning.
        let known = self.store().directory().tenant(id).await.unwrap();
        if known.is_none() {
            self.store().directory().put_tenant(tenant).await.unwrap();
        }
    }

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        self.workflow.store()
    }

    pub(crate) fn blobs(&self) -> &Arc<dyn Blobs> {
        self.workflow.blobs()
    }

    pub(crate) fn scope(&self) -> Box<dyn TenantScope> {
        self.store().scope(&self.caller.tenant)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a recording with its transcript into the mapped folder: each number gives another call.
    pub(crate) fn put_recording(&self, name: &str, number: u32) -> SubmitCall {
        self.put_wav(name, &tone(number, b""), number)
    }

    pub(crate) fn put_wav(&self, name: &str, wav: &[u8], number: u32) -> SubmitCall {
        let folder = self.path("recordings");
        fs::write(folder.join(format!("{name}.wav")), wav).unwrap();
        let vtt = format!(
            "WEBVTT\n\n00:00.100 --> 00:00.600\n<v Agent>Good morning, this is call {number}.\n\n\
             00:00.700 --> 00:00.900\n<v Customer>Hello there.\n"
        );
        fs::write(folder.join(format!("{name}.vtt")), vtt).unwrap();
        submit(CallContent::Recording(RecordingSource::Path { written: format!(r"Y:\{name}.wav") }))
    }

    pub(crate) async fn submit(&self, calls: Vec<SubmitCall>) -> Vec<CallId> {
        let submit = SubmitCalls { calls, ..SubmitCalls::default() };
        self.workflow.submit_calls(&self.caller, submit).await.unwrap().calls
    }

    pub(crate) async fn row(&self, id: CallId) -> CallRow {
        self.scope().call(id).await.unwrap().unwrap()
    }

    pub(crate) async fn json_of(&self, id: CallId) -> Vec<u8> {
        self.scope().inspection(id).await.unwrap().unwrap().json
    }

    pub(crate) async fn jobs_of(&self, id: CallId) -> Vec<JobRow> {
        let filter = JobFilter { call: Some(id), limit: 100, ..JobFilter::default() };
        self.scope().list_jobs(&filter).await.unwrap()
    }

    pub(crate) async fn events_of(&self, id: CallId) -> Vec<EventRow> {
        self.scope().events_of(id).await.unwrap()
    }

    /// Works in this process until stopped.
    pub(crate) fn start_worker(&self, concurrency: usize) -> Running {
        let mut settings = WorkerSettings::new("in process", concurrency);
        settings.idle_longest = Duration::from_millis(100);
        settings.housekeeping_every = None;
        let stop = CancellationToken::new();
        let worker = Worker::new(self.workflow.clone(), settings);
        Running { done: tokio::spawn(worker.run(stop.clone())), stop }
    }

    /// Works in this process until all these calls are final.
    pub(crate) async fn finish(&self, calls: &[CallId]) {
        let running = self.start_worker(2);
        self.wait_for(calls).await;
        running.stop().await;
    }

    /// Waits until all these calls are final.
    pub(crate) async fn wait_for(&self, calls: &[CallId]) {
        self.wait_until(|states| states.iter().all(|state| state.is_final()), calls).await;
    }

    pub(crate) async fn wait_until(&self, enough: impl Fn(&[CallState]) -> bool, calls: &[CallId]) {
        let mut states = Vec::new();
        for _ in 0..3_000 {
            states.clear();
            for &id in calls {
                states.push(self.row(id).await.state);
            }
            if enough(&states) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("after a minute the calls are {states:?}");
    }

    /// A worker as a process of its own.
    pub(crate) fn spawn_worker(&self, options: &ChildOptions) -> WorkerChild {
        let file = self.path(&format!("{}.json", options.name));
        let settings = json!({
            "database": self.path("rows.sqlite"),
            "objects": self.path("objects"),
            "temp_dir": self.path("temp"),
            "recordings": self.path("recordings"),
            "rules": RULES,
            "name": options.name,
            "concurrency": options.concurrency,
            "lease_ms": options.lease_ms,
            "finish_within_ms": options.finish_within_ms,
            "backoff_ms": 20,
            "max_attempts": self.workflow.settings().max_attempts,
        });
        fs::write(&file, settings.to_string()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_fh-work-child"));
        command.arg(file).stdin(Stdio::null());
        if let Some(point) = &options.fail_at {
            command.env("FAIRHEARING_FAIL_AT", point);
        }
        let ready = self.path(&format!("{}.ready", options.name));
        WorkerChild { child: command.spawn().unwrap(), ready }
    }

    /// Every submitted call is finished, once: one result, each step once, one word about it to
    /// those who listen, one object.
    pub(crate) async fn check_finished_once(&self, calls: &[CallId]) {
        let mut blobs = Vec::new();
        for &id in calls {
            let row = self.row(id).await;
            assert_eq!(row.state, CallState::Done, "{:?}", row.detail);
            assert!(self.scope().inspection(id).await.unwrap().is_some());
            blobs.push(row.recording_blob.unwrap());
            let mut kinds = Vec::new();
            for job in self.jobs_of(id).await {
                assert_eq!(job.state, JobState::Done, "{job:?}");
                kinds.push(job.job.kind);
            }
            kinds.sort();
            assert_eq!(
                kinds,
                ["decode_and_measure", "fetch_recording", "inspect_call", "recognize_speech"]
            );
            let events = self.events_of(id).await;
            let count = |name: &str| events.iter().filter(|row| row.event.name == name).count();
            assert_eq!(count(event_names::CALL_QUEUED), 1);
            assert_eq!(count(event_names::CALL_INSPECTED), 1);
            assert_eq!(count(event_names::CALL_FAILED), 0);
        }
        let kept = self.blobs().list("default/").await.unwrap();
        let mut kept: Vec<String> = kept.into_iter().map(|info| info.key).collect();
        blobs.sort();
        kept.sort();
        assert_eq!(kept, blobs);
    }
}

pub(crate) struct Running {
    stop: CancellationToken,
    done: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.done.await.unwrap();
    }
}

pub(crate) struct ChildOptions {
    pub(crate) name: String,
    pub(crate) concurrency: usize,
    pub(crate) lease_ms: u64,
    pub(crate) finish_within_ms: u64,
    pub(crate) fail_at: Option<String>,
}

impl ChildOptions {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            concurrency: 2,
            lease_ms: 600,
            finish_within_ms: 20_000,
            fail_at: None,
        }
    }

    pub(crate) fn failing_at(name: &str, point: &str) -> Self {
        Self { fail_at: Some(point.to_owned()), ..Self::new(name) }
    }
}

/// A worker process; killed when the test forgets it.
pub(crate) struct WorkerChild {
    child: Child,
    /// There once it listens to signals.
    ready: PathBuf,
}

impl WorkerChild {
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end, for a minute at most.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        for _ in 0..3_000 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the worker did not end within a minute");
    }

    /// Asks it to stop, and sees that it does so in good order.
    pub(crate) async fn stop(mut self) {
        while !self.ready.exists() && !self.has_ended() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.signal(rustix::process::Signal::TERM);
        let status = self.ended().await;
        assert!(status.success(), "{status}");
    }

    pub(crate) async fn kill(mut self) {
        self.signal(rustix::process::Signal::KILL);
        self.ended().await;
    }
}

impl Drop for WorkerChild {
    fn drop(&mut self) {
        // Fails only where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn settings(folder: &Path) -> WorkflowSettings {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_fh-work-child"));
    let decoder = ChildProgram { program: program.clone(), args: vec!["decode-child".into()] };
    let recognizer = fh_speech::ChildProgram { program, args: vec!["none".into()] };
    let inspection = InspectionSettings {
        decode: DecodeOptions::new(decoder),
        voice_activity: VoiceActivityChoice::EnergyOnly,
        default_roles: Some(RoleMap(vec![Role::Agent, Role::Customer])),
        default_language: None,
        engine: EngineWish::Never,
        engine_settings: EngineSettings::new(recognizer, Vec::new(), PathBuf::new()),
        accept_transcript_beside: true,
    };
    let root = MappedRoot { prefix: "Y:".to_owned(), folder: folder.join("recordings") };
    let this_machine = format!("{}/32", Ipv4Addr::LOCALHOST);
    let fetch = FetchSettings {
        roots: MappedRoots::new(vec![root]).unwrap(),
        addresses: AddressPolicy {
            allow: vec![this_machine.parse().unwrap()],
            ..AddressPolicy::default()
        },
        limits: DownloadLimits::default(),
    };
    let rules = RuleSource { name: "rules.yaml".to_owned(), text: RULES.to_owned() };
    let mut settings = WorkflowSettings::new(fetch, inspection, vec![rules], folder.join("temp"));
    settings.lease = Duration::from_secs(2);
    settings.backoff = quick();
    settings.webhooks.backoff = quick();
    settings.webhooks.timeout = Duration::from_millis(300);
    settings
}

pub(crate) fn quick() -> BackoffSettings {
    BackoffSettings { first: Duration::from_millis(20), longest: Duration::from_millis(80) }
}

pub(crate) fn caller(tenant: &str, role: AccessRole) -> Caller {
    Caller {
        tenant: tenant.parse().unwrap(),
        name: format!("{role:?}"),
        role,
        staff_id: None,
        address: Some("192.0.2.1".to_owned()),
    }
}

/// A call of which nothing is known.
pub(crate) fn submit(content: CallContent) -> SubmitCall {
    SubmitCall {
        content,
        metadata: CallMetadata::default(),
        group: None,
        staff_id: None,
        file_name: None,
        call_time: None,
        priority: 0,
        transcript: None,
    }
}

/// A second of a tone on two channels at 8 kHz, 16 bits; `number` makes it another one. `mark` stands
/// in a chunk of its own before the samples.
pub(crate) fn tone(number: u32, mark: &[u8]) -> Vec<u8> {
    let period = 8 + (number % 24) as usize;
    let mut samples = Vec::new();
    for n in 0..8_000_usize {
        let quiet = n % 4_000 > 3_000;
        let level = if quiet { 0 } else { 6_000 + i16::try_from(number % 1_000).unwrap() };
        let left = if n % period < period / 2 { level } else { -level };
        let right = if n % 4_000 < 1_000 { -left } else { 0 };
        samples.extend(left.to_le_bytes());
        samples.extend(i16::to_le_bytes(right));
    }
    let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0".to_vec();
    wav.extend(8_000_u32.to_le_bytes());
    wav.extend(32_000_u32.to_le_bytes());
    wav.extend([4, 0, 16, 0]);
    if !mark.is_empty() {
        wav.extend(b"note");
        wav.extend(u32::try_from(mark.len()).unwrap().to_le_bytes());
        wav.extend(mark);
        wav.extend(vec![0; mark.len() % 2]);
    }
    wav.extend(b"data");
    wav.extend(u32::try_from(samples.len()).unwrap().to_le_bytes());
    wav.extend(samples);
    let size = u32::try_from(wav.len() - 8).unwrap();
    wav[4..8].copy_from_slice(&size.to_le_bytes());
    wav
}
