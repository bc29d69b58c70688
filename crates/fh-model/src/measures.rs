use serde::{Deserialize, Serialize};

use crate::{ChannelIndex, Decibels, Millis, Role, Span};

/// Smallest, middle and largest of a list of lengths or levels, by the nearest-rank method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution<T> {
    /// How many values there were.
    pub count: u32,
    /// The smallest.
    pub min: T,
    /// A quarter of the values are at or below it.
    pub p25: T,
    /// Half of the values are at or below it.
    pub median: T,
    /// Three quarters of the values are at or below it.
    pub p75: T,
    /// Nine tenths of the values are at or below it.
    pub p90: T,
    /// The largest.
    pub max: T,
}

impl<T: Copy + Ord> Distribution<T> {
    /// The distribution of `values`; `None` where there are none.
    pub fn of(mut values: Vec<T>) -> Option<Self> {
        values.sort_unstable();
        // Nearest rank: the smallest value with at least `percent` of all values at or below it.
        let at = |percent: usize| {
            let rank = (values.len() * percent).div_ceil(100).max(1);
            values.get(rank - 1).copied()
        };
        Some(Self {
            count: u32::try_from(values.len()).unwrap_or(u32::MAX),
            min: at(0)?,
            p25: at(25)?,
            median: at(50)?,
            p75: at(75)?,
            p90: at(90)?,
            max: at(100)?,
        })
    }
}

/// How loud a channel is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loudness {
    /// Integrated loudness by EBU R128, in LUFS; `None` where the channel is silent throughout.
    pub integrated_lufs: Option<Decibels>,
    /// The highest sample, in dB relative to full scale; `None` where every sample is zero.
    pub peak_dbfs: Option<Decibels>,
    /// RMS level of each whole second, in dB relative to full scale, floored at -100.
    pub per_second_dbfs: Vec<Decibels>,
    /// The distribution of the levels of those seconds in which the channel speaks.
    pub speaking_dbfs: Option<Distribution<Decibels>>,
}

/// What was measured on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelMeasures {
    /// The channel.
    pub channel: ChannelIndex,
    /// Who speaks on it.
    pub role: Role,
    /// Stretches of speech, in order, apart from one another.
    pub speech: Vec<Span>,
    /// All speech together.
    pub speech_time: Millis,
    /// The rest: the call's duration less `speech_time`. This is Huawei's `left_silence_time`: the
    /// other party's speech counts as this channel's silence.
    pub own_silence_time: Millis,
    /// The lengths of the stretches of speech.
    pub speech_lengths: Option<Distribution<Millis>>,
    /// How loud it is.
    pub loudness: Loudness,
}

impl ChannelMeasures {
    /// Speech time over the call's duration, 0 to 1; 0 for a call without length.
    pub fn speech_ratio(&self) -> f64 {
        let duration = self.speech_time + self.own_silence_time;
        if duration == Millis::ZERO { 0.0 } else { self.speech_time.0 as f64 / duration.0 as f64 }
    }
}

/// A stretch in which two channels speak at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TalkOver {
    /// When both spoke.
    pub span: Span,
    /// The channel that began while the other was already speaking.
    pub by_channel: ChannelIndex,
    /// Who that is.
    pub by: Role,
    /// How long the other had been speaking when this one cut in.
    pub other_spoke_for: Millis,
    /// The speech of the one who cut in lies wholly inside the other's: "mhm", not an interruption.
    pub inside_other: bool,
}

/// What was measured on the sound of a call, before any word is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcousticMeasures {
    /// The decoded length.
    pub duration: Millis,
    /// One entry a channel; a dual-mono file has one.
    pub channels: Vec<ChannelMeasures>,
    /// Stretches between the first and the last speech in which nobody speaks.
    pub mutual_silences: Vec<Span>,
    /// The lengths of those stretches.
    pub mutual_silence_lengths: Option<Distribution<Millis>>,
    /// Stretches in which two speak at once.
    pub talk_overs: Vec<TalkOver>,
    /// The lengths of those stretches.
    pub talk_over_lengths: Option<Distribution<Millis>>,
}

/// How fast a role speaks over the whole call.
///
/// Huawei's `left_speed`: recognised characters (words in English) over the channel's own speech
/// time, per minute. The definition is worked out from twelve published samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeechRate {
    /// The channel.
    pub channel: ChannelIndex,
    /// Who speaks on it.
    pub role: Role,
    /// Characters (Han) and words (other scripts) that were recognised; punctuation left out.
    pub units: u32,
    /// The speech time they were said in.
    pub speech_time: Millis,
    /// Units per minute, in thousandths, rounded to the nearest.
    pub per_minute_thousandths: u64,
}

impl SpeechRate {
    /// Units per minute in thousandths, rounded to the nearest; zero for no speech time.
    pub const fn thousandths_per_minute(units: u32, speech_time: Millis) -> u64 {
        if speech_time.0 == 0 {
            return 0;
        }
        let time = speech_time.0 as u128;
        ((units as u128 * 60_000_000 + time / 2) / time) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distribution_takes_the_nearest_rank() {
        let distribution = Distribution::of(vec![15, 20, 35, 40, 50]).unwrap();
        assert_eq!(
            (distribution.min, distribution.p25, distribution.median, distribution.p90),
            (15, 20, 35, 50)
        );
        assert_eq!(Distribution::<u8>::of(vec![]), None);
    }

    #[test]
    fn the_twelve_published_triples_hold() {
        // Huawei's `details` sample: duration, own silence time, ratio in 1/10000, characters
        // (whole in all twelve, found by design from speed * speech time), speed in 1/1000.
        let check = |duration, silence, ratio_e4, characters, speed| {
            let speech = Millis(duration).saturating_sub(Millis(silence));
            let ratio = speech.0 as f64 / duration as f64;
            assert_eq!((ratio * 10_000.0).round() as u64, ratio_e4);
            assert_eq!(SpeechRate::thousandths_per_minute(characters, speech), speed);
        };
        check(164_220, 88_460, 4_613, 305, 241_552);
        check(164_220, 110_820, 3_252, 147, 165_169);
        check(347_160, 260_030, 2_510, 446, 307_127);
        check(347_160, 275_650, 2_060, 380, 318_837);
        check(347_160, 260_030, 2_510, 443, 305_061);
        check(347_160, 275_650, 2_060, 381, 319_676);
        check(104_120, 40_800, 6_081, 342, 324_068);
        check(104_120, 84_860, 1_850, 74, 230_530);
        check(347_160, 260_030, 2_510, 446, 307_127);
        check(347_160, 275_650, 2_060, 383, 321_354);
        check(347_160, 260_030, 2_510, 445, 306_439);
        check(347_160, 275_650, 2_060, 382, 320_515);
    }
}
