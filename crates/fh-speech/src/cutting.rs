use std::io;

use fh_model::{ChannelIndex, Millis, Role, Span};

use crate::engine::SAMPLE_RATE_HZ;
use crate::transcribe::ChannelSpeech;

/// Speech of one channel with less than this between its parts is one utterance. Pauses inside a
/// sentence are mostly shorter than half a second, pauses between turns longer.
pub(crate) const PAUSE_BETWEEN_UTTERANCES: Millis = Millis(500);

/// How much sound before and after the speech goes to the recogniser with it: voice activity
/// detection finds soft onsets and endings late and early.
pub(crate) const PADDING: Millis = Millis(200);

/// The longest piece that is given to a recogniser at once, before padding, even where the engine
/// takes more: cost and memory of attention grow with the square of the length.
pub(crate) const LONGEST_PIECE: Millis = Millis(27_000);

/// The frame over which level is measured when a place to cut is sought in running speech.
const FRAME: usize = SAMPLE_RATE_HZ as usize / 50;

/// How many frames together must be quiet: 100 ms is longer than the closure of a plosive, which
/// is quiet too but stands inside a word.
const QUIET_FRAMES: usize = 5;

/// Speech of one channel that belongs together: what becomes one utterance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) channel: ChannelIndex,
    pub(crate) role: Role,
    /// The parts of speech inside, in order, apart.
    pub(crate) speech: Vec<Span>,
}

impl Stretch {
    pub(crate) fn span(&self) -> Span {
        let start = self.speech.first().map_or(Millis::ZERO, |part| part.start);
        let end = self.speech.last().map_or(start, |part| part.end);
        Span::new(start, end)
    }
}

/// A part of a stretch that is recognised at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Where the speech is; words are held inside it.
    pub(crate) span: Span,
    /// What the recogniser is given: the speech and a little around it.
    pub(crate) padded: Span,
}

/// The stretches of all channels, in order of start, then of channel.
pub(crate) fn stretches(channels: &[ChannelSpeech]) -> Vec<Stretch> {
    let mut all = Vec::new();
    for channel in channels {
        let mut speech: Vec<Span> =
            channel.speech.iter().copied().filter(|span| !span.is_empty()).collect();
        speech.sort();
        let mut current: Option<Stretch> = None;
        for span in speech {
            match &mut current {
                Some(stretch) if span.start < stretch.span().end + PAUSE_BETWEEN_UTTERANCES => {
                    join(&mut stretch.speech, span);
                }
                _ => {
                    let next = Stretch {
                        channel: channel.channel,
                        role: channel.role,
                        speech: vec![span],
                    };
                    all.extend(current.replace(next));
                }
            }
        }
        all.extend(current);
    }
    all.sort_by_key(|stretch| (stretch.span().start, stretch.channel, stretch.span().end));
    all
}

/// Adds a part of speech; one that touches or overlaps the last becomes part of it.
fn join(speech: &mut Vec<Span>, span: Span) {
    match speech.last_mut() {
        Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
        _ => speech.push(span),
    }
}

/// Cuts a stretch into pieces of at most `longest`, padding not counted.
///
/// The cut lies in the longest pause of the second half of what fits; where there is no pause, at
/// the quietest tenth of a second there. `read` gives the samples of a span of the stretch's
/// channel, fewer where the recording ends before.
pub(crate) fn pieces(
    stretch: &Stretch,
    longest: Millis,
    read: &mut dyn FnMut(Span) -> io::Result<Vec<f32>>,
) -> io::Result<Vec<Piece>> {
    let longest = longest.max(Millis(1000));
    let whole = stretch.span();
    let mut pieces = Vec::new();
    let mut start = whole.start;
    let mut padding_before = PADDING;
    while whole.end - start > longest {
        let window = Span::new(Millis(start.0 + longest.0 / 2), start + longest);
        let (end, next, padding) = match longest_pause(stretch, window) {
            Some(pause) => (pause.start, pause.end, PADDING.min(Millis(pause.length().0 / 2))),
            None => {
                let moment = quietest_moment(window, &read(window)?);
                (moment, moment, Millis::ZERO)
            }
        };
        pieces.push(piece(Span::new(start, end), padding_before, padding));
        (start, padding_before) = (next, padding);
    }
    pieces.push(piece(Span::new(start, whole.end), padding_before, PADDING));
    Ok(pieces)
}

fn piece(span: Span, before: Millis, after: Millis) -> Piece {
    Piece { span, padded: Span::new(span.start - before, span.end + after) }
}

/// The longest pause of the stretch that begins inside the window; the first of equals.
fn longest_pause(stretch: &Stretch, window: Span) -> Option<Span> {
    stretch
        .speech
        .windows(2)
        .map(|pair| Span::new(pair[0].end, pair[1].start))
        .filter(|pause| window.contains(pause.start))
        .max_by_key(|pause| (pause.length(), std::cmp::Reverse(pause.start)))
}

