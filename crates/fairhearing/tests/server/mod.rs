//! The server as a process of its own, and a client of it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use ureq::http::Request;

/// A server on a free port with everything it keeps in a folder. Its log goes to a file there.
pub(crate) struct Server {
    process: Child,
    out: BufReader<ChildStdout>,
    log: PathBuf,
    agent: ureq::Agent,
    /// What it printed before it was ready.
    pub(crate) greeting: String,
    /// Host and port of the API; empty where there is none.
    pub(crate) address: String,
}

impl Server {
    /// `serve` with more arguments, and variables of its environment.
    pub(crate) fn start(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let log = folder.join("log");
        let mut process = Command::new(env!("CARGO_BIN_EXE_fairhearing"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .current_dir(folder)
            .env("FAIRHEARING_HOME", folder.join("home"))
            .env("LANG", "C.UTF-8")
            .env_remove("LC_ALL")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        let (greeting, address) = (String::new(), String::new());
        let mut server = Self { process, out, log, agent, greeting, address };
        if !arguments.contains(&"worker") {
            server.wait_for_address();
        }
        server
    }

    fn wait_for_address(&mut self) {
        loop {
            let mut line = String::new();
            let read = self.out.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "it ended: {}{}", self.greeting, self.log());
            if let Some((_, address)) = line.trim().split_once("serving on http://") {
                address.clone_into(&mut self.address);
                return;
            }
            self.greeting.push_str(&line);
        }
    }

    /// What stands behind a label of the first start's message.
    pub(crate) fn told(&self, label: &str) -> &str {
        let line = self.greeting.lines().find_map(|line| line.trim().strip_prefix(label));
        line.unwrap_or_else(|| panic!("no `{label}` in: {}", self.greeting)).trim()
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Sends a request; gives the status and what was answered.
    pub(crate) fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match method {
            "GET" => self.agent.run(request.body(()).unwrap()),
            _ => self.agent.run(request.body(body).unwrap()),
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {url}: {error}"));
        (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
    }

    /// Sends JSON to the API; gives what was answered as JSON where it is that, else as a text.
    pub(crate) fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> (u16, Value) {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        let url = format!("http://{}{path}", self.address);
        let (status, answer) = self.send(method, &url, &headers, &body.to_string());
        let text = || Value::String(String::from_utf8_lossy(&answer).into_owned());
        (status, serde_json::from_slice(&answer).unwrap_or_else(|_| text()))
    }

    /// Asks it to stop and gives what it still printed.
    pub(crate) fn stop(mut self) -> String {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        assert!(self.process.wait().unwrap().success(), "asked to stop, it ends well");
        rest
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails where it has ended, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
