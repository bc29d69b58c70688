//! A PostgreSQL server in a temporary folder, reached by a socket there: no port is taken.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

pub(crate) struct PostgresServer {
    folder: TempDir,
    server: Child,
}

impl PostgresServer {
    pub(crate) fn start() -> Self {
        let programs = programs();
        let folder = tempfile::Builder::new().prefix("fh-pg").tempdir_in("/tmp").unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        // PostgreSQL refuses to run as root: it runs as the user of its package then.
        let as_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        if as_root {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
            assert!(Command::new("chown").arg("postgres:").arg(&data).status().unwrap().success());
        }
        let command = |program: &str| {
            let mut command = Command::new("setpriv");
            if as_root {
                command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
            }
            // It ends with us, however we end.
            command.arg("--pdeathsig=KILL").arg("--").arg(programs.join(program));
            command.current_dir("/").stdout(Stdio::null());
            command
        };
        let made = command("initdb")
            .args(["--username=fairhearing", "--auth=trust", "--encoding=UTF8", "--no-sync"])
            .args(["--locale=C.UTF-8", "--pgdata"])
            .arg(&data)
            .status();
        assert!(made.unwrap().success());
        let server = command("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=", "-c"])
            .arg(format!("unix_socket_directories={}", data.display()))
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let started = Self { folder, server };
        for _ in 0..600 {
            let log = fs::read_to_string(started.folder.path().join("log")).unwrap();
            if log.contains("ready to accept connections") {
                return started;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("PostgreSQL is not ready after half a minute");
    }

    /// An empty database.
    pub(crate) fn url(&self) -> String {
        let socket = self.folder.path().join("data");
        format!("postgres://fairhearing@localhost/postgres?host={}", socket.display())
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // Its own children end with it.
        let id = self.server.id().to_string();
        let _ = Command::new("kill").args(["-QUIT", &id]).status();
        let _ = self.server.wait();
    }
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
