//! The engine that asks a server.

use std::time::Duration;

use fh_model::{ChannelIndex, Language, Millis};
use fh_speech::engines::openai_compatible::{ApiKey, OpenAiCompatible, RemoteSettings};
use fh_speech::{
    Clip, Engine, EngineSettings, Recognized, SpeechError, check_engine, choose_engine,
};

use crate::server::{Request, Server, reply};

/// OpenAI's shape: words at the top.
const OPENAI: &str = r#"{"task":"transcribe","language":"english","duration":1.0,
    "text":"Good morning, sir.",
    "words":[{"word":"Good","start":0.1,"end":0.3},{"word":"morning","start":0.3,"end":0.62},
             {"word":"sir","start":0.7,"end":0.9}],
    "segments":[{"id":0,"start":0.1,"end":0.9,"text":" Good morning, sir."}]}"#;

/// FunASR's shape: words inside segments.
const FUNASR: &str = r#"{"text":"您好，再见。","segments":[
    {"id":0,"start":0.1,"end":0.5,"text":"您好，","words":[{"word":"您","start":0.1,"end":0.3},
        {"word":"好","start":0.3,"end":0.5}]},
    {"id":1,"start":0.6,"end":1.4,"text":"再见。","words":[{"word":"再","start":0.6,"end":0.8},
        {"word":"见","start":0.8,"end":1.4}]}]}"#;

fn settings(server: &Server) -> RemoteSettings {
    RemoteSettings {
        first_wait: Duration::from_millis(1),
        timeout: Duration::from_secs(10),
        ..RemoteSettings::new(server.base.clone(), "whisper-1".to_owned())
    }
}

fn answering(body: &'static str) -> Server {
    Server::start(move |_, _| reply("200 OK", &["Content-Type: application/json"], body))
}

fn clip(samples: &[f32], language: Language) -> Clip<'_> {
    Clip { samples, rate_hz: 16_000, language, channel: ChannelIndex(0), start: Millis::ZERO }
}

fn ask(server: &Server) -> Result<Recognized, SpeechError> {
    let mut engine = OpenAiCompatible::new(settings(server)).unwrap();
    engine.recognize(&clip(&[0.5; 16_000], Language::EnUs))
}

fn words(heard: &Recognized) -> Vec<(&str, u64, u64)> {
    heard
        .words
        .iter()
        .map(|word| {
            let bytes = word.bytes.start as usize..word.bytes.end as usize;
            (&heard.text[bytes], word.span.start.0, word.span.end.0)
        })
        .collect()
}

