//! What a user of the object store relies on, in a folder and in a bucket of a server that speaks S3.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

#[cfg(feature = "s3")]
mod s3_server;

use std::fs;
use std::sync::Arc;

use fh_store::{Blobs, StoreError, open_blobs};
use tempfile::TempDir;

async fn opened(folder: &TempDir) -> Arc<dyn Blobs> {
    open_blobs(&format!("file://{}", folder.path().display())).await.unwrap()
}

/// The promises, once for a folder and once for a bucket.
async fn what_was_put_comes_back(blobs: &dyn Blobs) {
    blobs.put("default/recordings/aa", "0123456789".into()).await.unwrap();
    assert_eq!(blobs.get("default/recordings/aa").await.unwrap().unwrap(), "0123456789");
    let range = |range| blobs.get_range("default/recordings/aa", range);
    assert_eq!(range(2..5).await.unwrap().unwrap(), "234");
    assert_eq!(range(8..99).await.unwrap().unwrap(), "89");
    assert_eq!(range(50..99).await.unwrap().unwrap(), "");
    assert_eq!(range(3..3).await.unwrap().unwrap(), "");
    assert_eq!(blobs.size("default/recordings/aa").await.unwrap(), Some(10));
    let local = blobs.local_file("default/recordings/aa").await.unwrap().unwrap();
    assert_eq!(fs::read(local.path()).unwrap(), b"0123456789");

    blobs.put("default/recordings/aa", "new".into()).await.unwrap();
    assert_eq!(blobs.get("default/recordings/aa").await.unwrap().unwrap(), "new");
    blobs.put("default/recordings/empty", "".into()).await.unwrap();
    assert_eq!(blobs.get("default/recordings/empty").await.unwrap().unwrap(), "");
    assert_eq!(blobs.size("default/recordings/empty").await.unwrap(), Some(0));

    for key in ["default/recordings/aa", "default/recordings/empty"] {
        blobs.delete(key).await.unwrap();
        blobs.delete(key).await.unwrap();
    }
    assert_eq!(blobs.get("default/recordings/aa").await.unwrap(), None);
    assert_eq!(blobs.size("default/recordings/aa").await.unwrap(), None);
    assert_eq!(range(0..1).await.unwrap(), None);
    assert!(blobs.local_file("default/recordings/aa").await.unwrap().is_none());
}

async fn a_file_is_kept_though_its_name_goes(blobs: &dyn Blobs, places: &[&TempDir]) {
    for place in places {
        let path = place.path().join("fetched");
        fs::write(&path, "sound").unwrap();
        assert_eq!(blobs.put_file("a/recordings/1", &path).await.unwrap(), 5);
        fs::remove_file(&path).unwrap();
        assert_eq!(blobs.get("a/recordings/1").await.unwrap().unwrap(), "sound");
        assert!(blobs.put_file("a/recordings/2", &place.path().join("none")).await.is_err());
        assert_eq!(blobs.size("a/recordings/2").await.unwrap(), None);
    }
    blobs.delete("a/recordings/1").await.unwrap();
}

async fn a_list_shows_one_tenant(blobs: &dyn Blobs) {
    for key in ["b/recordings/1", "a/recordings/2", "a/recordings/1", "ab/recordings/3"] {
        blobs.put(key, "x".into()).await.unwrap();
    }
    let list = async |prefix: &str| -> Vec<String> {
        let infos = blobs.list(prefix).await.unwrap();
        assert!(infos.iter().all(|info| info.bytes == 1));
        infos.into_iter().map(|info| info.key).collect()
    };
    assert_eq!(list("a/").await, ["a/recordings/1", "a/recordings/2"]);
    let all = ["a/recordings/1", "a/recordings/2", "ab/recordings/3", "b/recordings/1"];
    assert_eq!(list("").await, all);
    assert!(list("nobody/").await.is_empty());
}

async fn other_keys_are_refused(blobs: &dyn Blobs) {
    let error = blobs.put("a/../../etc", "x".into()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unfit { .. }), "{error}");
    assert!(blobs.get("/etc/passwd").await.is_err());
    assert!(blobs.list("..").await.is_err());
}

#[tokio::test]
async fn a_folder_keeps_the_promises() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let blobs = opened(&folder).await;
    what_was_put_comes_back(blobs.as_ref()).await;
    a_file_is_kept_though_its_name_goes(blobs.as_ref(), &[&folder, &elsewhere]).await;
    assert_eq!(fs::read_dir(folder.path().join(".unfinished")).unwrap().count(), 0);
    fs::write(folder.path().join(".unfinished/half"), "x").unwrap();
    a_list_shows_one_tenant(blobs.as_ref()).await;
    other_keys_are_refused(blobs.as_ref()).await;
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
async fn other_urls_are_refused() {
    for url in ["", "ftp://host/hush", "file://host/path", "s3://bucket/hush"] {
        let error = open_blobs(url).await.err().expect("no such kind of place").to_string();
        assert!(!error.contains("hush"), "{error}");
    }
}

#[cfg(feature = "s3")]
mod in_a_bucket {
    use fh_store::{S3Access, open_blobs_as};

    use super::*;
    use crate::s3_server::{KEY, S3Server, SECRET};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "needs npm ci in crates/fh-store/tests/s3"]
    async fn a_bucket_keeps_the_promises() {
        let server = S3Server::start();
        let folder = tempfile::tempdir().unwrap();
        let access = S3Access {
            key: KEY.to_owned(),
            secret: SECRET.to_owned(),
            token: None,
            endpoint: Some(server.endpoint()),
            region: None,
            temp_dir: folder.path().to_owned(),
        };
        // One at the top of the bucket, and one beside it that sees nothing of the other.
        for url in ["s3://calls", "s3://calls/of/one"] {
            let blobs = open_blobs_as(url, Some(&access)).await.unwrap();
            what_was_put_comes_back(blobs.as_ref()).await;
            a_file_is_kept_though_its_name_goes(blobs.as_ref(), &[&folder]).await;
            a_list_shows_one_tenant(blobs.as_ref()).await;
            other_keys_are_refused(blobs.as_ref()).await;
            for info in blobs.list("").await.unwrap() {
                blobs.delete(&info.key).await.unwrap();
            }
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "copies go");
        }

        // More than a page of a list, which has a thousand.
        let blobs = open_blobs_as("s3://calls/many", Some(&access)).await.unwrap();
        for number in 0..1_005 {
            blobs.put(&format!("a/recordings/{number}"), "x".into()).await.unwrap();
        }
        assert_eq!(blobs.list("a/").await.unwrap().len(), 1_005);

        let none = open_blobs_as("s3://nobodys", Some(&access)).await.err().unwrap();
        assert!(matches!(none, StoreError::Unfit { .. }), "{none:?}");
        drop(server);
        let gone = blobs.get("a/recordings/1").await.unwrap_err();
        assert!(gone.is_passing(), "{gone:?}");
        assert!(!format!("{gone:?}").contains("Signature="), "{gone:?}");
    }
}
