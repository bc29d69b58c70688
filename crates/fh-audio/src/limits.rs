use fh_model::Millis;
use serde::{Deserialize, Serialize};

/// How much one recording may cost. What exceeds a limit ends with
/// [`AudioError::LimitReached`](crate::AudioError::LimitReached), never with a guess.
///
/// The length that counts is the decoded one: a day of silence is 20 MB of FLAC and 11 GB of
/// samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The largest file, in bytes. Default 4 GiB.
    pub max_bytes: u64,
    /// The longest decoded sound. Default 6 hours.
    pub max_duration: Millis,
    /// The most channels over all audio tracks. Default 8.
    pub max_channels: u8,
    /// The lowest sampling rate. Default 4,000 Hz.
    pub min_rate_hz: u32,
    /// The highest sampling rate. Default 192,000 Hz.
    pub max_rate_hz: u32,
    /// Address space of a decoding process, in bytes. Default 1 GiB.
    pub max_memory_bytes: u64,
    /// Processor time of a decoding process, in seconds. Default 300; the longest call allowed,
    /// as Opus, takes about 15.
    pub max_cpu_seconds: u64,
    /// How long the decoding process may keep us waiting for its next block. Default 60 seconds.
    pub max_wait: Millis,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 4 << 30,
            max_duration: Millis::from_secs(6 * 60 * 60),
            max_channels: 8,
            min_rate_hz: 4_000,
            max_rate_hz: 192_000,
            max_memory_bytes: 1 << 30,
            max_cpu_seconds: 300,
            max_wait: Millis::from_secs(60),
        }
    }
}
