use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::{AssertSqlSafe, PgPool};
use tempfile::TempDir;

/// A PostgreSQL server of our own in a temporary folder, reached by a socket there: no port is taken.
pub(crate) struct PostgresServer {
    folder: TempDir,
    programs: PathBuf,
    as_root: bool,
    server: Child,
}

impl PostgresServer {
    pub(crate) async fn start() -> Self {
        let programs = programs();
        let folder = tempfile::Builder::new().prefix("fh-pg").tempdir_in("/tmp").unwrap();
        // PostgreSQL refuses to run as root: it runs as the user of its package then.
        let as_root = fs::metadata("/proc/self").is_ok_and(|me| {
            use std::os::unix::fs::MetadataExt;
            me.uid() == 0
        });
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        if as_root {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
            run(Command::new("chown").arg("postgres:postgres").arg(&data));
        }
        run(command(as_root, &programs.join("initdb"))
            .args(["--username=fairhearing", "--auth=trust", "--encoding=UTF8", "--no-sync"])
            .args(["--locale=C.UTF-8", "--pgdata"])
            .arg(&data));
        let server = started(&programs, as_root, folder.path());
        let server = Self { folder, programs, as_root, server };
        server.wait_until_it_answers().await;
        server
    }

    /// Ends it as a crash would, and starts it again.
    pub(crate) async fn crash_and_start(&mut self) {
        self.kill();
        self.server = started(&self.programs, self.as_root, self.folder.path());
        self.wait_until_it_answers().await;
    }

    /// The folder with its socket.
    pub(crate) fn socket_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn kill(&mut self) {
        // What `pg_ctl stop --mode=immediate` sends: nothing is written any more. Its own children
        // end with it.
        run(Command::new("kill").args(["-QUIT", &self.server.id().to_string()]));
        self.server.wait().unwrap();
    }

    /// Makes an empty database and returns its URL.
    pub(crate) async fn new_database(&self, name: &str) -> String {
        let pool = PgPool::connect(&self.url("postgres")).await.unwrap();
        let statement = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::query(statement).execute(&pool).await.unwrap();
        pool.close().await;
        self.url(name)
    }

    pub(crate) fn url(&self, database: &str) -> String {
        let socket = self.socket_folder();
        format!("postgres://fairhearing@localhost/{database}?host={}", socket.display())
    }

    async fn wait_until_it_answers(&self) {
        let url = self.url("postgres");
        for _ in 0..300 {
            if let Ok(pool) = PgPool::connect(&url).await {
                pool.close().await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
        panic!("PostgreSQL does not answer:\n{log}");
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn started(programs: &Path, as_root: bool, folder: &Path) -> Child {
    let data = folder.join("data");
    let log = fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
    command(as_root, &programs.join("postgres"))
        .arg("-D")
        .arg(&data)
        .args(["-c", "listen_addresses=", "-c"])
        .arg(format!("unix_socket_directories={}", data.display()))
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// Where Debian keeps `initdb` and `postgres`, or else where they are found by name.
fn programs() -> PathBuf {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.map(|entry| entry.unwrap().path().join("bin")).collect())
        .unwrap_or_default();
    versions.retain(|folder| folder.join("initdb").exists());
    versions.sort();
    versions.pop().unwrap_or_default()
}

fn command(as_root: bool, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if as_root {
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
    }
    // It ends with us, however we end.
    command.arg("--pdeathsig=KILL").arg("--").arg(program);
    command.current_dir("/");
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
