use fh_model::{Millis, Span};

use crate::analyzer::RATE_HZ;

/// Milliseconds in a frame.
pub(crate) const FRAME_MS: usize = 10;
/// Samples in a frame at 16 kHz.
pub(super) const FRAME: usize = RATE_HZ as usize * FRAME_MS / 1000;

/// Consecutive frames of 10 ms: `start` belongs to them, `end` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Run {
    pub(super) fn len(self) -> usize {
        self.end - self.start
    }

    pub(super) fn span(self) -> Span {
        let at = |frame: usize| Millis((frame * FRAME_MS) as u64);
        Span::new(at(self.start), at(self.end))
    }
}

/// The longest runs of frames, out of `count`, that `inside` accepts.
pub(super) fn runs_where(count: usize, mut inside: impl FnMut(usize) -> bool) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut start = None;
    for frame in 0..count {
        match (inside(frame), start) {
            (true, None) => start = Some(frame),
            (false, Some(begun)) => {
                runs.push(Run { start: begun, end: frame });
                start = None;
            }
            _ => {}
        }
    }
    runs.extend(start.map(|start| Run { start, end: count }));
    runs
}

/// Joins runs that lie less than `gap` frames apart, touch or overlap; sorts them first.
pub(super) fn join(mut runs: Vec<Run>, gap: usize) -> Vec<Run> {
    runs.sort_unstable_by_key(|run| run.start);
    let mut joined: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        match joined.last_mut() {
            Some(last) if run.start < last.end + gap.max(1) => last.end = last.end.max(run.end),
            _ => joined.push(run),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_and_joined() {
        let pattern = b".##..#...####";
        let runs = runs_where(pattern.len(), |frame| pattern[frame] == b'#');
        let run = |start, end| Run { start, end };
        assert_eq!(runs, [run(1, 3), run(5, 6), run(9, 13)]);
        // The gaps are two and three frames long.
        assert_eq!(join(runs.clone(), 2), runs);
        assert_eq!(join(runs.clone(), 3), [run(1, 6), run(9, 13)]);
        assert_eq!(join(runs, 4), [run(1, 13)]);
        assert_eq!(join(vec![run(4, 6), run(0, 5), run(6, 7)], 0), [run(0, 7)]);
    }
}
