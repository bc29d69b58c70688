use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{FileState, ModelFile};
use crate::SpeechError;

/// One digest for a model of several files: the sha256, in hex, of the lines
/// `<sha256 of the file>  <file name>` in the order given, each ended by a newline (what
/// `sha256sum` prints in the model's folder).
pub fn digest_of_files(paths: &[&Path]) -> Result<String, SpeechError> {
    let mut all = Sha256::new();
    for path in paths {
        let digest = sha256_of(path, &mut |_| {})
            .map_err(|source| SpeechError::ReadFile { path: path.to_path_buf(), source })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        all.update(format!("{digest}  {name}\n"));
    }
    Ok(hex(&all.finalize()))
}

/// The sha256 of a file in hex; `progress` is called with the bytes of each block read.
pub(super) fn sha256_of(path: &Path, progress: &mut dyn FnMut(u64)) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hasher.finalize())),
            count => {
                hasher.update(&buffer[..count]);
                progress(count as u64);
            }
        }
    }
}

pub(super) fn check_file(
    path: &Path,
    wanted: &ModelFile,
    progress: &mut dyn FnMut(u64),
) -> FileState {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return FileState::Missing,
        Err(error) => return FileState::Unreadable { reason: error.to_string() },
        Ok(found) if found.len() != wanted.bytes => {
            return FileState::WrongSize { found: found.len() };
        }
        Ok(_) => {}
    }
    match sha256_of(path, progress) {
        Ok(found) if found == wanted.sha256 => FileState::Good,
        Ok(found) => FileState::WrongSha256 { found },
        Err(error) => FileState::Unreadable { reason: error.to_string() },
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
