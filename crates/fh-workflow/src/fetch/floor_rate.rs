//! A floor under the rate at which a body comes in, held to while waiting for its bytes.
//!
//! Looking at the clock between reads is not enough: a server can keep one read waiting for ever by
//! sending, byte by byte, what is no part of the body. So the time that is left is handed to the
//! connection itself.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::unversioned::transport::time::Duration as Wait;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Error, Timeout};

/// Measures time for limits only; no result depends on it.
#[expect(clippy::disallowed_methods, reason = "limits on real connections need the real clock")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// In every stretch of `grace` spent waiting, `floor × grace` bytes must come in.
#[derive(Debug)]
pub(super) struct FloorRate {
    pace: Pace,
    needed: u64,
    grace: Duration,
    got: u64,
    waited: Duration,
}

impl FloorRate {
    /// A floor of 0 bytes per second is none.
    pub(super) fn new(pace: Pace, floor_bytes_per_s: u64, grace: Duration) -> Self {
        let millis = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        let needed = match floor_bytes_per_s {
            0 => 0,
            floor => (floor.saturating_mul(millis) / 1000).max(1),
        };
        Self { pace, needed, grace, got: 0, waited: Duration::ZERO }
    }

    /// Reads once. The time that the caller takes with the bytes is not the server's.
    pub(super) fn read(&mut self, body: &mut impl io::Read, into: &mut [u8]) -> io::Result<usize> {
        let began = now();
        if self.needed > 0 {
            self.pace.set(began.checked_add(self.grace.saturating_sub(self.waited)));
        }
        let got = body.read(into)?;
        self.got = self.got.saturating_add(got as u64);
        self.waited = self.waited.saturating_add(now().duration_since(began));
        if self.got >= self.needed {
            self.got = 0;
            self.waited = Duration::ZERO;
        }
        Ok(got)
    }
}

/// By when a connection must have brought something; shared by the reader and the connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace(Arc<Mutex<Option<Instant>>>);

impl Pace {
    fn set(&self, by: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = by;
    }

    fn by(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last link of the chain that makes a connection: every wait ends when the pace says so.
#[derive(Debug)]
pub(super) struct PacedConnector(pub(super) Pace);

impl<In: Transport> Connector<In> for PacedConnector {
    type Out = Paced<In>;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|connection| Paced { connection, pace: self.0.clone() }))
    }
}

/// A connection that keeps the pace.
#[derive(Debug)]
pub(super) struct Paced<T> {
    connection: T,
    pace: Pace,
}

impl<T: Transport> Transport for Paced<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.connection.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.connection.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, mut timeout: NextTimeout) -> Result<bool, Error> {
        if let Some(by) = self.pace.by() {
            let left = Wait::Exact(by.saturating_duration_since(now()));
            if left < timeout.after {
                timeout.after = left;
                timeout.reason = Timeout::PerRead;
            }
        }
        self.connection.await_input(timeout).map_err(|error| match error {
            // A body without a length ends with its connection. The client would take a connection
            // that was torn (without the farewell of TLS, or reset) for such an end.
            Error::Io(torn) if is_torn(&torn) => Error::Io(io::ErrorKind::BrokenPipe.into()),
            other => other,
        })
    }

    fn is_open(&mut self) -> bool {
        self.connection.is_open()
    }

    fn is_tls(&self) -> bool {
        self.connection.is_tls()
    }
}

fn is_torn(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | UnexpectedEof)
}
