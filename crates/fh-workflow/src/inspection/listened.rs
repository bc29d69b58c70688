use std::path::Path;

use fh_audio::{AudioError, Heard, ListenOptions, Sound};
use fh_model::{
    AcousticMeasures, CallMetadata, CallWarning, Millis, Recording, Role, Transcript, VoiceActivity,
};
use serde::{Deserialize, Serialize};

use super::InspectionSettings;

/// What was heard of a call, as it is kept between two steps: [`fh_audio::Heard`] without samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listened {
    /// The recording as it was decoded.
    pub recording: Recording,
    /// What a person should know about the sound.
    pub warnings: Vec<CallWarning>,
    /// What was measured, the stretches of speech among it.
    pub measures: AcousticMeasures,
    /// How speech was told from silence.
    pub voice_activity: VoiceActivity,
    /// That method's version.
    pub voice_activity_version: String,
    /// The decoder and its version.
    pub decoder_version: String,
}

impl Listened {
    /// Listens to the recording at `path`. The samples come along where `keep_samples` asks for
    /// them. `progress` is told how far it has come.
    ///
    /// # Errors
    /// As [`fh_audio::listen`].
    pub fn to(
        path: &Path,
        metadata: &CallMetadata,
        settings: &InspectionSettings,
        keep_samples: bool,
        progress: &mut dyn FnMut(Millis),
    ) -> Result<(Self, Option<Sound>), AudioError> {
        let mut decode = settings.decode.clone();
        decode.expected_duration = metadata.expected_duration();
        let options = ListenOptions {
            decode,
            roles: metadata.roles.clone().unwrap_or_default(),
            voice_activity: settings.voice_activity,
            keep_samples,
        };
        fh_audio::listen(path, &options, progress).map(Self::of)
    }

    /// What was heard, and the samples apart.
    pub fn of(heard: Heard) -> (Self, Option<Sound>) {
        let Heard {
            recording,
            warnings,
            measures,
            voice_activity,
            voice_activity_version,
            decoder_version,
            sound,
        } = heard;
        let listened = Self {
            recording,
            warnings,
            measures,
            voice_activity,
            voice_activity_version,
            decoder_version,
        };
        (listened, sound)
    }

    /// Whether anybody speaks.
    pub fn has_speech(&self) -> bool {
        self.measures.channels.iter().any(|channel| !channel.speech.is_empty())
    }

    /// Takes over who speaks on which channel from the transcript, where nobody else said it.
    ///
    /// A channel takes the role of its utterances if all of them have the same one; on a mixed
    /// channel they do not.
    pub fn adopt_roles(&mut self, transcript: &Transcript) {
        let channels = &mut self.measures.channels;
        if channels.iter().any(|channel| channel.role != Role::Unknown) {
            return;
        }
        for channel in channels.iter_mut() {
            let mut roles = transcript
                .utterances
                .iter()
                .filter(|utterance| utterance.channel == channel.channel)
                .map(|utterance| utterance.role);
            let Some(first) = roles.next() else { continue };
            if roles.all(|role| role == first) {
                channel.role = first;
            }
        }
        // Mono, and one utterance: the only speaker is known, the channel's owner is not.
        if let [only] = channels.as_mut_slice() {
            only.role = Role::Unknown;
            return;
        }
        let known = channels.iter().all(|channel| channel.role != Role::Unknown);
        for talk_over in &mut self.measures.talk_overs {
            let by = channels.iter().find(|channel| channel.channel == talk_over.by_channel);
            talk_over.by = by.map_or(Role::Unknown, |channel| channel.role);
        }
        if known {
            self.warnings.retain(|warning| *warning != CallWarning::RolesUnknown);
        }
    }
}
