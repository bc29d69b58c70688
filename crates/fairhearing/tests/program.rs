//! The program as its users see it: arguments in, tables, files and exit statuses out.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

mod calls;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use calls::{TRANSCRIPT_EN, TRANSCRIPT_ZH, write_call};

/// The program with a home of its own and no locale, so that a test is the same everywhere.
fn fairhearing(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fairhearing"));
    command
        .current_dir(folder)
        .env("FAIRHEARING_HOME", folder.join("home"))
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    fairhearing(folder).args(arguments).output().unwrap()
}

/// Runs and expects the exit status; gives standard output and standard error.
fn expect(folder: &Path, arguments: &[&str], status: i32) -> (String, String) {
    let output = run(folder, arguments);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{out}\n{err}");
    (out, err)
}

/// A folder with an English and a Chinese call, each with its transcript beside it.
fn two_calls() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_call(&folder.path().join("calls/en.wav"), TRANSCRIPT_EN);
    write_call(&folder.path().join("calls/zh.wav"), TRANSCRIPT_ZH);
    folder
}

/// Rules of which it is plain what they find in the two calls.
const RULES: &str = "\
pack: test
rules:
  - id: rude
    name: { en: Rude words, zh: 粗话 }
    severity: critical
    listen_for:
      rude: { say: [stupid, 笨蛋], by: agent }
    flag_if: rude
    points: -20
scenarios:
  - id: all
    name: { en: All calls, zh: 所有通话 }
    base: 100
    rules: all
";

#[test]
fn a_folder_becomes_a_table() {
    let folder = two_calls();
    let (out, _) = expect(folder.path(), &["inspect", "calls", "--engine", "none"], 0);
    assert!(out.contains("en.wav") && out.contains("zh.wav"), "{out}");
    assert!(out.contains("2 of 2 recordings inspected"), "{out}");
    assert!(out.contains("2 files in the folders are no recordings"), "{out}");
    assert!(!out.contains('\x1b'), "no colours where there is no terminal: {out}");
}

#[test]
fn one_bad_file_stops_nothing_and_shows_in_the_exit_status() {
    let folder = two_calls();
    fs::write(folder.path().join("calls/broken.wav"), "<html>404</html>").unwrap();
    fs::write(folder.path().join("calls/empty.wav"), "").unwrap();
    let (out, _) = expect(folder.path(), &["inspect", "calls", "nowhere.wav"], 1);
    assert!(out.contains("2 of 5 recordings inspected"), "{out}");
    assert!(out.contains("broken.wav [unknown_format]"), "{out}");
    assert!(out.contains("empty.wav [empty]"), "{out}");
    assert!(out.contains("nowhere.wav [not_found]"), "{out}");
    assert!(out.contains("what helps:"), "{out}");
}

#[test]
fn bad_usage_has_a_status_of_its_own() {
    let folder = two_calls();
    let check = |arguments: &[&str], expected: &str| {
        let (_, err) = expect(folder.path(), arguments, 2);
        assert!(err.contains(expected), "{arguments:?}: {err}");
    };
    fs::create_dir(folder.path().join("nothing")).unwrap();
    fs::write(folder.path().join("bad.yaml"), "rules: [").unwrap();
    check(&["inspect"], "required");
    check(&["inspect", "calls", "--roles", "left=boss"], "`boss`");
    check(&["inspect", "calls", "--language", "tlh"], "zh_CN");
    check(&["inspect", "calls", "--engine", "magic"], "`magic`");
    check(&["inspect", "nothing"], "found none in nothing");
    check(&["inspect", "calls", "--from", "2026-05-04 09:30:00"], "found 2 recordings");
    check(&["inspect", "calls", "--format", "csv,json"], "--out");
    check(&["inspect", "calls", "--scenario", "none-such"], "`none-such`");
    check(&["inspect", "calls", "--rules", "bad.yaml"], "bad.yaml");
    check(&["inspect", "--manifest", "no-such.csv"], "no-such.csv");
    check(&["rules", "explain", "no-such-rule"], "`no-such-rule`");
}

#[test]
fn the_same_input_twice_gives_the_same_bytes() {
    let folder = two_calls();
    for format in ["json", "jsonl", "csv", "parquet", "html"] {
        let arguments = ["inspect", "calls", "--format", format, "--jobs", "2"];
        let (first, second) = (run(folder.path(), &arguments), run(folder.path(), &arguments));
        assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
        assert!(!first.stdout.is_empty());
        assert!(first.stdout == second.stdout, "`{format}` differs");
    }
}

#[test]
fn results_hold_nothing_of_where_the_recording_lies() {
    let (one, other) = (two_calls(), two_calls());
    let json = |folder: &tempfile::TempDir| {
        let path = folder.path().join("calls").display().to_string();
        expect(folder.path(), &["inspect", &path, "--format", "json"], 0).0
    };
    assert_eq!(json(&one), json(&other));
}

