//! Measures of the sound of a call: one file each, and each publishes its definition.
//!
//! Everything here follows from the spans of speech of each channel, from the levels, and from the
//! call's duration. Times are whole milliseconds.

mod integrated_loudness;
mod mutual_silence;
mod own_silence;
mod peak;
mod second_levels;
mod speech_ratio;
mod speech_time;
mod talk_over;

use fh_model::{
    AcousticMeasures, ChannelIndex, ChannelMeasures, Distribution, Loudness, Millis, Role, Span,
};

/// What a measure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// Its stable name.
    pub id: &'static str,
    /// What it is counted in.
    pub unit: &'static str,
    /// How it is worked out, for the person who wants to check it.
    pub definition: &'static str,
}

/// Every measure. A new one is a file in this folder and a line here.
pub const MEASURES: &[Measure] = &[
    speech_time::MEASURE,
    speech_ratio::MEASURE,
    own_silence::MEASURE,
    mutual_silence::MEASURE,
    talk_over::MEASURE,
    integrated_loudness::MEASURE,
    peak::MEASURE,
    second_levels::MEASURE,
];

/// Listens for how loud a channel is.
pub(crate) struct LoudnessMeter {
    integrated: integrated_loudness::Meter,
    peak: peak::Meter,
    seconds: second_levels::Meter,
}

impl LoudnessMeter {
    pub(crate) fn new() -> Self {
        Self {
            integrated: integrated_loudness::Meter::new(),
            peak: peak::Meter::default(),
            seconds: second_levels::Meter::default(),
        }
    }

    pub(crate) fn push(&mut self, samples: &[f32]) {
        self.integrated.push(samples);
        self.peak.push(samples);
        self.seconds.push(samples);
    }

    fn finish(self, speech: &[Span]) -> Loudness {
        let per_second_dbfs = self.seconds.finish();
        Loudness {
            integrated_lufs: self.integrated.finish(),
            peak_dbfs: self.peak.finish(),
            speaking_dbfs: second_levels::while_speaking(&per_second_dbfs, speech),
            per_second_dbfs,
        }
    }
}

/// A channel on which speech was found.
pub(crate) struct MeasuredChannel {
    pub(crate) channel: ChannelIndex,
    pub(crate) role: Role,
    pub(crate) speech: Vec<Span>,
    pub(crate) loudness: LoudnessMeter,
}

/// Works out all measures of a call.
pub(crate) fn measure(duration: Millis, channels: Vec<MeasuredChannel>) -> AcousticMeasures {
    let channels: Vec<ChannelMeasures> = channels
        .into_iter()
        .map(|MeasuredChannel { channel, role, mut speech, loudness }| {
            // The last frame may reach past the last sample.
            for span in &mut speech {
                *span = Span::new(span.start.min(duration), span.end.min(duration));
            }
            speech.retain(|span| !span.is_empty());
            let speech_time = speech_time::of(&speech);
            ChannelMeasures {
                channel,
                role,
                speech_time,
                own_silence_time: own_silence::of(duration, speech_time),
                speech_lengths: Distribution::of(speech.iter().map(|s| s.length()).collect()),
                loudness: loudness.finish(&speech),
                speech,
            }
        })
        .collect();
    let mutual_silences = mutual_silence::of(&channels);
    let talk_overs = talk_over::of(&channels);
    AcousticMeasures {
        duration,
        mutual_silence_lengths: Distribution::of(
            mutual_silences.iter().map(|span| span.length()).collect(),
        ),
        mutual_silences,
        talk_over_lengths: Distribution::of(
            talk_overs.iter().map(|talk_over| talk_over.span.length()).collect(),
        ),
        talk_overs,
        channels,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_says_what_it_is() {
        for measure in MEASURES {
            assert!(!measure.unit.is_empty() && measure.definition.ends_with('.'), "{measure:?}");
            assert_eq!(MEASURES.iter().filter(|other| other.id == measure.id).count(), 1);
        }
    }
}
