use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use sha2::{Digest, Sha256};

use super::pull::pull_entry;
use super::*;
use crate::engines::sherpa_onnx::ModelFamily;

const CONTENT: &[u8] = b"the weights of a model, as it were";
const TOKENS: &[u8] = b"a 0\n";

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn entry(base: &str) -> ModelEntry {
    let file = |name: &str, bytes: &[u8]| ModelFile {
        name: name.to_owned(),
        bytes: bytes.len() as u64,
        sha256: sha256(bytes),
    };
    ModelEntry {
        id: "test-model".to_owned(),
        short_id: "test".to_owned(),
        name: "Test".to_owned(),
        family: ModelFamily::SenseVoice,
        languages: Vec::new(),
        licence: String::new(),
        licence_url: String::new(),
        base: format!("{base}/some/path/"),
        files: vec![file("model.int8.onnx", CONTENT), file("tokens.txt", TOKENS)],
    }
}

/// What a server gives: for the path and the first byte asked for, a whole reply.
type Answer = dyn Fn(&str, Option<usize>) -> Vec<u8> + Send + Sync;

/// A server and the list of what it was asked for.
fn server(answer: Box<Answer>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut input = BufReader::new(&connection);
            let (mut line, mut range) = (String::new(), None);
            input.read_line(&mut line).unwrap();
            loop {
                let mut header = String::new();
                input.read_line(&mut header).unwrap();
                let header = header.trim_end().to_lowercase();
                if header.is_empty() {
                    break;
                }
                if let Some(from) = header.strip_prefix("range: bytes=") {
                    range = Some(from.trim_end_matches('-').parse().unwrap());
                }
            }
            let path = line.split(' ').nth(1).unwrap().to_owned();
            kept.lock().unwrap().push(match range {
                Some(from) => format!("{path} from {from}"),
                None => path.clone(),
            });
            let _ = connection.write_all(&answer(&path, range));
        }
    });
    (base, asked)
}

fn reply(status: &str, declared: usize, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {declared}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn content(path: &str) -> &'static [u8] {
    if path.ends_with("tokens.txt") { TOKENS } else { CONTENT }
}

/// Gives what is asked for, ranges included.
fn honest(path: &str, from: Option<usize>) -> Vec<u8> {
    let content = content(path);
    match from {
        Some(from) => reply("206 Partial Content", content.len() - from, &content[from..]),
        None => reply("200 OK", content.len(), content),
    }
}

fn pull_from(base: &str, models: &Path) -> (Result<(), PullError>, Vec<u64>) {
    let mut progress = Vec::new();
    let source = PullSource::Registry { proxy: None };
    let result = pull_entry(models, &entry(base), &source, &mut |bytes| progress.push(bytes));
    (result, progress)
}

fn assert_installed(models: &Path) {
    let folder = models.join("test-model");
    assert_eq!(fs::read(folder.join("model.int8.onnx")).unwrap(), CONTENT);
    assert_eq!(fs::read(folder.join("tokens.txt")).unwrap(), TOKENS);
    assert!(!models.join("test-model.part").exists());
}

#[test]
fn the_registry_is_complete() {
    let models = registry();
    assert_eq!(models.len(), 2);
    for model in models {
        assert!(model.base.starts_with("https://huggingface.co/") && model.base.ends_with('/'));
        assert!(!model.licence.is_empty() && !model.languages.is_empty());
        let names: Vec<_> = model.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["model.int8.onnx", "tokens.txt"]);
        for file in &model.files {
            assert_eq!(file.sha256.len(), 64);
            assert!(file.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
        }
    }
    assert_eq!(find("sensevoice").unwrap().id, "sensevoice-small-int8-2024-07-17");
    assert_eq!(find("sensevoice").unwrap().bytes(), 239_233_841 + 315_894);
    assert!(find("whisper-9000").is_none());
}

#[test]
fn a_model_is_fetched_and_put_in_place() {
    let models = tempfile::tempdir().unwrap();
    let (base, asked) = server(Box::new(honest));
    let (result, progress) = pull_from(&base, models.path());
    result.unwrap();
    assert_installed(models.path());
    assert_eq!(*asked.lock().unwrap(), ["/some/path/model.int8.onnx", "/some/path/tokens.txt"]);
    assert!(progress.is_sorted());
    assert_eq!(progress.last(), Some(&((CONTENT.len() + TOKENS.len()) as u64)));
    // Again: nothing is asked for.
    pull_from(&base, models.path()).0.unwrap();
    assert_eq!(asked.lock().unwrap().len(), 2);
    assert_installed(models.path());
    let states = verify(models.path(), &entry(&base), &mut |_| {});
    assert!(states.iter().all(|(_, state)| *state == FileState::Good), "{states:?}");
}

#[test]
fn a_broken_connection_is_taken_up_again() {
    let models = tempfile::tempdir().unwrap();
    // Ten bytes for each question, though all are declared.
    let (base, asked) = server(Box::new(|path, from| {
        let (from, content) = (from.unwrap_or(0), content(path));
        let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
        let end = content.len().min(from + 10);
        reply(status, content.len() - from, &content[from..end])
    }));
    let (result, progress) = pull_from(&base, models.path());
    result.unwrap();
    assert_installed(models.path());
    let path = "/some/path/model.int8.onnx";
    assert_eq!(
        asked.lock().unwrap()[..4],
        [
            path.to_owned(),
            format!("{path} from 10"),
            format!("{path} from 20"),
            format!("{path} from 30")
        ]
    );
    assert!(progress.is_sorted());
}

