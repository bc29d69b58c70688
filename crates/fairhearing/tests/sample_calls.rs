//! The sample calls under `testdata/calls`, through the program, against what was said in them.
//!
//! `NAME.truth.json` is made by `testdata/make_calls.py` from the scripts that the voices read: who
//! spoke when, every word, and the findings and scores that a person worked out from the script and
//! the points of `rules/service-quality`. Nothing in it comes from this program.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where its own files are not as they should be"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fh_model::{
    AcousticMeasures, Inspection, Millis, NotEvaluatedReason, Span, Verdict, VoiceActivity,
};
use serde::Deserialize;

/// How far a boundary of speech may be off: the network looks at 32 ms at a time, and a voice that
/// fades has no sharp end.
const BOUNDARY: u64 = 200;

/// The same where hold music begins or ends: its first notes may pass for a voice.
const BOUNDARY_OF_MUSIC: u64 = 1500;

#[derive(Deserialize)]
struct Truth {
    duration_ms: u64,
    channels: Vec<ChannelTruth>,
    silences: Vec<(u64, u64)>,
    overlaps: Vec<(u64, u64)>,
    hold_music: Vec<(u64, u64)>,
    expected: Expected,
}

#[derive(Deserialize)]
struct ChannelTruth {
    channel: u8,
    role: String,
    speech_ms: u64,
    words: Vec<(String, u64, u64)>,
}

/// Rules by their ids, each with the reason in words.
#[derive(Deserialize)]
struct Expected {
    score_cards: Vec<ExpectedCard>,
    #[serde(default)]
    flagged: BTreeMap<String, String>,
    #[serde(default)]
    excused: BTreeMap<String, String>,
    #[serde(default)]
    not_evaluated: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct ExpectedCard {
    scenario: String,
    score: f64,
}

fn calls_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/calls")
}

/// What the program prints for all sample calls, one inspection a line.
fn inspect_all() -> String {
    let calls = calls_folder();
    let output = Command::new(env!("CARGO_BIN_EXE_fairhearing"))
        .args(["--lang", "en", "inspect", "--format", "jsonl", "--manifest"])
        .args([&calls.join("calls.csv"), &calls])
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("JSON is UTF-8")
}

/// Every sample call with its truth.
fn calls() -> Vec<(String, Inspection, Truth)> {
    let calls: Vec<_> = inspect_all()
        .lines()
        .map(|line| {
            let inspection: Inspection = serde_json::from_str(line).unwrap();
            let file = Path::new(&inspection.recording.file_name);
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let truth = fs::read(calls_folder().join(format!("{name}.truth.json"))).unwrap();
            let truth = serde_json::from_slice(&truth)
                .unwrap_or_else(|error| panic!("{name}.truth.json: {error}"));
            (name, inspection, truth)
        })
        .collect();
    let truths = fs::read_dir(calls_folder())
        .unwrap()
        .filter(|entry| {
            entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".truth.json")
        })
        .count();
    assert_eq!(calls.len(), truths, "every call with a truth was inspected");
    calls
}

/// Collects what is wrong, so that one run shows all of it.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn unless(&mut self, right: bool, what: impl FnOnce() -> String) {
        if !right {
            self.0.push(what());
        }
    }

    fn end(self) {
        assert!(self.0.is_empty(), "\n{}\n", self.0.join("\n"));
    }
}

#[test]
fn sample_calls_get_the_findings_and_scores_worked_out_by_hand() {
    let mut wrong = Wrong::default();
    for (name, inspection, truth) in calls() {
        let expected = &truth.expected;
        let scores: Vec<_> = inspection
            .score_cards
            .iter()
            .map(|card| (card.scenario_id.as_str(), card.score.to_string()))
            .collect();
        let expected_scores: Vec<_> = expected
            .score_cards
            .iter()
            .map(|card| (card.scenario.as_str(), card.score.to_string()))
            .collect();
        wrong.unless(scores == expected_scores, || {
            format!("{name}: scores {scores:?}, expected {expected_scores:?}")
        });
        let known: Vec<_> =
            inspection.score_cards[0].findings.iter().map(|finding| &finding.rule_id).collect();
        let named = expected.flagged.keys().chain(expected.excused.keys());
        for rule in named.chain(expected.not_evaluated.keys()) {
            wrong.unless(known.contains(&rule), || format!("{name}: no rule `{rule}`"));
        }
        for finding in &inspection.score_cards[0].findings {
            let rule = &finding.rule_id;
            let right = match &finding.verdict {
                Verdict::Flagged => expected.flagged.contains_key(rule),
                Verdict::NotEvaluated { reason: NotEvaluatedReason::NotApplicable } => {
                    !expected.flagged.contains_key(rule)
                }
                Verdict::NotEvaluated { .. } => expected.not_evaluated.contains_key(rule),
                Verdict::Clear => {
                    !expected.flagged.contains_key(rule)
                        && !expected.not_evaluated.contains_key(rule)
                }
            };
            wrong.unless(right, || {
                let why = [&expected.flagged, &expected.not_evaluated]
                    .iter()
                    .find_map(|rules| rules.get(rule))
                    .map_or("expected clear", String::as_str);
                format!("{name}: {rule} is {:?}: {why}", finding.verdict)
            });
            wrong.unless(expected.excused.contains_key(rule) != finding.excused.is_empty(), || {
                format!("{name}: {rule} excuses {:?}", finding.excused)
            });
            wrong.unless(
                finding.verdict != Verdict::Flagged || !finding.evidence.is_empty(),
                || format!("{name}: {rule} flags and does not say why"),
            );
        }
    }
    wrong.end();
}

