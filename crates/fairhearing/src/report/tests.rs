use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use fh_model::{Inspection, Language};

use super::page::{STYLE, TEXTS_EN, TEXTS_ZH, policy, script, sha256_base64};
use super::sample::{HOSTILE, sample_calls, sample_options};
use super::{ReportCall, ReportOptions, ReportWriter, write_html};

fn page(calls: &[ReportCall], options: &ReportOptions) -> String {
    let mut out = Vec::new();
    write_html(&mut out, calls, options).unwrap();
    String::from_utf8(out).unwrap()
}

/// The text between the start tag of the data block `id` and the first end tag, as a browser cuts it.
fn block<'a>(page: &'a str, id: &str) -> &'a str {
    let (_, after) = page.split_once(&format!("id=\"{id}\"")).unwrap();
    let (_, content) = after.split_once('>').unwrap();
    content.split_once("</script").unwrap().0
}

#[test]
fn the_page_holds_every_call_and_its_row() {
    let calls = sample_calls(12);
    let page = page(&calls, &sample_options(Language::EnUs));
    let index: serde_json::Value = serde_json::from_str(block(&page, "index")).unwrap();
    assert_eq!(index["rows"].as_array().unwrap().len(), 12);
    for (number, call) in calls.iter().enumerate() {
        let read: Inspection =
            serde_json::from_str(block(&page, &format!("call-{number}"))).unwrap();
        assert_eq!(read, call.inspection);
        assert_eq!(index["rows"][number]["file"], call.inspection.recording.file_name);
    }
    assert_eq!(index["failures"][0]["code"], "empty");
    assert_eq!(index["language"], "en");
}

#[test]
fn the_row_counts_what_the_call_says() {
    let calls = sample_calls(9);
    let page = page(&calls, &sample_options(Language::ZhCn));
    let index: serde_json::Value = serde_json::from_str(block(&page, "index")).unwrap();
    // Call 8 is in two scenarios: forbidden words (-20) and an unexplained silence (-5) leave
    // 100 - 25 = 75 of the one and 80 - 25 = 55 of the other.
    let row = &index["rows"][8];
    assert_eq!(row["cards"][0]["score"], 75);
    assert_eq!(row["cards"][1]["score"], 55);
    let flagged: Vec<&str> = row["cards"][0]["flagged"]
        .as_array()
        .unwrap()
        .iter()
        .map(|number| index["rules"][number.as_u64().unwrap() as usize]["id"].as_str().unwrap())
        .collect();
    assert_eq!(flagged, ["forbidden-words", "unexplained-silence", "closing"]);
    // Call 4 is partial, call 6 has no words.
    assert_eq!(
        (&index["rows"][4]["partial"], &index["rows"][6]["has_transcript"]),
        (&true.into(), &false.into())
    );
}

#[test]
fn hostile_text_cannot_leave_its_place() {
    let mut calls = sample_calls(6);
    assert!(calls[5].inspection.recording.file_name.starts_with("</script>"));
    calls[5].inspection.call.call_id = Some(HOSTILE.to_owned());
    let hostile = ReportOptions { title: HOSTILE.to_owned(), ..sample_options(Language::EnUs) };
    let options =
        ReportOptions { title: "plain".to_owned(), failures: vec![], language: Language::EnUs };
    let page_of_hostile = page(&calls, &hostile);
    let page_of_plain = page(&sample_calls(4), &options);
    // A hostile page has as many elements as its calls explain: two blocks more, one a call.
    let count = |page: &str, tag: &str| page.matches(tag).count();
    assert_eq!(count(&page_of_hostile, "<script"), count(&page_of_hostile, "</script>"));
    let peaks = |calls: &[ReportCall]| {
        calls
            .iter()
            .filter_map(|call| call.waveform.as_ref())
            .map(|waveform| waveform.peaks.len())
            .sum::<usize>()
    };
    assert_eq!(
        count(&page_of_hostile, "<script") - count(&page_of_plain, "<script"),
        2 + peaks(&calls[4..])
    );
    for never in ["<img", "<!--", "onerror=alert(2)>", "alert(1)</"] {
        let own = script().matches(never).count() + STYLE.matches(never).count();
        assert_eq!(count(&page_of_hostile, never), own, "found `{never}` in the page");
    }
    assert!(page_of_hostile.contains("<title>&lt;/script&gt;&lt;!--"));
}