#[test]
fn json_and_json_lines_hold_inspections_and_failures() {
    let folder = two_calls();
    fs::write(folder.path().join("calls/broken.wav"), "nothing").unwrap();
    let (out, err) = expect(folder.path(), &["inspect", "calls", "--format", "json"], 1);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["inspections"].as_array().unwrap().len(), 2);
    assert_eq!(document["failures"][0]["file"], "broken.wav");
    assert_eq!(document["failures"][0]["code"], "unknown_format");
    assert!(err.contains("broken.wav"), "{err}");
    let inspection = &document["inspections"][0];
    assert_eq!(inspection["recording"]["file_name"], "en.wav");
    assert_eq!(inspection["transcript_state"]["state"], "available");
    // The transcript says who speaks on which channel.
    assert_eq!(inspection["measures"]["channels"][0]["role"], "agent");
    assert_eq!(inspection["measures"]["channels"][1]["role"], "customer");
    assert!(inspection["lineage"]["rule_pack_digest"].as_str().unwrap().len() == 64);

    let (out, _) = expect(folder.path(), &["inspect", "calls", "--format", "jsonl"], 1);
    let lines: Vec<serde_json::Value> =
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let schemas: Vec<&str> = lines.iter().map(|line| line["schema"].as_str().unwrap()).collect();
    // In the order of the files: broken, en, zh.
    assert_eq!(
        schemas,
        ["fairhearing.failure/1", "fairhearing.inspection/1", "fairhearing.inspection/1"]
    );
}

#[test]
fn csv_has_one_row_a_call_and_scenario() {
    let folder = two_calls();
    fs::write(folder.path().join("rules.yaml"), RULES).unwrap();
    fs::write(
        folder.path().join("calls.csv"),
        "path,agent_name,roles\ncalls/en.wav,=1+1,\"left=agent,right=customer\"\n",
    )
    .unwrap();
    let arguments =
        ["inspect", "--manifest", "calls.csv", "--rules", "rules.yaml", "--format", "csv"];
    let (out, _) = expect(folder.path(), &arguments, 0);
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    let cell = |name: &str| {
        let column = heads.iter().position(|head| head == name).unwrap();
        rows[0][column].to_owned()
    };
    assert_eq!(cell("file"), "en.wav");
    assert_eq!(cell("agent_name"), "'=1+1", "a formula becomes text");
    assert_eq!(cell("duration_ms"), "8000");
    assert_eq!(cell("channels"), "2");
    assert_eq!(cell("score"), "80", "100 - 20");
    assert_eq!(cell("flagged_rules"), "rude");
    assert_eq!(cell("critical_findings"), "1");
}

#[test]
#[cfg(feature = "parquet")]
fn parquet_has_the_rows_of_the_csv() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let folder = two_calls();
    expect(folder.path(), &["inspect", "calls", "--format", "parquet", "--out", "out"], 0);
    let file = fs::File::open(folder.path().join("out/inspections.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let rows: Vec<String> =
        reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].contains("file: \"en.wav\"") && rows[0].contains("duration_ms: 8000"));
    assert!(rows[1].contains("file: \"zh.wav\"") && rows[1].contains("error: null"));
}

#[test]
fn what_was_made_is_not_made_again_until_something_changes() {
    let folder = two_calls();
    let inspect = |more: &[&str]| {
        let mut arguments = vec!["inspect", "calls", "--out", "out", "--format", "json"];
        arguments.extend(more);
        let (out, _) = expect(folder.path(), &arguments, 0);
        let json = fs::read(folder.path().join("out/inspections.json")).unwrap();
        (out, json)
    };
    let (first, json) = inspect(&[]);
    assert!(!first.contains("taken from an earlier run"), "{first}");
    assert!(first.contains("written: out/inspections.json"), "{first}");
    let (second, again) = inspect(&[]);
    assert!(second.contains("2 taken from an earlier run"), "{second}");
    assert_eq!(json, again);
    // Another transcript: that call is inspected again, the other one is not.
    let text = TRANSCRIPT_EN.replace("You are stupid.", "You are right.");
    fs::write(folder.path().join("calls/en.vtt"), text).unwrap();
    assert!(inspect(&[]).0.contains("1 taken from an earlier run"));
    // Another role map: both are.
    let swapped = ["--roles", "left=customer,right=agent"];
    assert!(!inspect(&swapped).0.contains("taken from an earlier run"));
    // A result that was cut off is made again.
    for file in fs::read_dir(folder.path().join("out/calls")).unwrap() {
        fs::write(file.unwrap().path(), "{").unwrap();
    }
    let (repaired, _) = inspect(&[]);
    assert!(!repaired.contains("taken from an earlier run"), "{repaired}");
}

