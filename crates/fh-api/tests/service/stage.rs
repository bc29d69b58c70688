//! A server in a temporary folder.

use std::collections::VecDeque;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fh_api::{ApiParts, ApiSettings, ServeLimits, WatchedFolder, router, serve};
use fh_audio::{ChildProgram, DecodeOptions, VoiceActivityChoice};
use fh_model::{Clock, RandomSource, Role, RoleMap};
use fh_rules::RuleSource;
use fh_speech::EngineSettings;
use fh_store::{AccessRole, ConnectOptions, NewApiKey, NewTenant, NewUser, connect, open_blobs};
use fh_workflow::fetch::{AddressPolicy, DownloadLimits, MappedRoot, MappedRoots};
use fh_workflow::{
    BackoffSettings, EngineWish, FetchSettings, InspectionSettings, Worker, WorkerSettings,
    Workflow, WorkflowParts, WorkflowSettings,
};
use http::{HeaderMap, Method, Request};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::postgres_server::PostgresServer;

pub(crate) const RULES: &str = "
pack: tests
rules:
  - id: greeting-missing
    name: Greeting
    points: -5
    listen_for:
      greeted: { say: [good morning, 您好], by: agent }
    flag_if: not greeted
  - id: rude
    name: Rude
    points: -20
    listen_for:
      rude: { say: [not my problem, 关我什么事], by: agent }
    flag_if: rude
";

/// Where the root of Huawei's asrtrans group is.
pub(crate) const CCISQM: &str = "/apiaccess/CCISQM/rest/ccisqm/v1";

/// Where the root of Huawei's qualitycheckmanage group is.
pub(crate) const CCSQM: &str = "/apiaccess/CCSQM/rest/ccisqm/v1";

/// A clock that is moved by hand.
pub(crate) struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// Numbers that look random and are the same each time; identifiers can be foretold.
pub(crate) struct Foretold {
    counter: AtomicU64,
    next: Mutex<VecDeque<Uuid>>,
}

impl Foretold {
    fn new(seed: u64) -> Self {
        Self { counter: AtomicU64::new(seed << 32), next: Mutex::default() }
    }
}

impl RandomSource for Foretold {
    fn fill(&self, bytes: &mut [u8]) {
        // The counter's digits under a multiplier: distinct for distinct counters.
        for chunk in bytes.chunks_mut(8) {
            let number = self.counter.fetch_add(1, Ordering::Relaxed);
            let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }

    fn uuid(&self) -> Uuid {
        if let Some(uuid) = self.next.lock().unwrap().pop_front() {
            return uuid;
        }
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

pub(crate) struct Options {
    pub(crate) rules: String,
    pub(crate) voice_activity: VoiceActivityChoice,
    pub(crate) roles: Vec<Role>,
    pub(crate) limits: ServeLimits,
    pub(crate) upload_bytes: u64,
    pub(crate) decode: DecodeOptions,
    pub(crate) engine: EngineWish,
    pub(crate) engine_settings: EngineSettings,
    pub(crate) calls_per_day: Option<u64>,
    pub(crate) max_attempts: u16,
    pub(crate) pause: Duration,
    /// Whether a worker is there from the beginning.
    pub(crate) works: bool,
    pub(crate) database: Database,
}

/// Where the rows are kept.
pub(crate) enum Database {
    /// In the stage's folder.
    Sqlite,
    /// In a new database of a server that ends with the stage.
    Postgres,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rules: RULES.to_owned(),
            voice_activity: VoiceActivityChoice::EnergyOnly,
            roles: vec![Role::Agent, Role::Customer],
            limits: ServeLimits::default(),
            upload_bytes: 64 << 20,
            decode: decode_options(),
            engine: EngineWish::Never,
            engine_settings: EngineSettings::new(
                fh_speech::ChildProgram { program: "/nonexistent".into(), args: Vec::new() },
                Vec::new(),
                PathBuf::new(),
            ),
            calls_per_day: None,
            max_attempts: 5,
            pause: Duration::from_millis(20),
            works: true,
            database: Database::Sqlite,
        }
    }
}

pub(crate) struct Stage {
    runtime: Option<tokio::runtime::Runtime>,
    folder: tempfile::TempDir,
    postgres: Option<PostgresServer>,
    pub(crate) workflow: Workflow,
    pub(crate) address: SocketAddr,
    stop: CancellationToken,
    worker: Mutex<Option<(CancellationToken, tokio::task::JoinHandle<()>)>>,
    clock: Arc<HandClock>,
    ids: Arc<Foretold>,
    agent: ureq::Agent,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }
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
        for name in ["recordings", "temp", "objects"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let clock = Arc::new(HandClock(AtomicI64::new(1_700_000_000_000)));
        let ids = Arc::new(Foretold::new(1));
        let settings = workflow_settings(&folder, &options);
        let (postgres, database) = match options.database {
            Database::Sqlite => (None, folder.path().join("rows.sqlite").display().to_string()),
            Database::Postgres => runtime.block_on(async {
                let server = PostgresServer::start().await;
                let database = server.new_database("service").await;
                (Some(server), database)
            }),
        };
        let objects = folder.path().join("objects").display().to_string();
        let stop = CancellationToken::new();
        let (workflow, address) = runtime.block_on(async {
            let parts = WorkflowParts {
                store: connect(&database, &ConnectOptions::default()).await.unwrap(),
                blobs: open_blobs(&objects).await.unwrap(),
                clock: clock.clone(),
                random: ids.clone(),
                settings,
            };
            let workflow = Workflow::new(parts).unwrap();
            let mut settings = ApiSettings::new("default".parse().unwrap(), "0.0.0-test");
            settings.upload_bytes = options.upload_bytes;
            settings.watched =
                vec![WatchedFolder { place: "objects", folder: folder.path().join("objects") }];
            let parts = ApiParts {
                workflow: workflow.clone(),
                clock: clock.clone(),
                random: Arc::new(Foretold::new(2)),
                settings,
                stop: stop.clone(),
            };
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(serve(vec![listener], router(parts), options.limits, None, stop.clone()));
            (workflow, address)
        });
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        let stage = Self {
            runtime: Some(runtime),
            folder,
            postgres,
            workflow,
            address,
            stop,
            worker: Mutex::default(),
            clock,
            ids,
            agent,
        };
        for tenant in ["default", "other"] {
            stage.add_tenant(tenant);
        }
        if options.works {
            stage.start_worker();
        }
        stage
    }

