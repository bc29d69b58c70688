use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use fh_model::{CallMetadata, INSPECTION_SCHEMA, Inspection};
use serde::Serialize;

/// Results that were made earlier, one file for each under `DIR/calls`.
///
/// A file's name holds what the result was made from: the recording's digest, and a key over
/// everything else that a result depends on. A result is written beside its place and then moved
/// there, so that a run may be ended at any moment.
pub(crate) struct Store {
    folder: PathBuf,
}

/// Everything that a result depends on besides the recording's bytes. Whatever is missing here
/// would be taken over from an earlier run although it has changed.
#[derive(Serialize)]
pub(crate) struct Ingredients<'a> {
    /// Digest of the program that made it.
    pub(crate) program: &'a str,
    /// The result holds the file's name.
    pub(crate) file_name: &'a str,
    pub(crate) metadata: &'a CallMetadata,
    /// Digest of the transcript's name and bytes, where one is used.
    pub(crate) transcript: Option<String>,
    /// How words are to be had otherwise.
    pub(crate) recognizer: Option<&'a str>,
    /// Decoder settings and what tells speech from silence.
    pub(crate) listening: &'a str,
    pub(crate) rule_pack: &'a str,
    pub(crate) scenario: Option<&'a str>,
}

impl Ingredients<'_> {
    /// The key of the result of these and of the recording with this digest.
    pub(crate) fn key(&self, recording_digest: &str) -> io::Result<String> {
        let text = serde_json::to_vec(self).map_err(io::Error::other)?;
        let digest = blake3::hash(&text).to_hex();
        Ok(format!("{}-{}", head(recording_digest), head(&digest)))
    }
}

/// 96 bits: enough that two of a billion calls meet by chance once in a billion years' runs.
fn head(digest: &str) -> &str {
    digest.get(..24).unwrap_or(digest)
}

impl Store {
    /// The store under the folder `out`, which is made where it does not exist.
    pub(crate) fn open(out: &Path) -> io::Result<Self> {
        let folder = out.join("calls");
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// The result with this key, if it was made before and is whole.
    pub(crate) fn get(&self, key: &str) -> Option<Inspection> {
        let text = fs::read(self.path(key)).ok()?;
        let inspection: Inspection = serde_json::from_slice(&text).ok()?;
        (inspection.schema == INSPECTION_SCHEMA).then_some(inspection)
    }

    /// Keeps a result.
    pub(crate) fn put(&self, key: &str, inspection: &Inspection) -> io::Result<()> {
        let text = serde_json::to_vec(inspection).map_err(io::Error::other)?;
        write_whole(&self.path(key), |file| {
            file.write_all(&text)?;
            file.write_all(b"\n")
        })
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }
}

/// Writes a file that is there whole or not at all.
pub(crate) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".unfinished-")
        // As every other file that the user makes; the umask takes away what it must.
        .permissions(fs::Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    write(file.as_file_mut())?;
    file.persist(path).map(|_| ()).map_err(|error| error.error)
}

/// blake3 of a file's bytes, in hex.
pub(crate) fn digest_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("expected a regular file"));
    }
    let mut hasher = blake3::Hasher::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hasher.finalize().to_hex().to_string()),
            count => hasher.update(&block[..count]),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ingredients(metadata: &CallMetadata) -> Ingredients<'_> {
        Ingredients {
            program: "1",
            file_name: "a.wav",
            metadata,
            transcript: None,
            recognizer: Some("auto"),
            listening: "energy",
            rule_pack: "aa",
            scenario: None,
        }
    }

    #[test]
    fn every_ingredient_changes_the_key() {
        let metadata = CallMetadata::default();
        let other = CallMetadata { agent_id: Some("7".to_owned()), ..Default::default() };
        let base = || ingredients(&metadata);
        let variants = [
            base(),
            Ingredients { program: "2", ..base() },
            Ingredients { file_name: "b.wav", ..base() },
            Ingredients { metadata: &other, ..base() },
            Ingredients { transcript: Some("x".to_owned()), ..base() },
            Ingredients { recognizer: None, ..base() },
            Ingredients { listening: "silero", ..base() },
            Ingredients { rule_pack: "bb", ..base() },
            Ingredients { scenario: Some("s"), ..base() },
        ];
        let digest = "0".repeat(64);
        let mut keys: Vec<String> =
            variants.iter().map(|variant| variant.key(&digest).unwrap()).collect();
        keys.push(base().key(&"1".repeat(64)).unwrap());
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn half_a_result_is_no_result() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        fs::write(store.path("k"), "{\"schema\":\"fairhearing.inspection/1\",").unwrap();
        assert!(store.get("k").is_none());
        assert!(store.get("never made").is_none());
    }

    #[test]
    fn a_file_that_could_not_be_written_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_whole(&path, |file| file.write_all(b"old")).unwrap();
        let failed = write_whole(&path, |file| {
            file.write_all(b"ne")?;
            Err(io::Error::other("disk full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
