use std::time::Duration;

/// How slowly the other end may take or bring bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloorRate {
    /// In every stretch of waiting as long as this, enough must be moved.
    pub grace: Duration,
    /// Bytes per second of waiting; 0 asks for one byte in each stretch.
    pub bytes_per_s: u64,
}

impl FloorRate {
    /// What must be moved in one stretch, at least one byte.
    pub(crate) fn needed(&self) -> u64 {
        let millis = u64::try_from(self.grace.as_millis()).unwrap_or(u64::MAX);
        (self.bytes_per_s.saturating_mul(millis) / 1000).max(1)
    }
}

/// How much a connection may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServeLimits {
    /// By when the whole head of a request must be there, counted from the connection or from the
    /// end of the answer before.
    pub header_timeout: Duration,
    /// The largest head of a request in bytes. hyper itself refuses a request target longer than
    /// 65,534 bytes with 414, which a POST of the Alibaba dialect with everything in its query can
    /// reach: known, not yet served.
    pub header_bytes: usize,
    /// How fast a request's body must come.
    pub body: FloorRate,
    /// How fast an answer must be taken.
    pub answer: FloorRate,
    /// Connections at a time; one more is closed at once.
    pub connections: usize,
    /// How long open requests may go on after the server is asked to stop.
    pub stop_grace: Duration,
}

impl Default for ServeLimits {
    /// 10 s for a head of 80 KiB at most; 1 KiB/s over 10 s for bodies and 20 s for answers; 4,096
    /// connections; 20 s to stop.
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            header_bytes: 80 << 10,
            body: FloorRate { grace: Duration::from_secs(10), bytes_per_s: 1 << 10 },
            answer: FloorRate { grace: Duration::from_secs(20), bytes_per_s: 1 << 10 },
            connections: 4_096,
            stop_grace: Duration::from_secs(20),
        }
    }
}
