use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::Agent;

use super::digest::check_file;
use super::{FileState, InstalledModel, ModelEntry, ModelFile, path};

/// How often a file is taken up again where the connection breaks off.
const ATTEMPTS: u32 = 5;

/// How long a server may stay silent.
const SILENCE: Duration = Duration::from_secs(60);

/// Where a model's files come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullSource {
    /// The address in the registry.
    Registry {
        /// A proxy, such as `http://proxy:3128`.
        proxy: Option<String>,
    },
    /// Another host with the same paths, such as `https://hf-mirror.com`.
    Mirror {
        /// Scheme and host; a path is put before the registry's.
        base: String,
        /// A proxy, such as `http://proxy:3128`.
        proxy: Option<String>,
    },
    /// A folder that has the files, or has them in a folder named after the model; or one of the
    /// files in it.
    Folder(PathBuf),
}

/// Why a model could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PullError {
    /// A file of the model is not in the folder.
    #[error("expected `{name}` in `{}`, found none", folder.display())]
    NotInFolder {
        /// The file.
        name: String,
        /// The folder.
        folder: PathBuf,
    },
    /// The server did not give the file.
    #[error("fetching `{address}`: {detail}")]
    Fetch {
        /// The file's address.
        address: String,
        /// What went wrong.
        detail: String,
    },
    /// The file ends too early, every time.
    #[error(
        "expected {expected} bytes of `{name}`, found {found}; run it again to go on from there"
    )]
    Short {
        /// The file.
        name: String,
        /// Its size by the registry.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// The file is not the one that the registry knows. It has been deleted.
    #[error("expected `{name}` with sha256 {expected}, found {found}")]
    WrongFile {
        /// The file.
        name: String,
        /// Its sha256 by the registry.
        expected: String,
        /// What it is instead.
        found: String,
    },
    /// The file could not be written or read back.
    #[error("writing `{}`: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Gets a model's files, verifies them, and puts them in place.
///
/// Files gather in `<id>.part` beside the model's folder, which takes its name when all are there
/// and right; a pull that broke off goes on where it stopped. `progress` is called with the bytes in
/// place so far, of all files together.
pub fn pull(
    models_dir: &Path,
    entry: &'static ModelEntry,
    source: &PullSource,
    progress: &mut dyn FnMut(u64),
) -> Result<InstalledModel, PullError> {
    pull_entry(models_dir, entry, source, progress)?;
    Ok(InstalledModel { entry, folder: path(models_dir, entry) })
}

pub(super) fn pull_entry(
    models_dir: &Path,
    entry: &ModelEntry,
    source: &PullSource,
    progress: &mut dyn FnMut(u64),
) -> Result<(), PullError> {
    let folder = path(models_dir, entry);
    let part_folder = models_dir.join(format!("{}.part", entry.id));
    create_folder(&part_folder)?;
    let mut done = 0;
    for file in &entry.files {
        let part = part_folder.join(&file.name);
        // A file of an installed model need not be had again.
        let in_place = folder.join(&file.name);
        if check_file(&part, file, &mut |_| {}) != FileState::Good
            && check_file(&in_place, file, &mut |_| {}) == FileState::Good
        {
            copy(&in_place, &part, &mut |_| {})?;
        }
        let mut file_progress = |bytes: u64| progress(done + bytes);
        match source {
            PullSource::Folder(from) => take(from, entry, file, &part, &mut file_progress)?,
            PullSource::Registry { proxy } => {
                let address = format!("{}{}", entry.base, file.name);
                fetch(&address, proxy.as_deref(), file, &part, &mut file_progress)?;
            }
            PullSource::Mirror { base, proxy } => {
                let address = on_mirror(&entry.base, base, &file.name);
                fetch(&address, proxy.as_deref(), file, &part, &mut file_progress)?;
            }
        }
        verify_part(&part, file)?;
        done += file.bytes;
        progress(done);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|source| disk(&folder, source))?;
    }
    fs::rename(&part_folder, &folder).map_err(|source| disk(&folder, source))
}

/// The registry's address with the mirror in place of scheme and host.
fn on_mirror(base: &str, mirror: &str, name: &str) -> String {
    let after_scheme = base.split_once("://").map_or(base, |(_, rest)| rest);
    let path = after_scheme.split_once('/').map_or("", |(_, path)| path);
    format!("{}/{path}{name}", mirror.trim_end_matches('/'))
}

