use super::frames::{Run, join, runs_where};
use super::level::Level;
use super::{Track, floor_at, noise_floor};

/// Frames of silence that do not part two words: 200 ms.
const JOIN: usize = 20;
/// Shorter than this, and apart from all other speech, is a click: 100 ms.
const SHORTEST: usize = 10;
/// Where no frame rises over the line's noise by this, there is nothing but the noise.
const LEAST_RISE_DB: u8 = 6;
/// A voice reaches down to this far below the loudest frame of the same stretch.
const RANGE_DB: u8 = 35;
/// A voice rises over the line's noise by this share, in hundredths, of what its loudest frame
/// does ...
const RISE_SHARE: usize = 18;
/// ... but no more is asked than this. With little noise it settles where a voice begins and ends
/// to a frame; in much noise nearly every frame passes, and the network's word stands.
const RISE_DB: u8 = 9;
/// What another channel carries this many decibels louder is that channel's own.
const LOUDER_DB: u8 = 18;

/// Keeps the frames of `speech` in which a voice of the channel's own can be heard.
///
/// The network lags by some frames at either end, bridges pauses, and hears what leaks over from
/// another channel. The levels, frame by frame, put all three right.
pub(super) fn keep(tracks: &[Track], speech: Vec<Vec<Run>>) -> Vec<Vec<Run>> {
    let keep = |(channel, runs): (usize, Vec<Run>)| {
        let own = &tracks[channel].levels;
        let floors = noise_floor(own);
        let others = || tracks.iter().enumerate().filter(|(other, _)| *other != channel);
        let is_leak = |frame: usize| {
            let louder = own[frame].plus_db(LOUDER_DB);
            others().any(|(_, track)| track.levels.get(frame).is_some_and(|&level| level > louder))
        };
        let mut kept = Vec::new();
        for run in runs {
            let loudest = own[run.start..run.end].iter().max().copied().unwrap_or(Level(0));
            if loudest < floor_at(&floors, run.start).plus_db(LEAST_RISE_DB) {
                continue;
            }
            let is_heard = |frame: usize| {
                let floor = floor_at(&floors, frame);
                let least =
                    loudest.minus_db(RANGE_DB).max(floor.towards(loudest, RISE_SHARE, RISE_DB));
                own[frame] >= least && !is_leak(frame)
            };
            let parts = runs_where(run.len(), |at| is_heard(run.start + at));
            kept.extend(
                parts
                    .into_iter()
                    .map(|part| Run { start: run.start + part.start, end: run.start + part.end }),
            );
        }
        let mut joined = join(kept, JOIN);
        joined.retain(|run| run.len() >= SHORTEST);
        joined
    };
    speech.into_iter().enumerate().map(keep).collect()
}
