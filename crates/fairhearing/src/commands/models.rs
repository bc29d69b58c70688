use std::io::{self, IsTerminal, Write, stdout};
use std::path::Path;

use fh_speech::models::{
    FileState, ModelEntry, PullSource, find, installed, path, pull, registry, verify,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{Ended, Usage};
use crate::cli::{ModelsCommand, PlainFormat};
use crate::environment::Environment;
use crate::messages::{Lang, fill};
use crate::output::columns::Columns;
use crate::output::terminal::{Paint, Side};

/// Lists, fetches and verifies models.
pub(crate) fn run(
    command: &ModelsCommand,
    lang: Lang,
    environment: &Environment,
) -> anyhow::Result<Ended> {
    let models_dir = environment.models_dir();
    match command {
        ModelsCommand::List { format } => {
            list(&models_dir, *format, lang, Paint::for_stdout(environment.no_color))?;
            Ok(Ended::Well)
        }
        ModelsCommand::Pull { id, mirror, from } => {
            let entry = entry(id, lang)?;
            let proxy = environment.proxy.clone();
            let source = match (mirror, from) {
                (_, Some(folder)) => PullSource::Folder(folder.clone()),
                (Some(base), None) => PullSource::Mirror { base: base.clone(), proxy },
                (None, None) => PullSource::Registry { proxy },
            };
            pull_model(&models_dir, entry, &source, lang)
        }
        ModelsCommand::Verify { id } => {
            let entries = match id {
                Some(id) => vec![entry(id, lang)?],
                None => installed(&models_dir).into_iter().map(|model| model.entry).collect(),
            };
            Ok(verify_models(&models_dir, &entries, lang)?)
        }
        ModelsCommand::Path { id } => {
            writeln!(stdout(), "{}", path(&models_dir, entry(id, lang)?).display())?;
            Ok(Ended::Well)
        }
    }
}

/// The model that `id` names: its id, its short id, or the beginning of one model's id.
fn entry(id: &str, lang: Lang) -> Result<&'static ModelEntry, Usage> {
    let mut begins = registry().iter().filter(|entry| entry.id.starts_with(id));
    let only = match (begins.next(), begins.next()) {
        (Some(only), None) if !id.is_empty() => Some(only),
        _ => None,
    };
    find(id).or(only).ok_or_else(|| {
        let known: Vec<String> = registry().iter().map(|entry| format!("`{}`", entry.id)).collect();
        let known = known.join(", ");
        Usage(fill(lang.catalogue().model_unknown, &[("known", &known), ("found", &id)]))
    })
}

fn languages(entry: &ModelEntry) -> String {
    entry.languages.iter().map(|language| language.code()).collect::<Vec<_>>().join(", ")
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn list(models_dir: &Path, format: PlainFormat, lang: Lang, paint: Paint) -> io::Result<()> {
    let texts = lang.catalogue();
    let there = installed(models_dir);
    let is_there =
        |entry: &ModelEntry| there.iter().any(|installed| installed.entry.id == entry.id);
    if format == PlainFormat::Json {
        for entry in registry() {
            let line = json!({
                "id": entry.id, "short_id": entry.short_id, "name": entry.name,
                "languages": entry.languages, "bytes": entry.bytes(), "licence": entry.licence,
                "licence_url": entry.licence_url, "installed": is_there(entry),
            });
            writeln!(stdout(), "{line}")?;
        }
        return Ok(());
    }
    let heads = [
        (texts.model_head_id, Side::Left),
        (texts.model_head_languages, Side::Left),
        (texts.model_head_size, Side::Right),
        (texts.model_head_state, Side::Left),
        (texts.model_head_licence, Side::Left),
    ];
    let mut columns = Columns::new(heads);
    for entry in registry() {
        let state = if is_there(entry) { texts.model_installed } else { texts.model_not_installed };
        columns.add([
            entry.id.clone(),
            languages(entry),
            megabytes(entry.bytes()),
            state.to_owned(),
            entry.licence.clone(),
        ]);
    }
    write!(stdout(), "{}", columns.render(paint))
}

fn pull_model(
    models_dir: &Path,
    entry: &'static ModelEntry,
    source: &PullSource,
    lang: Lang,
) -> anyhow::Result<Ended> {
    let texts = lang.catalogue();
    let licence = format!("{} ({})", entry.licence, entry.licence_url);
    let values: [(&str, &dyn std::fmt::Display); 2] = [("model", &entry.id), ("licence", &licence)];
    eprintln!("{}", fill(texts.model_licence, &values));
    let bar = bar(entry.bytes());
    let pulled = pull(models_dir, entry, source, &mut |bytes| bar.set_position(bytes));
    bar.finish_and_clear();
    let model = pulled?;
    let values: [(&str, &dyn std::fmt::Display); 2] =
        [("model", &entry.id), ("path", &model.folder.display())];
    writeln!(stdout(), "{}", fill(texts.model_pulled, &values))?;
    Ok(Ended::Well)
}

fn bar(bytes: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(bytes);
    let template = "{bar:28.cyan} {bytes} / {total_bytes}  {bytes_per_sec}  {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

fn verify_models(
    models_dir: &Path,
    entries: &[&'static ModelEntry],
    lang: Lang,
) -> io::Result<Ended> {
    let texts = lang.catalogue();
    let mut ended = Ended::Well;
    for entry in entries {
        let bar = bar(entry.bytes());
        let states = verify(models_dir, entry, &mut |bytes| bar.set_position(bytes));
        bar.finish_and_clear();
        if states.iter().all(|(_, state)| *state == FileState::Good) {
            writeln!(stdout(), "{}", fill(texts.model_verified, &[("model", &entry.id)]))?;
            continue;
        }
        ended = Ended::SomeFailed;
        for (name, state) in states {
            let found = match state {
                FileState::Good => continue,
                FileState::Missing => texts.doctor_missing.to_owned(),
                FileState::WrongSize { found } => {
                    fill(texts.model_wrong_size, &[("found", &found)])
                }
                FileState::WrongSha256 { found } => {
                    fill(texts.model_wrong_sha256, &[("found", &found)])
                }
                FileState::Unreadable { reason } => reason,
            };
            writeln!(stdout(), "{}: {} {name}: {found}", texts.model_broken, entry.id)?;
        }
    }
    Ok(ended)
}
