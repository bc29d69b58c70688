//! From arguments and environment to the values that the crates take.

use std::path::PathBuf;

use fh_audio::{
    ChildProgram, DecodeOptions, Ffmpeg, Limits, PartialPolicy, SandboxPolicy, VoiceActivityChoice,
};
use fh_speech::engines::openai_compatible::{ApiKey, RemoteSettings};
use fh_speech::engines::scripted;
use fh_speech::{ENGINES, EngineSettings, ModelChoice};
use fh_workflow::EngineWish;

use super::Usage;
use crate::cli::{DecodingArguments, PartialArgument, SpeechArguments, VoiceActivityArgument};
use crate::environment::Environment;
use crate::messages::{Catalogue, fill};

/// How to decode.
pub(crate) fn decode_options(
    arguments: &DecodingArguments,
    environment: &Environment,
) -> DecodeOptions {
    let child =
        ChildProgram { program: environment.program.clone(), args: vec!["decode-child".into()] };
    DecodeOptions {
        limits: Limits {
            max_bytes: arguments.limit_size,
            max_duration: arguments.limit_duration,
            max_channels: arguments.limit_channels,
            max_memory_bytes: arguments.limit_memory,
            max_cpu_seconds: arguments.limit_cpu.0.div_ceil(1000),
            ..Limits::default()
        },
        ffmpeg: match arguments.ffmpeg.as_str() {
            "auto" => Ffmpeg::FromPath,
            "never" => Ffmpeg::Never,
            path => Ffmpeg::At(PathBuf::from(path)),
        },
        sandbox: match arguments.no_sandbox {
            true => SandboxPolicy::Off,
            false => SandboxPolicy::Required,
        },
        partial: match arguments.partial {
            PartialArgument::Accept => PartialPolicy::Accept,
            PartialArgument::Refuse => PartialPolicy::Refuse,
        },
        ..DecodeOptions::new(child)
    }
}

/// How speech is told from silence.
pub(crate) const fn voice_activity(argument: VoiceActivityArgument) -> VoiceActivityChoice {
    match argument {
        VoiceActivityArgument::Silero => VoiceActivityChoice::Silero,
        VoiceActivityArgument::Energy => VoiceActivityChoice::EnergyOnly,
    }
}

/// What turns speech into words.
pub(crate) fn engine_wish(
    arguments: &SpeechArguments,
    texts: &Catalogue,
) -> Result<EngineWish, Usage> {
    match arguments.engine.as_str() {
        "auto" => Ok(EngineWish::Auto),
        "none" => Ok(EngineWish::Never),
        id if ENGINES.iter().any(|engine| engine.id == id) => Ok(EngineWish::Named(id.to_owned())),
        other => {
            // Not the one that serves tests.
            let advertised = ENGINES.iter().filter(|engine| engine.id != scripted::ID);
            let known: Vec<String> = advertised.map(|engine| format!("`{}`", engine.id)).collect();
            let known = known.join(texts.list_separator);
            Err(Usage(fill(texts.unknown_engine, &[("known", &known), ("found", &other)])))
        }
    }
}

/// Where engines find their libraries and models.
pub(crate) fn engine_settings(
    arguments: &SpeechArguments,
    environment: &Environment,
) -> EngineSettings {
    let child = fh_speech::ChildProgram {
        program: environment.program.clone(),
        args: vec!["recognize-child".into()],
    };
    let mut settings = EngineSettings::new(child, environment.lib_dirs(), environment.models_dir());
    if let Some(model) = &arguments.model {
        settings.model = ModelChoice::Id(model.clone());
    }
    settings.remote = arguments.engine_url.as_ref().map(|url| {
        let mut remote = RemoteSettings::new(url.clone(), arguments.engine_model.clone());
        remote.api_key = environment.engine_key.clone().map(ApiKey);
        remote.proxy.clone_from(&environment.proxy);
        remote
    });
    settings
}
