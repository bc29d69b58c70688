use fh_model::Millis;

use super::fault::Fault;
use super::wire::{BLOCK_FRAMES, Facts, OUTPUT_RATE_HZ};
use crate::resample::Resampler;
use crate::{LimitKind, Limits};

/// How far one track may run ahead of another before they count as not interleaved: 2 minutes.
const MAX_LEAD_FRAMES: usize = 120 * OUTPUT_RATE_HZ as usize;

/// What takes the finished blocks: the pipe to the parent, or a buffer in tests.
pub(crate) trait BlockWriter {
    /// Called once, before the first block.
    fn facts(&mut self, facts: &Facts) -> Result<(), Fault>;
    /// One plane a channel, equal lengths, at [`OUTPUT_RATE_HZ`].
    fn block(&mut self, planes: &[Vec<i16>]) -> Result<(), Fault>;
}

/// The samples that a decoder pushes, of one or more tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TrackShape {
    /// The rate of the samples that will be pushed; Opus is decoded at another than it was
    /// recorded at.
    pub(crate) rate_hz: u32,
    pub(crate) channels: usize,
}

/// Where decoders put their samples: resamples, joins the tracks to channels, enforces the limits.
pub(crate) struct Output<'w> {
    writer: &'w mut dyn BlockWriter,
    limits: Limits,
    tracks: Vec<Track>,
    started: bool,
    written: u64,
    planes: Vec<Vec<i16>>,
}

struct Track {
    resampler: Resampler,
    /// Finished samples that wait for the other tracks, one plane a channel.
    ready: Vec<Vec<i16>>,
    /// Frames of silence, at the track's own rate, that stand for what could not be decoded.
    filled: u64,
}

impl<'w> Output<'w> {
    pub(crate) fn new(writer: &'w mut dyn BlockWriter, limits: &Limits) -> Self {
        Self {
            writer,
            limits: limits.clone(),
            tracks: Vec::new(),
            started: false,
            written: 0,
            planes: Vec::new(),
        }
    }

    /// Whether a decoder has taken the recording on.
    pub(crate) const fn started(&self) -> bool {
        self.started
    }

    /// Tells what is coming. Comes before every other call.
    pub(crate) fn start(&mut self, facts: &Facts, tracks: &[TrackShape]) -> Result<(), Fault> {
        let limits = &self.limits;
        let channels: usize = tracks.iter().map(|track| track.channels).sum();
        let over = |limit, allowed, found| Fault::Limit { limit, allowed, found };
        if channels > usize::from(limits.max_channels) {
            let allowed = u64::from(limits.max_channels);
            return Err(over(LimitKind::Channels, allowed, channels as u64));
        }
        for rate in tracks.iter().map(|track| track.rate_hz).chain([facts.rate_hz]) {
            if rate > limits.max_rate_hz {
                return Err(over(LimitKind::Rate, limits.max_rate_hz.into(), rate.into()));
            }
            if rate < limits.min_rate_hz {
                return Err(Fault::malformed(
                    crate::Place::Byte(0),
                    format!("a rate of at least {} Hz", limits.min_rate_hz),
                    format!("{rate} Hz"),
                ));
            }
        }
        self.tracks = tracks
            .iter()
            .map(|track| {
                let resampler = Resampler::new(track.rate_hz, track.channels).ok_or_else(|| {
                    Fault::Unsupported {
                        format: facts.format.clone(),
                        detail: format!("cannot resample from {} Hz", track.rate_hz),
                    }
                })?;
                Ok(Track { resampler, ready: vec![Vec::new(); track.channels], filled: 0 })
            })
            .collect::<Result<_, Fault>>()?;
        self.planes = vec![Vec::with_capacity(BLOCK_FRAMES); channels];
        self.started = true;
        self.writer.facts(facts)
    }

    /// Takes decoded samples of one track: one plane a channel, equal lengths.
    pub(crate) fn push(&mut self, track: usize, planes: &[&[f32]]) -> Result<(), Fault> {
        let Track { resampler, ready, .. } = &mut self.tracks[track];
        debug_assert_eq!(planes.len(), resampler.channels());
        resampler.push(planes, &mut |out| append(ready, out));
        self.drain(BLOCK_FRAMES / 2)?;
        let lead = self.tracks.iter().map(|track| track.ready[0].len()).max().unwrap_or(0);
        if lead > MAX_LEAD_FRAMES {
            return Err(Fault::Unsupported {
                format: "several tracks".to_owned(),
                detail: "expected interleaved tracks, found one that lies after the other"
                    .to_owned(),
            });
        }
        Ok(())
    }

