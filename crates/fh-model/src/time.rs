use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// A moment or a length in whole milliseconds; a moment counts from the start of the recording.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// The start of the recording, or no time at all.
    pub const ZERO: Self = Self(0);

    /// Whole seconds as milliseconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// The time of sample `samples` at `rate_hz`, rounded to the nearest millisecond.
    ///
    /// A rate of zero gives zero.
    pub const fn from_samples(samples: u64, rate_hz: u32) -> Self {
        if rate_hz == 0 {
            return Self(0);
        }
        let rate = rate_hz as u128;
        Self(((samples as u128 * 1000 + rate / 2) / rate) as u64)
    }

    /// The sample that stands at this time at `rate_hz`, rounded down.
    pub const fn to_samples(self, rate_hz: u32) -> u64 {
        (self.0 as u128 * rate_hz as u128 / 1000) as u64
    }

    /// Seconds as a floating-point number, for people and for vendors' wire formats.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The difference, or zero where `earlier` is later.
    pub const fn saturating_sub(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Millis {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Millis {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

/// `mm:ss.mmm`, or `h:mm:ss.mmm` from one hour on.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0 / 1000, self.0 % 1000);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        if hours > 0 {
            write!(f, "{hours}:{minutes:02}:{seconds:02}.{millis:03}")
        } else {
            write!(f, "{minutes:02}:{seconds:02}.{millis:03}")
        }
    }
}

/// A stretch of time: `start` belongs to it, `end` does not. `start <= end` always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawSpan")]
pub struct Span {
    /// First moment inside.
    pub start: Millis,
    /// First moment after.
    pub end: Millis,
}

#[derive(Deserialize)]
struct RawSpan {
    start: Millis,
    end: Millis,
}

impl TryFrom<RawSpan> for Span {
    type Error = String;
    fn try_from(raw: RawSpan) -> Result<Self, String> {
        if raw.start <= raw.end {
            Ok(Self { start: raw.start, end: raw.end })
        } else {
            Err(format!(
                "expected a span that ends at or after its start, found start {} ms and end {} ms",
                raw.start.0, raw.end.0
            ))
        }
    }
}

impl Span {
    /// From `start` to `end`; an `end` before `start` gives the empty span at `start`.
    pub fn new(start: Millis, end: Millis) -> Self {
        Self { start, end: end.max(start) }
    }

    /// How long it is.
    pub const fn length(self) -> Millis {
        self.end.saturating_sub(self.start)
    }

    /// Whether nothing is inside.
    pub const fn is_empty(self) -> bool {
        self.end.0 <= self.start.0
    }

    /// The part that both have, if it is longer than nothing.
    pub fn overlap(self, other: Self) -> Option<Self> {
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        (start < end).then_some(Self { start, end })
    }

    /// Whether `moment` is inside.
    pub fn contains(self, moment: Millis) -> bool {
        self.start <= moment && moment < self.end
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start, self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_and_milliseconds_agree() {
        assert_eq!(Millis::from_samples(16_000, 16_000), Millis(1000));
        // 7 samples at 8 kHz are 0.875 ms.
        assert_eq!(Millis::from_samples(7, 8_000), Millis(1));
        assert_eq!(Millis::from_samples(1, 0), Millis::ZERO);
        assert_eq!(Millis(1500).to_samples(8_000), 12_000);
    }

    #[test]
    fn overlap_is_the_common_part() {
        let span = |start, end| Span::new(Millis(start), Millis(end));
        assert_eq!(span(0, 10).overlap(span(5, 20)), Some(span(5, 10)));
        assert_eq!(span(0, 10).overlap(span(10, 20)), None);
    }

    #[test]
    fn a_span_that_ends_before_it_starts_is_refused_when_read() {
        let error = serde_json::from_str::<Span>(r#"{"start":5,"end":3}"#).unwrap_err();
        assert!(error.to_string().contains("ends at or after its start"), "{error}");
    }
}