#[test]
fn a_pull_goes_on_where_an_earlier_one_stopped() {
    let models = tempfile::tempdir().unwrap();
    let part = models.path().join("test-model.part");
    fs::create_dir(&part).unwrap();
    fs::write(part.join("model.int8.onnx"), &CONTENT[..7]).unwrap();
    let (base, asked) = server(Box::new(honest));
    pull_from(&base, models.path()).0.unwrap();
    assert_installed(models.path());
    assert_eq!(asked.lock().unwrap()[0], "/some/path/model.int8.onnx from 7");

    // A server that knows no ranges begins anew.
    let models = tempfile::tempdir().unwrap();
    let part = models.path().join("test-model.part");
    fs::create_dir(&part).unwrap();
    fs::write(part.join("model.int8.onnx"), &CONTENT[..7]).unwrap();
    let (base, _) = server(Box::new(|path, _| honest(path, None)));
    pull_from(&base, models.path()).0.unwrap();
    assert_installed(models.path());
}

#[test]
fn a_wrong_file_is_deleted() {
    let models = tempfile::tempdir().unwrap();
    let (base, _) = server(Box::new(|path, _| {
        let wrong = vec![b'x'; content(path).len()];
        reply("200 OK", wrong.len(), &wrong)
    }));
    match pull_from(&base, models.path()).0 {
        Err(PullError::WrongFile { name, expected, found }) => {
            assert_eq!(name, "model.int8.onnx");
            assert_eq!(expected, sha256(CONTENT));
            assert_eq!(found, sha256(&vec![b'x'; CONTENT.len()]));
        }
        other => panic!("expected a wrong file, found {other:?}"),
    }
    assert!(!models.path().join("test-model").exists());
    assert!(!models.path().join("test-model.part/model.int8.onnx").exists());
}

#[test]
fn a_file_that_is_too_short_or_not_there_is_an_error() {
    let models = tempfile::tempdir().unwrap();
    let (base, asked) = server(Box::new(|path, from| match from {
        Some(_) => reply("206 Partial Content", 0, b""),
        None => reply("200 OK", 5, &content(path)[..5]),
    }));
    match pull_from(&base, models.path()).0 {
        Err(PullError::Short { expected, found, .. }) => {
            assert_eq!((expected, found), (CONTENT.len() as u64, 5));
        }
        other => panic!("expected a short file, found {other:?}"),
    }
    assert_eq!(asked.lock().unwrap().len(), 5);

    let (base, asked) = server(Box::new(|_, _| reply("404 Not Found", 0, b"")));
    let error = pull_from(&base, tempfile::tempdir().unwrap().path()).0.unwrap_err();
    assert!(error.to_string().contains("found 404"), "{error}");
    assert_eq!(asked.lock().unwrap().len(), 1);
    let error = pull_from("http://127.0.0.1:1", models.path()).0.unwrap_err();
    assert!(error.to_string().contains("http://127.0.0.1:1/some/path/"), "{error}");
}

#[test]
fn a_mirror_has_the_same_paths() {
    let models = tempfile::tempdir().unwrap();
    let (base, asked) = server(Box::new(honest));
    let source = PullSource::Mirror { base: format!("{base}/hub/"), proxy: None };
    pull_entry(models.path(), &entry("https://example.invalid"), &source, &mut |_| {}).unwrap();
    assert_installed(models.path());
    assert_eq!(asked.lock().unwrap()[0], "/hub/some/path/model.int8.onnx");
}

#[test]
fn a_folder_is_taken_without_a_network() {
    let (models, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = PullSource::Folder(from.path().to_owned());
    let entry = entry("https://example.invalid");
    let error = pull_entry(models.path(), &entry, &source, &mut |_| {}).unwrap_err();
    assert!(matches!(error, PullError::NotInFolder { .. }), "{error}");

    fs::write(from.path().join("model.int8.onnx"), CONTENT).unwrap();
    fs::create_dir(from.path().join("test-model")).unwrap();
    fs::write(from.path().join("test-model/tokens.txt"), b"b 0\n").unwrap();
    let error = pull_entry(models.path(), &entry, &source, &mut |_| {}).unwrap_err();
    assert!(matches!(error, PullError::WrongFile { .. }), "{error}");

    fs::write(from.path().join("test-model/tokens.txt"), TOKENS).unwrap();
    let source = PullSource::Folder(from.path().join("model.int8.onnx"));
    pull_entry(models.path(), &entry, &source, &mut |_| {}).unwrap();
    assert_installed(models.path());
}

#[test]
fn verify_names_what_is_wrong() {
    let models = tempfile::tempdir().unwrap();
    let entry = entry("https://example.invalid");
    let folder = path(models.path(), &entry);
    fs::create_dir(&folder).unwrap();
    let check = |first: FileState, second: FileState| {
        let states = verify(models.path(), &entry, &mut |_| {});
        assert_eq!(
            states,
            [("model.int8.onnx".to_owned(), first), ("tokens.txt".to_owned(), second)]
        );
    };
    check(FileState::Missing, FileState::Missing);
    fs::write(folder.join("model.int8.onnx"), "short").unwrap();
    fs::write(folder.join("tokens.txt"), "b 0\n").unwrap();
    check(FileState::WrongSize { found: 5 }, FileState::WrongSha256 { found: sha256(b"b 0\n") });
}

#[test]
fn one_digest_stands_for_several_files() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    fs::write(&one, "1").unwrap();
    fs::write(&two, "2").unwrap();
    let lines = format!("{}  one\n{}  two\n", sha256(b"1"), sha256(b"2"));
    assert_eq!(digest_of_files(&[&one, &two]).unwrap(), sha256(lines.as_bytes()));
    let error = digest_of_files(&[&folder.path().join("three")]).unwrap_err();
    assert_eq!(error.code(), "file_unreadable");
}
