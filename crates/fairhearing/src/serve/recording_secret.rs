use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use fh_api::dialects::alibaba::recording_url::RecordingUrlSecret;
use fh_model::RandomSource;
use tempfile::NamedTempFile;

/// The secret in `file`, which signs the addresses of recordings; it is made where there is none.
///
/// It lies beside the database and not in it: whoever gets a dump of rows gets no recording with it.
pub(super) fn kept_in(
    file: &Path,
    random: &dyn RandomSource,
) -> anyhow::Result<RecordingUrlSecret> {
    let shown = file.display();
    if !file.try_exists().with_context(|| format!("reading `{shown}`"))? {
        make(file, random).with_context(|| format!("making `{shown}`"))?;
    }
    let text = fs::read_to_string(file).with_context(|| format!("reading `{shown}`"))?;
    if fs::metadata(file)?.permissions().mode() & 0o077 != 0 {
        tracing::warn!("others on this machine may read `{shown}`, expected mode 600");
    }
    text.trim().parse().map_err(|error| anyhow::anyhow!("`{shown}`: {error}"))
}

/// Writes it whole or not at all, and leaves the one alone that another process made meanwhile.
fn make(file: &Path, random: &dyn RandomSource) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut secret = [0; 32];
    random.fill(&mut secret);
    // Made with mode 600.
    let mut written = NamedTempFile::new_in(folder)?;
    writeln!(written, "{}", RecordingUrlSecret(secret).to_hex())?;
    written.as_file().sync_all()?;
    match written.persist_noclobber(file) {
        Ok(_) => fs::File::open(folder)?.sync_all(),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    struct Counting(AtomicU8);

    impl RandomSource for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    #[test]
    fn a_secret_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret");
        let random = Counting(AtomicU8::new(7));
        let first = kept_in(&file, &random).expect("one is made");
        assert_eq!(first.0, [7; 32]);
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        assert_eq!(kept_in(&file, &random).expect("one is there"), first);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left");
        // One that was made by another process meanwhile stays.
        make(&file, &random).expect("one is there");
        assert_eq!(kept_in(&file, &random).expect("one is there"), first);

        fs::write(&file, "no secret").expect("a file");
        let error = kept_in(&file, &random).expect_err("no secret").to_string();
        assert!(error.contains("64 hexadecimal digits"), "{error}");
    }
}
