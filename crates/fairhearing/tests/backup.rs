//! `fairhearing backup` and `fairhearing restore`, as their operator sees them.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use fh_model::{CallId, CallMetadata, TenantId};
use fh_store::{
    Blobs, CallKind, ConnectOptions, NewCall, NewTenant, Store, Submission, Write, connect,
    open_blobs,
};
use jiff::Timestamp;
use serde_json::json;

/// A server's data with three calls, and one upload that nobody submitted.
struct Kept {
    store: Arc<dyn Store>,
    blobs: Arc<dyn Blobs>,
}

const CALLS: [&str; 3] = [
    "67e55044-10b1-426f-9247-bb680e5fe0c1",
    "67e55044-10b1-426f-9247-bb680e5fe0c2",
    "67e55044-10b1-426f-9247-bb680e5fe0c3",
];

fn tenant() -> TenantId {
    "default".parse().unwrap()
}

fn id(call: usize) -> CallId {
    CALLS[call].parse().unwrap()
}

fn sound(call: usize) -> Vec<u8> {
    format!("the sound of call {call}").into_bytes()
}

fn key(call: usize) -> String {
    format!("default/recordings/{}.{}", blake3::hash(&sound(call)).to_hex(), CALLS[call])
}

async fn open(data: &Path) -> Kept {
    fs::create_dir_all(data).unwrap();
    let database = data.join("fairhearing.db").display().to_string();
    let store = connect(&database, &ConnectOptions::default()).await.unwrap();
    let blobs = open_blobs(&data.join("objects").display().to_string()).await.unwrap();
    Kept { store, blobs }
}

async fn fill(data: &Path) -> Kept {
    let kept = open(data).await;
    let new = NewTenant { id: tenant(), name: "Default".to_owned(), retention_days: None };
    kept.store.directory().put_tenant(new).await.unwrap();
    let mut submission = Submission {
        idempotency: None,
        calls: Vec::new(),
        jobs: Vec::new(),
        events: Vec::new(),
        writes: Vec::new(),
    };
    for call in 0..CALLS.len() {
        kept.blobs.put(&key(call), sound(call).into()).await.unwrap();
        submission.calls.push(NewCall {
            id: id(call),
            group: id(call),
            batch: None,
            kind: CallKind::Voice,
            source: json!({}),
            metadata: CallMetadata::default(),
            file_name: format!("call-{call}"),
            staff_id: None,
            call_time: Timestamp::from_second(1_772_323_200).unwrap(),
            upload_time: Timestamp::from_second(1_772_323_260).unwrap(),
        });
        let digest = blake3::hash(&sound(call)).to_hex().to_string();
        submission.writes.push(Write::Recording { call: id(call), digest, blob: key(call) });
    }
    kept.store.scope(&tenant()).submit(submission).await.unwrap();
    kept.blobs.put("default/recordings/nobodys", "x".into()).await.unwrap();
    kept
}

