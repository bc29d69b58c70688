use fh_model::{AcousticMeasures, CallWarning, ChannelIndex, Millis, Role, RoleMap, VoiceActivity};

use crate::channel_check::{self, Sameness, SampleCheck};
use crate::error::AudioError;
use crate::measures::{self, LoudnessMeter, MeasuredChannel};
use crate::vad::{self, LevelMeter, Network, SileroTrack, Track, VoiceActivityChoice};

/// Samples a second that an [`Analyzer`] takes.
pub(crate) const RATE_HZ: u32 = 16_000;

/// What was heard on a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analysis {
    /// The measures.
    pub measures: AcousticMeasures,
    /// What a person should know about the channels.
    pub warnings: Vec<CallWarning>,
    /// How speech was told from silence.
    pub voice_activity: VoiceActivity,
    /// The version of that method.
    pub voice_activity_version: String,
}

/// Listens to a call block by block: voice activity, channel sanity and measures.
///
/// It keeps a byte or two for every 10 ms of every channel and nothing of the samples: a day of
/// two channels takes 33 MB at the peak.
///
/// ```
/// use fh_audio::{Analyzer, VoiceActivityChoice};
/// use fh_model::{CallWarning, Millis, Role, RoleMap};
///
/// let roles = RoleMap(vec![Role::Agent, Role::Customer]);
/// let mut analyzer = Analyzer::new(2, &roles, &VoiceActivityChoice::Silero)?;
/// let hum: Vec<f32> = (0..16_000).map(|at| 0.1 * (at as f32 / 40.0).sin()).collect();
/// analyzer.push(&[&hum, &[0.0; 16_000]])?;
/// let analysis = analyzer.finish();
/// assert_eq!(analysis.measures.duration, Millis(1000));
/// assert_eq!(analysis.measures.channels[0].speech_time, Millis::ZERO);
/// assert!(matches!(analysis.warnings[..], [CallWarning::DeadChannel { .. }]));
/// # Ok::<(), fh_audio::AudioError>(())
/// ```
pub struct Analyzer {
    choice: VoiceActivityChoice,
    roles: RoleMap,
    network: Option<Network>,
    channels: Vec<Channel>,
    sameness: Sameness,
    samples: u64,
}

struct Channel {
    levels: LevelMeter,
    loudness: LoudnessMeter,
    check: SampleCheck,
    /// `None` while every sample so far was the same as on channel 0, whose track then stands for
    /// this one too.
    silero: Option<SileroTrack>,
}

impl Analyzer {
    /// Prepares for a call of `channels` channels.
    ///
    /// # Errors
    ///
    /// [`AudioError::VoiceActivity`] for no channel, or more than 255.
    pub fn new(
        channels: usize,
        roles: &RoleMap,
        choice: &VoiceActivityChoice,
    ) -> Result<Self, AudioError> {
        if !(1..=255).contains(&channels) {
            return Err(wrong(format!("expected 1 to 255 channels, found {channels}")));
        }
        let network = (*choice == VoiceActivityChoice::Silero).then(Network::new);
        let channel = |at| Channel {
            levels: LevelMeter::default(),
            loudness: LoudnessMeter::new(),
            check: SampleCheck::default(),
            silero: network.as_ref().filter(|_| at == 0).map(SileroTrack::new),
        };
        Ok(Self {
            choice: *choice,
            roles: roles.clone(),
            channels: (0..channels).map(channel).collect(),
            sameness: Sameness::new(channels),
            network,
            samples: 0,
        })
    }

    /// Takes the next samples: for each channel a slice of 16 kHz samples in -1..=1, all equally
    /// long. Blocks may be of any length; the result does not depend on where they are cut.
    ///
    /// # Errors
    ///
    /// [`AudioError::VoiceActivity`] where there is not one slice for each channel, or their
    /// lengths differ; nothing was taken then.
    pub fn push(&mut self, block: &[&[f32]]) -> Result<(), AudioError> {
        if block.len() != self.channels.len() {
            let (expected, found) = (self.channels.len(), block.len());
            return Err(wrong(format!("expected a block of {expected} channels, found {found}")));
        }
        let length = block[0].len();
        if let Some(other) = block.iter().find(|samples| samples.len() != length) {
            let found = other.len();
            return Err(wrong(format!(
                "expected {length} samples on every channel, found {found} on one"
            )));
        }
        self.samples += length as u64;
        if let Some(network) = &mut self.network {
            for at in 1..block.len() {
                if self.channels[at].silero.is_none() && block[at] != block[0] {
                    self.channels[at].silero = self.channels[0].silero.clone();
                }
            }
            for (channel, samples) in self.channels.iter_mut().zip(block) {
                if let Some(track) = &mut channel.silero {
                    track.push(network, samples);
                }
            }
        }
        for (channel, samples) in self.channels.iter_mut().zip(block) {
            channel.levels.push(samples);
            channel.loudness.push(samples);
            channel.check.push(samples);
        }
        self.sameness.push(block);
        Ok(())
    }

    /// What was heard.
    pub fn finish(mut self) -> Analysis {
        let duration = Millis::from_samples(self.samples, RATE_HZ);
        let mut warnings = Vec::new();
        let identical = self.sameness.identical();
        if identical {
            warnings.push(CallWarning::IdenticalChannels);
            self.channels.truncate(1);
        }
        let mixed = self.channels.len() == 1 && (identical || self.roles.0.len() != 1);
        if mixed {
            warnings.push(CallWarning::MixedParties);
        }

        let mut checks = Vec::new();
        let mut loudness = Vec::new();
        let mut tracks: Vec<Track> = Vec::new();
        for channel in self.channels {
            checks.push(channel.check);
            loudness.push(channel.loudness);
            let probabilities = self.network.as_mut().map(|network| match channel.silero {
                Some(track) => track.finish(network),
                None => tracks[0].probabilities.clone().unwrap_or_default(),
            });
            tracks.push(Track { levels: channel.levels.finish(), probabilities });
        }
        let role_of = |at: usize| {
            if mixed { Role::Unknown } else { self.roles.role_of(index(at)) }
        };
        if !mixed && (0..tracks.len()).all(|at| role_of(at) == Role::Unknown) {
            warnings.push(CallWarning::RolesUnknown);
        }
        let speech = vad::speech(&tracks);
        warnings.extend(channel_check::warnings(&tracks, &speech, &checks));
        let voice_activity = match self.choice {
            VoiceActivityChoice::Silero => VoiceActivity::SileroWithEnergy,
            VoiceActivityChoice::EnergyOnly => {
                warnings.push(CallWarning::VoiceActivityByLevelOnly);
                VoiceActivity::EnergyOnly
            }
        };
        let channels = loudness.into_iter().zip(speech).enumerate();
        let channels = channels.map(|(at, (loudness, speech))| MeasuredChannel {
            channel: index(at),
            role: role_of(at),
            speech,
            loudness,
        });
        Analysis {
            measures: measures::measure(duration, channels.collect()),
            warnings,
            voice_activity,
            voice_activity_version: self.choice.version().to_owned(),
        }
    }
}

fn wrong(detail: String) -> AudioError {
    AudioError::VoiceActivity { detail }
}

pub(crate) fn index(at: usize) -> ChannelIndex {
    ChannelIndex(u8::try_from(at).expect("`Analyzer::new` takes at most 255 channels"))
}
