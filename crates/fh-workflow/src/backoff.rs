use std::time::Duration;

use fh_model::RandomSource;

use crate::settings::BackoffSettings;

/// Waits between attempts, each double the one before, and no two alike: what failed together does
/// not come back together.
pub(crate) struct Backoff<'r> {
    settings: BackoffSettings,
    random: &'r dyn RandomSource,
}

impl<'r> Backoff<'r> {
    pub(crate) const fn new(settings: BackoffSettings, random: &'r dyn RandomSource) -> Self {
        Self { settings, random }
    }

    /// How long to wait after the attempt with this number, counted from 1: between a half and the
    /// whole of what doubling gives.
    pub(crate) fn after(&self, attempt: u16) -> Duration {
        let doublings = u32::from(attempt.saturating_sub(1)).min(31);
        let whole = self.settings.first.saturating_mul(1 << doublings).min(self.settings.longest);
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes);
        let share = f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX);
        whole.mul_f64(0.5 + share / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl RandomSource for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn waits_double_up_to_the_longest_and_lie_in_their_upper_half() {
        let settings =
            BackoffSettings { first: Duration::from_secs(4), longest: Duration::from_secs(60) };
        let waits = |random: &dyn RandomSource| {
            [1, 2, 3, 4, 5, 6, 40, u16::MAX]
                .map(|attempt| Backoff::new(settings, random).after(attempt).as_secs())
        };
        assert_eq!(waits(&Always(0)), [2, 4, 8, 16, 30, 30, 30, 30]);
        assert_eq!(waits(&Always(255)), [4, 8, 16, 32, 60, 60, 60, 60]);
    }
}
