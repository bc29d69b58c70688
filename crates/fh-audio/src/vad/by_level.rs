use super::frames::{Run, join, runs_where};
use super::level::Level;
use super::{floor_at, noise_floor};

/// Decibels over the line's noise at which a proposal begins.
pub(super) const OPEN_DB: u8 = 20;
/// Frames of silence that do not part two words.
const JOIN: usize = 20;
/// Shorter than this is a click.
const SHORTEST: usize = 4;

/// Stretches that stand out of the line's own noise.
pub(super) fn proposals(levels: &[Level]) -> Vec<Run> {
    let floors = noise_floor(levels);
    runs_where(levels.len(), |frame| levels[frame] >= floor_at(&floors, frame).plus_db(OPEN_DB))
}

/// Speech by level alone.
pub(super) fn speech(levels: &[Level]) -> Vec<Run> {
    let mut runs = join(proposals(levels), JOIN);
    runs.retain(|run| run.len() >= SHORTEST);
    runs
}
