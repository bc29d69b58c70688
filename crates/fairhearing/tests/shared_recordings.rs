//! Vendors' demonstration recordings, which lie beside the project and not in it.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn recordings() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings");
    assert!(folder.is_dir(), "expected recordings in `{}`", folder.display());
    folder
}

fn inspect(format: &str) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_fairhearing"))
        .args(["--lang", "en", "inspect", "--engine", "none", "--format", format])
        .arg(recordings())
        .output()
        .unwrap()
}

/// Length in milliseconds and channels of each recording, as the manifest that came with them has
/// them; container and codec as named there.
const KNOWN: &[(&str, u64, u64, &str)] = &[
    ("azure_callCenterRecording.mp3", 32_180, 2, "mp3"),
    ("azure_mulaw.wav", 2_030, 1, "mulaw"),
    ("azure_test_stereo.wav", 1_720, 2, "pcm"),
    ("azure_zhcn_continuous.wav", 52_730, 1, "pcm"),
    ("firered_meeting.wav", 12_370, 1, "pcm"),
    ("google_commercial_mono.wav", 45_300, 1, "pcm"),
    ("google_multi.wav", 5_150, 2, "pcm"),
    ("lca_auto_repairs_40_agent.wav", 245_380, 1, "pcm"),
    ("lca_auto_repairs_40_stereo_8k_ulaw.wav", 245_380, 2, "mulaw"),
    ("ms_convo_132ac838.wav", 127_090, 1, "pcm"),
    ("pyannote_sample.wav", 30_000, 1, "pcm"),
    ("speechmatics_callcenter_stereo.wav", 9_980, 2, "pcm"),
    ("vosk_test.wav", 8_310, 1, "pcm"),
    ("watson_sample1.webm", 7_100, 1, "vorbis"),
    ("watson_weather.ogg", 7_100, 1, "opus"),
];

#[test]
#[ignore = "needs ../shared"]
fn every_recording_ends_with_a_score_card_or_the_right_error() {
    let output = inspect("json");
    assert_eq!(output.status.code(), Some(1), "one of the files is broken");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let inspections: BTreeMap<&str, &Value> = document["inspections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|inspection| (inspection["recording"]["file_name"].as_str().unwrap(), inspection))
        .collect();
    for inspection in inspections.values() {
        assert!(!inspection["score_cards"].as_array().unwrap().is_empty());
    }
    for (name, length, channels, codec) in KNOWN {
        let recording = &inspections[name]["recording"];
        // The manifest rounds to hundredths of a second.
        let found = recording["duration"].as_u64().unwrap();
        assert!(found.abs_diff(*length) <= 60, "{name}: {found} ms");
        assert_eq!(recording["channels"], *channels, "{name}");
        assert!(recording["format"].as_str().unwrap().contains(codec), "{name}: {recording}");
    }
    let warns = |name: &str, code: &str| {
        let warnings = inspections[name]["warnings"].as_array().unwrap();
        warnings.iter().any(|warning| warning["code"] == code)
    };
    assert!(warns("azure_callCenterRecording.mp3", "identical_channels"), "a fake stereo");
    assert!(!warns("speechmatics_callcenter_stereo.wav", "identical_channels"), "a true stereo");
    assert!(warns("google_commercial_mono.wav", "mixed_parties"), "both sides in one channel");

    let failures = document["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert_eq!(failures[0]["file"], "azure_missing_wav_header.wav");
    assert_eq!(failures[0]["code"], "unknown_format");
}

#[test]
#[ignore = "needs ../shared"]
fn the_same_recordings_twice_give_the_same_bytes() {
    assert!(inspect("jsonl").stdout == inspect("jsonl").stdout);
}