/// Copies a file from a folder.
fn take(
    from: &Path,
    entry: &ModelEntry,
    file: &ModelFile,
    part: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(), PullError> {
    if check_file(part, file, &mut |_| {}) == FileState::Good {
        return Ok(());
    }
    let from = if from.is_file() { from.parent().unwrap_or(from) } else { from };
    let candidates = [from.join(&file.name), from.join(&entry.id).join(&file.name)];
    let found = candidates.iter().find(|path| path.is_file()).ok_or_else(|| {
        PullError::NotInFolder { name: file.name.clone(), folder: from.to_owned() }
    })?;
    copy(found, part, progress)
}

fn copy(from: &Path, to: &Path, progress: &mut dyn FnMut(u64)) -> Result<(), PullError> {
    let mut input = File::open(from).map_err(|source| disk(from, source))?;
    let mut output = File::create(to).map_err(|source| disk(to, source))?;
    let mut done = 0;
    let mut buffer = vec![0; 256 << 10];
    loop {
        match input.read(&mut buffer).map_err(|source| disk(from, source))? {
            0 => return output.sync_all().map_err(|source| disk(to, source)),
            count => {
                output.write_all(&buffer[..count]).map_err(|source| disk(to, source))?;
                done += count as u64;
                progress(done);
            }
        }
    }
}

/// Fetches a file, going on where it broke off.
fn fetch(
    address: &str,
    proxy: Option<&str>,
    file: &ModelFile,
    part: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(), PullError> {
    let failed = |detail: String| PullError::Fetch { address: address.to_owned(), detail };
    let proxy = proxy.map(ureq::Proxy::new).transpose().map_err(|e| failed(e.to_string()))?;
    let agent = Agent::config_builder()
        .http_status_as_error(false)
        .proxy(proxy)
        .timeout_connect(Some(SILENCE))
        .timeout_recv_response(Some(SILENCE))
        .timeout_per_read(Some(SILENCE))
        .user_agent(concat!("fairhearing/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent();
    let mut last = None;
    for _ in 0..ATTEMPTS {
        let have = fs::metadata(part).map_or(0, |found| found.len());
        if have >= file.bytes {
            break;
        }
        last = fetch_rest(&agent, address, have, file, part, progress)?;
    }
    let have = fs::metadata(part).map_or(0, |found| found.len());
    match last {
        _ if have >= file.bytes => Ok(()),
        Some(detail) => Err(failed(detail)),
        None => {
            Err(PullError::Short { name: file.name.clone(), expected: file.bytes, found: have })
        }
    }
}

/// One attempt. `Ok(Some(..))` says why the connection broke off, which another attempt may mend.
fn fetch_rest(
    agent: &Agent,
    address: &str,
    have: u64,
    file: &ModelFile,
    part: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<Option<String>, PullError> {
    let mut get = agent.get(address);
    if have > 0 {
        get = get.header("Range", format!("bytes={have}-"));
    }
    let mut response = match get.call() {
        Ok(response) => response,
        Err(error) => return Ok(Some(error.to_string())),
    };
    // 200 to a question for the rest: the server knows no ranges and begins anew.
    let (mut output, mut have) = match response.status().as_u16() {
        206 if have > 0 => (OpenOptions::new().append(true).open(part), have),
        200 => (File::create(part), 0),
        status @ (408 | 425 | 429 | 500..=599) => return Ok(Some(format!("status {status}"))),
        status => {
            let detail = format!("expected status 200, found {status}");
            return Err(PullError::Fetch { address: address.to_owned(), detail });
        }
    };
    let output = output
        .as_mut()
        .map_err(|error| disk(part, io::Error::new(error.kind(), error.to_string())))?;
    let mut body = response.body_mut().as_reader();
    let mut buffer = vec![0; 256 << 10];
    loop {
        let count = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) => return Ok(Some(error.to_string())),
        };
        // More than the registry says is another file; the checksum will say so.
        let count = count.min(usize::try_from(file.bytes - have).unwrap_or(usize::MAX));
        output.write_all(&buffer[..count]).map_err(|source| disk(part, source))?;
        have += count as u64;
        progress(have);
        if have == file.bytes {
            break;
        }
    }
    output.sync_all().map_err(|source| disk(part, source))?;
    Ok(None)
}

/// A file that is not the right one is deleted: going on from it would never give the right one.
fn verify_part(part: &Path, file: &ModelFile) -> Result<(), PullError> {
    let found = match check_file(part, file, &mut |_| {}) {
        FileState::Good => return Ok(()),
        FileState::WrongSha256 { found } => found,
        FileState::WrongSize { found } => format!("a file of {found} bytes"),
        FileState::Missing => "none".to_owned(),
        FileState::Unreadable { reason } => reason,
    };
    fs::remove_file(part).map_err(|source| disk(part, source))?;
    Err(PullError::WrongFile { name: file.name.clone(), expected: file.sha256.clone(), found })
}

fn create_folder(folder: &Path) -> Result<(), PullError> {
    fs::create_dir_all(folder).map_err(|source| disk(folder, source))
}

fn disk(path: &Path, source: io::Error) -> PullError {
    PullError::Disk { path: path.to_owned(), source }
}
