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

/// How many events were found, and how many of them are right; how many there are, and how many of
/// them were found.
#[derive(Debug, Default, Clone, Copy)]
pub struct Events {
    pub found: usize,
    pub right: usize,
    pub real: usize,
    pub noticed: usize,
}

impl Events {
    /// Compares the events that last at least `least` frames.
    ///
    /// An event is right if it shares at least half of the union of both with an event of the other
    /// side that lasts at least half of `least`.
    pub fn compare(found: &[bool], truth: &[bool], least: usize) -> Self {
        let agree = |from: &[bool], with: &[bool]| {
            let others: Vec<_> =
                runs(with).into_iter().filter(|(s, e)| e - s >= least / 2).collect();
            let wanted: Vec<_> = runs(from).into_iter().filter(|(s, e)| e - s >= least).collect();
            let right = wanted.iter().filter(|(start, end)| {
                others.iter().any(|(other_start, other_end)| {
                    let common = (*end.min(other_end)).saturating_sub(*start.max(other_start));
                    let union = (end - start) + (other_end - other_start) - common;
                    2 * common >= union
                })
            });
            (right.count(), wanted.len())
        };
        let ((right, found_count), (noticed, real)) = (agree(found, truth), agree(truth, found));
        Self { found: found_count, right, real, noticed }
    }

    pub fn plus(self, other: Self) -> Self {
        Self {
            found: self.found + other.found,
            right: self.right + other.right,
            real: self.real + other.real,
            noticed: self.noticed + other.noticed,
        }
    }

    pub fn precision(self) -> f64 {
        share(self.right, self.found)
    }

    pub fn recall(self) -> f64 {
        share(self.noticed, self.real)
    }
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
pub fn median_and_p90(errors: &[i64]) -> (i64, i64) {
    if errors.is_empty() {
        return (0, 0);
    }
    let mut errors = errors.to_vec();
    errors.sort_unstable();
    let median = errors[errors.len() / 2];
    errors.sort_unstable_by_key(|error| error.abs());
    (median, errors[errors.len() * 9 / 10].abs())
}

/// What a set says about one way of finding speech.
#[derive(Debug, Default)]
pub struct Report {
    pub frames: Frames,
    /// How late, in ms, each start and each end of speech was found.
    pub onsets: Vec<i64>,
    pub offsets: Vec<i64>,
    /// Mutual silences of 3 s and more.
    pub silences: Events,
    /// Talk-overs of 0.3 s and more.
    pub overlaps: Events,
    /// Frames with tones or music, and without speech.
    pub toned: usize,
    /// How many of them were called speech.
    pub toned_speech: usize,
    /// Largest difference, over the channels, between the speech ratio found and the true one,
    /// relative to the true one.
    pub ratio_error: f64,
}

impl Report {
    /// Both sets as one; of the ratio's errors the larger.
    pub fn plus(mut self, other: Self) -> Self {
        self.onsets.extend(other.onsets);
        self.offsets.extend(other.offsets);
        Self {
            frames: self.frames.plus(other.frames),
            silences: self.silences.plus(other.silences),
            overlaps: self.overlaps.plus(other.overlaps),
            toned: self.toned + other.toned,
            toned_speech: self.toned_speech + other.toned_speech,
            ratio_error: self.ratio_error.max(other.ratio_error),
            ..self
        }
    }

    /// Share of the tones and the music that was called speech.
    pub fn tones(&self) -> f64 {
        share(self.toned_speech, self.toned.max(1))
    }
}

/// Judges the speech found on both channels of `scene`.
pub fn judge(scene: &super::Scene, found: [&[Span]; 2]) -> Report {
    let count = scene.labels[0].len();
    let found = found.map(|spans| frames(spans, count));
    let mut report = Report::default();
    for (at, found) in found.iter().enumerate() {
        let truth = &scene.labels[at];
        let frames = Frames::compare(found, truth);
        report.frames = report.frames.plus(frames);
        report.ratio_error = report.ratio_error.max((frames.speech_over_truth() - 1.0).abs());
        let [on, off] = edge_errors(found, truth);
        report.onsets.extend(on);
        report.offsets.extend(off);
        for (frame, &found) in found.iter().enumerate() {
            if scene.tones[at][frame] && !truth[frame] {
                report.toned += 1;
                report.toned_speech += usize::from(found);
            }
        }
    }
    let both = |sides: &[Vec<bool>; 2], which: fn(bool, bool) -> bool| -> Vec<bool> {
        sides[0].iter().zip(&sides[1]).map(|(&left, &right)| which(left, right)).collect()
    };
    let silent = |left: bool, right: bool| !left && !right;
    let overlap = |left: bool, right: bool| left && right;
    report.silences = Events::compare(&both(&found, silent), &both(&scene.labels, silent), 300);
    report.overlaps = Events::compare(&both(&found, overlap), &both(&scene.labels, overlap), 30);
    report
}
