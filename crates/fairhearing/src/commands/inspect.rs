use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::Context;
use fh_audio::PreviewOptions;
use fh_model::Millis;
use fh_rules::Pack;

use super::{Ended, Usage, setup};
use crate::cli::{InspectArguments, OutputArguments};
use crate::environment::Environment;
use crate::inspect::find::{Found, Item, find};
use crate::inspect::pipeline::{Identity, Inspector, Settings};
use crate::inspect::progress::Progress;
use crate::inspect::store::{Store, digest_of};
use crate::inspect::{CallResult, manifest, workers};
use crate::messages::{Catalogue, Lang, fill};
use crate::output::csv::Csv;
use crate::output::html::Html;
use crate::output::json::Json;
use crate::output::jsonl::JsonLines;
use crate::output::table::{Table, render_failure};
use crate::output::terminal::Paint;
use crate::output::{Format, ResultWriter};
use crate::rule_files;

/// Inspects recordings and writes what was found.
pub(crate) fn run(
    arguments: &InspectArguments,
    lang: Lang,
    environment: &Environment,
) -> anyhow::Result<Ended> {
    let texts = lang.catalogue();
    check_output(&arguments.output, texts)?;
    let mut found = list_calls(arguments, lang)?;
    set_times(arguments, &mut found, texts)?;
    if found.items.is_empty() {
        let paths = arguments.paths.join(", ");
        return Err(Usage(fill(texts.nothing_to_inspect, &[("paths", &paths)])).into());
    }
    let settings = settings(arguments, lang, environment)?;

    let out = arguments.output.out.as_deref();
    let store = out
        .map(|out| Store::open(out).with_context(|| format!("opening `{}`", out.display())))
        .transpose()?;
    let identity = store.is_some().then(|| identity(&settings, environment));
    let kept = store.as_ref().zip(identity.as_ref());
    let mut outputs = open_outputs(&arguments.output, found.skipped, lang, environment)?;
    let preview = outputs
        .iter()
        .any(|output| output.format == Format::Html)
        .then(|| PreviewOptions { opus: !arguments.output.no_sound, ..PreviewOptions::default() });

    let stop = watch_for_interrupts()?;
    let progress = progress(&found, arguments.output.quiet, texts);
    let jobs = arguments
        .output
        .jobs
        .map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from);
    let mut any_failed = false;
    let written = workers::in_order(
        &found.items,
        jobs,
        &stop,
        || Inspector::new(&settings, kept, preview.as_ref()),
        |inspector, item| inspect_item(inspector, item, progress.as_ref()),
        |result| {
            if let CallResult::Failed(failure) = &result {
                // Ctrl-C ends the decoders, too: that is no fault of their recordings.
                if stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                any_failed = true;
                tell_failure(failure, &outputs, progress.as_ref(), texts, environment);
            }
            outputs.iter_mut().try_for_each(|output| output.writer.take(&result))
        },
    );
    if let Some(progress) = &progress {
        progress.finish();
    }
    written.context("writing the results")?;
    finish(outputs, stop.load(Ordering::Relaxed), any_failed, texts)
}

fn inspect_item(
    inspector: &mut Inspector<'_>,
    item: &Item,
    progress: Option<&Progress>,
) -> CallResult {
    match item {
        Item::Missing(failure) => {
            if let Some(progress) = progress {
                progress.done(0);
            }
            CallResult::Failed(failure.clone())
        }
        Item::Call(call) => {
            let mut heard = |more: Millis| {
                if let Some(progress) = progress {
                    progress.heard(more);
                }
            };
            let result = inspector.inspect(call, &mut heard);
            if let Some(progress) = progress {
                progress.done(call.bytes);
            }
            result
        }
    }
}

/// The calls to inspect, with what the manifest knows of them.
fn list_calls(arguments: &InspectArguments, lang: Lang) -> anyhow::Result<Found> {
    let entries = arguments
        .call
        .manifest
        .as_deref()
        .map(manifest::read)
        .transpose()
        .map_err(|error| Usage(format!("{error:#}")))?;
    if let (Some(entries), true) = (&entries, arguments.paths.is_empty()) {
        return Ok(Found::of(manifest::list(entries.clone(), lang)));
    }
    let mut found = find(&arguments.paths, &mut io::stdin().lock(), lang)
        .context("reading the list of recordings")?;
    if let Some(entries) = entries {
        manifest::join(entries, &mut found.items);
    }
    Ok(found)
}

