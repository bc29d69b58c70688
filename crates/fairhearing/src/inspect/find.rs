use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use fh_model::CallMetadata;

use super::{CallFailure, CallInput};
use crate::messages::Lang;
use crate::output::terminal::printable;

/// Extensions that make a file in a folder a recording, lower case. A file that is named outright
/// is tried whatever its name is.
const EXTENSIONS: &[&str] = &[
    "3gp", "aac", "ac3", "aif", "aifc", "aiff", "al", "alaw", "amr", "au", "awb", "caf", "flac",
    "g722", "g726", "g729", "gsm", "m4a", "m4b", "mka", "mkv", "mov", "mp2", "mp3", "mp4", "oga",
    "ogg", "opus", "ra", "snd", "spx", "ul", "ulaw", "v3", "vox", "w64", "wav", "wave", "webm",
    "wma",
];

/// Folders below this depth are not entered: a folder that contains itself must come to an end.
const DEEPEST: usize = 64;

/// A recording, or why what was named is none.
#[derive(Debug)]
pub(crate) enum Item {
    Call(CallInput),
    Missing(CallFailure),
}

impl Item {
    /// The recording, if it is one.
    pub(crate) const fn call(&self) -> Option<&CallInput> {
        match self {
            Self::Call(call) => Some(call),
            Self::Missing(_) => None,
        }
    }
}

/// What was found, in the order in which it was named; folders in the order of their names.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) items: Vec<Item>,
    /// Files in folders that are no recordings.
    pub(crate) skipped: usize,
    seen: BTreeSet<PathBuf>,
}

/// Lists the recordings that `paths` name: files, folders (with all folders below them), patterns
/// with `*`, `?` and `[]`, and `-` for one path a line on `stdin`.
pub(crate) fn find(paths: &[String], stdin: &mut dyn BufRead, lang: Lang) -> io::Result<Found> {
    let mut found = Found::default();
    for path in paths {
        if path == "-" {
            for line in stdin.lines() {
                let line = line?;
                let line = line.trim_end_matches('\r');
                if !line.is_empty() {
                    found.add(line, lang);
                }
            }
        } else {
            found.add(path, lang);
        }
    }
    Ok(found)
}

impl Found {
    /// What somebody else listed.
    pub(crate) fn of(items: Vec<Item>) -> Self {
        Self { items, ..Self::default() }
    }

    /// Adds what `named` names.
    fn add(&mut self, named: &str, lang: Lang) {
        let path = Path::new(named);
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.add_folder(path, "", 0, lang),
            Ok(metadata) => {
                let name = file_name(path);
                self.add_call(path, [named, named, &name].map(str::to_owned), metadata.len());
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if !self.add_pattern(named, lang) {
                    self.items.push(Item::Missing(not_found(named, lang)));
                }
            }
            Err(error) => self.add_unreadable(path, &error, lang),
        }
    }

    /// Adds what matches, if `named` is a pattern; says so if nothing does.
    fn add_pattern(&mut self, named: &str, lang: Lang) -> bool {
        if !named.contains(['*', '?', '[']) {
            return false;
        }
        // As in a shell, `*` does not find hidden files.
        let options = glob::MatchOptions {
            require_literal_leading_dot: true,
            ..glob::MatchOptions::default()
        };
        let Ok(paths) = glob::glob_with(named, options) else { return false };
        let mut any = false;
        for path in paths.filter_map(Result::ok) {
            any = true;
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => self.add_folder(&path, "", 0, lang),
                // A pattern such as `calls/*` takes the transcripts beside the recordings along.
                Ok(_) if !is_recording(&path) && matches_everything(named) => self.skipped += 1,
                Ok(metadata) => {
                    let shown = path.display().to_string();
                    let names = [shown.clone(), shown, file_name(&path)];
                    self.add_call(&path, names, metadata.len());
                }
                Err(error) => self.add_unreadable(&path, &error, lang),
            }
        }
        if !any {
            let names = (named, named);
            self.items.push(Item::Missing(CallFailure::of(
                names,
                "no_match",
                lang,
                |texts| texts.no_match,
                &[],
                Some(|texts| texts.no_match_remedy),
            )));
        }
        true
    }

    fn add_folder(&mut self, folder: &Path, below: &str, depth: usize, lang: Lang) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.add_unreadable(folder, &error, lang),
        };
        let mut paths: Vec<PathBuf> =
            entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            let name = file_name(&path);
            // Hidden files are editors' and file managers' own (`._call.wav` of macOS).
            if name.starts_with('.') {
                continue;
            }
            let name = if below.is_empty() { name } else { format!("{below}/{name}") };
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => {
                    if depth < DEEPEST && !is_link(&path) {
                        self.add_folder(&path, &name, depth + 1, lang);
                    }
                }
                Ok(metadata) if metadata.is_file() && is_recording(&path) => {
                    let shown = path.display().to_string();
                    self.add_call(&path, [shown, name.clone(), name], metadata.len());
                }
                _ => self.skipped += 1,
            }
        }
    }

    fn add_unreadable(&mut self, path: &Path, error: &io::Error, lang: Lang) {
        let (shown, name) = (path.display().to_string(), file_name(path));
        self.items.push(Item::Missing(CallFailure::of(
            (&shown, &name),
            "unreadable",
            lang,
            |texts| texts.file_not_readable,
            &[("reason", error)],
            None,
        )));
    }

    /// Adds a recording with the names that [`CallInput`] has: shown, label, name.
    fn add_call(&mut self, path: &Path, names: [String; 3], bytes: u64) {
        let [shown, label, name] = names;
        let same_file = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if self.seen.insert(same_file) {
            self.items.push(Item::Call(CallInput {
                path: path.to_owned(),
                shown,
                label,
                name,
                bytes,
                metadata: CallMetadata::default(),
                transcript: None,
            }));
        }
    }
}