#[test]
fn lists_patterns_and_manifests_name_recordings() {
    let folder = two_calls();
    let mut command = fairhearing(folder.path());
    command.args(["inspect", "-", "--format", "csv"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, b"calls/zh.wav\ncalls/en.wav\n").unwrap();
    drop(stdin);
    let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let files: Vec<&str> =
        out.lines().skip(1).map(|line| line.split_once(',').unwrap().0).collect();
    assert_eq!(files, ["zh.wav", "en.wav"], "in the order of the list");

    let (out, _) = expect(folder.path(), &["inspect", "calls/z*.wav", "--format", "csv"], 0);
    assert_eq!(out.lines().count(), 2);

    let line =
        r#"{"path":"calls/en.wav","call_id":"c-1","agent_id":"A7","roles":["customer","agent"]}"#;
    fs::write(folder.path().join("m.jsonl"), format!("{line}\n{{\"path\":\"gone.wav\"}}\n"))
        .unwrap();
    let (out, _) =
        expect(folder.path(), &["inspect", "--manifest", "m.jsonl", "--format", "json"], 1);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["inspections"][0]["call"]["call_id"], "c-1");
    assert_eq!(document["inspections"][0]["measures"]["channels"][1]["role"], "agent");
    assert_eq!(document["failures"][0]["code"], "not_found");
}

#[test]
fn details_tell_what_a_finding_rests_on_in_both_languages() {
    let folder = two_calls();
    fs::write(folder.path().join("rules.yaml"), RULES).unwrap();
    let arguments = ["inspect", "calls/en.wav", "--rules", "rules.yaml", "--details"];
    let (english, _) = expect(folder.path(), &arguments, 0);
    assert!(english.contains("100 - 20 = 80"), "{english}");
    assert!(english.contains("agent said \"stupid\""), "{english}");
    assert!(english.contains("[critical]"), "{english}");

    let output = fairhearing(folder.path())
        .args(["inspect", "calls/zh.wav", "--rules", "rules.yaml", "--details"])
        .env("LANG", "zh_CN.UTF-8")
        .output()
        .unwrap();
    let chinese = String::from_utf8(output.stdout).unwrap();
    assert!(chinese.contains("坐席说了“笨蛋”"), "{chinese}");
    assert!(chinese.contains("共 1 个录音，已质检 1 个"), "{chinese}");
    let (_, told) = expect(folder.path(), &["--lang", "zh", "inspect", "nowhere.wav"], 1);
    assert!(told.is_empty(), "{told}");
}

#[test]
fn help_speaks_both_languages_and_has_examples() {
    let folder = tempfile::tempdir().unwrap();
    let (english, _) = expect(folder.path(), &["--help"], 0);
    assert!(english.contains("Exit status:") && english.contains("fairhearing doctor"));
    assert!(!english.contains("decode-child"), "{english}");
    let (chinese, _) = expect(folder.path(), &["--lang", "zh", "inspect", "--help"], 0);
    assert!(chinese.contains("用法：") && chinese.contains("规则文件或其文件夹"), "{chinese}");
    for shell in ["bash", "zsh", "fish"] {
        let (script, _) = expect(folder.path(), &["completions", shell], 0);
        assert!(script.contains("inspect"));
    }
}

#[test]
fn the_shipped_rules_are_sound_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let (out, _) = expect(folder.path(), &["rules", "test"], 0);
    assert!(out.contains("rule tests passed"), "{out}");
    expect(folder.path(), &["rules", "check"], 0);
    let (out, _) = expect(folder.path(), &["rules", "explain"], 0);
    assert!(out.contains("greeting-missing"), "{out}");
    let (out, _) = expect(folder.path(), &["rules", "schema"], 0);
    let schema: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(schema.is_object());
}

#[test]
fn a_broken_rule_file_is_shown_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let text = RULES.replace("say:", "says:").replace("flag_if: rude", "flag_if: rood");
    fs::write(folder.path().join("rules.yaml"), text).unwrap();
    let (_, err) = expect(folder.path(), &["rules", "check", "rules.yaml"], 2);
    assert!(err.contains("rules.yaml:7:"), "{err}");
    assert!(err.contains('^'), "{err}");
}

#[test]
fn the_doctor_names_every_part() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["doctor", "--format", "json"]);
    let parts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let ids: Vec<&str> =
        parts.as_array().unwrap().iter().map(|part| part["id"].as_str().unwrap()).collect();
    for id in ["rules", "sandbox", "ffmpeg", "amr", "sherpa_onnx", "models", "pocketsphinx"] {
        assert!(ids.contains(&id), "{ids:?}");
    }
    let models = parts.as_array().unwrap().iter().find(|part| part["id"] == "models").unwrap();
    assert_eq!(models["state"], "optional");
    assert!(models["remedy"].as_str().unwrap().starts_with("fairhearing models pull"));
    let (models, _) = expect(folder.path(), &["models", "list"], 0);
    assert!(
        models.contains("sensevoice-small-int8-2024-07-17") && models.contains("not installed")
    );
}
