//! The try-out recogniser.

use fh_model::Language;
use fh_speech::{check_engine, choose_engine, open_engine, open_engine_for};

use crate::settings;
use crate::sound::{add_chord, line_noise, read_wav};

#[test]
#[ignore = "needs pocketsphinx"]
fn it_keeps_the_contract_of_engines() {
    let mut engine = open_engine("pocketsphinx", &settings()).unwrap();
    let info = engine.info().clone();
    assert!(info.try_out);
    assert_eq!(info.languages, [Language::EnUs]);
    assert_eq!(info.model_digest.len(), 64);
    let mut speech = line_noise(2.0);
    for step in 0..8 {
        let from = f64::from(step) * 0.2 + 0.2;
        add_chord(&mut speech, from, from + 0.1, &[150.0, 300.0, 700.0, 1200.0, 2500.0]);
    }
    assert_eq!(check_engine(engine.as_mut(), &speech), Vec::<String>::new());
}

#[test]
#[ignore = "needs pocketsphinx, ../shared"]
fn it_keeps_the_contract_on_speech() {
    let mut engine = open_engine("pocketsphinx", &settings()).unwrap();
    let speech = read_wav(&crate::shared().join("recordings/reference/en_jfk.wav"));
    let speech = &speech[..speech.len().min(16_000 * 11)];
    assert_eq!(check_engine(engine.as_mut(), speech), Vec::<String>::new());
}

#[test]
#[ignore = "needs pocketsphinx"]
fn it_is_never_chosen_unasked_and_speaks_english_only() {
    let folder = tempfile::tempdir().unwrap();
    let settings = fh_speech::EngineSettings {
        lib_dirs: Vec::new(),
        models_dir: folder.path().to_owned(),
        ..settings()
    };
    let refusal = choose_engine(Language::EnUs, &settings).err().expect("no engine");
    assert_eq!(refusal.language, Language::EnUs);
    let error = open_engine_for("pocketsphinx", Language::ZhCn, &settings).err().unwrap();
    assert_eq!(error.code(), "language_not_served");
}

#[test]
#[ignore = "needs pocketsphinx, ../shared"]
fn the_same_clip_gives_the_same_words_whatever_came_before() {
    let mut engine = open_engine("pocketsphinx", &settings()).unwrap();
    let folder = crate::shared().join("recordings/reference");
    let (digits, other) =
        (read_wav(&folder.join("en_digits.wav")), read_wav(&folder.join("en_lv0880.wav")));
    let mut hear = |samples: &[f32]| {
        let clip = fh_speech::Clip {
            samples,
            rate_hz: 16_000,
            language: Language::EnUs,
            channel: fh_model::ChannelIndex(0),
            start: fh_model::Millis::ZERO,
        };
        engine.recognize(&clip).unwrap()
    };
    let alone = hear(&digits);
    assert!(alone.words.len() > 8, "{alone:?}");
    hear(&other);
    assert_eq!(hear(&digits), alone);
}