/// The middle of the quietest tenth of a second; the last moment where there is no sound at all.
fn quietest_moment(window: Span, samples: &[f32]) -> Millis {
    let levels: Vec<f64> = samples
        .chunks_exact(FRAME)
        .map(|frame| frame.iter().map(|&sample| f64::from(sample).powi(2)).sum())
        .collect();
    let quietest = levels
        .windows(QUIET_FRAMES)
        .map(|frames| frames.iter().sum::<f64>())
        .enumerate()
        .min_by(|(_, left), (_, right)| left.total_cmp(right));
    match quietest {
        Some((index, _)) => {
            let middle = (index * FRAME + QUIET_FRAMES * FRAME / 2) as u64;
            (window.start + Millis::from_samples(middle, SAMPLE_RATE_HZ)).min(window.end)
        }
        None => window.end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u64, end: u64) -> Span {
        Span::new(Millis(start), Millis(end))
    }

    fn channel(index: u8, speech: &[Span]) -> ChannelSpeech {
        ChannelSpeech { channel: ChannelIndex(index), role: Role::Unknown, speech: speech.to_vec() }
    }

    fn silence(span: Span) -> io::Result<Vec<f32>> {
        Ok(vec![0.0; span.length().to_samples(SAMPLE_RATE_HZ) as usize])
    }

    #[test]
    fn half_a_second_of_pause_parts_two_utterances() {
        let found = stretches(&[
            channel(0, &[span(1000, 2000), span(2499, 3000), span(3500, 4000)]),
            channel(1, &[span(500, 700)]),
        ]);
        let spans: Vec<_> = found.iter().map(|s| (s.channel.0, s.span())).collect();
        assert_eq!(spans, [(1, span(500, 700)), (0, span(1000, 3000)), (0, span(3500, 4000))]);
        assert_eq!(found[1].speech, [span(1000, 2000), span(2499, 3000)]);
    }

    #[test]
    fn a_short_stretch_is_one_padded_piece() {
        let stretch = stretches(&[channel(0, &[span(100, 1000)])]).remove(0);
        let found = pieces(&stretch, Millis(10_000), &mut silence).unwrap();
        assert_eq!(found, [Piece { span: span(100, 1000), padded: span(0, 1200) }]);
    }

    #[test]
    fn a_long_stretch_is_cut_at_its_longest_pause() {
        // What fits is 10 s, its second half 5..10 s: of the pauses there (100 ms at 6 s and
        // 300 ms at 8 s) the longer one is taken, not the 400 ms at 2 s.
        let speech = [span(0, 2000), span(2400, 6000), span(6100, 8000), span(8300, 12_000)];
        let stretch = stretches(&[channel(0, &speech)]).remove(0);
        let found = pieces(&stretch, Millis(10_000), &mut silence).unwrap();
        assert_eq!(
            found,
            [
                Piece { span: span(0, 8000), padded: span(0, 8150) },
                Piece { span: span(8300, 12_000), padded: span(8150, 12_200) },
            ]
        );
    }

    #[test]
    fn running_speech_is_cut_where_it_is_quietest() {
        // Loud but for 7.0 to 7.1 s; the window is 5..10 s.
        let mut loud_but_once = |wanted: Span| -> io::Result<Vec<f32>> {
            let first = wanted.start.to_samples(SAMPLE_RATE_HZ);
            let count = wanted.length().to_samples(SAMPLE_RATE_HZ);
            let quiet = 7000 * 16..7100 * 16;
            Ok((first..first + count)
                .map(|n| if quiet.contains(&n) { 0.001 } else { 0.5 })
                .collect())
        };
        let stretch = stretches(&[channel(0, &[span(0, 12_000)])]).remove(0);
        let found = pieces(&stretch, Millis(10_000), &mut loud_but_once).unwrap();
        assert_eq!(
            found,
            [
                Piece { span: span(0, 7050), padded: span(0, 7050) },
                Piece { span: span(7050, 12_000), padded: span(7050, 12_200) },
            ]
        );
    }

    #[test]
    fn pieces_cover_all_speech_and_none_is_too_long() {
        let speech: Vec<Span> = (0..200).map(|n| span(n * 1700, n * 1700 + 1300 + n)).collect();
        for stretch in stretches(&[channel(0, &speech)]) {
            let found = pieces(&stretch, LONGEST_PIECE, &mut silence).unwrap();
            assert!(found.iter().all(|piece| piece.span.length() <= LONGEST_PIECE));
            for part in &stretch.speech {
                let covered: u64 = found
                    .iter()
                    .filter_map(|piece| piece.span.overlap(*part))
                    .map(|both| both.length().0)
                    .sum();
                assert_eq!(covered, part.length().0);
            }
        }
    }
}
