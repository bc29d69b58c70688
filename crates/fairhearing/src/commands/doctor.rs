use std::io::{Write, stdout};

use fh_audio::SandboxSupport;
use fh_speech::models::{installed, registry};
use serde::Serialize;

use super::Ended;
use crate::cli::PlainFormat;
use crate::environment::{Environment, find_library};
use crate::messages::{Catalogue, Lang, fill};
use crate::output::columns::Columns;
use crate::output::terminal::{Paint, Side};
use crate::rule_files;

/// How a part of the installation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It is there.
    Ok,
    /// It is not there, and something important does not work.
    Missing,
    /// It is not there, and much works without it.
    Optional,
}

/// One part of the installation.
#[derive(Debug, Serialize)]
struct Part {
    /// A stable name for programs.
    id: &'static str,
    #[serde(skip)]
    name: &'static str,
    state: State,
    /// Where it was found, or what it is for.
    found: Option<String>,
    #[serde(rename = "for")]
    purpose: &'static str,
    /// What to run to get it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// Says what is installed, what is missing and what to run.
pub(crate) fn run(
    format: PlainFormat,
    lang: Lang,
    environment: &Environment,
) -> anyhow::Result<Ended> {
    let texts = lang.catalogue();
    let parts = parts(environment, texts)?;
    if format == PlainFormat::Json {
        writeln!(stdout(), "{}", serde_json::to_string_pretty(&parts)?)?;
    } else {
        write!(stdout(), "{}", render(&parts, texts, Paint::for_stdout(environment.no_color)))?;
    }
    let all_well = parts.iter().all(|part| part.state != State::Missing);
    Ok(if all_well { Ended::Well } else { Ended::SomeFailed })
}

fn render(parts: &[Part], texts: &'static Catalogue, paint: Paint) -> String {
    let mut columns = Columns::new([
        (texts.doctor_head_part, Side::Left),
        (texts.doctor_head_state, Side::Left),
        (texts.doctor_head_found, Side::Left),
    ]);
    for part in parts {
        let state = match part.state {
            State::Ok => texts.doctor_ok,
            State::Missing => texts.doctor_missing,
            State::Optional => texts.doctor_optional,
        };
        let found = part.found.as_deref().unwrap_or(part.purpose);
        columns.add([part.name.to_owned(), state.to_owned(), found.to_owned()]);
    }
    let mut text = columns.render_head(paint);
    for (index, part) in parts.iter().enumerate() {
        let line = columns.render_line(index);
        text.push_str(&match part.state {
            State::Ok => paint.green(&line),
            State::Missing => paint.red(&line),
            State::Optional => paint.yellow(&line),
        });
        text.push('\n');
    }
    let remedies: Vec<(&Part, &String)> =
        parts.iter().filter_map(|part| Some((part, part.remedy.as_ref()?))).collect();
    if remedies.is_empty() {
        text.push_str(&format!("\n{}\n", texts.doctor_all_well));
        return text;
    }
    text.push_str(&format!("\n{}\n", paint.bold(texts.doctor_to_do)));
    for (part, remedy) in remedies {
        text.push_str(&format!("  {remedy}\n    {} {}\n", part.name, paint.dim(part.purpose)));
    }
    text
}

fn parts(environment: &Environment, texts: &'static Catalogue) -> anyhow::Result<Vec<Part>> {
    let lib_dirs = environment.lib_dirs();
    let library = |name: &str| find_library(name, &lib_dirs).map(|path| path.display().to_string());
    let part = |id, name, purpose, found: Option<String>, absent: State, remedy: Option<String>| {
        let state = if found.is_some() { State::Ok } else { absent };
        let remedy = if found.is_some() { None } else { remedy };
        Part { id, name, state, found, purpose, remedy }
    };
    let debian = |package: &str| Some(format!("sudo apt-get install {package}"));
    // The wheel is made for Python; only its libraries are of use here.
    let wheel = || {
        Some(format!(
            "pip download --no-deps --dest /tmp sherpa-onnx-core==2.0.1 && mkdir -p {lib} && unzip \
             -jo /tmp/sherpa_onnx_core-2.0.1-*.whl 'sherpa_onnx/lib/*.so' -d {lib}",
            lib = lib_dirs[0].display()
        ))
    };

    let sources = rule_files::read(&[], texts)?;
    let pack = rule_files::compile(&sources, texts)?;
    let digest = pack.digest().get(..12).unwrap_or_default().to_owned();
    let rules = pack.rule_set().rules.len();
    let rules_found = fill(texts.doctor_rules_found, &[("rules", &rules), ("digest", &digest)]);

    let there: Vec<String> =
        installed(&environment.models_dir()).iter().map(|model| model.entry.id.clone()).collect();
    let models = (!there.is_empty()).then(|| there.join(", "));
    let first =
        registry().first().map(|entry| format!("fairhearing models pull {}", entry.short_id));

    let sphinx = library("libpocketsphinx.so").filter(|_| {
        fh_speech::engines::pocketsphinx::PocketSphinxModel::default().acoustic.is_dir()
    });
    Ok(vec![
        part(
            "rules",
            texts.doctor_rules,
            texts.doctor_rules_for,
            Some(rules_found),
            State::Missing,
            None,
        ),
        sandbox(texts),
        part(
            "ffmpeg",
            texts.doctor_ffmpeg,
            texts.doctor_ffmpeg_for,
            environment.find_program("ffmpeg").map(|path| path.display().to_string()),
            State::Optional,
            debian("ffmpeg"),
        ),
        part(
            "amr",
            texts.doctor_amr,
            texts.doctor_amr_for,
            library("libopencore-amrnb.so").filter(|_| library("libopencore-amrwb.so").is_some()),
            State::Optional,
            debian("libopencore-amrnb0 libopencore-amrwb0"),
        ),
        part(
            "sherpa_onnx",
            texts.doctor_sherpa,
            texts.doctor_sherpa_for,
            library("libsherpa-onnx-c-api.so"),
            State::Optional,
            wheel(),
        ),
        part("models", texts.doctor_model, texts.doctor_model_for, models, State::Optional, first),
        part(
            "pocketsphinx",
            texts.doctor_pocketsphinx,
            texts.doctor_pocketsphinx_for,
            sphinx,
            State::Optional,
            debian("libpocketsphinx3 pocketsphinx-en-us"),
        ),
        Part {
            id: "data_home",
            name: texts.doctor_data_home,
            state: State::Ok,
            found: Some(environment.data_home.display().to_string()),
            purpose: "",
            remedy: None,
        },
    ])
}

fn sandbox(texts: &'static Catalogue) -> Part {
    let support = SandboxSupport::of_this_kernel();
    let landlock = support
        .landlock
        .map_or_else(|| texts.doctor_missing.to_owned(), |version| format!("ABI {version}"));
    let seccomp = if support.seccomp { texts.doctor_ok } else { texts.doctor_missing };
    let level = format!("Landlock {landlock}, seccomp {seccomp}");
    let (state, remedy) = match support.is_enough() {
        true => (State::Ok, None),
        false => (State::Missing, Some(texts.remedy_sandbox.to_owned())),
    };
    Part {
        id: "sandbox",
        name: texts.doctor_sandbox,
        state,
        found: Some(fill(texts.doctor_sandbox_found, &[("level", &level)])),
        purpose: texts.doctor_sandbox_for,
        remedy,
    }
}
