//! The real library with a model of two words.

use std::io;
use std::num::NonZeroUsize;

use fh_model::{ChannelIndex, Language, Millis, Role, Span, TranscriptSource};
use fh_speech::engines::sherpa_onnx::ModelFamily;
use fh_speech::{
    ChannelSpeech, Clip, EngineSettings, ModelChoice, SpeechError, check_engine, choose_engine,
    open_engine, open_engine_for, transcribe,
};

use crate::sound::{RATE, add_chord, line_noise};
use crate::{settings, tiny_models};

const LOW: &[f32] = &[200.0, 350.0, 500.0, 650.0, 800.0];
const HIGH: &[f32] = &[4000.0, 4600.0, 5200.0, 5800.0, 6400.0];

fn with_model(folder: &std::path::Path) -> EngineSettings {
    let family = ModelFamily::SenseVoice;
    EngineSettings { model: ModelChoice::At { folder: folder.to_owned(), family }, ..settings() }
}

#[test]
#[ignore = "needs sherpa-onnx"]
fn it_keeps_the_contract_of_engines() {
    let folder = tempfile::tempdir().unwrap();
    tiny_models::write_sensevoice(folder.path());
    let mut engine = open_engine("sherpa-onnx", &with_model(folder.path())).unwrap();
    assert_eq!(engine.info().version, "2.0.1");
    let mut speech = line_noise(3.0);
    add_chord(&mut speech, 0.5, 0.8, LOW);
    add_chord(&mut speech, 1.5, 1.9, HIGH);
    assert_eq!(check_engine(engine.as_mut(), &speech), Vec::<String>::new());
}

#[test]
#[ignore = "needs sherpa-onnx"]
fn words_come_back_at_their_times_with_their_labels() {
    let folder = tempfile::tempdir().unwrap();
    tiny_models::write_sensevoice(folder.path());
    let mut sound = line_noise(3.0);
    add_chord(&mut sound, 0.5, 0.8, LOW);
    add_chord(&mut sound, 1.5, 1.9, HIGH);
    let mut engine = open_engine("sherpa-onnx", &with_model(folder.path())).unwrap();
    let clip = Clip {
        samples: &sound,
        rate_hz: RATE as u32,
        language: Language::EnUs,
        channel: ChannelIndex(0),
        start: Millis::ZERO,
    };
    let heard = engine.recognize(&clip).unwrap();
    assert_eq!(heard.text.trim(), "low high");
    assert_eq!(heard.language, Some(Language::EnUs));
    assert_eq!(heard.emotion.as_deref(), Some("happy"));
    assert_eq!(heard.event.as_deref(), Some("speech"));
    for (word, begins) in heard.words.iter().zip([500, 1500_u64]) {
        // Seven frames of 10 ms are stacked, every sixth of them: the first that is loud may lie
        // up to two steps of 60 ms before the sound begins.
        let found = word.span.start.0;
        assert!((begins - 120..=begins + 60).contains(&found), "{found} for {begins}");
    }
}

#[test]
#[ignore = "needs sherpa-onnx"]
fn paraformer_is_read_too() {
    let folder = tempfile::tempdir().unwrap();
    tiny_models::write_paraformer(folder.path());
    let settings = EngineSettings {
        model: ModelChoice::At {
            folder: folder.path().to_owned(),
            family: ModelFamily::Paraformer,
        },
        ..settings()
    };
    let mut engine = open_engine_for("sherpa-onnx", Language::ZhCn, &settings).unwrap();
    let clip = Clip {
        samples: &line_noise(3.0),
        rate_hz: RATE as u32,
        language: Language::ZhCn,
        channel: ChannelIndex(0),
        start: Millis::ZERO,
    };
    let heard = engine.recognize(&clip).unwrap();
    assert_eq!(heard.text, "您好 hello");
    let words: Vec<_> =
        heard.words.iter().map(|word| (word.bytes.clone(), word.span.start.0)).collect();
    assert_eq!(words, [(0..3, 500), (3..6, 1000), (7..12, 1500)]);
    let refusal = open_engine_for("sherpa-onnx", Language::EnUs, &settings).err().unwrap();
    assert_eq!(refusal.code(), "language_not_served");
}

