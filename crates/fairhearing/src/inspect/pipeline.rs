use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fh_audio::{DecodeOptions, ListenOptions, Preview, PreviewOptions, VoiceActivityChoice};
use fh_model::{CallMetadata, Inspection, Language, Millis, RoleMap};
use fh_rules::Pack;
use fh_speech::{EngineSettings, transcript_beside};
use fh_workflow::inspection::{EngineWish, GivenTranscript, Listened, Recognizer, assemble};

use super::store::{Ingredients, Store, digest_of};
use super::{CallFailure, CallInput, CallResult};
use crate::messages::Lang;

/// Everything about inspecting that is the same for all calls.
pub(crate) struct Settings {
    /// The language of failures.
    pub(crate) lang: Lang,
    pub(crate) decode: DecodeOptions,
    pub(crate) voice_activity: VoiceActivityChoice,
    /// Who speaks on which channel, where the call itself does not say.
    pub(crate) roles: Option<RoleMap>,
    /// The language spoken, where the call itself does not say.
    pub(crate) language: Option<Language>,
    pub(crate) engine: EngineWish,
    pub(crate) engine_settings: EngineSettings,
    pub(crate) pack: Pack,
    /// The scenario to score by; `None` for all that apply.
    pub(crate) scenario: Option<String>,
}

impl Settings {
    /// A recogniser that opens nothing yet.
    fn recognizer(&self) -> Recognizer {
        Recognizer::new(self.engine.clone(), self.engine_settings.clone())
    }
}

/// What identifies the program and its surroundings in the key of a result.
pub(crate) struct Identity {
    /// Digest of the program.
    pub(crate) program: String,
    /// What recognises speech.
    pub(crate) recognizer: String,
    /// How it is listened.
    pub(crate) listening: String,
}

/// One worker.
pub(crate) struct Inspector<'a> {
    settings: &'a Settings,
    recognizer: Recognizer,
    store: Option<(&'a Store, &'a Identity)>,
    preview: Option<&'a PreviewOptions>,
}

impl<'a> Inspector<'a> {
    /// A worker that keeps its results in `store`, where there is one, and makes previews, if they
    /// are wanted.
    pub(crate) fn new(
        settings: &'a Settings,
        store: Option<(&'a Store, &'a Identity)>,
        preview: Option<&'a PreviewOptions>,
    ) -> Self {
        Self { settings, recognizer: settings.recognizer(), store, preview }
    }

