use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use fh_audio::{DecodeOptions, Heard, ListenOptions, Preview, PreviewOptions, VoiceActivityChoice};
use fh_model::{
    CallMetadata, INSPECTION_SCHEMA, Inspection, Language, Lineage, Millis, RoleMap, Transcript,
    TranscriptSource, TranscriptState,
};
use fh_rules::{CallView, NORMALIZER_VERSION, Pack};
use fh_speech::importers::MOST_BYTES;
use fh_speech::{EngineSettings, ImportOptions, import_transcript, transcript_beside};

use super::recognizer::{EngineWish, Recognizer, Words};
use super::store::{Ingredients, Store, digest_of};
use super::{CallFailure, CallInput, CallResult, language, roles};
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
    recognizer: Recognizer<'a>,
    store: Option<(&'a Store, &'a Identity)>,
    preview: Option<&'a PreviewOptions>,
}

impl<'a> Inspector<'a> {
    /// A worker that keeps its results in `store`, where there is one, and makes previews, if they
    /// are wanted.
    pub(crate) const fn new(
        settings: &'a Settings,
        store: Option<(&'a Store, &'a Identity)>,
        preview: Option<&'a PreviewOptions>,
    ) -> Self {
        let recognizer = Recognizer::new(&settings.engine, &settings.engine_settings);
        Self { settings, recognizer, store, preview }
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
                self.recognizer =
                    Recognizer::new(&self.settings.engine, &self.settings.engine_settings);
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
    fn transcript_of(&self, call: &CallInput) -> Option<TranscriptFile> {
        if matches!(self.settings.engine, EngineWish::Named(_)) {
            return None;
        }
        let path = call.transcript.clone().or_else(|| transcript_beside(&call.path))?;
        Some(TranscriptFile::read(path))
    }

    /// The key under which the result is kept; `None` where the recording cannot be read, which
    /// decoding will say better.
    fn key(
        &self,
        call: &CallInput,
        metadata: &CallMetadata,
        file: Option<&TranscriptFile>,
    ) -> Option<String> {
        let (_, identity) = self.store?;
        let digest = digest_of(&call.path).ok()?;
        let ingredients = Ingredients {
            program: &identity.program,
            file_name: &super::find::file_name(&call.path),
            metadata,
            transcript: file.map(TranscriptFile::digest),
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
        file: Option<TranscriptFile>,
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
        let mut heard = fh_audio::listen(&call.path, &options, &mut tell)
            .map_err(|error| Box::new(CallFailure::of_audio(call, &error, settings.lang)))?;

        let words = match file {
            Some(file) => import(&file, &heard, &metadata),
            None => self.recognizer.recognize(&mut heard, metadata.language, &mut |_| ()),
        };
        if let Some(transcript) = &words.transcript {
            roles::adopt(&mut heard, transcript);
        }
        heard.warnings.extend(words.warning.clone());
        Ok(self.score(metadata, heard, words))
    }

    fn score(&self, metadata: CallMetadata, heard: Heard, words: Words) -> Inspection {
        let settings = self.settings;
        // Where nobody speaks the words are known: there are none. Rules that miss a greeting flag.
        let no_words = (words.state == TranscriptState::NoSpeech).then(|| {
            let language = metadata.language.unwrap_or(Language::EnUs);
            let source = TranscriptSource::Import { format: String::new(), digest: String::new() };
            Transcript::new(language, source, Vec::new())
        });
        let view = CallView {
            metadata: &metadata,
            transcript: words.transcript.as_ref().or(no_words.as_ref()),
            measures: &heard.measures,
            voice_activity: &heard.voice_activity,
            warnings: &heard.warnings,
        };
        let outcome = settings.pack.inspect(&view, settings.scenario.as_deref());
        let mut warnings = heard.warnings;
        for warning in outcome.warnings {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        Inspection {
            schema: INSPECTION_SCHEMA.to_owned(),
            call: metadata,
            recording: heard.recording,
            warnings,
            measures: heard.measures,
            speech_rates: outcome.speech_rates,
            transcript_state: words.state,
            transcript: words.transcript,
            score_cards: outcome.score_cards,
            lineage: Lineage {
                fairhearing: env!("CARGO_PKG_VERSION").to_owned(),
                decoder: heard.decoder_version,
                voice_activity: heard.voice_activity,
                voice_activity_version: heard.voice_activity_version,
                normalizer: NORMALIZER_VERSION.to_owned(),
                rule_pack_digest: settings.pack.digest().to_owned(),
            },
        }
    }
}

/// A transcript as it lies on the disk.
struct TranscriptFile {
    name: String,
    bytes: io::Result<Vec<u8>>,
}

impl TranscriptFile {
    fn read(path: PathBuf) -> Self {
        Self { name: super::find::file_name(&path), bytes: read_bounded(&path) }
    }

    fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.name.as_bytes());
        match &self.bytes {
            Ok(bytes) => hasher.update(b"\0").update(bytes),
            Err(error) => hasher.update(b"\x01").update(error.to_string().as_bytes()),
        };
        hasher.finalize().to_hex().to_string()
    }
}

/// The file's bytes, one more than allowed at most, so that the importer can say "too large".
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The words of a transcript that lies beside the recording. One that cannot be read is told and
/// no other words are put in its place: the user believes that it is used.
fn import(file: &TranscriptFile, heard: &Heard, metadata: &CallMetadata) -> Words {
    match try_import(file, heard, metadata) {
        Ok(transcript) => {
            Words { state: TranscriptState::Available, transcript: Some(transcript), warning: None }
        }
        Err(reason) => Words::none(TranscriptState::Failed { reason }),
    }
}

fn try_import(
    file: &TranscriptFile,
    heard: &Heard,
    metadata: &CallMetadata,
) -> Result<Transcript, String> {
    let bytes = file.bytes.as_ref().map_err(|error| format!("reading `{}`: {error}", file.name))?;
    let options = ImportOptions {
        language: metadata
            .language
            .unwrap_or_else(|| language::of_text(&String::from_utf8_lossy(bytes))),
        roles: metadata.roles.clone().unwrap_or_default(),
        channels: u8::try_from(heard.measures.channels.len()).unwrap_or(u8::MAX),
    };
    import_transcript(&file.name, bytes, &options).map_err(|error| error.to_string())
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "unknown".to_owned())
}
