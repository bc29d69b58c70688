//! Tests of fh-speech from outside: with servers in this process, with child processes, and with
//! the real recognisers where they are installed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod child_process;
mod pocketsphinx;
mod reference_clips;
mod remote_engine;
mod server;
mod shared_transcripts;
mod sherpa_onnx;
mod sound;
mod tiny_models;
mod transcription;

use std::path::{Path, PathBuf};

use fh_speech::{ChildProgram, EngineSettings};

/// The program that runs recognisers for these tests.
fn child() -> ChildProgram {
    ChildProgram { program: env!("CARGO_BIN_EXE_fh-recognize-child").into(), args: Vec::new() }
}

/// Where `./test` unpacks shared libraries: the same folder in which `fairhearing` looks.
fn data_home() -> PathBuf {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    match (folder("FAIRHEARING_HOME"), folder("XDG_DATA_HOME"), folder("HOME")) {
        (Some(home), _, _) => home.into(),
        (None, Some(data), _) => Path::new(&data).join("fairhearing"),
        (None, None, home) => {
            Path::new(&home.expect("a home folder")).join(".local/share/fairhearing")
        }
    }
}

fn settings() -> EngineSettings {
    let home = data_home();
    EngineSettings::new(child(), vec![home.join("lib")], home.join("models"))
}

/// The folder of recordings that are not part of this project.
fn shared() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    assert!(folder.is_dir(), "expected the folder `../shared` beside the workspace");
    folder
}
