use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Who may use it: s3rver's own names.
pub(crate) const KEY: &str = "S3RVER";
pub(crate) const SECRET: &str = "S3RVER";

/// `s3rver` from npm with the bucket `calls` in a temporary folder. It reads signatures like ours, but
/// does not check them.
pub(crate) struct S3Server {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl S3Server {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Free a moment ago; s3rver does not tell which one it took by itself.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/s3/node_modules/s3rver/bin/s3rver.js");
        // It ends with us, however we end. The marks with which it continues a list are made with a
        // cipher that OpenSSL only gives when it is asked to.
        let mut process = Command::new("setpriv")
            .args(["--pdeathsig=KILL", "--", "node", "--openssl-legacy-provider"])
            .arg(program)
            .args(["--address", "127.0.0.1", "--port", &port.to_string(), "--directory"])
            .arg(folder.path())
            .args(["--configure-bucket", "calls"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("listening on") {
            line.clear();
            assert_ne!(out.read_line(&mut line).unwrap(), 0, "it ended");
        }
        // What it says of each request is read and thrown away, or it would wait for a reader.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Self { process, port, _folder: folder }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        // Fails where it has ended, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
