//! What becomes of the process that recognises.

use std::ffi::OsString;
use std::time::Duration;

use fh_model::{ChannelIndex, Language, Millis, Span};
use fh_speech::engines::scripted::{Script, ScriptedWord, in_children};
use fh_speech::{ChildProgram, Clip, Engine, EngineSettings, SpeechError, check_engine};

use crate::{child, settings};

fn script() -> Script {
    let word = |start, text: &str| ScriptedWord {
        channel: ChannelIndex(0),
        span: Span::new(Millis(start), Millis(start + 200)),
        text: text.to_owned(),
    };
    Script { words: vec![word(100, "good"), word(400, "morning")] }
}

fn clip(samples: &[f32]) -> Clip<'_> {
    Clip {
        samples,
        rate_hz: 16_000,
        language: Language::EnUs,
        channel: ChannelIndex(0),
        start: Millis::ZERO,
    }
}

/// A program that is a shell script; `$RECOGNIZER` in it is the real one.
fn shell(script: &str) -> ChildProgram {
    let script = script.replace("$RECOGNIZER", &child().program.to_string_lossy());
    ChildProgram {
        program: "/bin/sh".into(),
        args: vec![OsString::from("-c"), OsString::from(script)],
    }
}

fn open(program: ChildProgram) -> Result<Box<dyn Engine>, SpeechError> {
    let settings = EngineSettings {
        child: program,
        load_timeout: Duration::from_secs(20),
        clip_timeout: Duration::from_secs(20),
        ..settings()
    };
    in_children(script(), &settings)
}

fn error_of(program: ChildProgram) -> SpeechError {
    open(program).err().expect("an error")
}

#[test]
fn an_engine_in_a_child_keeps_the_contract() {
    let mut engine = open(child()).unwrap();
    let speech = vec![0.1; 16_000];
    assert_eq!(check_engine(engine.as_mut(), &speech), Vec::<String>::new());
    assert_eq!(engine.recognize(&clip(&speech)).unwrap().text, "good morning");
}

#[test]
fn several_children_give_results_in_the_order_of_the_clips() {
    let settings = EngineSettings { workers: 3.try_into().unwrap(), ..settings() };
    let mut engine = in_children(script(), &settings).unwrap();
    assert_eq!(engine.info().parallel_clips, 3);
    let speech = vec![0.1; 16_000];
    // Clips that end before the first word, between the words, and after both.
    let clips: Vec<_> = (0..30).map(|n| clip(&speech[..[1_600, 5_600, 16_000][n % 3]])).collect();
    let texts: Vec<_> =
        engine.recognize_all(&clips).unwrap().into_iter().map(|heard| heard.text).collect();
    let expected: Vec<_> = (0..30).map(|n| ["", "good", "good morning"][n % 3]).collect();
    assert_eq!(texts, expected);
}

#[test]
fn a_death_is_named_with_the_last_words() {
    let check =
        |script: &str, expected_how: &str, expected_words: &str| match error_of(shell(script)) {
            SpeechError::ChildDied { how, doing: "loading the model", last_words, .. } => {
                assert_eq!((how.as_str(), last_words.trim()), (expected_how, expected_words));
            }
            other => panic!("expected a death, found {other:?}"),
        };
    check(
        "cat >/dev/null & echo no metadata >&2; exit 255",
        "ended with status 255",
        "no metadata",
    );
    check("kill -ABRT $$", "was ended by signal 6", "");
    check("kill -KILL $$", "was ended by signal 9", "");
    check("exit 0", "ended with status 0", "");
}

#[test]
fn the_next_clip_starts_a_new_process() {
    let folder = tempfile::tempdir().unwrap();
    let first_time = folder.path().join("was here");
    // The first process answers to its job and dies at the first clip; the second lives.
    let script = format!(
        "if [ -e '{0}' ]; then exec '$RECOGNIZER'; fi; : >'{0}'; \
         printf 'R\\001\\000\\000\\0001'; exec dd bs=5 count=40 of=/dev/null status=none",
        first_time.display()
    );
    let mut engine = open(shell(&script)).unwrap();
    let speech = vec![0.1; 160_000];
    match engine.recognize(&clip(&speech)) {
        Err(SpeechError::ChildDied { doing: "recognising a clip", .. }) => {}
        other => panic!("expected a death, found {other:?}"),
    }
    assert_eq!(engine.recognize(&clip(&speech)).unwrap().text, "good morning");
}

#[test]
fn a_child_that_hangs_is_ended() {
    let settings = EngineSettings {
        child: shell("exec sleep 1000"),
        load_timeout: Duration::from_millis(50),
        ..settings()
    };
    match in_children(script(), &settings).err() {
        Some(SpeechError::ChildTimedOut { doing: "loading the model", .. }) => {}
        other => panic!("expected a time-out, found {other:?}"),
    }
}

#[test]
fn nonsense_from_a_child_is_an_error() {
    for answer in ["?????", "J\\001\\000\\000\\000x", "R\\377\\377\\377\\377", "R\\011"] {
        let error = error_of(shell(&format!("printf '{answer}'")));
        assert!(
            matches!(error.code(), "recognizer_process_protocol" | "recognizer_process_died"),
            "{error}"
        );
    }
    let error = error_of(ChildProgram { program: "/no/such/program".into(), args: Vec::new() });
    assert_eq!(error.code(), "recognizer_process_not_started");
    assert!(error.to_string().contains("/no/such/program"), "{error}");
}