#[test]
fn sample_calls_are_measured_as_they_were_put_together() {
    let mut wrong = Wrong::default();
    for (name, inspection, truth) in calls() {
        let measures = &inspection.measures;
        assert_eq!(inspection.lineage.voice_activity, VoiceActivity::SileroWithEnergy);
        wrong.unless(!inspection.recording.completeness.is_partial(), || {
            format!("{name}: {:?}", inspection.recording.completeness)
        });
        let duration = measures.duration.0;
        // Opus and MP3 work in whole frames, so that some milliseconds may follow the end.
        wrong.unless(duration.abs_diff(truth.duration_ms) <= 100, || {
            format!("{name}: {duration} ms, expected {}", truth.duration_ms)
        });
        let same = |what: &str, expected: &[(u64, u64)], shortest: u64, found: &[Span]| {
            compare(what, expected, &truth.hold_music, shortest, found)
                .map(|difference| format!("{name}: {difference}"))
        };
        if measures.channels.len() == 2 {
            for (measured, channel) in measures.channels.iter().zip(&truth.channels) {
                let off = measured.speech_time.0.abs_diff(channel.speech_ms);
                // The goal: the speech ratio within 1 %.
                wrong.unless(off * 100 <= truth.duration_ms, || {
                    format!("{name}: {}'s speech is off by {off} ms", channel.role)
                });
            }
            wrong.0.extend(same("overlap", &truth.overlaps, 300, &talk_overs(measures)));
        }
        wrong.0.extend(same("silence", &truth.silences, 3000, &measures.mutual_silences));
    }
    wrong.end();
}

fn talk_overs(measures: &AcousticMeasures) -> Vec<Span> {
    measures.talk_overs.iter().map(|talk_over| talk_over.span).collect()
}

/// What differs, if the stretches of at least `shortest` ms are not the same ones.
fn compare(
    what: &str,
    expected: &[(u64, u64)],
    music: &[(u64, u64)],
    shortest: u64,
    found: &[Span],
) -> Option<String> {
    let span = |&(start, end): &(u64, u64)| Span::new(Millis(start), Millis(end));
    let long = |span: &Span| span.length().0 >= shortest;
    let expected: Vec<Span> = expected.iter().map(span).filter(long).collect();
    let found: Vec<Span> = found.iter().copied().filter(long).collect();
    let near = |expected: &Span, found: &Span| {
        let with_music = music.iter().any(|music| span(music).overlap(*expected).is_some());
        let allowed = if with_music { BOUNDARY_OF_MUSIC } else { BOUNDARY };
        expected.start.0.abs_diff(found.start.0) <= allowed
            && expected.end.0.abs_diff(found.end.0) <= allowed
    };
    let same = expected.len() == found.len()
        && expected.iter().zip(&found).all(|(expected, found)| near(expected, found));
    (!same).then(|| format!("{what} {found:?}, expected {expected:?}"))
}

#[test]
fn sample_calls_keep_their_words() {
    let mut wrong = Wrong::default();
    for (name, inspection, truth) in calls() {
        let transcript = inspection.transcript.expect("a transcript lies beside every call");
        for channel in &truth.channels {
            let mut words = Vec::new();
            let mut text = String::new();
            for utterance in &transcript.utterances {
                if utterance.channel.0 != channel.channel || utterance.role.as_str() != channel.role
                {
                    continue;
                }
                text.push_str(&utterance.text);
                text.push(' ');
                words.extend(utterance.words.iter().map(|word| {
                    let bytes = word.bytes.start as usize..word.bytes.end as usize;
                    (utterance.text[bytes].to_owned(), word.span.start.0, word.span.end.0)
                }));
            }
            // Subtitles have no word times; the words themselves must be there all the same.
            let kept = if words.is_empty() {
                let mut rest = text.as_str();
                channel.words.iter().all(|(word, _, _)| {
                    let found = rest.find(word.as_str());
                    rest = &rest[found.map_or(rest.len(), |at| at + word.len())..];
                    found.is_some()
                })
            } else {
                words == channel.words
            };
            wrong.unless(kept, || format!("{name}: {} said {text}", channel.role));
        }
    }
    wrong.end();
}

#[test]
fn sample_calls_give_the_same_bytes_twice() {
    assert!(inspect_all() == inspect_all(), "two runs differ");
}
