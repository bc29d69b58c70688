//! Folders that stand for the drives and folders that clients write.

use std::fs::File;
use std::path::PathBuf;

use rustix::fd::OwnedFd;
use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::error::{FetchError, MappingError};
use super::written_path::{Anchor, PathFault, WrittenPath, is_separator};

/// The longest path that is looked at unless configured otherwise, in bytes. Huawei's manuals advise
/// at most 100 characters; customers have longer ones.
const DEFAULT_MAX_PATH_BYTES: usize = 1024;

/// How often the kernel may ask to try again, because a folder was renamed while it looked.
const ATTEMPTS: usize = 16;

/// What a recording's path may never leave, follow or cross. The kernel holds to it on every step,
/// also while somebody swaps a folder for a link.
const INSIDE: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_SYMLINKS)
    .union(ResolveFlags::NO_MAGICLINKS)
    .union(ResolveFlags::NO_XDEV);

/// One folder, and the beginning of paths that stands for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedRoot {
    /// A drive (`Y:`), a folder (`/recordings`), both (`Y:\2021`), or `/` for every path without a
    /// drive. Letters of a drive are the same in either case, names are not.
    pub prefix: String,
    /// The folder on this machine, absolute. A mount below it is not reached: map it by itself.
    pub folder: PathBuf,
}

/// The folders that paths may lead to, and no others.
#[derive(Debug, Clone)]
pub struct MappedRoots {
    /// The longest prefix first, so that the first that fits is the one.
    roots: Vec<Root>,
    max_path_bytes: usize,
}

#[derive(Debug, Clone)]
struct Root {
    anchor: Anchor,
    names: Vec<String>,
    folder: PathBuf,
}

impl MappedRoots {
    /// Checks the prefixes. The folders are only looked at when a path is opened: a share may be
    /// mounted later, or again.
    pub fn new(roots: Vec<MappedRoot>) -> Result<Self, MappingError> {
        let mut checked: Vec<Root> = Vec::with_capacity(roots.len());
        for MappedRoot { prefix, folder } in roots {
            if !folder.is_absolute() {
                return Err(MappingError::FolderNotAbsolute { folder });
            }
            let (anchor, names) = match parse_prefix(&prefix) {
                Ok(parsed) => parsed,
                Err(fault) => return Err(MappingError::Prefix { prefix, fault }),
            };
            if checked.iter().any(|root| root.anchor == anchor && root.names == names) {
                return Err(MappingError::PrefixTwice { prefix });
            }
            checked.push(Root { anchor, names, folder });
        }
        checked.sort_by_key(|root| std::cmp::Reverse(root.names.len()));
        Ok(Self { roots: checked, max_path_bytes: DEFAULT_MAX_PATH_BYTES })
    }

    /// The same folders with another limit on the length of a written path, in bytes.
    #[must_use]
    pub fn with_max_path_bytes(self, max_path_bytes: usize) -> Self {
        Self { max_path_bytes, ..self }
    }

    /// Opens the regular file that the written path names, for reading.
    ///
    /// Errors say nothing of what lies outside the mapped folders, nor where those are.
    pub fn open(&self, written: &str) -> Result<File, FetchError> {
        let path = WrittenPath::parse(written, self.max_path_bytes)?;
        let (root, inside) = self
            .roots
            .iter()
            .find_map(|root| Some((root, root.names_inside(&path)?)))
            .ok_or(FetchError::PathUnmapped)?;
        if inside.is_empty() {
            return Err(FetchError::NotAFile);
        }
        root.open(&inside.join("/"))
    }
}

impl Root {
    /// What is left of the path behind this root's prefix, or `None` where the path is elsewhere.
    fn names_inside<'a>(&self, path: &'a WrittenPath) -> Option<&'a [String]> {
        let names = path.names.strip_prefix(self.names.as_slice())?;
        (path.anchor == self.anchor).then_some(names)
    }

    fn open(&self, inside: &str) -> Result<File, FetchError> {
        let place = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(&self.folder, place, Mode::empty())
            .map_err(|errno| FetchError::RootUnavailable { kind: errno.kind() })?;
        // Looked at before it is opened: opening a pipe would wait for its other end, and opening a
        // device can do things.
        let seen = status(&open_inside(&folder, inside, OFlags::PATH)?)?;
        let opened = open_inside(&folder, inside, OFlags::RDONLY | OFlags::NONBLOCK)?;
        let found = status(&opened)?;
        if (seen.st_dev, seen.st_ino) != (found.st_dev, found.st_ino) {
            return Err(FetchError::PathChanged);
        }
        Ok(File::from(opened))
    }
}

/// The status of a regular file; everything else is refused.
fn status(file: &OwnedFd) -> Result<Stat, FetchError> {
    let status = rustix::fs::fstat(file).map_err(of_errno)?;
    match FileType::from_raw_mode(status.st_mode) {
        FileType::RegularFile => Ok(status),
        _ => Err(FetchError::NotAFile),
    }
}

fn open_inside(folder: &OwnedFd, inside: &str, how: OFlags) -> Result<OwnedFd, FetchError> {
    let how = how | OFlags::CLOEXEC;
    for _ in 0..ATTEMPTS {
        match rustix::fs::openat2(folder, inside, how, Mode::empty(), INSIDE) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            opened => return opened.map_err(of_errno),
        }
    }
    Err(FetchError::PathChanged)
}

fn of_errno(errno: Errno) -> FetchError {
    match errno {
        Errno::NOENT | Errno::NOTDIR => FetchError::PathNotFound,
        Errno::LOOP => FetchError::PathRefused(PathFault::Link),
        Errno::XDEV => FetchError::PathRefused(PathFault::Outside),
        Errno::NAMETOOLONG => FetchError::PathRefused(PathFault::TooLong),
        Errno::ACCESS | Errno::PERM => FetchError::PathForbidden,
        Errno::NOSYS => FetchError::PathUnsupported,
        // What a device without a driver or a socket answers, should one be swapped in.
        Errno::NXIO | Errno::NODEV | Errno::ISDIR => FetchError::NotAFile,
        other => FetchError::PathUnreadable { kind: other.kind() },
    }
}

/// A prefix is a path whose names may be missing: `Y:`, `Y:\`, `/`.
fn parse_prefix(prefix: &str) -> Result<(Anchor, Vec<String>), PathFault> {
    if prefix == "/" || prefix == "\\" {
        return Ok((Anchor::Root, Vec::new()));
    }
    let trimmed = prefix.strip_suffix(is_separator).unwrap_or(prefix);
    match trimmed.as_bytes() {
        [drive, b':'] if drive.is_ascii_alphabetic() => {
            Ok((Anchor::Drive(char::from(drive.to_ascii_uppercase())), Vec::new()))
        }
        _ => WrittenPath::parse(trimmed, DEFAULT_MAX_PATH_BYTES)
            .map(|path| (path.anchor, path.names)),
    }
}