/// Gives the one call its times.
fn set_times(
    arguments: &InspectArguments,
    found: &mut Found,
    texts: &'static Catalogue,
) -> Result<(), Usage> {
    let (from, to) = (arguments.call.from, arguments.call.to);
    if from.is_none() && to.is_none() {
        return Ok(());
    }
    let count = found.items.len();
    if count > 1 {
        return Err(Usage(fill(texts.several_calls_one_time, &[("count", &count)])));
    }
    if let Some(Item::Call(call)) = found.items.first_mut() {
        call.metadata.begin_time = from.or(call.metadata.begin_time);
        call.metadata.end_time = to.or(call.metadata.end_time);
    }
    Ok(())
}

fn settings(
    arguments: &InspectArguments,
    lang: Lang,
    environment: &Environment,
) -> anyhow::Result<Settings> {
    let texts = lang.catalogue();
    let sources = rule_files::read(&arguments.rules.rules, texts)
        .map_err(|error| Usage(format!("{error:#}")))?;
    let pack = rule_files::compile(&sources, texts).map_err(|error| Usage(error.to_string()))?;
    if let Some(wanted) = &arguments.rules.scenario {
        check_scenario(&pack, wanted, texts)?;
    }
    Ok(Settings {
        lang,
        decode: setup::decode_options(&arguments.decoding, environment),
        voice_activity: setup::voice_activity(arguments.speech.voice_activity),
        roles: arguments.call.roles.clone(),
        language: arguments.call.language,
        engine: setup::engine_wish(&arguments.speech, lang.catalogue())?,
        engine_settings: setup::engine_settings(&arguments.speech, environment),
        pack,
        scenario: arguments.rules.scenario.clone(),
    })
}

fn check_scenario(pack: &Pack, wanted: &str, texts: &'static Catalogue) -> Result<(), Usage> {
    let known: Vec<String> =
        pack.scenarios().iter().map(|scenario| format!("`{}`", scenario.id)).collect();
    if pack.scenarios().iter().any(|scenario| scenario.id == wanted) {
        return Ok(());
    }
    let known = known.join(", ");
    Err(Usage(fill(texts.unknown_scenario, &[("known", &known), ("found", &wanted)])))
}

/// What the results depend on besides the calls and the rules.
fn identity(settings: &Settings, environment: &Environment) -> Identity {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let ready: Vec<String> = fh_speech::ENGINES
        .iter()
        .filter(|engine| engine.chosen_unasked)
        .flat_map(|engine| {
            fh_model::Language::ALL.map(|language| {
                let ready = (engine.ready)(&settings.engine_settings, language).is_ok();
                format!("{}:{language}:{ready}", engine.id)
            })
        })
        .collect();
    let engine = &settings.engine_settings;
    let decode = &settings.decode;
    Identity {
        // The version alone stays the same while the program is being worked on.
        program: digest_of(&environment.program).unwrap_or(version),
        recognizer: format!(
            "{:?} {ready:?} {:?} {:?} {:?}",
            settings.engine,
            engine.model,
            engine.remote.as_ref().map(|remote| &remote.base_url),
            fh_speech::models::installed(&engine.models_dir),
        ),
        listening: format!(
            "{:?} {:?} {:?} {:?}",
            settings.voice_activity, decode.limits, decode.partial, decode.ffmpeg
        ),
    }
}

/// One form of the results.
struct Output {
    format: Format,
    writer: Box<dyn ResultWriter>,
    /// The unfinished file and the name that it gets in the end; none for standard output.
    file: Option<(tempfile::NamedTempFile, PathBuf)>,
}

fn check_output(arguments: &OutputArguments, texts: &'static Catalogue) -> Result<(), Usage> {
    #[cfg(not(feature = "parquet"))]
    if arguments.format.contains(&Format::Parquet) {
        return Err(Usage("expected a program built with the feature `parquet`".to_owned()));
    }
    if arguments.out.is_some() {
        return Ok(());
    }
    match arguments.format.as_slice() {
        [] => Ok(()),
        [format] if format.is_binary() && io::stdout().is_terminal() => {
            Err(Usage(fill(texts.binary_to_terminal, &[("format", &format.name())])))
        }
        [_] => Ok(()),
        _ => Err(Usage(texts.several_formats.to_owned())),
    }
}