    pub(crate) fn start_worker(&self) {
        let mut settings = WorkerSettings::new("test", 2);
        settings.housekeeping_every = None;
        let worker = Worker::new(self.workflow.clone(), settings);
        let stop = self.stop.child_token();
        let done = self.runtime.as_ref().unwrap().spawn(worker.run(stop.clone()));
        *self.worker.lock().unwrap() = Some((stop, done));
    }

    /// The folder that holds the database `rows.sqlite`, the recordings and the `objects`.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.as_ref().unwrap().block_on(future)
    }

    /// A tenant with a key of each role: `default-administrator` and so on; the secret is the key
    /// with `-secret` behind it.
    fn add_tenant(&self, name: &str) {
        let id = name.parse().unwrap();
        let directory = self.workflow.store().directory();
        self.block_on(async {
            if directory.tenant(&id).await.unwrap().is_none() {
                let tenant =
                    NewTenant { id: id.clone(), name: name.to_owned(), retention_days: None };
                directory.put_tenant(tenant).await.unwrap();
            }
            for (role_name, role) in [
                ("administrator", AccessRole::Administrator),
                ("inspector", AccessRole::Inspector),
                ("agent", AccessRole::Agent),
            ] {
                let key = NewApiKey {
                    key: format!("{name}-{role_name}"),
                    secret: format!("{name}-{role_name}-secret"),
                    label: String::new(),
                    role,
                };
                directory.put_api_key(&id, key).await.unwrap();
            }
        });
    }

    /// A person who may sign in.
    pub(crate) fn add_user(
        &self,
        name: &str,
        password: &str,
        role: AccessRole,
        staff: Option<&str>,
    ) {
        let user = NewUser {
            id: fh_model::UserId(self.ids.uuid()),
            name: name.to_owned(),
            password_hash: fh_api::hash_password(password, self.ids.as_ref()),
            role,
            staff_id: staff.map(str::to_owned),
        };
        let directory = self.workflow.store().directory();
        self.block_on(directory.put_user(&"default".parse().unwrap(), user)).unwrap();
    }

    /// Lets the worker end: what is submitted from now on waits.
    pub(crate) fn pause_work(&self) {
        if let Some((stop, done)) = self.worker.lock().unwrap().take() {
            stop.cancel();
            self.block_on(done).unwrap();
        }
    }

    /// The files below a folder of the stage's, by their paths in it.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        fn collect(folder: &std::path::Path, before: &str, files: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let name = format!("{before}{}", entry.file_name().to_str().unwrap());
                if entry.file_type().unwrap().is_dir() {
                    collect(&entry.path(), &format!("{name}/"), files);
                } else {
                    files.push(name);
                }
            }
        }
        let mut files = Vec::new();
        collect(&self.folder.path().join(folder), "", &mut files);
        files
    }

    pub(crate) fn set_clock(&self, unix_seconds: i64) {
        self.clock.0.store(unix_seconds * 1_000, Ordering::Relaxed);
    }

    /// The identifier of the next thing that is made.
    pub(crate) fn foretell(&self, id: &str) {
        self.ids.next.lock().unwrap().push_back(id.parse().unwrap());
    }

    /// Writes a file into the folder that clients call `Y:`.
    pub(crate) fn put_file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder.path().join("recordings").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Reply {
        let url = format!("http://{}{path}", self.address);
        let mut request = Request::builder().method(method.parse::<Method>().unwrap()).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        // The client refuses to send a body with these, and the server does not ask for one.
        let body = body.filter(|_| !["GET", "DELETE"].contains(&method));
        let sent = match body {
            Some(body) => self.agent.run(request.body(body.to_vec()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut response = sent.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap(),
        }
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Reply {
        self.send("GET", path, &[("authorization", &format!("Bearer {token}"))], None)
    }

    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        self.call("POST", path, token, body)
    }

    pub(crate) fn call(&self, method: &str, path: &str, token: &str, body: &Value) -> Reply {
        let headers = [
            ("content-type", "application/json; charset=UTF-8"),
            ("authorization", &format!("Bearer {token}")),
        ];
        self.send(method, path, &headers, Some(body.to_string().as_bytes()))
    }

    /// A token for a key, the way Huawei's clients get one.
    pub(crate) fn token(&self, key: &str) -> String {
        let body = json!({ "app_key": key, "app_secret": format!("{key}-secret") });
        let path = "/apigovernance/api/oauth/tokenByAkSk";
        let headers = [("content-type", "application/json")];
        let reply = self.send("POST", path, &headers, Some(body.to_string().as_bytes()));
        reply.expect(200).json()["AccessToken"].as_str().unwrap().to_owned()
    }

    /// Waits until nothing more will happen to a call by itself, and gives it.
    pub(crate) fn wait_for(&self, call: &str, token: &str) -> Value {
        let mut last = Value::Null;
        for _ in 0..3_000 {
            last = self.get(&format!("/v1/calls/{call}"), token).expect(200).json();
            if ["done", "failed", "cancelled"].contains(&last["state"].as_str().unwrap()) {
                return last;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("after a minute the call is {last}");
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(10));
        }
        self.postgres = None;
    }
}

/// The program that decodes for the tests: `examples/decode_child.rs`, built along with them.
pub(crate) fn decode_options() -> DecodeOptions {
    let tests = std::env::current_exe().unwrap();
    let built = tests.parent().and_then(std::path::Path::parent).unwrap();
    let program = built.join("examples/decode_child");
    assert!(program.is_file(), "expected `cargo build --examples` to have made {program:?}");
    DecodeOptions::new(ChildProgram { program, args: Vec::new() })
}

fn workflow_settings(folder: &tempfile::TempDir, options: &Options) -> WorkflowSettings {
    let inspection = InspectionSettings {
        decode: options.decode.clone(),
        voice_activity: options.voice_activity,
        default_roles: Some(RoleMap(options.roles.clone())),
        default_language: None,
        engine: options.engine.clone(),
        engine_settings: options.engine_settings.clone(),
        accept_transcript_beside: true,
    };
    let root = MappedRoot { prefix: "Y:".to_owned(), folder: folder.path().join("recordings") };
    let fetch = FetchSettings {
        roots: MappedRoots::new(vec![root]).unwrap(),
        addresses: AddressPolicy::default(),
        limits: DownloadLimits::default(),
    };
    let rules = RuleSource { name: "rules.yaml".to_owned(), text: options.rules.clone() };
    let temp = folder.path().join("temp");
    let mut settings = WorkflowSettings::new(fetch, inspection, vec![rules], temp);
    settings.backoff = BackoffSettings { first: options.pause, longest: options.pause * 4 };
    settings.max_attempts = options.max_attempts;
    settings.limits.calls_per_day = options.calls_per_day;
    settings
}
