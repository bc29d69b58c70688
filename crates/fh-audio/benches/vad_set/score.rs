//! How far what was found is from what is true.

use fh_model::{Millis, Span};

/// Spans as one flag for each frame of 10 ms; a frame belongs to the span that its middle is in.
pub fn frames(spans: &[Span], count: usize) -> Vec<bool> {
    let mut flags = vec![false; count];
    for span in spans {
        let frame = |moment: Millis| ((moment.0 + 5) / 10) as usize;
        let (start, end) = (frame(span.start).min(count), frame(span.end).min(count));
        flags[start..end].fill(true);
    }
    flags
}

/// Runs of frames as `(start, end)`.
pub fn runs(flags: &[bool]) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = None;
    for (at, &flag) in flags.iter().chain([&false]).enumerate() {
        match (flag, start) {
            (true, None) => start = Some(at),
            (false, Some(begun)) => {
                runs.push((begun, at));
                start = None;
            }
            _ => {}
        }
    }
    runs
}

/// How many frames were right and wrong.
#[derive(Debug, Default, Clone, Copy)]
pub struct Frames {
    pub right: usize,
    pub invented: usize,
    pub missed: usize,
}

impl Frames {
    pub fn compare(found: &[bool], truth: &[bool]) -> Self {
        let count = |found_is: bool, truth_is: bool| {
            found.iter().zip(truth).filter(|pair| *pair == (&found_is, &truth_is)).count()
        };
        Self { right: count(true, true), invented: count(true, false), missed: count(false, true) }
    }

    pub fn plus(self, other: Self) -> Self {
        Self {
            right: self.right + other.right,
            invented: self.invented + other.invented,
            missed: self.missed + other.missed,
        }
    }

    pub fn precision(self) -> f64 {
        share(self.right, self.right + self.invented)
    }

    pub fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    pub fn f1(self) -> f64 {
        share(2 * self.right, 2 * self.right + self.invented + self.missed)
    }

    /// Speech found over speech there is.
    pub fn speech_over_truth(self) -> f64 {
        share(self.right + self.invented, self.right + self.missed)
    }
}

/// `part` of `whole`; 1 where there is no whole.
pub fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Precision and recall of events that last at least `least` frames.
///
/// An event is right if it shares at least half of the union of both with an event of the other
/// side that lasts at least half of `least`.
pub fn events(found: &[bool], truth: &[bool], least: usize) -> (f64, f64) {
    let agree = |from: &[bool], with: &[bool]| {
        let others: Vec<_> = runs(with).into_iter().filter(|(s, e)| e - s >= least / 2).collect();
        let wanted: Vec<_> = runs(from).into_iter().filter(|(s, e)| e - s >= least).collect();
        let right = wanted.iter().filter(|(start, end)| {
            others.iter().any(|(other_start, other_end)| {
                let common = (*end.min(other_end)).saturating_sub(*start.max(other_start));
                let union = (end - start) + (other_end - other_start) - common;
                2 * common >= union
            })
        });
        share(right.count(), wanted.len())
    };
    (agree(found, truth), agree(truth, found))
}

/// Median and 90th percentile (of the size) of how late, in ms, starts and ends of speech are
/// found; only those within half a second of the true ones are looked at.
pub fn edge_errors(found: &[bool], truth: &[bool]) -> [Vec<i64>; 2] {
    let (found, truth) = (runs(found), runs(truth));
    let nearest = |at: usize, candidates: &mut dyn Iterator<Item = usize>| {
        candidates
            .map(|candidate| (candidate as i64 - at as i64) * 10)
            .min_by_key(|error| error.abs())
            .filter(|error| error.abs() <= 500)
    };
    [
        truth
            .iter()
            .filter_map(|run| nearest(run.0, &mut found.iter().map(|other| other.0)))
            .collect(),
        truth
            .iter()
            .filter_map(|run| nearest(run.1, &mut found.iter().map(|other| other.1)))
            .collect(),
    ]
}

/// Median, and 90th percentile of the size, of errors in milliseconds.
pub fn median_and_p90(mut errors: Vec<i64>) -> (i64, i64) {
    if errors.is_empty() {
        return (0, 0);
    }
    errors.sort_unstable();
    let median = errors[errors.len() / 2];
    errors.sort_unstable_by_key(|error| error.abs());
    (median, errors[errors.len() * 9 / 10].abs())
}

/// What the set says about one way of finding speech.
pub struct Report {
    pub frames: Frames,
    pub onset: (i64, i64),
    pub offset: (i64, i64),
    pub silence: (f64, f64),
    pub overlap: (f64, f64),
    /// Share of the frames with tones or music, and without speech, that were called speech.
    pub tones: f64,
    /// Largest difference, over the channels, between the speech ratio found and the true one,
    /// relative to the true one.
    pub ratio_error: f64,
}

/// Judges the speech found on both channels of `scene`.
pub fn judge(scene: &super::Scene, found: [&[Span]; 2]) -> Report {
    let count = scene.labels[0].len();
    let found = found.map(|spans| frames(spans, count));
    let mut total = Frames::default();
    let (mut onsets, mut offsets) = (Vec::new(), Vec::new());
    let (mut toned, mut called) = (0, 0);
    let mut ratio_error = 0_f64;
    for (at, found) in found.iter().enumerate() {
        let truth = &scene.labels[at];
        let frames = Frames::compare(found, truth);
        total = total.plus(frames);
        ratio_error = ratio_error.max((frames.speech_over_truth() - 1.0).abs());
        let [on, off] = edge_errors(found, truth);
        onsets.extend(on);
        offsets.extend(off);
        for (frame, &found) in found.iter().enumerate() {
            if scene.tones[at][frame] && !truth[frame] {
                toned += 1;
                called += usize::from(found);
            }
        }
    }
    let both = |sides: &[Vec<bool>; 2], which: fn(bool, bool) -> bool| -> Vec<bool> {
        sides[0].iter().zip(&sides[1]).map(|(&left, &right)| which(left, right)).collect()
    };
    let silent = |left: bool, right: bool| !left && !right;
    let overlap = |left: bool, right: bool| left && right;
    Report {
        frames: total,
        onset: median_and_p90(onsets),
        offset: median_and_p90(offsets),
        silence: events(&both(&found, silent), &both(&scene.labels, silent), 300),
        overlap: events(&both(&found, overlap), &both(&scene.labels, overlap), 30),
        tones: share(called, toned.max(1)),
        ratio_error,
    }
}
