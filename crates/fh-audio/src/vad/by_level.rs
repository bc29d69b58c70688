use super::frames::{Run, join, runs_where};
use super::level::Level;
use super::{floor_at, noise_floor};

/// Decibels over the line's noise from which everything counts as speech.
const RISE_DB: u8 = 12;

/// Stretches that rise by `rise_db` over the line's own noise.
pub(super) fn proposals(levels: &[Level], rise_db: u8) -> Vec<Run> {
    let floors = noise_floor(levels);
    runs_where(levels.len(), |frame| levels[frame] >= floor_at(&floors, frame).plus_db(rise_db))
}

/// Speech by level alone. Pauses are joined first, so that the soft ends of words stay.
pub(super) fn speech(levels: &[Level]) -> Vec<Run> {
    const SOFT_EDGE: usize = 5;
    let widened = proposals(levels, RISE_DB).into_iter().map(|run| Run {
        start: run.start.saturating_sub(SOFT_EDGE),
        end: (run.end + SOFT_EDGE).min(levels.len()),
    });
    join(widened.collect(), 1)
}
