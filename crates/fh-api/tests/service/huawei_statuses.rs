//! Every documented status, reached by what really leads to it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use fh_audio::{ChildProgram, DecodeOptions};
use fh_model::Language;
use fh_speech::engines::openai_compatible::{self, RemoteSettings};
use fh_speech::engines::sherpa_onnx::{self, ModelFamily};
use fh_speech::{EngineSettings, ModelChoice};
use fh_store::{NewRulePack, RulePackFile};
use fh_workflow::EngineWish;
use serde_json::json;

use crate::sound::short;
use crate::stage::{CCISQM, CCSQM, Options, Stage};

const VTT: &str = "WEBVTT\n\n00:00.200 --> 00:01.800\n<v Agent>Good morning.\n";

/// A stage with a client of it.
struct Scene {
    stage: Stage,
    token: String,
}

impl Scene {
    fn with(options: Options) -> Self {
        let stage = Stage::with(options);
        let token = stage.token("default-administrator");
        Self { stage, token }
    }

    /// Submits a recording of four seconds with some speech; its words, where there are any, lie
    /// beside it.
    fn submit(&self, words: Option<&str>) -> String {
        self.stage.put_file("call.wav", short());
        if let Some(words) = words {
            self.stage.put_file("call.vtt", words);
        }
        self.submit_path(r"Y:\call.wav")
    }

    fn submit_path(&self, path: &str) -> String {
        let asked = json!({
            "language": "en_US", "voiceFilePath": path, "agentId": 1118,
            "beginTime": "2021-02-01 09:51:07", "endTime": "2021-02-01 09:51:11"
        });
        let path = format!("{CCISQM}/openapi/qualityInspect");
        let answer = self.stage.post(&path, &self.token, &asked).expect(200).json();
        answer["call_uuid"].as_str().unwrap().to_owned()
    }

    fn submit_chat(&self) -> String {
        let chat = json!({
            "language": "zh_CN", "agentId": 1118, "beginTime": "2021-02-01 09:51:07",
            "endTime": "2021-02-01 09:57:57", "fileName": "chat-7.json", "staffId": "77",
            "sentences": [{ "speaker": "staff", "text": "您好", "start_time": 0.5 }]
        });
        let path = format!("{CCSQM}/openapi/uploadText");
        let answer = self.stage.post(&path, &self.token, &chat).expect(200).json();
        answer["call_uuid"].as_str().unwrap().to_owned()
    }

    /// What `details` says of the call now.
    fn status(&self, call: &str) -> i64 {
        let asked = json!({
            "limit": 10, "page": 1, "call_types": [0, 2],
            "status": [0, 1, 2, 3, 9, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40],
            "upload_from": 1_600_000_000, "upload_to": 1_800_000_000
        });
        let path = format!("{CCSQM}/appraisecall/details");
        let answer = self.stage.post(&path, &self.token, &asked).expect(200).json();
        let rows = answer["data"].as_array().unwrap();
        let row = rows.iter().find(|row| row["call_group_id"] == call).unwrap();
        row["calls"][0]["status"].as_i64().unwrap()
    }

