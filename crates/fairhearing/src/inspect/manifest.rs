use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use fh_model::CallMetadata;
use jiff::civil::DateTime;

use super::find::{Item, file_name};
use super::{CallFailure, CallInput, roles};
use crate::messages::Lang;

/// What a manifest says of one recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The recording as the manifest writes it.
    pub(crate) written: String,
    /// Where it lies; paths count from the manifest's folder.
    pub(crate) path: PathBuf,
    /// What is known of the call.
    pub(crate) metadata: CallMetadata,
    /// Its transcript, where that does not lie beside it.
    pub(crate) transcript: Option<PathBuf>,
}

/// Reads `yyyy-MM-dd HH:mm:ss`, also with `T`, slashes or without seconds.
pub(crate) fn parse_time(text: &str) -> Result<DateTime, String> {
    text.trim()
        .replace('/', "-")
        .parse()
        .map_err(|_| format!("expected a time such as `2026-05-04 09:30:00`, found `{text}`"))
}

/// Reads a manifest: JSON Lines where its first character is `{`, else CSV with a head line.
pub(crate) fn read(manifest: &Path) -> anyhow::Result<Vec<Entry>> {
    let shown = manifest.display();
    let bytes = fs::read(manifest).with_context(|| format!("reading the manifest `{shown}`"))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow::anyhow!(
            "manifest `{shown}`: expected UTF-8 text, found something else at byte {at}"
        )
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let folder = manifest.parent().unwrap_or(Path::new(""));
    let entries = if text.trim_start().starts_with('{') {
        read_json_lines(text, folder)
    } else {
        read_csv(text, folder)
    };
    entries.with_context(|| format!("manifest `{shown}`"))
}

fn read_csv(text: &str, folder: &Path) -> anyhow::Result<Vec<Entry>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let heads: Vec<String> =
        reader.headers()?.iter().map(|head| head.to_ascii_lowercase()).collect();
    if !heads.iter().any(|head| is_path(head)) {
        bail!("line 1: expected a column `path`, found {}", heads.join(", "));
    }
    let mut entries = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = heads.iter().map(String::as_str).zip(record.iter());
        let entry = entry_of(cells.filter(|(_, cell)| !cell.is_empty()), folder);
        entries.push(entry.with_context(|| format!("line {line}"))?);
    }
    Ok(entries)
}

fn is_path(head: &str) -> bool {
    matches!(head, "path" | "file" | "recording")
}

fn entry_of<'a>(
    cells: impl Iterator<Item = (&'a str, &'a str)>,
    folder: &Path,
) -> anyhow::Result<Entry> {
    let mut metadata = CallMetadata::default();
    let (mut written, mut transcript) = (None, None);
    for (head, cell) in cells {
        let text = || Some(cell.to_owned());
        let wrong = |error: String| anyhow::anyhow!("column `{head}`: {error}");
        match head {
            head if is_path(head) => written = text(),
            "transcript" => transcript = Some(folder.join(cell)),
            "call_id" => metadata.call_id = text(),
            "agent_id" => metadata.agent_id = text(),
            "agent_name" => metadata.agent_name = text(),
            "skill_group" => metadata.skill_group = text(),
            "direction" => metadata.direction = text(),
            "language" => {
                let language = cell.parse().map_err(|error| wrong(format!("{error}")))?;
                metadata.language = Some(language);
            }
            "begin_time" => metadata.begin_time = Some(parse_time(cell).map_err(wrong)?),
            "end_time" => metadata.end_time = Some(parse_time(cell).map_err(wrong)?),
            "roles" => metadata.roles = Some(roles::parse(cell).map_err(wrong)?),
            other => {
                let name = other.strip_prefix("attributes.").unwrap_or(other);
                metadata.attributes.insert(name.to_owned(), cell.to_owned());
            }
        }
    }
    let written = written.context("expected a value in column `path`, found none")?;
    Ok(Entry { path: folder.join(&written), written, metadata, transcript })
}

fn read_json_lines(text: &str, folder: &Path) -> anyhow::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if !line.trim().is_empty() {
            let entry = entry_of_json(line, folder).with_context(|| format!("line {number}"))?;
            entries.push(entry);
        }
    }
    Ok(entries)
}

