//! A path as a client wrote it, taken apart without touching a file.

use std::fmt;

use thiserror::Error;

/// The longest name of one file or folder that Linux file systems hold, in bytes.
const LONGEST_NAME: usize = 255;

/// What Windows takes for a device whatever folder and suffix it stands with. Where the folder is a
/// share, its server may be a Windows that does.
const DEVICE_NAMES: [&str; 7] = ["AUX", "CLOCK$", "CON", "CONIN$", "CONOUT$", "NUL", "PRN"];
/// Devices that end in one digit, of which the superscript ones count too.
const NUMBERED_DEVICES: [&str; 2] = ["COM", "LPT"];
const DEVICE_DIGITS: &str = "0123456789¹²³";

/// A path in Windows' or POSIX' spelling, checked name by name.
///
/// Both `\` and `/` separate: real paths come with either, and mixed. A drive letter may be of
/// either case. Percent signs are letters like others and never decoded.
///
/// ```
/// use fh_workflow::fetch::WrittenPath;
///
/// let path = WrittenPath::parse(r"Y:\27\0\20210201\1118\0951044.V3", 1024)?;
/// assert_eq!(path.file_name(), "0951044.V3");
/// assert!(WrittenPath::parse(r"\\server\share\0951044.V3", 1024).is_err());
/// # Ok::<(), fh_workflow::fetch::PathFault>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct WrittenPath {
    pub(super) anchor: Anchor,
    /// At least one; the last is the file's.
    pub(super) names: Vec<String>,
}

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// A drive, its letter in upper case.
    Drive(char),
    /// `/` or `\`.
    Root,
}

/// Why a path is refused by its spelling or by where it leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PathFault {
    /// Nothing is written.
    #[error("it is empty")]
    Empty,
    /// It has more bytes than the limit, or a name over 255.
    #[error("it is too long")]
    TooLong,
    /// A control character, a line end or a null byte.
    #[error("it has a control character")]
    ControlCharacter,
    /// It begins neither with a drive nor with a separator.
    #[error("it is not absolute")]
    Relative,
    /// `Y:name`, which means the current folder of that drive.
    #[error("it is relative to a drive's current folder")]
    DriveRelative,
    /// `\\server\share`, `\\?\` or `\\.\`.
    #[error("it names a server or a device")]
    Unc,
    /// Two separators together, or one at the end.
    #[error("it has an empty name")]
    EmptyName,
    /// `.` or `..`.
    #[error("it has a `.` or `..`")]
    Dots,
    /// A stream of a file, a second drive, or a URL.
    #[error("it has a `:` that is not a drive's")]
    Colon,
    /// Windows drops both, so that two spellings would name one file.
    #[error("it has a name that ends in a dot or a space")]
    TrailingDotOrSpace,
    /// `CON`, `NUL`, `COM1` and their like, with any suffix.
    #[error("it has a device's name")]
    DeviceName,
    /// A name on the way is a symbolic link.
    #[error("it leads through a link")]
    Link,
    /// It leads out of its folder or onto another file system.
    #[error("it leads out of its folder")]
    Outside,
}

impl WrittenPath {
    /// Takes a path of at most `max_bytes` apart.
    pub fn parse(written: &str, max_bytes: usize) -> Result<Self, PathFault> {
        if written.is_empty() {
            return Err(PathFault::Empty);
        }
        if written.len() > max_bytes {
            return Err(PathFault::TooLong);
        }
        if written.chars().any(char::is_control) {
            return Err(PathFault::ControlCharacter);
        }
        let (anchor, rest) = split_anchor(written)?;
        let names = rest.split(is_separator).map(checked_name).collect::<Result<_, _>>()?;
        Ok(Self { anchor, names })
    }

    /// The name of the file, without the folders it lies in.
    pub fn file_name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }
}

/// A path can name a caller's number: it is not for logs.
impl fmt::Debug for WrittenPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrittenPath({:?}, {} names)", self.anchor, self.names.len())
    }
}

pub(super) fn is_separator(c: char) -> bool {
    matches!(c, '/' | '\\')
}

/// The beginning of a path, and what follows its first separator.
fn split_anchor(written: &str) -> Result<(Anchor, &str), PathFault> {
    if let Some(rest) = written.strip_prefix(is_separator) {
        return match rest.starts_with(is_separator) {
            true => Err(PathFault::Unc),
            false => Ok((Anchor::Root, rest)),
        };
    }
    let mut letters = written.chars();
    match (letters.next(), letters.next()) {
        (Some(drive), Some(':')) if drive.is_ascii_alphabetic() => {
            let rest = letters.as_str();
            let inside = rest.strip_prefix(is_separator).ok_or(match rest {
                "" => PathFault::EmptyName,
                _ => PathFault::DriveRelative,
            })?;
            Ok((Anchor::Drive(drive.to_ascii_uppercase()), inside))
        }
        _ if written.contains(':') => Err(PathFault::Colon),
        _ => Err(PathFault::Relative),
    }
}

fn checked_name(name: &str) -> Result<String, PathFault> {
    let fault = match name {
        "" => Some(PathFault::EmptyName),
        "." | ".." => Some(PathFault::Dots),
        _ if name.contains(':') => Some(PathFault::Colon),
        _ if name.ends_with(['.', ' ']) => Some(PathFault::TrailingDotOrSpace),
        _ if name.len() > LONGEST_NAME => Some(PathFault::TooLong),
        _ if is_device(name) => Some(PathFault::DeviceName),
        _ => None,
    };
    fault.map_or_else(|| Ok(name.to_owned()), Err)
}

/// Windows looks at what stands before the first dot, without the spaces at its end.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ');
    let stem = stem.to_ascii_uppercase();
    let is_numbered = |device: &str| {
        stem.strip_prefix(device).is_some_and(|digit| {
            digit.chars().count() == 1 && digit.chars().all(|c| DEVICE_DIGITS.contains(c))
        })
    };
    DEVICE_NAMES.contains(&stem.as_str()) || NUMBERED_DEVICES.iter().any(|d| is_numbered(d))
}
