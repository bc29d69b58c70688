use super::by_level::proposals;
use super::frames::{FRAME, Run, join, runs_where};
use super::level::Level;
use super::network::STEP;
use super::silero::Probability;

/// Speech begins where the network is this sure (0.35) ...
const BEGIN: Probability = 90;
/// ... and ends where it is less sure than this (0.20).
const END: Probability = 51;
/// Frames by which the network may be late at the start of speech, and is late at its end. The
/// levels find the exact places afterwards.
const LATE_START: usize = 5;
const LATE_END: usize = 6;
/// Decibels over the line's noise at which the level proposes speech.
const RISE_DB: u8 = 20;
/// A proposal is confirmed where the network gives this (0.30) ...
const HALF_BELIEF: Probability = 77;
/// ... to this share of its frames, in hundredths.
const CONFIRMED: usize = 25;

/// Speech by the network, and by level where the network confirms it.
pub(super) fn speech(levels: &[Level], probabilities: &[Probability]) -> Vec<Run> {
    let at = |frame: usize| {
        // The middle of the frame decides which step it belongs to.
        probabilities.get((frame * FRAME + FRAME / 2) / STEP).copied().unwrap_or(0)
    };
    let mut speaking = false;
    let by_network = runs_where(levels.len(), |frame| {
        speaking = at(frame) >= if speaking { END } else { BEGIN };
        speaking
    });
    let mut runs: Vec<Run> = by_network
        .into_iter()
        .map(|run| Run {
            start: run.start.saturating_sub(LATE_START),
            end: run.end.saturating_sub(LATE_END),
        })
        .filter(|run| run.start < run.end)
        .collect();
    runs.extend(proposals(levels, RISE_DB).into_iter().filter(|run| {
        let believed = (run.start..run.end).filter(|&frame| at(frame) >= HALF_BELIEF).count();
        believed * 100 >= run.len() * CONFIRMED
    }));
    join(runs, 1)
}
