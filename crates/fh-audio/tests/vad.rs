//! Voice activity by the network, and how good it is.

#[path = "../benches/vad_set/mod.rs"]
mod vad_set;

use std::path::{Path, PathBuf};

use fh_audio::{Analyzer, VoiceActivityChoice::Silero};
use fh_model::{CallWarning, RoleMap, VoiceActivity};
use vad_set::{VARIANTS, score};

/// Three minutes of the set that `cargo bench --bench vad` prints tables of. The bars are those of
/// the half hour, less a hundredth, for there is less to average.
#[test]
#[ignore = "needs espeak-ng and flite"]
fn speech_is_found_as_well_as_promised() {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vad_set");
    let scene = vad_set::make(3.0, 7, &cache);
    for ((name, variant), least) in VARIANTS.into_iter().zip([0.995, 0.985, 0.970, 0.995]) {
        let channels = vad_set::render(&scene, variant);
        let analysis = vad_set::listen(&[&channels[0], &channels[1]], Silero);
        let [left, right] = &analysis.measures.channels[..] else { panic!("two channels") };
        let report = score::judge(&scene, [&left.speech, &right.speech]);
        let f1 = report.frames.f1();
        assert!(f1 >= least - 0.01, "{name}: expected F1 of {least}, found {f1:.3}");
        let tones = report.tones();
        assert!(tones <= 0.08, "{name}: {tones:.3} of tones called speech");
        // Three minutes hold a handful of silences, and all of them are found, and no other.
        let silences = report.silences;
        assert!(silences.precision().min(silences.recall()) >= 1.0, "{name}: {silences:?}");
        // They hold three talk-overs: with noise, one of them may be lost.
        let overlaps = report.overlaps;
        let least = if name.starts_with("noise") { 0.6 } else { 1.0 };
        assert!(overlaps.precision().min(overlaps.recall()) >= least, "{name}: {overlaps:?}");
        let leak = analysis
            .warnings
            .iter()
            .filter(|warning| matches!(warning, CallWarning::Crosstalk { .. }))
            .count();
        assert_eq!(leak, if name.starts_with("leak") { 2 } else { 0 }, "{name}");
        if name == "clean" {
            let off = report.ratio_error;
            assert!(off <= 0.01, "{name}: speech ratio off by {:.2} %", off * 100.0);
            let median = |errors| score::median_and_p90(errors).0;
            assert!(median(&report.onsets).abs() <= 10, "{name}");
            assert!(median(&report.offsets).abs() <= 30, "{name}");
        }
    }
}

fn recordings() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings");
    assert!(folder.exists(), "expected recordings at `{}`", folder.display());
    folder
}

#[test]
#[ignore = "needs ../shared"]
fn a_telephone_call_with_hand_labels_is_found() {
    let channels = vad_set::read_wav(&recordings().join("pyannote_sample.wav"));
    let analysis = vad_set::listen(&[&channels[0]], Silero);
    let found = score::frames(&analysis.measures.channels[0].speech, 3_000);
    let truth = std::fs::read_to_string(recordings().join("pyannote_sample.rttm")).unwrap();
    let mut labels = vec![false; 3_000];
    for line in truth.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let frame = |text: &str| text.parse::<f64>().unwrap() * 100.0;
        let (start, length) = (frame(words[3]), frame(words[4]));
        labels[start as usize..(start + length) as usize].fill(true);
    }
    let f1 = score::Frames::compare(&found, &labels).f1();
    assert!(f1 >= 0.99, "expected F1 of 0.99, found {f1:.3}");
}

#[test]
#[ignore = "needs ../shared"]
fn a_fake_stereo_recording_is_one_channel_by_the_network_too() {
    let mono = vad_set::read_wav(&recordings().join("pyannote_sample.wav")).remove(0);
    let stereo = vad_set::listen(&[&mono, &mono], Silero);
    assert_eq!(stereo.warnings[..2], [CallWarning::IdenticalChannels, CallWarning::MixedParties]);
    let single = vad_set::listen(&[&mono], Silero);
    assert_eq!(stereo.measures, single.measures);
    // Where the channels part, the second goes on from what both had in common.
    let mut parted = mono.clone();
    let half = mono.len() / 2;
    parted[half..].fill(0.0);
    let analysis = vad_set::listen(&[&mono, &parted], Silero);
    let alone = vad_set::listen(&[&vec![0.0; mono.len()], &parted], Silero);
    assert_eq!(analysis.measures.channels[1].speech, alone.measures.channels[1].speech);
}

#[test]
fn silence_and_tones_are_no_speech() {
    let mut samples = vec![0.0; 16_000];
    samples.extend(vad_set::sound::resample(
        &vad_set::sound::tones(&[440.0, 480.0], 0.1, 2.0),
        8_000,
        16_000,
    ));
    let mut analyzer = Analyzer::new(1, &RoleMap::default(), &Silero).unwrap();
    analyzer.push(&[&samples]).unwrap();
    let analysis = analyzer.finish();
    assert_eq!(analysis.measures.channels[0].speech, []);
    assert_eq!(analysis.warnings, [CallWarning::MixedParties]);
    assert_eq!(analysis.voice_activity, VoiceActivity::SileroWithEnergy);
}