#[test]
fn the_three_shapes_of_replies_are_read() {
    let heard = ask(&answering(OPENAI)).unwrap();
    assert_eq!(heard.text, "Good morning, sir.");
    assert_eq!(words(&heard), [("Good", 100, 300), ("morning", 300, 620), ("sir", 700, 900)]);
    assert_eq!(heard.language, Some(Language::EnUs));

    // The clip lasts one second: a word that ends later is cut there.
    let heard = ask(&answering(FUNASR)).unwrap();
    assert_eq!(heard.text, "您好，再见。");
    assert_eq!(
        words(&heard),
        [("您", 100, 300), ("好", 300, 500), ("再", 600, 800), ("见", 800, 1000)]
    );

    let heard = ask(&answering(r#"{"text":" Hello. "}"#)).unwrap();
    assert_eq!((heard.text.as_str(), heard.words.len()), ("Hello.", 0));
}

#[test]
fn the_request_is_a_form_with_a_wav_file() {
    let server = answering(OPENAI);
    let mut engine = OpenAiCompatible::new(RemoteSettings {
        api_key: Some(ApiKey("secret".to_owned())),
        ..settings(&server)
    })
    .unwrap();
    engine.recognize(&clip(&[0.5, -1.0, 1.0], Language::ZhCn)).unwrap();
    let requests = server.requests();
    let Request { line, body, .. } = &requests[0];
    assert_eq!(line, "POST /v1/audio/transcriptions HTTP/1.1");
    assert_eq!(requests[0].header("authorization"), Some("Bearer secret"));
    let boundary =
        requests[0].header("content-type").unwrap().split_once("boundary=").unwrap().1.to_owned();
    let form = String::from_utf8_lossy(body);
    for (name, value) in [
        ("model", "whisper-1"),
        ("language", "zh"),
        ("response_format", "verbose_json"),
        ("timestamp_granularities[]", "word"),
        ("timestamp_granularities[]", "segment"),
    ] {
        assert!(
            form.contains(&format!("name=\"{name}\"\r\n\r\n{value}\r\n--{boundary}")),
            "{name}"
        );
    }
    // 36 bytes after the first length field, and 6 of samples: 0.5, -1 and 1 of full scale.
    let wav = body.windows(4).position(|four| four == b"RIFF").unwrap();
    assert_eq!(body[wav + 4..wav + 8], 42_u32.to_le_bytes());
    assert_eq!(body[wav + 44..wav + 50], [0x00, 0x40, 0x00, 0x80, 0xff, 0x7f]);
    assert!(body.ends_with(format!("\r\n--{boundary}--\r\n").as_bytes()));
}

#[test]
fn the_address_may_end_in_v1() {
    let server = answering(OPENAI);
    let base_url = format!("{}/v1/", server.base);
    let mut engine =
        OpenAiCompatible::new(RemoteSettings { base_url, ..settings(&server) }).unwrap();
    engine.recognize(&clip(&[0.5; 800], Language::EnUs)).unwrap();
    assert_eq!(server.requests()[0].line, "POST /v1/audio/transcriptions HTTP/1.1");
}

#[test]
fn a_busy_server_is_asked_again() {
    let server = Server::start(|nth, _| match nth {
        0 => reply("429 Too Many Requests", &["Retry-After: 0"], ""),
        1 => reply("503 Service Unavailable", &[], ""),
        _ => reply("200 OK", &[], OPENAI),
    });
    assert_eq!(ask(&server).unwrap().text, "Good morning, sir.");
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn attempts_come_to_an_end() {
    let server = Server::start(|_, _| reply("500 Internal Server Error", &[], "secret words"));
    let error = ask(&server).unwrap_err();
    assert_eq!(server.requests().len(), 4);
    let SpeechError::Remote { attempts: 4, detail, .. } = &error else {
        panic!("expected a remote error, found {error:?}");
    };
    assert!(detail.contains("500"), "{detail}");
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn a_refusal_is_final() {
    let check = |status: &'static str, expected: &str| {
        let server = Server::start(move |_, _| {
            reply(status, &["Location: http://127.0.0.1:1/elsewhere"], r#"{"error":"words"}"#)
        });
        let error = ask(&server).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(server.requests().len(), 1);
    };
    check("401 Unauthorized", "refuses the key");
    check("400 Bad Request", "status 400");
    check("307 Temporary Redirect", "not followed");
    check("404 Not Found", "has no `/v1/audio/transcriptions`");
}

#[test]
fn replies_that_are_none_are_errors_without_their_text() {
    let check = |body: Vec<u8>| {
        let server = Server::start(move |_, _| reply("200 OK", &[], body.clone()));
        let error = ask(&server).unwrap_err();
        assert_eq!(error.code(), "remote_recognizer_failed");
        assert!(!error.to_string().contains("secret"), "{error}");
    };
    check(b"secret words".to_vec());
    check(br#"{"text":["secret"]}"#.to_vec());
    check(br#"{"task":"secret"}"#.to_vec());
    check(vec![b' '; 5 << 20]);
    let many = r#"{"word":"a","start":0,"end":0},"#.repeat(2_000);
    check(format!(r#"{{"text":"a","words":[{}]}}"#, many.trim_end_matches(',')).into_bytes());
}

#[test]
fn a_server_that_is_not_there_or_does_not_answer_is_named() {
    let mut settings = RemoteSettings {
        first_wait: Duration::from_millis(1),
        attempts: 2,
        api_key: Some(ApiKey("secret".to_owned())),
        ..RemoteSettings::new("http://127.0.0.1:1".to_owned(), "m".to_owned())
    };
    let samples = [0.5; 800];
    let mut engine = OpenAiCompatible::new(settings.clone()).unwrap();
    let error = engine.recognize(&clip(&samples, Language::EnUs)).unwrap_err().to_string();
    assert!(error.contains("http://127.0.0.1:1") && error.contains("2 attempt"), "{error}");

    // A socket that listens and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    settings.base_url = format!("http://{}", silent.local_addr().unwrap());
    settings.timeout = Duration::from_millis(100);
    let mut engine = OpenAiCompatible::new(settings.clone()).unwrap();
    let error = engine.recognize(&clip(&samples, Language::EnUs)).unwrap_err().to_string();
    assert!(error.contains("in time"), "{error}");
    assert!(!format!("{settings:?}").contains("secret"));

    for wrong in ["", "no address", "ftp://host", "/v1"] {
        settings.base_url = wrong.to_owned();
        let error = OpenAiCompatible::new(settings.clone()).err().unwrap();
        assert_eq!(error.code(), "engine_not_configured");
    }
}

#[test]
fn it_keeps_the_contract_of_engines_with_several_clips_at_once() {
    let server = answering(
        r#"{"text":"a b","words":[{"word":"a","start":-1,"end":0.00002},
        {"word":"b","start":0.00001,"end":99}]}"#,
    );
    let mut engine = OpenAiCompatible::new(settings(&server)).unwrap();
    assert_eq!(check_engine(&mut engine, &[0.5; 16_000]), Vec::<String>::new());
    let sound = [0.5; 1_600];
    let clips = vec![clip(&sound, Language::EnUs); 10];
    assert_eq!(engine.recognize_all(&clips).unwrap().len(), 10);
}

#[test]
fn it_is_chosen_where_it_is_set_up() {
    let server = answering(OPENAI);
    let mut all = EngineSettings::new(crate::child(), Vec::new(), "no models".into());
    assert!(choose_engine(Language::EnUs, &all).is_err());
    all.remote = Some(settings(&server));
    let engine = choose_engine(Language::EnUs, &all).unwrap();
    assert_eq!(engine.info().id, "openai-compatible");
    assert!(engine.info().remote);
}
