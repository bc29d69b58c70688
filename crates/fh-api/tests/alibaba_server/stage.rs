//! A server in a temporary folder.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use fh_api::{ApiParts, ApiSettings, ServeLimits, router, serve};
use fh_audio::{ChildProgram, DecodeOptions, VoiceActivityChoice};
use fh_model::{CallId, CallMetadata, Clock, RandomSource, Role, RoleMap};
use fh_rules::RuleSource;
use fh_speech::EngineSettings;
use fh_store::{AccessRole, ConnectOptions, NewApiKey, NewTenant, connect, open_blobs};
use fh_workflow::fetch::{AddressPolicy, DownloadLimits, MappedRoots};
use fh_workflow::{
    CallContent, Caller, EngineWish, FetchSettings, InspectionSettings, SubmitCall, SubmitCalls,
    Worker, WorkerSettings, Workflow, WorkflowParts, WorkflowSettings,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::signed::Request;

/// Rules for calls that are made on the spot.
pub(crate) const RULES: &str = "
pack: tests
rules:
  - id: long-silence
    points: -5
    listen_for:
      pause: { silence: 3s }
    flag_if: pause
";

pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the SDKs sign with the system's time")]
    fn now(&self) -> Timestamp {
        Timestamp::try_from(std::time::SystemTime::now()).unwrap()
    }
}

pub(crate) struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        use std::io::Read as _;
        fs::File::open("/dev/urandom").unwrap().read_exact(bytes).unwrap();
    }
}

/// The system's clock, which a test may move.
#[derive(Default)]
struct MovedClock(AtomicI64);

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let by = jiff::SignedDuration::from_millis(self.0.load(Ordering::Relaxed));
        SystemClock.now().checked_add(by).unwrap()
    }
}

pub(crate) struct Options {
    /// A URL; a file of SQLite in the stage's folder where absent.
    pub(crate) database: Option<String>,
    pub(crate) rules: Vec<RuleSource>,
    pub(crate) voice_activity: VoiceActivityChoice,
    pub(crate) public_url: Option<&'static str>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            database: None,
            rules: vec![RuleSource { name: "rules.yaml".to_owned(), text: RULES.to_owned() }],
            voice_activity: VoiceActivityChoice::EnergyOnly,
            public_url: None,
        }
    }
}

pub(crate) struct Stage {
    runtime: Option<tokio::runtime::Runtime>,
    _folder: tempfile::TempDir,
    workflow: Workflow,
    pub(crate) address: SocketAddr,
    clock: Arc<MovedClock>,
    stop: CancellationToken,
    agent: ureq::Agent,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        for name in ["temp", "objects"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let at = |name: &str| folder.path().join(name).display().to_string();
        let clock = Arc::new(MovedClock::default());
        let stop = CancellationToken::new();
        let (workflow, address) = runtime.block_on(async {
            let database = options.database.clone().unwrap_or_else(|| at("rows.sqlite"));
            let parts = WorkflowParts {
                store: connect(&database, &ConnectOptions::default()).await.unwrap(),
                blobs: open_blobs(&at("objects")).await.unwrap(),
                clock: clock.clone(),
                random: Arc::new(SystemRandom),
                settings: workflow_settings(folder.path(), &options),
            };
            let workflow = Workflow::new(parts).unwrap();
            let mut settings = ApiSettings::new("north".parse().unwrap(), "0.0.0-test");
            settings.public_url = options.public_url.map(|url| url.parse().unwrap());
            let parts = ApiParts {
                workflow: workflow.clone(),
                clock: clock.clone(),
                random: Arc::new(SystemRandom),
                settings,
                stop: stop.clone(),
            };
            for tenant in ["north", "south"] {
                add_tenant(&workflow, tenant).await;
            }
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let limits = ServeLimits::default();
            tokio::spawn(serve(vec![listener], router(parts), limits, None, stop.clone()));
            let mut worker = WorkerSettings::new("test", 2);
            worker.housekeeping_every = None;
            tokio::spawn(Worker::new(workflow.clone(), worker).run(stop.clone()));
            (workflow, address)
        });
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        Self { runtime: Some(runtime), _folder: folder, workflow, address, clock, stop, agent }
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.as_ref().unwrap().block_on(future)
    }

    /// Lets the server believe that it is this moment.
    pub(crate) fn set_clock(&self, now: Timestamp) {
        let by = now.duration_since(SystemClock.now()).as_millis();
        self.clock.0.store(i64::try_from(by).unwrap(), Ordering::Relaxed);
    }

    /// Another key of the tenant `north`.
    pub(crate) fn add_key(&self, key: &str, secret: &str, role: AccessRole) {
        let directory = self.workflow.store().directory();
        let (key, secret) = (key.to_owned(), secret.to_owned());
        let key = NewApiKey { key, secret, label: String::new(), role };
        self.block_on(directory.put_api_key(&"north".parse().unwrap(), key)).unwrap();
    }

