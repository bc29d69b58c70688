use fh_audio::{DecodeOptions, VoiceActivityChoice};
use fh_model::{CallMetadata, Language, RoleMap};
use fh_speech::EngineSettings;

use super::EngineWish;

/// Everything about inspecting that is the same for all calls, but for the rules.
#[derive(Debug, Clone)]
pub struct InspectionSettings {
    /// How recordings are decoded.
    pub decode: DecodeOptions,
    /// How speech is told from silence.
    pub voice_activity: VoiceActivityChoice,
    /// Who speaks on which channel, where the call itself does not say.
    pub default_roles: Option<RoleMap>,
    /// The language spoken, where the call itself does not say.
    pub default_language: Option<Language>,
    /// How words are to be had where none came along.
    pub engine: EngineWish,
    /// What recognisers need.
    pub engine_settings: EngineSettings,
    /// Whether a transcript that lies beside a recording in a mapped folder is used.
    pub accept_transcript_beside: bool,
}

impl InspectionSettings {
    /// What is known of the call, with what holds for all of them.
    pub fn complete(&self, mut metadata: CallMetadata) -> CallMetadata {
        metadata.language = metadata.language.or(self.default_language);
        if metadata.roles.is_none() {
            metadata.roles.clone_from(&self.default_roles);
        }
        metadata
    }

    /// How it is listened and recognised, in words: part of the key of what is made. Holds what can
    /// change a result, and nothing of where things lie on this machine.
    pub fn fingerprint(&self) -> String {
        let DecodeOptions { limits, ffmpeg, sandbox, partial, .. } = &self.decode;
        let ffmpeg = !matches!(ffmpeg, fh_audio::Ffmpeg::Never);
        format!(
            "limits {limits:?} ffmpeg {ffmpeg} sandbox {sandbox:?} partial {partial:?} voice {:?}",
            self.voice_activity
        )
    }
}