fn entry_of_json(line: &str, folder: &Path) -> anyhow::Result<Entry> {
    let mut fields: BTreeMap<String, serde_json::Value> = serde_json::from_str(line)?;
    let roles_as_text = fields.get("roles").is_some_and(serde_json::Value::is_string);
    let mut take = |name: &str| -> anyhow::Result<Option<String>> {
        match fields.remove(name) {
            None | Some(serde_json::Value::Null) => Ok(None),
            Some(serde_json::Value::String(text)) => Ok(Some(text)),
            Some(other) => bail!("`{name}`: expected a string, found {other}"),
        }
    };
    let written = take("path")?.context("expected a field `path`, found none")?;
    let transcript = take("transcript")?.map(|path| folder.join(path));
    // These have friendlier spellings than the model's own.
    let language = take("language")?;
    let (begin, end) = (take("begin_time")?, take("end_time")?);
    let roles_text = if roles_as_text { take("roles")? } else { None };
    let rest = serde_json::Value::Object(fields.into_iter().collect());
    let mut metadata: CallMetadata = serde_json::from_value(rest)?;
    metadata.language = language.map(|language| language.parse()).transpose()?;
    let time = |text: Option<String>| {
        text.map(|text| parse_time(&text)).transpose().map_err(anyhow::Error::msg)
    };
    (metadata.begin_time, metadata.end_time) = (time(begin)?, time(end)?);
    if let Some(text) = roles_text {
        metadata.roles = Some(roles::parse(&text).map_err(anyhow::Error::msg)?);
    }
    Ok(Entry { path: folder.join(&written), written, metadata, transcript })
}

/// The calls that a manifest lists, in its order.
pub(crate) fn list(entries: Vec<Entry>, lang: Lang) -> Vec<Item> {
    entries
        .into_iter()
        .map(|entry| match fs::metadata(&entry.path) {
            Err(_) => Item::Missing(CallFailure::of(
                (&entry.written, &file_name(&entry.path)),
                "not_found",
                lang,
                |texts| texts.manifest_entry_missing,
                &[],
                Some(|texts| texts.file_not_found_remedy),
            )),
            Ok(metadata) => Item::Call(CallInput {
                name: file_name(&entry.path),
                path: entry.path,
                label: entry.written.clone(),
                shown: entry.written,
                bytes: metadata.len(),
                metadata: entry.metadata,
                transcript: entry.transcript,
            }),
        })
        .collect()
}

/// Gives the recordings that were found what the manifest says of them.
pub(crate) fn join(entries: Vec<Entry>, items: &mut [Item]) {
    let canonical = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut by_path: BTreeMap<PathBuf, Entry> =
        entries.into_iter().map(|entry| (canonical(&entry.path), entry)).collect();
    for item in items {
        let Item::Call(call) = item else { continue };
        if let Some(entry) = by_path.remove(&canonical(&call.path)) {
            call.metadata = entry.metadata;
            call.transcript = entry.transcript;
        }
    }
}

#[cfg(test)]
mod tests {
    use fh_model::{Language, Millis, Role};

    use super::*;

    fn read_text(text: &str) -> anyhow::Result<Vec<Entry>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.csv");
        fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn csv_and_json_lines_say_the_same() {
        let csv = "\u{feff}path,call_id,Language,begin_time,end_time,roles,queue\n\
                   a.wav,17,zh,2026-05-04 09:30:00,2026/05/04 09:31:30,\"left=agent,right=customer\",vip\n";
        let json = r#"{"path":"a.wav","call_id":"17","language":"zh_CN","begin_time":"2026-05-04T09:30:00","end_time":"2026-05-04 09:31:30","roles":["agent","customer"],"attributes":{"queue":"vip"}}"#;
        let (csv, json) = (read_text(csv).unwrap(), read_text(json).unwrap());
        assert_eq!(csv[0].metadata, json[0].metadata);
        let metadata = &csv[0].metadata;
        assert_eq!(metadata.call_id.as_deref(), Some("17"));
        assert_eq!(metadata.language, Some(Language::ZhCn));
        assert_eq!(metadata.expected_duration(), Some(Millis(90_000)));
        assert_eq!(metadata.roles.as_ref().unwrap().0, [Role::Agent, Role::Customer]);
        assert_eq!(metadata.attributes["queue"], "vip");
        assert_eq!(csv[0].written, "a.wav");
        assert!(csv[0].path.is_absolute());
    }

    #[test]
    fn mistakes_name_line_and_column() {
        let check = |text: &str, expected: &[&str]| {
            let error = format!("{:#}", read_text(text).unwrap_err());
            assert!(expected.iter().all(|part| error.contains(part)), "{error}");
        };
        check("call_id\n1\n", &["line 1", "expected a column `path`", "call_id"]);
        check("path,begin_time\na.wav,\nb.wav,noon\n", &["line 3", "`begin_time`", "`noon`"]);
        check("path,language\na.wav,klingon\n", &["line 2", "`language`", "klingon"]);
        check("{\"path\":\"a.wav\"}\n{\"call_id\":\"1\"}\n", &["line 2", "`path`"]);
        check("{\"path\":\"a.wav\",\"agent\":\"x\"}\n", &["line 1", "unknown field `agent`"]);
    }
}