    /// Puts `frames` of silence (at the track's own rate) in the place of sound that is missing.
    pub(crate) fn fill(&mut self, track: usize, frames: u64) -> Result<(), Fault> {
        self.tracks[track].filled += frames;
        self.silence(track, frames)
    }

    /// Puts `frames` of silence (at the track's own rate) that the recording asks for.
    pub(crate) fn silence(&mut self, track: usize, frames: u64) -> Result<(), Fault> {
        const ZEROS: [f32; 4_096] = [0.0; 4_096];
        let mut left = frames;
        while left > 0 {
            let take = left.min(ZEROS.len() as u64);
            let planes = vec![&ZEROS[..take as usize]; self.tracks[track].resampler.channels()];
            self.push(track, &planes)?;
            left -= take;
        }
        Ok(())
    }

    /// Frames pushed to a track so far, silence included.
    pub(crate) fn position(&self, track: usize) -> u64 {
        self.tracks[track].resampler.frames_in()
    }

    /// Sends what is left. Tracks that ended early are silent to the end of the longest.
    pub(crate) fn finish(&mut self) -> Result<Millis, Fault> {
        for Track { resampler, ready, .. } in &mut self.tracks {
            resampler.finish(&mut |out| append(ready, out));
        }
        let longest = self.tracks.iter().map(|track| track.ready[0].len()).max().unwrap_or(0);
        for plane in self.tracks.iter_mut().flat_map(|track| &mut track.ready) {
            plane.resize(longest, 0);
        }
        self.drain(1)?;
        Ok(self.tracks.iter().map(Track::filled).max().unwrap_or_default())
    }

    /// Sends whole blocks while every track has at least `least` frames.
    fn drain(&mut self, least: usize) -> Result<(), Fault> {
        loop {
            let ready = self.tracks.iter().map(|track| track.ready[0].len()).min().unwrap_or(0);
            if ready < least {
                return Ok(());
            }
            let frames = ready.min(BLOCK_FRAMES);
            self.written += frames as u64;
            let most = self.limits.max_duration.to_samples(OUTPUT_RATE_HZ);
            if self.written > most {
                return Err(Fault::Limit {
                    limit: LimitKind::Duration,
                    allowed: self.limits.max_duration.0,
                    found: Millis::from_samples(self.written, OUTPUT_RATE_HZ).0,
                });
            }
            let ready = self.tracks.iter_mut().flat_map(|track| &mut track.ready);
            for (plane, ready) in self.planes.iter_mut().zip(ready) {
                plane.clear();
                if ready.len() == frames {
                    std::mem::swap(plane, ready);
                } else {
                    plane.extend(ready.drain(..frames));
                }
            }
            self.writer.block(&self.planes)?;
        }
    }
}

impl Track {
    fn filled(&self) -> Millis {
        Millis::from_samples(self.filled, self.resampler.rate_hz())
    }
}

fn append(ready: &mut [Vec<i16>], out: &[&[f32]]) {
    for (plane, out) in ready.iter_mut().zip(out) {
        plane.extend(out.iter().map(|&sample| to_i16(sample)));
    }
}

/// To 16 bits, rounded to the nearest; sound that was 16 bits comes out as it went in.
fn to_i16(sample: f32) -> i16 {
    // Adding 1.5 * 2^23 leaves the rounded number in the low bits of the float: a rounding that
    // the compiler can do for eight samples at once, which `round` is not.
    const MAGIC: f32 = 12_582_912.0;
    let scaled = (sample * 32_768.0).clamp(-32_768.0, 32_767.0);
    ((scaled + MAGIC).to_bits() as i32).wrapping_sub(MAGIC.to_bits() as i32) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_survive() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(to_i16(f32::from(sample) / 32_768.0), sample);
        }
        assert_eq!(to_i16(1.0), i16::MAX);
        assert_eq!(to_i16(-1.0), i16::MIN);
        assert_eq!(to_i16(0.6 / 32_768.0), 1);
        assert_eq!(to_i16(-0.6 / 32_768.0), -1);
    }
}
