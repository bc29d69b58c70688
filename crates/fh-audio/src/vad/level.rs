use super::frames::FRAME;

/// Level of a frame in half decibels above -120 dB relative to full scale, 0 to 240.
///
/// A byte keeps a day of two channels in 17 MB; half a decibel is finer than any decision here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Level(pub(crate) u8);

impl Level {
    /// The highest: full scale.
    pub(crate) const MAX: Self = Self(240);

    /// From decibels relative to full scale, clamped to -120..=0.
    pub(crate) const fn from_db(db: i32) -> Self {
        let half = (db + 120) * 2;
        Self(if half < 0 {
            0
        } else if half > 240 {
            240
        } else {
            half as u8
        })
    }

    /// Of samples that vary by `mean_square` around their mean.
    pub(super) fn from_mean_square(mean_square: f64) -> Self {
        let db = 10.0 * mean_square.max(1e-12).log10();
        Self(((db + 120.0) * 2.0).round().clamp(0.0, 240.0) as u8)
    }

    /// How far this lies above `other`, in half decibels; 0 where it does not.
    pub(crate) fn above(self, other: Self) -> u8 {
        self.0.saturating_sub(other.0)
    }

    /// This, raised by `db` decibels.
    pub(crate) fn plus_db(self, db: u8) -> Self {
        Self(self.0.saturating_add(db.saturating_mul(2)).min(Self::MAX.0))
    }

    /// This, lowered by `db` decibels.
    pub(crate) fn minus_db(self, db: u8) -> Self {
        Self(self.0.saturating_sub(db.saturating_mul(2)))
    }

    /// From here the given share, in hundredths, of the way up to `other`, but at most `db`
    /// decibels.
    pub(crate) fn towards(self, other: Self, share: usize, db: u8) -> Self {
        let way = usize::from(other.above(self)) * share / 100;
        let way = u8::try_from(way).unwrap_or(u8::MAX);
        Self(self.0.saturating_add(way).min(self.plus_db(db).0))
    }
}

/// Measures the level of each frame of 10 ms.
#[derive(Debug, Clone, Default)]
pub(crate) struct LevelMeter {
    sum: f64,
    squares: f64,
    samples: usize,
    levels: Vec<Level>,
}

impl LevelMeter {
    /// Takes the next samples.
    pub(crate) fn push(&mut self, mut samples: &[f32]) {
        while !samples.is_empty() {
            let (now, later) = samples.split_at(samples.len().min(FRAME - self.samples));
            for &sample in now {
                let sample = f64::from(sample);
                self.sum += sample;
                self.squares += sample * sample;
            }
            self.samples += now.len();
            if self.samples == FRAME {
                self.end_frame();
            }
            samples = later;
        }
    }

    /// The levels of all frames; the last may be shorter than the others.
    pub(crate) fn finish(mut self) -> Vec<Level> {
        if self.samples > 0 {
            self.end_frame();
        }
        self.levels
    }

    fn end_frame(&mut self) {
        let count = self.samples as f64;
        // What is constant over 10 ms is an offset or hum, and nobody hears it.
        let mean = self.sum / count;
        self.levels.push(Level::from_mean_square(self.squares / count - mean * mean));
        (self.sum, self.squares, self.samples) = (0.0, 0.0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_wave_has_its_own_amplitude_and_an_offset_has_none() {
        let mut meter = LevelMeter::default();
        // 0.1 is -20 dB.
        let square: Vec<f32> = (0..160).map(|at| if at % 2 == 0 { 0.1 } else { -0.1 }).collect();
        meter.push(&square[..70]);
        meter.push(&square[70..]);
        meter.push(&[0.5; 160]);
        meter.push(&[0.0; 40]);
        let levels = meter.finish();
        assert_eq!(levels, [Level::from_db(-20), Level(0), Level(0)]);
    }

    #[test]
    fn levels_move_by_decibels() {
        let level = Level::from_db;
        assert_eq!(level(-20).plus_db(18).above(level(-20)), 36);
        assert_eq!(level(-20).minus_db(35), level(-55));
        // A fifth of the way from -60 to -20 is 8 dB.
        assert_eq!(level(-60).towards(level(-20), 20, 9), level(-52));
        assert_eq!(level(-60).towards(level(-20), 20, 6), level(-54));
        assert_eq!(level(-20).towards(level(-60), 20, 9), level(-20));
    }
}