/// Without `--out` the one form goes to standard output; with it the table goes there and every
/// other form into its file.
fn open_outputs(
    arguments: &OutputArguments,
    skipped: usize,
    lang: Lang,
    environment: &Environment,
) -> anyhow::Result<Vec<Output>> {
    let paint = Paint::for_stdout(environment.no_color);
    let about = About { lang, paint, details: arguments.details, skipped };
    let mut formats = arguments.format.clone();
    let Some(out) = &arguments.out else {
        let format = formats.first().copied().unwrap_or(Format::Table);
        let writer = writer(format, BufWriter::new(io::stdout()), &about)?;
        return Ok(vec![Output { format, writer, file: None }]);
    };
    formats.retain(|format| *format != Format::Table);
    let table = writer(Format::Table, BufWriter::new(io::stdout()), &about)?;
    let mut outputs = vec![Output { format: Format::Table, writer: table, file: None }];
    for format in formats {
        if outputs.iter().any(|output| output.format == format) {
            continue;
        }
        let (file, unfinished) = unfinished_file(out)?;
        let writer = writer(format, BufWriter::new(file), &about)?;
        let file = Some((unfinished, out.join(format.file_name())));
        outputs.push(Output { format, writer, file });
    }
    Ok(outputs)
}

fn unfinished_file(out: &Path) -> anyhow::Result<(File, tempfile::NamedTempFile)> {
    use std::os::unix::fs::PermissionsExt;
    let unfinished = tempfile::Builder::new()
        .prefix(".unfinished-")
        .permissions(std::fs::Permissions::from_mode(0o666))
        .tempfile_in(out)
        .with_context(|| format!("writing to `{}`", out.display()))?;
    let file = unfinished.as_file().try_clone().context("writing the results")?;
    Ok((file, unfinished))
}

/// What the table needs to know.
struct About {
    lang: Lang,
    paint: Paint,
    details: bool,
    skipped: usize,
}

fn writer(
    format: Format,
    out: impl Write + Send + 'static,
    about: &About,
) -> io::Result<Box<dyn ResultWriter>> {
    Ok(match format {
        Format::Table => Box::new(Table::new(
            out,
            about.lang.catalogue(),
            about.paint,
            about.details,
            about.skipped,
        )),
        Format::Json => Box::new(Json::new(out)?),
        Format::Jsonl => Box::new(JsonLines::new(out)),
        Format::Csv => Box::new(Csv::new(out)?),
        #[cfg(feature = "parquet")]
        Format::Parquet => Box::new(crate::output::parquet::Parquet::new(out)?),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => return Err(io::Error::other("built without the feature `parquet`")),
        Format::Html => Box::new(Html::new(out, about.lang)?),
    })
}

fn progress(found: &Found, quiet: bool, texts: &'static Catalogue) -> Option<Progress> {
    let bytes = found.items.iter().map(|item| match item {
        Item::Call(call) => call.bytes,
        Item::Missing(_) => 0,
    });
    (!quiet).then(|| Progress::new(found.items.len(), bytes.sum(), texts))
}

/// Tells a failure at once on standard error, unless the table will list it.
fn tell_failure(
    failure: &crate::inspect::CallFailure,
    outputs: &[Output],
    progress: Option<&Progress>,
    texts: &'static Catalogue,
    environment: &Environment,
) {
    if outputs.iter().any(|output| output.format == Format::Table) {
        return;
    }
    let colours = environment.no_color || !io::stderr().is_terminal();
    let paint = if colours { Paint::plain() } else { Paint::for_stderr() };
    let text = render_failure(failure, texts, paint);
    match progress {
        Some(progress) => progress.print(text.trim_end()),
        None => eprint!("{text}"),
    }
}

/// Ends the writers and gives the files their names.
fn finish(
    outputs: Vec<Output>,
    interrupted: bool,
    any_failed: bool,
    texts: &'static Catalogue,
) -> anyhow::Result<Ended> {
    let mut written = Vec::new();
    for output in outputs {
        // What an interrupted run has is shown, and not kept under a name that says it is all.
        if interrupted && output.file.is_some() {
            continue;
        }
        output.writer.finish().context("writing the results")?;
        if let Some((unfinished, path)) = output.file {
            unfinished.persist(&path).with_context(|| format!("writing `{}`", path.display()))?;
            written.push(path);
        }
    }
    for path in written {
        writeln!(io::stdout(), "{}", fill(texts.written, &[("path", &path.display())]))?;
    }
    if interrupted {
        eprintln!("{}", texts.summary_interrupted);
        return Ok(Ended::Interrupted);
    }
    Ok(if any_failed { Ended::SomeFailed } else { Ended::Well })
}

/// A flag that Ctrl-C raises; the second Ctrl-C ends the program on the spot.
fn watch_for_interrupts() -> io::Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(
            signal,
            i32::from(Ended::Interrupted.status()),
            Arc::clone(&stop),
        )?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}
