use std::collections::VecDeque;

use super::frames::FRAME_MS;
use super::level::Level;

/// Frames in a second.
const SECOND: usize = 1000 / FRAME_MS;
/// Seconds that are looked at before and after each second.
const REACH: usize = 30;
/// No line is taken to be quieter than this, or the hiss of a codec would stand out of silence.
const QUIETEST: Level = Level::from_db(-70);

/// The level of what is always there, for each second: the 5th percentile of the frames from 30 s
/// before to 30 s after.
///
/// Even a person who talks without end leaves a twentieth of the frames to the line's own noise.
pub(crate) fn noise_floor(levels: &[Level]) -> Vec<Level> {
    let seconds: Vec<&[Level]> = levels.chunks(SECOND).collect();
    let mut counts = [0_usize; 256];
    let mut total = 0;
    let mut floors = Vec::with_capacity(seconds.len());
    for (at, _) in seconds.iter().enumerate() {
        let entering = if at == 0 { 0..REACH + 1 } else { at + REACH..at + REACH + 1 };
        for second in seconds.iter().skip(entering.start).take(entering.len()) {
            second.iter().for_each(|level| counts[usize::from(level.0)] += 1);
            total += second.len();
        }
        if let Some(leaving) = at.checked_sub(REACH + 1) {
            seconds[leaving].iter().for_each(|level| counts[usize::from(level.0)] -= 1);
            total -= seconds[leaving].len();
        }
        floors.push(percentile(&counts, total).max(QUIETEST));
    }
    floors
}

/// The floor at `frame`, of those that [`noise_floor`] gave.
pub(crate) fn floor_at(floors: &[Level], frame: usize) -> Level {
    floors.get(frame / SECOND).copied().unwrap_or(QUIETEST)
}

/// The level of what has always been there, as far as can be told while the sound is still coming:
/// the 5th percentile of the latest levels.
#[derive(Debug, Clone)]
pub(super) struct RunningFloor {
    reach: usize,
    latest: VecDeque<Level>,
    counts: [usize; 256],
}

impl RunningFloor {
    /// Looks back over `reach` levels.
    pub(super) fn new(reach: usize) -> Self {
        Self { reach, latest: VecDeque::new(), counts: [0; 256] }
    }

    /// Takes the next level and returns the floor, which it already counts for.
    pub(super) fn push(&mut self, level: Level) -> Level {
        if self.latest.len() == self.reach
            && let Some(oldest) = self.latest.pop_front()
        {
            self.counts[usize::from(oldest.0)] -= 1;
        }
        self.latest.push_back(level);
        self.counts[usize::from(level.0)] += 1;
        percentile(&self.counts, self.latest.len()).max(QUIETEST)
    }
}

fn percentile(counts: &[usize; 256], total: usize) -> Level {
    let rank = (total * 5).div_ceil(100).max(1);
    let mut seen = 0;
    for (level, count) in (0_u8..=255).zip(counts) {
        seen += count;
        if seen >= rank {
            return Level(level);
        }
    }
    Level::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_line_and_not_the_voice() {
        // Two minutes: speech at -20 dB in nine of ten frames, the line at -60, then at -50.
        let line = |frame| if frame < 6_000 { -60 } else { -50 };
        let levels: Vec<Level> = (0..12_000)
            .map(|frame| Level::from_db(if frame % 10 == 0 { line(frame) } else { -20 }))
            .collect();
        let floors = noise_floor(&levels);
        assert_eq!(floors.len(), 120);
        assert_eq!(floor_at(&floors, 100), Level::from_db(-60));
        assert_eq!(floor_at(&floors, 11_900), Level::from_db(-50));
    }

    #[test]
    fn silence_is_not_taken_to_be_quieter_than_any_line() {
        assert_eq!(noise_floor(&[Level(0); 300]), [QUIETEST; 3]);
        assert_eq!(noise_floor(&[]), []);
    }

    #[test]
    fn the_running_floor_rises_when_all_that_was_quieter_is_out_of_reach() {
        let mut floor = RunningFloor::new(100);
        let mut push = |db| floor.push(Level::from_db(db));
        assert_eq!(push(-40), Level::from_db(-40));
        (0..5).for_each(|_| _ = push(-60));
        assert_eq!(push(-40), Level::from_db(-60));
        // Of the latest hundred, six are at -60 until the first of them is a hundred levels old;
        // the 5th percentile is the fifth from below.
        let floors: Vec<Level> = (0..100).map(|_| push(-40)).collect();
        assert_eq!(floors[93], Level::from_db(-60));
        assert_eq!(floors[95], Level::from_db(-40));
        assert_eq!((0..200).map(|_| push(-90)).last(), Some(QUIETEST));
    }
}
