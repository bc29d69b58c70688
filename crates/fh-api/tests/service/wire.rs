//! A client that sends whatever bytes it is given, and reads what comes back.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long the end of an answer may take to come before a test fails: longer than any limit of the
/// server.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the server did with a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    Answered(Answer),
    /// It ended the connection without a word.
    Closed,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the connection ended before the body did.
    pub(crate) is_cut: bool,
}

impl Answer {
    /// The value of a header, whose name is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// One connection, kept as long as the server keeps it.
pub(crate) struct Wire {
    address: SocketAddr,
    stream: Option<TcpStream>,
}

impl Wire {
    pub(crate) const fn to(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Sends `head` and `body` as they are; `without_body` says that the answer has none whatever
    /// its head says, as to HEAD.
    pub(crate) fn send(&mut self, head: &[u8], body: &[u8], without_body: bool) -> Outcome {
        // The server may have ended a connection that was kept: one more try on a new one.
        if self.stream.is_some() {
            match self.try_send(head, body, without_body) {
                Outcome::Closed => self.stream = None,
                answered => return answered,
            }
        }
        self.try_send(head, body, without_body)
    }

    /// Lets go of the connection.
    pub(crate) fn hang_up(&mut self) {
        self.stream = None;
    }

    fn try_send(&mut self, head: &[u8], body: &[u8], without_body: bool) -> Outcome {
        let address = self.address;
        let stream = self.stream.get_or_insert_with(|| connect(address));
        // What the server does not want to hear to the end it answers before: that is read below.
        let _ = stream.write_all(head).and_then(|()| stream.write_all(body));
        let outcome = read_answer(stream, without_body);
        let keeps = match &outcome {
            Outcome::Closed => false,
            Outcome::Answered(answer) => {
                answer.header("connection").is_none_or(|said| !said.eq_ignore_ascii_case("close"))
                    && !is_stream(answer)
                    && !answer.is_cut
            }
        };
        if !keeps {
            self.stream = None;
        }
        outcome
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Progress never ends by itself.
fn is_stream(answer: &Answer) -> bool {
    answer.header("content-type") == Some("text/event-stream")
}

fn read_answer(stream: &mut TcpStream, without_body: bool) -> Outcome {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            if bytes.starts_with(b"HTTP/1.1 100 ") {
                bytes.drain(..at + 4);
                continue;
            }
            break at;
        }
        if !read_more(stream, &mut bytes) {
            assert!(bytes.is_empty(), "half a head: {:?}", String::from_utf8_lossy(&bytes));
            return Outcome::Closed;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).expect("our heads are ASCII");
    let mut rest = bytes.split_off(end + 4);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| {
            let (name, value) = line.split_once(':').expect("a header has a colon");
            (name.to_ascii_lowercase(), value.trim().to_owned())
        })
        .collect();
    let mut answer = Answer { status, headers, body: Vec::new(), is_cut: false };
    if without_body || status == 204 || is_stream(&answer) {
        return Outcome::Answered(answer);
    }
    if let Some(length) = answer.header("content-length") {
        let length: usize = length.parse().unwrap();
        while rest.len() < length && !answer.is_cut {
            answer.is_cut = !read_more(stream, &mut rest);
        }
        // What else came answers what stood behind a request that was shorter than it seemed.
        rest.truncate(length);
    } else {
        while !rest.ends_with(b"0\r\n\r\n") && !answer.is_cut {
            answer.is_cut = !read_more(stream, &mut rest);
        }
    }
    answer.body = rest;
    Outcome::Answered(answer)
}

/// Reads what is there; `false` at the end of the connection.
fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 16 << 10];
    match stream.read(&mut buffer) {
        Ok(0) => false,
        Ok(read) => {
            bytes.extend_from_slice(&buffer[..read]);
            true
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            panic!("no end of the answer after {PATIENCE:?}: {:?}", String::from_utf8_lossy(bytes))
        }
        Err(_) => false,
    }
}
