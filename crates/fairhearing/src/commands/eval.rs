use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _, stdout};
use std::path::Path;

use anyhow::Context;
use fh_audio::ListenOptions;
use fh_model::{ChannelIndex, Language, Transcript, TranscriptState};
use fh_speech::accuracy::{ErrorCount, character_errors, spoken_text, word_errors};
use fh_speech::{ImportOptions, import_transcript, transcript_beside};
use fh_workflow::inspection::{Listened, Recognizer, Words};
use serde::Serialize;

use super::{Ended, Usage, setup};
use crate::cli::{EvalArguments, PlainFormat};
use crate::environment::Environment;
use crate::inspect::find::{Item, find};
use crate::inspect::progress::Progress;
use crate::inspect::{CallFailure, CallInput, language};
use crate::messages::{Lang, fill};
use crate::output::columns::Columns;
use crate::output::table::render_failure;
use crate::output::terminal::{Paint, Side, printable};

/// The errors on one channel of one recording, or on all channels.
#[derive(Debug, Serialize)]
struct Line {
    recording: String,
    /// `None` where the reference does not tell channels apart.
    channel: Option<u8>,
    unit: &'static str,
    reference: u64,
    substitutions: u64,
    deletions: u64,
    insertions: u64,
    rate: Option<f64>,
}

/// What a recording is held against.
enum Reference {
    /// Words of which nobody says who said them.
    Text(String),
    /// A transcript beside the recording.
    Transcript(Box<Transcript>),
}

/// Measures how many words a recogniser gets wrong.
pub(crate) fn run(
    arguments: &EvalArguments,
    lang: Lang,
    environment: &Environment,
) -> anyhow::Result<Ended> {
    let found = find(&arguments.paths, &mut io::stdin().lock(), lang)?;
    let references = arguments.references.as_deref().map(read_references).transpose()?;
    let wish = setup::engine_wish(&arguments.speech, lang.catalogue())?;
    let settings = setup::engine_settings(&arguments.speech, environment);
    let mut recognizer = Recognizer::new(wish, settings);
    let options = ListenOptions {
        decode: setup::decode_options(&arguments.decoding, environment),
        roles: fh_model::RoleMap::default(),
        voice_activity: setup::voice_activity(arguments.speech.voice_activity),
        keep_samples: true,
    };
    let calls: Vec<&CallInput> = found.items.iter().filter_map(Item::call).collect();
    let bytes = calls.iter().map(|call| call.bytes).sum();
    let progress = Progress::new(calls.len(), bytes, lang.catalogue());
    let (mut lines, mut failures) = (Vec::new(), Vec::new());
    let mut engine = None;
    for item in &found.items {
        let call = match item {
            Item::Missing(failure) => {
                failures.push(failure.clone());
                continue;
            }
            Item::Call(call) => call,
        };
        match eval_call(call, arguments, references.as_ref(), &options, &mut recognizer, lang) {
            Ok((of_call, words)) => {
                lines.extend(of_call);
                engine = words.transcript.map(|transcript| transcript.source).or(engine);
            }
            Err(failure) => failures.push(*failure),
        }
        progress.done(call.bytes);
    }
    progress.finish();
    let total = total(&lines, lang);
    match arguments.format {
        PlainFormat::Json => {
            let document = serde_json::json!({
                "schema": "fairhearing.eval/1",
                "engine": engine,
                "lines": lines,
                "total": total,
            });
            writeln!(stdout(), "{}", serde_json::to_string_pretty(&document)?)?;
        }
        PlainFormat::Table => {
            let paint = Paint::for_stdout(environment.no_color);
            write!(stdout(), "{}", render(&lines, total.as_ref(), lang, paint))?;
        }
    }
    for failure in &failures {
        eprint!("{}", render_failure(failure, lang.catalogue(), Paint::plain()));
    }
    Ok(if failures.is_empty() { Ended::Well } else { Ended::SomeFailed })
}

/// Lines of recording name, tab, words. The name may leave the extension out.
fn read_references(file: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("reading `{shown}`"))?;
    let mut references = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let (name, words) = line.split_once('\t').ok_or_else(|| {
            Usage(format!("`{shown}` line {number}: expected name, tab, words, found no tab"))
        })?;
        references.insert(name.trim().to_owned(), words.to_owned());
    }
    Ok(references)
}