    /// Waits for a status; the statuses seen on the way, each once.
    #[track_caller]
    fn reaches(&self, call: &str, wanted: i64) -> Vec<i64> {
        let mut seen = Vec::new();
        for _ in 0..3_000 {
            let status = self.status(call);
            if seen.last() != Some(&status) {
                seen.push(status);
            }
            if status == wanted {
                return seen;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("expected the status {wanted}, found {seen:?}");
    }
}

/// What a recogniser somewhere else does with what it is sent.
#[derive(Clone, Copy)]
enum Remote {
    /// Says this.
    Answers(&'static str),
    /// Takes it and says nothing.
    Waits,
    /// Is not there.
    IsAway,
}

/// Options with such a recogniser.
fn with_remote(remote: Remote) -> Options {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    if let Remote::IsAway = remote {
        drop(listener);
    } else {
        std::thread::spawn(move || serve(&listener, remote));
    }
    let mut options = Options { max_attempts: 2, ..Options::default() };
    options.engine = EngineWish::Named(openai_compatible::ID.to_owned());
    let mut settings = RemoteSettings::new(format!("http://{address}/v1"), "m".to_owned());
    (settings.attempts, settings.timeout) = (1, Duration::from_secs(3));
    settings.languages = vec![Language::EnUs];
    options.engine_settings.remote = Some(settings);
    options
}

fn serve(listener: &TcpListener, remote: Remote) {
    let mut kept = Vec::new();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        if let Remote::Answers(answer) = remote {
            // Enough has come when the multipart body's last boundary has.
            let (mut request, mut block) = (Vec::new(), [0; 16_384]);
            while !request.ends_with(b"--\r\n") {
                match stream.read(&mut block).unwrap() {
                    0 => break,
                    read => request.extend_from_slice(&block[..read]),
                }
            }
            stream.write_all(answer.as_bytes()).unwrap();
        }
        kept.push(stream);
    }
}

#[test]
fn waiting_0_and_successful_2() {
    let scene = Scene::with(Options { works: false, ..Options::default() });
    let call = scene.submit(Some(VTT));
    assert_eq!(scene.status(&call), 0);
    scene.stage.start_worker();
    scene.reaches(&call, 2);
}

#[test]
fn recognition_in_progress_3() {
    let scene = Scene::with(with_remote(Remote::Waits));
    let call = scene.submit(None);
    scene.reaches(&call, 3);
}

#[test]
fn inspection_in_progress_1_and_a_result_that_cannot_be_kept_38() {
    let options =
        Options { max_attempts: 2, pause: Duration::from_millis(500), ..Options::default() };
    let scene = Scene::with(options);
    let database = format!("sqlite:{}", scene.stage.folder().join("rows.sqlite").display());
    scene.stage.block_on(async {
        let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
        let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON inspections
                      BEGIN SELECT RAISE(ABORT, 'refused for a test'); END";
        sqlx::query(refuse).execute(&pool).await.unwrap();
        pool.close().await;
    });
    let call = scene.submit(Some(VTT));
    scene.reaches(&call, 1);
    scene.reaches(&call, 38);
}

#[test]
fn the_daily_limit_9() {
    let scene = Scene::with(Options { calls_per_day: Some(1), ..Options::default() });
    let (first, second) = (scene.submit(Some(VTT)), scene.submit(Some(VTT)));
    assert_eq!(scene.status(&second), 9);
    scene.reaches(&first, 2);
}

#[test]
fn speech_without_words_31() {
    let empty = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 36\r\n\
                 connection: close\r\n\r\n{\"text\":\"\",\"words\":[],\"segments\":[]}";
    assert_eq!(empty.split("\r\n\r\n").nth(1).map(str::len), Some(36));
    let scene = Scene::with(with_remote(Remote::Answers(empty)));
    let call = scene.submit(None);
    scene.reaches(&call, 31);
}

#[test]
fn no_recogniser_32() {
    let scene = Scene::with(Options::default());
    let call = scene.submit(None);
    scene.reaches(&call, 32);
}

#[test]
fn a_recogniser_out_of_reach_33() {
    let scene = Scene::with(with_remote(Remote::IsAway));
    let call = scene.submit(None);
    scene.reaches(&call, 33);
}

#[test]
fn a_recogniser_that_refuses_34() {
    let refusal = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    let scene = Scene::with(with_remote(Remote::Answers(refusal)));
    let call = scene.submit(None);
    scene.reaches(&call, 34);
}

#[test]
fn a_chat_that_is_gone_35() {
    let scene = Scene::with(Options { works: false, ..Options::default() });
    let call = scene.submit_chat();
    let objects = scene.stage.folder().join("objects");
    fs::remove_dir_all(&objects).unwrap();
    fs::create_dir(&objects).unwrap();
    scene.stage.start_worker();
    scene.reaches(&call, 35);
}

#[test]
fn rules_that_compile_no_more_36() {
    let scene = Scene::with(Options::default());
    // As an earlier version may have left them, past the compiler.
    let file = RulePackFile { name: "a.yaml".to_owned(), text: "rules: 7".to_owned() };
    let pack = NewRulePack {
        name: "old".to_owned(),
        digest: "0".repeat(64),
        files: vec![file],
        author: "somebody".to_owned(),
    };
    scene.stage.block_on(async {
        let scope = scene.stage.workflow.store().scope(&"default".parse().unwrap());
        let version = scope.put_rule_pack(pack).await.unwrap();
        assert!(scope.activate_rule_pack("old", version).await.unwrap());
    });
    let call = scene.submit(Some(VTT));
    scene.reaches(&call, 36);
}

#[test]
fn a_recogniser_that_makes_nothing_of_the_sound_37() {
    let folder = tempfile::tempdir().unwrap();
    for file in [sherpa_onnx::LIBRARY, "model.onnx", "tokens.txt"] {
        fs::write(folder.path().join(file), "").unwrap();
    }
    // Says that it is ready, and of whatever it gets that it did not work.
    let script = r"printf 'R\001\000\000\0001F\004\000\000\000none'; cat >/dev/null";
    let child = fh_speech::ChildProgram {
        program: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
    };
    let mut settings =
        EngineSettings::new(child, vec![folder.path().to_owned()], folder.path().to_owned());
    settings.model =
        ModelChoice::At { folder: folder.path().to_owned(), family: ModelFamily::SenseVoice };
    let scene = Scene::with(Options {
        engine: EngineWish::Named(sherpa_onnx::ID.to_owned()),
        engine_settings: settings,
        ..Options::default()
    });
    let call = scene.submit(None);
    scene.reaches(&call, 37);
}

#[test]
fn work_that_cannot_be_done_39() {
    let decoder = ChildProgram { program: "/nonexistent/decoder".into(), args: Vec::new() };
    let scene = Scene::with(Options {
        decode: DecodeOptions::new(decoder),
        max_attempts: 2,
        ..Options::default()
    });
    let call = scene.submit(Some(VTT));
    scene.reaches(&call, 39);
}

#[test]
fn a_voice_file_that_is_none_40() {
    let scene = Scene::with(Options::default());
    scene.stage.put_file("noise.wav", b"this is no recording");
    let call = scene.submit_path(r"Y:\noise.wav");
    scene.reaches(&call, 40);
}
