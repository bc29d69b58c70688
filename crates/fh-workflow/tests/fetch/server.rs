//! Servers of the tests: one that answers what it is told to, and one that must never be reached.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use fh_workflow::fetch::{
    AddressPolicy, DownloadLimits, Downloaded, FetchError, NameResolver, download_with,
};

/// Answers every connection with one handler, which is given the connection after the request's
/// header was read.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// The headers of the requests, in order.
    requests: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(handler: impl FnMut(&str, &mut TcpStream) + Send + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), handler)
    }

    pub(crate) fn on(
        listener: TcpListener,
        mut handler: impl FnMut(&str, &mut TcpStream) + Send + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (seen, stopped) = (Arc::clone(&requests), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            for connection in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let mut connection = connection.unwrap();
                let header = read_header(&mut connection);
                seen.lock().unwrap().push(header.clone());
                handler(&header, &mut connection);
            }
        });
        Self { address, requests, stop, thread: Some(thread) }
    }

    /// A server that always sends these bytes and closes.
    pub(crate) fn always(reply: impl Into<Vec<u8>>) -> Self {
        let reply = reply.into();
        Self::start(move |_, connection| drop(connection.write_all(&reply)))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        let ended = self.thread.take().unwrap().join();
        if !thread::panicking() {
            ended.unwrap();
        }
    }
}

fn read_header(connection: &mut TcpStream) -> String {
    let mut header = Vec::new();
    let mut byte = [0];
    while !header.ends_with(b"\r\n\r\n") && matches!(connection.read(&mut byte), Ok(1)) {
        header.push(byte[0]);
    }
    String::from_utf8_lossy(&header).into_owned()
}

/// Sends `piece` every 20 ms until the other side hangs up.
pub(crate) fn drip(connection: &mut TcpStream, piece: &[u8]) {
    while connection.write_all(piece).is_ok() {
        thread::sleep(Duration::from_millis(20));
    }
}

/// Keeps the connection open and says nothing more, until the other side hangs up.
pub(crate) fn fall_silent(connection: &mut TcpStream) {
    while matches!(connection.read(&mut [0; 1024]), Ok(got) if got > 0) {}
}

/// A listener that must see no connection: the system keeps those that nobody took, also after the
/// other side hung up.
pub(crate) struct Canary(TcpListener);

impl Canary {
    pub(crate) fn on(address: IpAddr, port: u16) -> Self {
        let listener = TcpListener::bind((address, port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    pub(crate) fn was_reached(&self) -> bool {
        match self.0.accept() {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            Err(error) => panic!("the canary cannot look: {error}"),
        }
    }
}

/// Answers from a list, one entry per look-up, the last for ever.
#[derive(Debug)]
pub(crate) struct Answers(Mutex<Vec<Vec<IpAddr>>>);

impl Answers {
    /// In the order of the look-ups.
    pub(crate) fn new(answers: &[&[&str]]) -> Self {
        let parse = |list: &&[&str]| list.iter().map(|ip| ip.parse().unwrap()).collect();
        Self(Mutex::new(answers.iter().rev().map(parse).collect()))
    }

    /// How many answers were not asked for.
    pub(crate) fn left(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl NameResolver for Answers {
    fn addresses(&self, _: &str, _: Duration) -> std::io::Result<Vec<IpAddr>> {
        Ok(self.0.lock().unwrap().pop().unwrap_or_default())
    }
}

/// Fails the test when a name is looked up.
#[derive(Debug)]
pub(crate) struct NoNames;

impl NameResolver for NoNames {
    fn addresses(&self, host: &str, _: Duration) -> std::io::Result<Vec<IpAddr>> {
        panic!("`{host}` was looked up")
    }
}

/// Only the first address of this machine, where the servers of the tests are.
pub(crate) fn friends() -> AddressPolicy {
    AddressPolicy { allow: vec!["127.0.0.1/32".parse().unwrap()], ..AddressPolicy::default() }
}

pub(crate) const FRIEND: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1));
pub(crate) const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// Limits that a right answer of a test's server keeps to on a slow machine, too.
pub(crate) fn limits() -> DownloadLimits {
    let total_time = Duration::from_secs(60);
    DownloadLimits { max_bytes: 100_000, total_time, ..DownloadLimits::default() }
}

/// What comes of the URL, and the bytes that were put down.
pub(crate) fn fetch(
    url: &str,
    limits: &DownloadLimits,
) -> (Result<Downloaded, FetchError>, Vec<u8>) {
    let mut into = Vec::new();
    let result = download_with(url, limits, &friends(), &NoNames, &mut into);
    (result, into)
}