/// Runs the program in `folder` and gives its exit status and all that it said.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_fairhearing"))
        .args(arguments)
        .current_dir(folder)
        .env("FAIRHEARING_HOME", folder.join("home"))
        .env("LANG", "C.UTF-8")
        .env_remove("LC_ALL")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn what_was_backed_up_comes_back_but_for_what_was_erased_since() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    // It stays open, as a server has it.
    let original = fill(&at.join("one")).await;
    for out in ["b.tar", "b"] {
        let (status, said) = run(at, &["backup", "--data", "one", "--out", out]);
        assert_eq!(
            (status, said),
            (Some(0), format!("`{out}` has the backup, with 4 recordings\n"))
        );
        let (status, said) = run(at, &["backup", "--data", "one", "--out", out]);
        assert_eq!(status, Some(2), "nothing is written over: {said}");
    }
    let erased = original.store.scope(&tenant()).erase_call(id(2)).await.unwrap();
    assert_eq!(erased.blobs, [key(2)]);

    for (from, into) in [("b.tar", "two"), ("b", "three")] {
        let erased_in = "one/fairhearing.db";
        let restore = ["restore", "--data", into, "--from", from, "--erased-in", erased_in];
        let (status, said) = run(at, &restore);
        let expected = "Restored 2 recordings; 0 were there already, 2 belong to no call and were \
                        left out, 1 calls that were erased since were erased again.\n";
        assert_eq!((status, said.as_str()), (Some(0), expected));
        let (status, said) = run(at, &restore);
        assert_eq!(status, Some(2), "nothing is written over: {said}");

        let restored = open(&at.join(into)).await;
        let [before, after] = [&original, &restored].map(|kept| kept.store.scope(&tenant()));
        for call in 0..2 {
            let row = after.call(id(call)).await.unwrap();
            assert!(row.is_some());
            assert_eq!(row, before.call(id(call)).await.unwrap());
            assert_eq!(restored.blobs.get(&key(call)).await.unwrap().unwrap(), sound(call));
        }
        assert_eq!(after.call(id(2)).await.unwrap(), None);
        assert_eq!(restored.blobs.get(&key(2)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_erasure_is_known_from_its_mark_where_the_database_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let original = fill(&at.join("one")).await;
    let (status, said) = run(at, &["backup", "--data", "one", "--out", "b.tar"]);
    assert_eq!(status, Some(0), "{said}");
    // As the server leaves it beside the recordings when somebody erases.
    let mark = json!({ "erased_at": "2026-03-02T00:00:00Z", "calls": [CALLS[2]] }).to_string();
    original.blobs.put(&format!("default/erased/{}", CALLS[2]), mark.into()).await.unwrap();
    original.blobs.delete(&key(2)).await.unwrap();
    original.store.close().await;
    fs::remove_file(at.join("one/fairhearing.db")).unwrap();

    let (status, said) = run(at, &["restore", "--data", "one", "--from", "b.tar"]);
    let expected = "Restored 0 recordings; 2 were there already, 2 belong to no call and were left \
                    out, 1 calls that were erased since were erased again.\n";
    assert_eq!((status, said.as_str()), (Some(0), expected));
    let restored = open(&at.join("one")).await;
    assert_eq!(restored.store.scope(&tenant()).call(id(2)).await.unwrap(), None);
    assert_eq!(restored.blobs.get(&key(2)).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_damaged_or_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let original = fill(&at.join("one")).await;
    let object = |call: usize| at.join("b/objects").join(key(call));
    let (status, said) = run(at, &["backup", "--data", "one", "--out", "b"]);
    assert_eq!(status, Some(0), "{said}");
    fs::write(object(0), "the sound of call 9").unwrap();
    fs::remove_file(object(1)).unwrap();
    let (status, said) = run(at, &["restore", "--data", "two", "--from", "b"]);
    assert_eq!(status, Some(1), "{said}");
    let damaged = format!("damaged: `{}`, of the call {} of `default`", key(0), CALLS[0]);
    let missing = format!("missing: `{}`, of the call {} of `default`", key(1), CALLS[1]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[..2], [damaged.as_str(), missing.as_str()], "{said}");
    assert!(lines[2].starts_with("Restored 1 recordings;"), "{said}");
    let restored = open(&at.join("two")).await;
    assert_eq!(restored.blobs.get(&key(0)).await.unwrap(), None, "not the damaged one");

    // A database that is not what it was is not restored at all.
    let database = at.join("b/fairhearing.db");
    let mut bytes = fs::read(&database).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&database, bytes).unwrap();
    let (status, said) = run(at, &["restore", "--data", "three", "--from", "b"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("this backup's database is damaged"), "{said}");
    assert!(!at.join("three/fairhearing.db").exists());
    fs::remove_file(at.join("b/manifest.json")).unwrap();
    let (status, said) = run(at, &["restore", "--data", "three", "--from", "b"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("it was broken off"), "{said}");

    // What is wrong already when it is backed up is told then.
    original.blobs.delete(&key(0)).await.unwrap();
    original.blobs.put(&key(1), "other bytes".into()).await.unwrap();
    let (status, said) = run(at, &["backup", "--data", "one", "--out", "c"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains(&format!("missing: `{}`", key(0))), "{said}");
    assert!(said.contains(&format!("damaged: `{}`", key(1))), "{said}");

    let (status, said) = run(at, &["backup", "--data", "nothing", "--out", "d"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(!at.join("nothing").exists() && !at.join("d").exists());
}