#[test]
#[ignore = "needs sherpa-onnx"]
fn a_call_comes_back_on_its_own_clock_with_several_workers() {
    let folder = tempfile::tempdir().unwrap();
    tiny_models::write_sensevoice(folder.path());
    // Five minutes of two channels: every 7 s a word of one channel, 3 s later of the other.
    let mut sound = [line_noise(300.0), line_noise(300.0)];
    let mut speech = [Vec::new(), Vec::new()];
    let mut expected = Vec::new();
    for turn in 0..40_u64 {
        for (channel, after, text, chord) in [(0, 2.0, "low", LOW), (1, 5.0, "high", HIGH)] {
            let begins = turn as f64 * 7.0 + after;
            add_chord(&mut sound[channel], begins, begins + 0.4, chord);
            let start = Millis((begins * 1000.0) as u64);
            speech[channel].push(Span::new(start, start + Millis(400)));
            expected.push((start, channel as u8, text));
        }
    }
    let channels: Vec<_> = [Role::Agent, Role::Customer]
        .into_iter()
        .zip(speech)
        .enumerate()
        .map(|(channel, (role, speech))| ChannelSpeech {
            channel: ChannelIndex(channel as u8),
            role,
            speech,
        })
        .collect();
    let settings =
        EngineSettings { workers: NonZeroUsize::new(3).unwrap(), ..with_model(folder.path()) };
    let mut engine = open_engine("sherpa-onnx", &settings).unwrap();
    let mut read = |channel: ChannelIndex, span: Span| -> io::Result<Vec<f32>> {
        let samples = &sound[usize::from(channel.0)];
        let end = (span.end.to_samples(16_000) as usize).min(samples.len());
        Ok(samples[span.start.to_samples(16_000) as usize..end].to_vec())
    };
    let mut progress = Vec::new();
    let transcript =
        transcribe(engine.as_mut(), &channels, Language::EnUs, &mut read, &mut |done| {
            progress.push(done.0);
        })
        .unwrap();
    let found: Vec<_> = transcript
        .utterances
        .iter()
        .map(|utterance| (utterance.span.start, utterance.channel.0, utterance.text.as_str()))
        .collect();
    assert_eq!(found, expected);
    for utterance in &transcript.utterances {
        let word = &utterance.words[0];
        assert!(word.span.start.0.abs_diff(utterance.span.start.0) <= 60, "{word:?}");
        assert!(word.span.end <= utterance.span.end);
    }
    // 80 words of 400 ms.
    assert_eq!(progress.last(), Some(&32_000));
    assert!(progress.is_sorted());
    let TranscriptSource::Engine { engine, model_digest, .. } = transcript.source else {
        panic!("expected an engine, found {:?}", transcript.source);
    };
    assert_eq!((engine.as_str(), model_digest.len()), ("sherpa-onnx", 64));
}

#[test]
#[ignore = "needs sherpa-onnx"]
fn a_model_that_kills_the_library_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    tiny_models::write_sensevoice_without_metadata(folder.path());
    match open_engine("sherpa-onnx", &with_model(folder.path())).err() {
        Some(SpeechError::ChildDied { how, doing: "loading the model", .. }) => {
            assert_eq!(how, "ended with status 255");
        }
        other => panic!("expected a death, found {other:?}"),
    }
    tiny_models::write_sensevoice(folder.path());
    std::fs::write(folder.path().join("tokens.txt"), "no number here\n").unwrap();
    match open_engine("sherpa-onnx", &with_model(folder.path())).err() {
        Some(SpeechError::ChildDied { doing: "loading the model", .. }) => {}
        other => panic!("expected a death, found {other:?}"),
    }
    std::fs::write(folder.path().join("model.onnx"), "no model").unwrap();
    assert!(open_engine("sherpa-onnx", &with_model(folder.path())).is_err());
}

#[test]
fn what_is_missing_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let libraries = folder.path().join("lib");
    let settings =
        EngineSettings::new(crate::child(), vec![libraries.clone()], folder.path().join("models"));
    let error = open_engine("sherpa-onnx", &settings).err().unwrap();
    assert_eq!(error.code(), "library_missing");
    assert!(error.to_string().contains("sherpa-onnx-core==2.0.1"), "{error}");

    std::fs::create_dir(&libraries).unwrap();
    std::fs::write(libraries.join("libsherpa-onnx-c-api.so"), "").unwrap();
    let error = open_engine("sherpa-onnx", &settings).err().unwrap();
    assert_eq!(error.code(), "model_missing");

    let refusal = choose_engine(Language::ZhCn, &settings).err().unwrap();
    assert!(refusal.remedy.contains("fairhearing models pull sensevoice"), "{refusal}");

    // A library that is none, with a model: the child says so.
    std::fs::write(folder.path().join("model.onnx"), "").unwrap();
    std::fs::write(folder.path().join("tokens.txt"), "").unwrap();
    let settings = EngineSettings {
        model: ModelChoice::At {
            folder: folder.path().to_owned(),
            family: ModelFamily::SenseVoice,
        },
        ..settings
    };
    let error = open_engine("sherpa-onnx", &settings).err().unwrap();
    assert_eq!(error.code(), "engine_not_started");
    assert!(error.to_string().contains("libsherpa-onnx-c-api.so"), "{error}");
}