fn eval_call(
    call: &CallInput,
    arguments: &EvalArguments,
    references: Option<&BTreeMap<String, String>>,
    options: &ListenOptions,
    recognizer: &mut Recognizer,
    lang: Lang,
) -> Result<(Vec<Line>, Words), Box<CallFailure>> {
    let failed = |code: &str, reason: &str| {
        Box::new(CallFailure::of(
            (&call.shown, &call.name),
            code,
            lang,
            |texts| texts.fail_other,
            &[("reason", &reason)],
            None,
        ))
    };
    let heard = fh_audio::listen(&call.path, options, &mut |_| ())
        .map_err(|error| Box::new(CallFailure::of_audio(call, &error, lang)))?;
    let (listened, mut sound) = Listened::of(heard);
    let reference = match references {
        Some(references) => references
            .get(&call.name)
            .or_else(|| references.get(call.path.file_stem()?.to_str()?))
            .map(|text| Reference::Text(text.clone())),
        None => beside(call, &listened, arguments.language)
            .map_err(|reason| failed("reference_unreadable", &reason))?
            .map(|transcript| Reference::Transcript(Box::new(transcript))),
    };
    let Some(reference) = reference else {
        return Err(Box::new(CallFailure::of(
            (&call.shown, &call.name),
            "no_reference",
            lang,
            |texts| texts.eval_no_reference,
            &[("file", &call.name)],
            None,
        )));
    };
    let wanted = arguments.language.or(match &reference {
        Reference::Text(text) => Some(language::of_text(text)),
        Reference::Transcript(transcript) => Some(transcript.language),
    });
    let words = recognizer.recognize(&listened, sound.as_mut(), wanted, &mut |_| ());
    match &words.state {
        TranscriptState::Available | TranscriptState::NoSpeech => {}
        TranscriptState::NoRecognizer { remedy } => {
            let told = lang.catalogue().no_words(remedy);
            return Err(Box::new(CallFailure { told, ..*failed("no_recognizer", remedy) }));
        }
        TranscriptState::Failed { reason } => return Err(failed("recognition_failed", reason)),
    }
    let lines = compare(call, &listened, &reference, words.transcript.as_ref(), wanted);
    Ok((lines, words))
}

/// The transcript beside the recording.
fn beside(
    call: &CallInput,
    listened: &Listened,
    language: Option<Language>,
) -> Result<Option<Transcript>, String> {
    let Some(path) = transcript_beside(&call.path) else { return Ok(None) };
    let bytes = fs::read(&path).map_err(|error| error.to_string())?;
    let options = ImportOptions {
        language: language.unwrap_or_else(|| language::of_text(&String::from_utf8_lossy(&bytes))),
        roles: fh_model::RoleMap::default(),
        channels: u8::try_from(listened.measures.channels.len()).unwrap_or(u8::MAX),
    };
    let name = crate::inspect::find::file_name(&path);
    import_transcript(&name, &bytes, &options).map(Some).map_err(|error| error.to_string())
}

fn compare(
    call: &CallInput,
    listened: &Listened,
    reference: &Reference,
    recognized: Option<&Transcript>,
    language: Option<Language>,
) -> Vec<Line> {
    let said = |channel| recognized.map_or_else(String::new, |words| spoken_text(words, channel));
    let line = |channel: Option<ChannelIndex>, reference: &str, recognized: &str| {
        let (unit, count) = match language {
            Some(Language::ZhCn) => ("character", character_errors(reference, recognized)),
            _ => ("word", word_errors(reference, recognized)),
        };
        line_of(call.name.clone(), channel, unit, count)
    };
    match reference {
        Reference::Text(text) => vec![line(None, text, &said(None))],
        Reference::Transcript(transcript) => listened
            .measures
            .channels
            .iter()
            .map(|channel| Some(channel.channel))
            .map(|channel| line(channel, &spoken_text(transcript, channel), &said(channel)))
            .collect(),
    }
}

fn line_of(
    recording: String,
    channel: Option<ChannelIndex>,
    unit: &'static str,
    count: ErrorCount,
) -> Line {
    Line {
        recording,
        channel: channel.map(|channel| channel.0),
        unit,
        reference: count.reference,
        substitutions: count.substitutions,
        deletions: count.deletions,
        insertions: count.insertions,
        rate: count.rate(),
    }
}

/// All lines together; words and characters are not added up.
fn total(lines: &[Line], lang: Lang) -> Option<Line> {
    let unit = lines.first()?.unit;
    if lines.len() < 2 || lines.iter().any(|line| line.unit != unit) {
        return None;
    }
    let sum = lines.iter().fold(ErrorCount::default(), |sum, line| {
        sum.plus(ErrorCount {
            substitutions: line.substitutions,
            insertions: line.insertions,
            deletions: line.deletions,
            reference: line.reference,
        })
    });
    Some(line_of(lang.catalogue().eval_total.to_owned(), None, unit, sum))
}

fn render(lines: &[Line], total: Option<&Line>, lang: Lang, paint: Paint) -> String {
    let texts = lang.catalogue();
    let mut columns = Columns::new([
        (texts.eval_head_recording, Side::Left),
        (texts.eval_head_channel, Side::Right),
        (texts.eval_head_units, Side::Right),
        (texts.eval_head_wrong, Side::Right),
        (texts.eval_head_rate, Side::Right),
    ]);
    for line in lines.iter().chain(total) {
        let wrong = line.substitutions + line.deletions + line.insertions;
        let values: [(&str, &dyn std::fmt::Display); 4] = [
            ("wrong", &wrong),
            ("substituted", &line.substitutions),
            ("left_out", &line.deletions),
            ("put_in", &line.insertions),
        ];
        columns.add([
            printable(&line.recording),
            line.channel.map_or_else(|| "-".to_owned(), |channel| channel.to_string()),
            line.reference.to_string(),
            fill("{wrong} ({substituted}, {left_out}, {put_in})", &values),
            line.rate.map_or_else(|| "-".to_owned(), |rate| format!("{:.1} %", rate * 100.0)),
        ]);
    }
    let mut text = columns.render(paint);
    let unit = lines.first().map(|line| line.unit);
    if let Some(note) = match unit {
        Some("character") => Some(texts.eval_note_cer),
        Some(_) => Some(texts.eval_note_wer),
        None => None,
    } {
        let _ = writeln!(text, "{}", paint.dim(note));
    }
    text
}
