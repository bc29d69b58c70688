use super::by_level::proposals;
use super::frames::{FRAME, Run, join, runs_where};
use super::level::Level;
use super::network::STEP;
use super::silero::Probability;
use super::{floor_at, noise_floor};

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

/// The network may take a tone for a voice, but not for longer than this: 800 ms.
const SURPRISE: usize = 80;
/// When it has seen through it, the tone still goes on for this long, 400 ms, ...
const GOES_ON: usize = 40;
/// ... in this share of its frames, in hundredths, ...
const GOES_ON_SHARE: usize = 90;
/// ... and is by no more than this weaker. A voice that the network loses would pause.
const WEAKER_DB: u8 = 8;

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
    let floors = noise_floor(levels);
    let (tones, mut runs): (Vec<Run>, Vec<Run>) = by_network
        .into_iter()
        .map(|run| Run {
            start: run.start.saturating_sub(LATE_START),
            end: run.end.saturating_sub(LATE_END),
        })
        .filter(|run| run.start < run.end)
        .partition(|&run| is_moment_of_tone(levels, floor_at(&floors, run.start), run));
    let in_tone = |frame: usize| {
        let after = tones.partition_point(|tone| tone.start <= frame);
        after > 0 && frame < tones[after - 1].end + LATE_END
    };
    runs.extend(proposals(levels, RISE_DB).into_iter().filter(|run| {
        let believed = (run.start..run.end)
            .filter(|&frame| at(frame) >= HALF_BELIEF && !in_tone(frame))
            .count();
        believed * 100 >= run.len() * CONFIRMED
    }));
    join(runs, 1)
}

/// Whether `run`, in which the network heard a voice, is but a moment of a steady sound that goes
/// on when the network no longer does so: ring-back, a busy tone, a machine.
fn is_moment_of_tone(levels: &[Level], floor: Level, run: Run) -> bool {
    let Some(next) = levels.get(run.end..run.end + GOES_ON) else { return false };
    if run.len() > SURPRISE {
        return false;
    }
    let mut heard = levels[run.start..run.end].to_vec();
    heard.sort_unstable();
    // The run may begin before the sound does, and its first frames hold only the line's noise.
    let usual = heard[heard.len() * 2 / 3];
    // In much noise a pause is not `WEAKER_DB` deep; it then reaches halfway down to the noise.
    let least = usual.minus_db(WEAKER_DB).max(floor.towards(usual, 50, u8::MAX));
    let going_on = next.iter().filter(|&&level| level >= least).count();
    going_on * 100 >= GOES_ON * GOES_ON_SHARE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second of noise at -60 dB, two of sound, a second of noise. The network, on steps of
    /// 32 ms, believes in a voice from the sound's start, for `believed` steps.
    fn check(sound: impl Fn(usize) -> i32, believed: usize, expected: &[Run]) {
        let levels: Vec<Level> = (0..400)
            .map(|frame| {
                Level::from_db(if (100..300).contains(&frame) { sound(frame) } else { -60 })
            })
            .collect();
        let mut probabilities = vec![0; 125];
        probabilities[31..31 + believed].fill(200);
        assert_eq!(speech(&levels, &probabilities), expected);
    }

    #[test]
    fn a_tone_that_outlasts_the_belief_in_it_is_no_voice() {
        // It swings by 6 dB, as two tones a little apart in pitch do.
        check(|frame| if frame % 3 == 0 { -30 } else { -24 }, 10, &[]);
    }

    #[test]
    fn a_voice_that_the_network_loses_pauses_and_stays() {
        // Syllables of 150 ms and pauses of 50 ms: the belief of 10 steps covers frames 99 to 130,
        // which are moved forward by 5 at the start and 6 at the end. Of the first syllable all
        // frames are believed in, of the second 10 of 15, so the level adds the rest of both.
        let run = |start, end| Run { start, end };
        let syllables = |frame: usize| if frame % 20 < 15 { -24 } else { -58 };
        check(syllables, 10, &[run(94, 135)]);
    }

    #[test]
    fn a_tone_that_the_network_keeps_believing_in_is_its_own_affair() {
        // 30 steps are 960 ms, of which half a second of the same sound is left over; the level
        // adds it, for half of the two seconds are believed in.
        check(|_| -24, 30, &[Run { start: 94, end: 300 }]);
    }
}
