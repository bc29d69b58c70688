use super::Track;
use super::frames::{Run, join, runs_where};
use super::level::Level;
use super::silero_with_energy::JOIN;

/// What another channel carries this many decibels louder is that channel's own.
const LOUDER_DB: u8 = 18;

/// Takes away from each channel the frames in which another channel is so much louder that what is
/// heard here is most likely a leak.
pub(super) fn keep_own(tracks: &[Track], speech: Vec<Vec<Run>>) -> Vec<Vec<Run>> {
    let loudest_other = |channel: usize, frame: usize| {
        let others = tracks.iter().enumerate().filter(|(other, _)| *other != channel);
        others.filter_map(|(_, track)| track.levels.get(frame)).max().copied().unwrap_or(Level(0))
    };
    let keep = |(channel, runs): (usize, Vec<Run>)| {
        let own = &tracks[channel].levels;
        let mut kept = Vec::with_capacity(runs.len());
        for run in runs {
            let mine = |at: usize| {
                let frame = run.start + at;
                loudest_other(channel, frame) <= own[frame].plus_db(LOUDER_DB)
            };
            kept.extend(
                runs_where(run.len(), mine)
                    .into_iter()
                    .map(|part| Run { start: run.start + part.start, end: run.start + part.end }),
            );
        }
        join(kept, JOIN)
    };
    speech.into_iter().enumerate().map(keep).collect()
}