/// The failure of a path that names nothing.
fn not_found(named: &str, lang: Lang) -> CallFailure {
    let name = file_name(Path::new(named));
    CallFailure::of(
        (named, &name),
        "not_found",
        lang,
        |texts| texts.file_not_found,
        &[],
        Some(|texts| texts.file_not_found_remedy),
    )
}

/// The last part of a path, fit to be printed.
pub(crate) fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    printable(&name.to_string_lossy())
}

fn is_recording(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str()))
}

/// Whether the pattern's last part leaves the extension open.
fn matches_everything(pattern: &str) -> bool {
    pattern.ends_with('*')
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that `paths` find below a folder with a few files, and how many are skipped.
    fn found(paths: &[&str], stdin: &str) -> (Vec<String>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("calls/may")).unwrap();
        for name in
            ["calls/b.wav", "calls/a.MP3", "calls/a.json", "calls/may/c.opus", "calls/.hidden.wav"]
        {
            fs::write(root.join(name), "x").unwrap();
        }
        let paths: Vec<String> = paths
            .iter()
            .map(|path| match *path {
                "-" => "-".to_owned(),
                path => root.join(path).display().to_string(),
            })
            .collect();
        let stdin: String = stdin
            .lines()
            .map(|line| match line {
                "" => "\r\n".to_owned(),
                line => format!("{}\r\n", root.join(line).display()),
            })
            .collect();
        let found = find(&paths, &mut stdin.as_bytes(), Lang::En).unwrap();
        let names = found
            .items
            .iter()
            .map(|item| match item {
                Item::Call(call) => call.name.clone(),
                Item::Missing(failure) => format!("{}:{}", failure.code, failure.name.len() > 1),
            })
            .collect();
        (names, found.skipped)
    }

    #[test]
    fn folders_are_walked_in_order_and_transcripts_skipped() {
        assert_eq!(
            found(&["calls"], ""),
            (vec!["a.MP3".to_owned(), "b.wav".to_owned(), "may/c.opus".to_owned()], 1)
        );
    }

    #[test]
    fn patterns_and_lists_name_recordings() {
        assert_eq!(found(&["calls/*.wav"], ""), (vec!["b.wav".to_owned()], 0));
        let (names, skipped) = found(&["calls/*"], "");
        assert_eq!(names, ["a.MP3", "b.wav", "c.opus"]);
        assert_eq!(skipped, 1);
        assert_eq!(found(&["-"], "calls/b.wav\n\ncalls/a.MP3\n").0, ["b.wav", "a.MP3"]);
    }

    #[test]
    fn a_file_counts_once_and_what_is_missing_is_told() {
        assert_eq!(found(&["calls/b.wav", "calls"], "").0, ["b.wav", "a.MP3", "may/c.opus"]);
        assert_eq!(found(&["calls/none.wav"], "").0, ["not_found:true"]);
        assert_eq!(found(&["calls/*.flac"], "").0, ["no_match:true"]);
        assert_eq!(found(&["calls/a.json"], "").0, ["a.json"]);
    }
}