#[test]
fn the_policy_names_exactly_our_script_and_style() {
    let page = page(&[], &sample_options(Language::EnUs));
    let (_, after) = page.split_once("Content-Security-Policy\" content=\"").unwrap();
    let written = after.split_once('"').unwrap().0.replace("&#39;", "'");
    assert_eq!(written, policy());
    assert!(written.starts_with("default-src 'none'; "), "{written}");
    let inside = |open: &str, close: &str| {
        let (_, after) = page.rsplit_once(open).unwrap();
        after.split_once(close).unwrap().0.to_owned()
    };
    // What a browser hashes is the text between the tags, to the byte.
    assert!(written.contains(&sha256_base64(&inside("<style>", "</style>"))));
    assert!(written.contains(&sha256_base64(&inside("<script>", "</script>"))));
    assert_eq!(sha256_base64("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    assert!(!script().contains("</script") && !script().contains("<!--"));
    assert!(!STYLE.contains("</style"));
}

#[test]
fn the_page_asks_nobody_for_anything() {
    let page = page(&sample_calls(4), &sample_options(Language::EnUs));
    for reference in ["src=", "http://", "https://", "@import", "url(", "<link", "<iframe", "<base"]
    {
        let own = page.replace("http://www.w3.org/2000/svg", "").matches(reference).count();
        // The hostile failure's name holds an `src=` as text.
        let told = block(&page, "index").matches(reference).count();
        assert_eq!(own, told, "found `{reference}`");
    }
}

#[test]
fn both_catalogues_say_the_same_things() {
    let read = |text| serde_json::from_str::<BTreeMap<String, String>>(text).unwrap();
    let (english, chinese) = (read(TEXTS_EN), read(TEXTS_ZH));
    assert_eq!(english.keys().collect::<Vec<_>>(), chinese.keys().collect::<Vec<_>>());
    for (key, text) in &english {
        let names = |text: &str| {
            let mut names: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|part| part.split_once('}'))
                .map(|(name, _)| name.to_owned())
                .collect();
            names.sort();
            names.dedup();
            names
        };
        let other = &chinese[key];
        let (mut wanted, found) = (names(text), names(other));
        // Chinese has no plural and may leave the number out of it.
        if !found.contains(&"count".to_owned()) && text.contains('|') && !text.contains("{count}") {
            wanted.retain(|name| name != "count");
        }
        assert_eq!(wanted, found, "`{key}`: `{text}` and `{other}` name different values");
        assert!(!text.is_empty() && !other.is_empty(), "`{key}` is empty");
    }
}

#[test]
fn every_text_is_used_and_every_used_text_exists() {
    let texts: BTreeMap<String, String> = serde_json::from_str(TEXTS_EN).unwrap();
    let script = script();
    for (at, _) in script.match_indices("t('") {
        // `get('` and `.t('` are other functions.
        let ours =
            !script[..at].ends_with(|before: char| before.is_alphanumeric() || before == '.');
        let key = script[at + 3..].split('\'').next().unwrap();
        assert!(
            !ours || texts.contains_key(key),
            "the script uses `{key}`, which no catalogue has"
        );
    }
    // Keys that are put together from a kind and a name.
    let kinds = [
        "severity_",
        "plot_",
        "column_",
        "state_",
        "advice_",
        "reason_",
        "warning_",
        "measure_",
        "voice_",
        "no_transcript_",
        "mark_",
        "call_",
        "key_",
        "lineage_",
        "theme_",
        "zh_",
        "en_",
        "agent",
        "customer",
        "unknown",
        "inbound",
        "outbound",
        "failure_",
    ];
    for key in texts.keys() {
        let named =
            script.contains(&format!("'{key}'")) || kinds.iter().any(|kind| key.starts_with(kind));
        assert!(named, "no script uses the text `{key}`");
    }
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    let options = sample_options(Language::ZhCn);
    assert_eq!(page(&sample_calls(5), &options), page(&sample_calls(5), &options));
}

#[test]
fn calls_with_one_name_get_links_of_their_own() {
    let mut calls = sample_calls(3);
    for call in &mut calls {
        call.inspection.call.call_id = Some("same".to_owned());
    }
    let page = page(&calls, &sample_options(Language::EnUs));
    let index: serde_json::Value = serde_json::from_str(block(&page, "index")).unwrap();
    let keys: Vec<&str> = (0..3).map(|row| index["rows"][row]["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["same", "same~2", "same~3"]);
}

#[test]
fn a_fault_of_the_writer_is_told() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = ReportWriter::new(Full, &sample_options(Language::EnUs)).err().unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
}

/// Writes the sample report and hands it to `report/tests/report.test.mjs`.
#[test]
#[ignore = "needs chromium and `npm ci` in crates/fairhearing/report/tests"]
fn the_page_works_in_a_browser() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("report/tests");
    assert!(
        folder.join("node_modules").is_dir(),
        "run `npm ci` in {}: playwright-core and axe-core are missing",
        folder.display()
    );
    let place = tempfile::tempdir().unwrap();
    let report = place.path().join("report.html");
    let file = std::io::BufWriter::new(std::fs::File::create(&report).unwrap());
    write_html(file, &sample_calls(48), &sample_options(Language::EnUs)).unwrap();
    let node = |arguments: &[&Path]| {
        let status = Command::new("node").args(arguments).current_dir(&folder).status();
        assert!(status.unwrap().success(), "{arguments:?} failed; see its output above");
    };
    node(&[
        Path::new("node_modules/typescript/bin/tsc"),
        Path::new("-p"),
        Path::new("../jsconfig.json"),
    ]);
    node(&[Path::new("report.test.mjs"), &report]);
}
