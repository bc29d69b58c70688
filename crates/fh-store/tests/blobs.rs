//! What a user of the object store relies on.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

use std::fs;
use std::sync::Arc;

use fh_store::{Blobs, StoreError, open_blobs};

async fn opened(folder: &tempfile::TempDir) -> Arc<dyn Blobs> {
    open_blobs(&format!("file://{}", folder.path().display())).await.unwrap()
}

#[tokio::test]
async fn what_was_put_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = opened(&folder).await;
    blobs.put("default/recordings/aa", "0123456789".into()).await.unwrap();
    assert_eq!(blobs.get("default/recordings/aa").await.unwrap().unwrap(), "0123456789");
    let range = |range| blobs.get_range("default/recordings/aa", range);
    assert_eq!(range(2..5).await.unwrap().unwrap(), "234");
    assert_eq!(range(8..99).await.unwrap().unwrap(), "89");
    assert_eq!(range(50..99).await.unwrap().unwrap(), "");
    assert_eq!(blobs.size("default/recordings/aa").await.unwrap(), Some(10));
    let local = blobs.local_file("default/recordings/aa").await.unwrap().unwrap();
    assert_eq!(fs::read(local.path()).unwrap(), b"0123456789");

    blobs.put("default/recordings/aa", "new".into()).await.unwrap();
    assert_eq!(blobs.get("default/recordings/aa").await.unwrap().unwrap(), "new");

    blobs.delete("default/recordings/aa").await.unwrap();
    blobs.delete("default/recordings/aa").await.unwrap();
    assert_eq!(blobs.get("default/recordings/aa").await.unwrap(), None);
    assert_eq!(blobs.size("default/recordings/aa").await.unwrap(), None);
    assert_eq!(range(0..1).await.unwrap(), None);
    assert!(blobs.local_file("default/recordings/aa").await.unwrap().is_none());
}

#[tokio::test]
async fn a_file_is_kept_though_its_name_goes() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let blobs = opened(&folder).await;
    for place in [&folder, &elsewhere] {
        let path = place.path().join("fetched");
        fs::write(&path, "sound").unwrap();
        assert_eq!(blobs.put_file("a/recordings/1", &path).await.unwrap(), 5);
        fs::remove_file(&path).unwrap();
        assert_eq!(blobs.get("a/recordings/1").await.unwrap().unwrap(), "sound");
    }
    assert_eq!(fs::read_dir(folder.path().join(".unfinished")).unwrap().count(), 0);
    assert!(blobs.put_file("a/recordings/2", &folder.path().join("none")).await.is_err());
    assert_eq!(blobs.size("a/recordings/2").await.unwrap(), None);
    assert_eq!(fs::read_dir(folder.path().join(".unfinished")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_list_shows_one_tenant_and_nothing_unfinished() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = opened(&folder).await;
    for key in ["b/recordings/1", "a/recordings/2", "a/recordings/1", "ab/recordings/3"] {
        blobs.put(key, "x".into()).await.unwrap();
    }
    fs::write(folder.path().join(".unfinished/half"), "x").unwrap();
    let keys = |infos: Vec<fh_store::BlobInfo>| -> Vec<String> {
        infos.into_iter().map(|info| info.key).collect()
    };
    assert_eq!(keys(blobs.list("a/").await.unwrap()), ["a/recordings/1", "a/recordings/2"]);
    assert_eq!(blobs.list("").await.unwrap().len(), 4);
    assert_eq!(blobs.list("nobody/").await.unwrap(), []);
}

#[tokio::test]
async fn what_a_crash_left_goes_after_an_hour() {
    let folder = tempfile::tempdir().unwrap();
    drop(opened(&folder).await);
    let [old, new] = ["old", "new"].map(|name| folder.path().join(".unfinished").join(name));
    for path in [&old, &new] {
        fs::write(path, "x").unwrap();
    }
    let an_hour_ago =
        new.metadata().unwrap().modified().unwrap() - std::time::Duration::from_secs(3_700);
    fs::File::options().write(true).open(&old).unwrap().set_modified(an_hour_ago).unwrap();
    opened(&folder).await;
    assert!(!old.exists() && new.exists());
}

#[tokio::test]
async fn keys_and_urls_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = opened(&folder).await;
    let error = blobs.put("a/../../etc", "x".into()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unfit { .. }), "{error}");
    assert!(blobs.get("/etc/passwd").await.is_err());
    assert!(blobs.list("..").await.is_err());
    for url in ["", "ftp://host/secret", "file://host/path"] {
        let error = open_blobs(url).await.err().expect("no such kind of place").to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
