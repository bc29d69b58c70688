//! The program's server, started for a test and asked over HTTP.

#![allow(dead_code, clippy::allow_attributes, reason = "each test program uses a part of it")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// How long one answer may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server on a free port with everything it keeps below `folder`.
pub(crate) struct Server {
    process: Child,
    _out: BufReader<ChildStdout>,
    /// What it printed before it was ready.
    pub(crate) greeting: String,
    /// Host and port.
    pub(crate) address: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The head as it came.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.trim())
    }
}

impl Server {
    /// Starts one by `command`, which ends in what stands before the program's own arguments.
    pub(crate) fn start_by(mut command: Command, folder: &Path, arguments: &[&str]) -> Self {
        let mut process = command
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"])
            .args(arguments)
            .current_dir(folder)
            .env("FAIRHEARING_HOME", folder.join("home"))
            .env("LANG", "C.UTF-8")
            .env_remove("LC_ALL")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut greeting = String::new();
        let address = loop {
            let mut line = String::new();
            if out.read_line(&mut line).unwrap() == 0 {
                let log = fs::read_to_string(folder.join("log")).unwrap();
                panic!("it ended: {greeting}{log}");
            }
            if let Some((_, address)) = line.trim().split_once("serving on http://") {
                break address.to_owned();
            }
            greeting.push_str(&line);
        };
        Self { process, _out: out, greeting, address }
    }

    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_by(Command::new(env!("CARGO_BIN_EXE_fairhearing")), folder, arguments)
    }

    /// Sends one request with a body of that type and reads its answer.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.address,
            body.len()
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        // A server that has heard enough answers before it has everything: the answer counts.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| {
            panic!("{method} {path}: no answer, but {:?}", String::from_utf8_lossy(&answer))
        });
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: answer.split_off(end + 4) }
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, &[("authorization", &format!("Bearer {token}"))], b"")
    }

    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        self.send("POST", path, &headers, body.to_string().as_bytes())
    }

    /// Signs a person in; the session's token is a bearer token, too.
    pub(crate) fn sign_in(&self, tenant: &str, name: &str, password: &str) -> String {
        let body = json!({ "tenant": tenant, "name": name, "password": password });
        let headers = [("content-type", "application/json")];
        let answer = self.send("POST", "/v1/session", &headers, body.to_string().as_bytes());
        let answer = answer.expect(200);
        let cookie = answer.header("set-cookie").split(';').next().unwrap();
        cookie.split_once('=').unwrap().1.to_owned()
    }

    /// The first administrator's token.
    pub(crate) fn administrator(&self) -> String {
        self.sign_in("default", "admin", self.told("password"))
    }

    /// What stands behind a label of the first start's message.
    pub(crate) fn told(&self, label: &str) -> &str {
        let line = self.greeting.lines().find_map(|line| line.trim().strip_prefix(label));
        line.unwrap_or_else(|| panic!("no `{label}` in: {}", self.greeting)).trim()
    }

    /// Waits until nothing more will happen to a call by itself, and gives it.
    pub(crate) fn wait_for(&self, call: &str, token: &str) -> Value {
        for _ in 0..600 {
            let row = self.get(&format!("/v1/calls/{call}"), token).expect(200).json();
            if ["done", "failed", "cancelled"].contains(&row["state"].as_str().unwrap()) {
                return row;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the call is not final after a minute");
    }

    /// Uploads a recording with its words and gives the answer.
    pub(crate) fn upload(
        &self,
        token: &str,
        name: &str,
        recording: &[u8],
        transcript: &str,
    ) -> Answer {
        let mut body = format!(
            "--b0und\r\ncontent-disposition: form-data; name=\"recording\"; filename=\"{name}\"\
             \r\n\r\n"
        )
        .into_bytes();
        body.extend(recording);
        let transcript = format!(
            "\r\n--b0und\r\ncontent-disposition: form-data; name=\"transcript\"; \
             filename=\"a.vtt\"\r\n\r\n{transcript}\r\n--b0und--\r\n"
        );
        body.extend(transcript.as_bytes());
        let bearer = format!("Bearer {token}");
        let headers = [
            ("content-type", "multipart/form-data; boundary=b0und"),
            ("authorization", bearer.as_str()),
        ];
        self.send("POST", "/v1/calls/upload", &headers, &body)
    }

    /// Where this machine sees a path of the server's, which may have mounts of its own.
    pub(crate) fn sees(&self, path: &Path) -> PathBuf {
        let below_root = path.strip_prefix("/").unwrap();
        Path::new(&format!("/proc/{}/root", self.process.id())).join(below_root)
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails where it has ended, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
