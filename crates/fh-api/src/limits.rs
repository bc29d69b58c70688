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
    /// The largest head of a request in bytes; a long target of the Alibaba dialect does not count.
    pub header_bytes: usize,
    /// The longest request target of the Alibaba dialect, in bytes. Any other address takes 65,534
    /// bytes, hyper's limit, and answers 414 beyond.
    pub target_bytes: usize,
    /// How many requests with a target over 65,534 bytes may be there at a time; one more is asked to
    /// come again.
    pub long_targets: usize,
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
    /// 10 s for a head of 80 KiB at most; 2 MiB for a target (1,000 calls of Alibaba's call centre need
    /// 1.3 MiB), 16 such at a time; 1 KiB/s over 10 s for bodies and 20 s for answers; 4,096
    /// connections; 20 s to stop.
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            header_bytes: 80 << 10,
            target_bytes: 2 << 20,
            long_targets: 16,
            body: FloorRate { grace: Duration::from_secs(10), bytes_per_s: 1 << 10 },
            answer: FloorRate { grace: Duration::from_secs(20), bytes_per_s: 1 << 10 },
            connections: 4_096,
            stop_grace: Duration::from_secs(20),
        }
    }
}
