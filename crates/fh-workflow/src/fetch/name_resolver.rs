//! Names of servers to addresses.

use std::fmt;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Finds the addresses of a server's name.
///
/// Asked once for each connection; what it answers is checked, and only what was checked is
/// connected to. An implementation answers or fails within the time given. An empty answer means
/// that the name is unknown.
pub trait NameResolver: fmt::Debug + Send + Sync {
    /// Every address of the name.
    fn addresses(&self, host: &str, within: Duration) -> io::Result<Vec<IpAddr>>;
}

/// What the operating system answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl NameResolver for SystemResolver {
    fn addresses(&self, host: &str, within: Duration) -> io::Result<Vec<IpAddr>> {
        // The system's own look-up knows no time limit: the thread ends when it does.
        let (answer, answered) = mpsc::sync_channel(1);
        let host = host.to_owned();
        thread::Builder::new().name("look up a name".to_owned()).spawn(move || {
            let found = (host.as_str(), 0_u16)
                .to_socket_addrs()
                .map(|addresses| addresses.map(|address| address.ip()).collect());
            // Nobody waits any more where the time was up.
            drop(answer.send(found));
        })?;
        answered.recv_timeout(within).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }
}