    /// Inspects a call, or takes the result from an earlier run. `progress` is told how much more
    /// sound was heard.
    ///
    /// A fault of ours in one call must not take the others with it, so a panic ends here.
    pub(crate) fn inspect(
        &mut self,
        call: &CallInput,
        progress: &mut dyn FnMut(Millis),
    ) -> CallResult {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.inspect_or_reuse(call, progress)));
        match outcome {
            Ok(Ok((inspection, reused))) => CallResult::Inspected {
                label: call.label.clone(),
                name: call.name.clone(),
                preview: self.preview_of(call, &inspection),
                inspection: Box::new(inspection),
                reused,
            },
            Ok(Err(failure)) => CallResult::Failed(*failure),
            Err(panic) => {
                self.recognizer = self.settings.recognizer();
                let reason = panic_message(panic.as_ref());
                CallResult::Failed(CallFailure::of(
                    (&call.shown, &call.name),
                    "internal_error",
                    self.settings.lang,
                    |texts| texts.internal_error,
                    &[("reason", &reason)],
                    Some(|texts| texts.internal_error_remedy),
                ))
            }
        }
    }

    fn inspect_or_reuse(
        &mut self,
        call: &CallInput,
        progress: &mut dyn FnMut(Millis),
    ) -> Result<(Inspection, bool), Box<CallFailure>> {
        let metadata = self.metadata_of(call);
        let file = self.transcript_of(call);
        let key = self.key(call, &metadata, file.as_ref());
        if let (Some((store, _)), Some(key)) = (self.store, &key)
            && let Some(inspection) = store.get(key)
        {
            return Ok((inspection, true));
        }
        let inspection = self.inspect_now(call, metadata, file, progress)?;
        if let (Some((store, _)), Some(key)) = (self.store, &key) {
            store.put(key, &inspection).map_err(|error| Box::new(self.not_kept(call, &error)))?;
        }
        Ok((inspection, false))
    }

    /// Waveform and sound for the report; a call without them is still a call.
    fn preview_of(&self, call: &CallInput, inspection: &Inspection) -> Option<Preview> {
        let mut decode = self.settings.decode.clone();
        decode.expected_duration = inspection.call.expected_duration();
        fh_audio::preview(&call.path, &decode, self.preview?).ok()
    }

    fn not_kept(&self, call: &CallInput, error: &io::Error) -> CallFailure {
        CallFailure::of(
            (&call.shown, &call.name),
            "not_written",
            self.settings.lang,
            |texts| texts.not_written,
            &[("reason", error)],
            None,
        )
    }

    /// What is known of the call, with what was said on the command line for all of them.
    fn metadata_of(&self, call: &CallInput) -> CallMetadata {
        let mut metadata = call.metadata.clone();
        metadata.language = metadata.language.or(self.settings.language);
        if metadata.roles.is_none() {
            metadata.roles.clone_from(&self.settings.roles);
        }
        metadata
    }

    /// The transcript to use, as the manifest names it or beside the recording.
    fn transcript_of(&self, call: &CallInput) -> Option<GivenTranscript> {
        if matches!(self.settings.engine, EngineWish::Named(_)) {
            return None;
        }
        let path = call.transcript.clone().or_else(|| transcript_beside(&call.path))?;
        Some(GivenTranscript::read(super::find::file_name(&path), &path))
    }

    /// The key under which the result is kept; `None` where the recording cannot be read, which
    /// decoding will say better.
    fn key(
        &self,
        call: &CallInput,
        metadata: &CallMetadata,
        file: Option<&GivenTranscript>,
    ) -> Option<String> {
        let (_, identity) = self.store?;
        let digest = digest_of(&call.path).ok()?;
        let ingredients = Ingredients {
            program: &identity.program,
            file_name: &super::find::file_name(&call.path),
            metadata,
            transcript: file.map(GivenTranscript::digest),
            recognizer: file.is_none().then_some(identity.recognizer.as_str()),
            listening: &identity.listening,
            rule_pack: self.settings.pack.digest(),
            scenario: self.settings.scenario.as_deref(),
        };
        ingredients.key(&digest).ok()
    }

    fn inspect_now(
        &mut self,
        call: &CallInput,
        metadata: CallMetadata,
        file: Option<GivenTranscript>,
        progress: &mut dyn FnMut(Millis),
    ) -> Result<Inspection, Box<CallFailure>> {
        let settings = self.settings;
        let mut decode = settings.decode.clone();
        decode.expected_duration = metadata.expected_duration();
        let options = ListenOptions {
            decode,
            roles: metadata.roles.clone().unwrap_or_default(),
            voice_activity: settings.voice_activity,
            keep_samples: file.is_none() && settings.engine != EngineWish::Never,
        };
        let mut last = Millis::ZERO;
        let mut tell = |now: Millis| {
            progress(now - last);
            last = now;
        };
        let heard = fh_audio::listen(&call.path, &options, &mut tell)
            .map_err(|error| Box::new(CallFailure::of_audio(call, &error, settings.lang)))?;

        let (listened, mut sound) = Listened::of(heard);
        let words = match file {
            Some(file) => file.words(&listened, &metadata),
            None => {
                let language = metadata.language;
                self.recognizer.recognize(&listened, sound.as_mut(), language, &mut |_| ())
            }
        };
        let scenario = settings.scenario.as_deref();
        Ok(assemble(metadata, listened, words, &settings.pack, scenario))
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "unknown".to_owned())
}