    /// Submits a recording of the tenant `north` as its call centre would, and waits until it is
    /// inspected.
    pub(crate) fn store_call(
        &self,
        file_name: &str,
        recording: &[u8],
        transcript: (&str, &[u8]),
        metadata: CallMetadata,
    ) -> CallId {
        let caller = Caller::system("north".parse().unwrap());
        let id = self.block_on(async {
            let mut bytes = recording;
            let stored = self.workflow.store_upload(&caller, &mut bytes, u64::MAX).await.unwrap();
            let call = SubmitCall {
                content: CallContent::Recording(stored),
                metadata,
                group: None,
                staff_id: None,
                file_name: Some(file_name.to_owned()),
                call_time: Some("2026-01-02T03:04:05Z".parse().unwrap()),
                priority: 0,
                transcript: Some((transcript.0.to_owned(), transcript.1.to_vec())),
            };
            let submit = SubmitCalls { calls: vec![call], ..SubmitCalls::default() };
            self.workflow.submit_calls(&caller, submit).await.unwrap().calls[0]
        });
        for _ in 0..3_000 {
            let row = self.block_on(self.workflow.call(&caller, id)).unwrap().unwrap();
            if row.state.is_final() {
                assert_eq!(row.state.to_string(), "done", "{:?}", row.detail);
                return id;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the call is not inspected after a minute");
    }

    /// Erases a call of the tenant `north`.
    pub(crate) fn erase_call(&self, id: CallId) {
        let caller = Caller::system("north".parse().unwrap());
        self.block_on(self.workflow.erase_call(&caller, id)).unwrap();
    }

    pub(crate) fn send(&self, request: &Request) -> (u16, Value) {
        request.signed(self.address).send(self.address)
    }

    /// Asks as an inspector of the tenant `north`.
    pub(crate) fn ask(&self, action: &str, parameter: &'static str, value: &str) -> (u16, Value) {
        self.send(&Request::new("north-inspector", action, parameter, value))
    }

    pub(crate) fn upload(&self, json: &Value) -> Value {
        let (status, answer) = self.ask("UploadAudioData", "JsonStr", &json.to_string());
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub(crate) fn get(&self, url: &str, range: Option<&str>) -> (u16, Vec<u8>) {
        let mut request = self.agent.get(url);
        if let Some(range) = range {
            request = request.header("range", range);
        }
        let mut answer = request.call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
    }

    /// The one result of a task with `fields`, once nothing more will happen to it.
    pub(crate) fn result(&self, task: &str, fields: &str) -> Value {
        let mut last = Value::Null;
        for _ in 0..1_200 {
            let asked = json!({ "taskId": task, "requiredFields": fields }).to_string();
            let (status, answer) = self.ask("GetResult", "JsonStr", &asked);
            assert_eq!((status, &answer["Count"]), (200, &json!(1)), "{answer}");
            last = answer["Data"]["ResultInfo"][0].clone();
            if last["Status"] != 0 {
                return last;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("after a minute the result is {last}");
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(10));
        }
    }
}

/// A tenant with keys such as `north-inspector`.
async fn add_tenant(workflow: &Workflow, name: &str) {
    let directory = workflow.store().directory();
    let id = name.parse().unwrap();
    let tenant = NewTenant { id, name: name.to_owned(), retention_days: None };
    directory.put_tenant(tenant.clone()).await.unwrap();
    for (role_name, role) in [("inspector", AccessRole::Inspector), ("agent", AccessRole::Agent)] {
        let key = format!("{name}-{role_name}");
        let secret = format!("{key}-secret");
        let key = NewApiKey { key, secret, label: String::new(), role };
        directory.put_api_key(&tenant.id, key).await.unwrap();
    }
}

fn workflow_settings(folder: &Path, options: &Options) -> WorkflowSettings {
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().unwrap().parent().unwrap().join("examples/decode_child");
    assert!(program.is_file(), "expected `cargo build --examples` to have made {program:?}");
    let nobody =
        fh_speech::ChildProgram { program: PathBuf::from("/nonexistent"), args: Vec::new() };
    let inspection = InspectionSettings {
        decode: DecodeOptions::new(ChildProgram { program, args: Vec::new() }),
        voice_activity: options.voice_activity,
        default_roles: Some(RoleMap(vec![Role::Agent, Role::Customer])),
        default_language: None,
        engine: EngineWish::Never,
        engine_settings: EngineSettings::new(nobody, Vec::new(), PathBuf::new()),
        accept_transcript_beside: false,
    };
    let fetch = FetchSettings {
        roots: MappedRoots::new(Vec::new()).unwrap(),
        addresses: AddressPolicy::default(),
        limits: DownloadLimits::default(),
    };
    WorkflowSettings::new(fetch, inspection, options.rules.clone(), folder.join("temp"))
}
