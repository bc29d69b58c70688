//! What can go wrong with bringing a recording in.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use super::written_path::PathFault;

/// Why a recording cannot be had.
///
/// The text is fit for the client: it tells nothing of other folders, of the inside of our network,
/// or of a URL's path and query. [`for_operator`](Self::for_operator) tells more.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The path's spelling, or a link or mount on its way, is refused.
    #[error("the recording's path is refused: {0}")]
    PathRefused(#[from] PathFault),
    /// No mapped folder stands for the beginning of the path.
    #[error("the recording's path begins with no configured drive or folder")]
    PathUnmapped,
    /// There is no such file. A share may be late or away, so another attempt may find it.
    #[error("there is no recording at the path")]
    PathNotFound,
    /// The path names a folder, a pipe, a socket or a device.
    #[error("the recording's path names no regular file")]
    NotAFile,
    /// The system does not let us read the file.
    #[error("the recording may not be read")]
    PathForbidden,
    /// Somebody changed the way to the file while it was opened.
    #[error("the recording's path changed while it was opened")]
    PathChanged,
    /// The file system fails.
    #[error("the recording cannot be read")]
    PathUnreadable {
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// The folder that the path is mapped to is not there.
    #[error("the folder of the recordings is not available")]
    RootUnavailable {
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// The system cannot open a file safely: it has no `openat2` (Linux 5.6), or forbids it.
    #[error("recordings cannot be read by path on this system")]
    PathUnsupported,

    /// The URL cannot be read, or is written in a way that invites misreading.
    #[error("the recording's URL is refused: {0}")]
    UrlInvalid(&'static str),
    /// Neither `http` nor `https`.
    #[error("expected a URL with `http` or `https`, found `{scheme}`")]
    SchemeRefused {
        /// What stands before the colon.
        scheme: String,
    },
    /// The URL has a user name or password, which would end up in places that show URLs.
    #[error("the recording's URL is refused: it has a user name or a password")]
    UserInfoRefused,
    /// The port belongs to another service than HTTP.
    #[error("downloads from port {port} are not allowed")]
    PortRefused {
        /// The port.
        port: u16,
    },
    /// The server is at an address that may not be connected to, or at several of which one may not.
    #[error("downloads from `{host}` are not allowed: its address is not public or not configured")]
    AddressRefused {
        /// The server as the URL or the redirect names it.
        host: String,
        /// The address.
        address: IpAddr,
        /// What kind of address it is.
        kind: &'static str,
    },
    /// Nobody knows the server's name now.
    #[error("the server `{host}` is not known")]
    NameNotFound {
        /// The server.
        host: String,
    },
    /// No connection, or one that broke before the answer was there.
    #[error("the server `{host}` cannot be reached")]
    Unreachable {
        /// The server.
        host: String,
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// The server's certificate is not to be trusted, or it speaks no TLS that we do.
    #[error("the server `{host}` cannot be trusted (TLS)")]
    Tls {
        /// The server.
        host: String,
    },
    /// The server answers with something that is not HTTP, or breaks its rules.
    #[error("the server `{host}` breaks the rules of HTTP")]
    BrokenReply {
        /// The server.
        host: String,
        /// Which rule, for the operator.
        detail: String,
    },
    /// The answer's header exceeds the limit.
    #[error("the server `{host}` answers with a header over {limit} bytes")]
    HeaderTooLarge {
        /// The server.
        host: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The server does not answer with the recording.
    #[error("the server answers with status {status}")]
    Status {
        /// The status: never 200.
        status: u16,
        /// How long the server asks us to wait.
        retry_after: Option<Duration>,
    },
    /// More redirects than the limit.
    #[error("expected at most {limit} redirects, found more")]
    TooManyRedirects {
        /// The limit.
        limit: u32,
    },
    /// A redirect that names no place, or several.
    #[error("the server `{host}` redirects without saying where to")]
    RedirectNowhere {
        /// The server.
        host: String,
    },
    /// A redirect from `https` to `http`, where everybody on the way could read the recording.
    #[error("the server `{host}` redirects from `https` to `http`")]
    RedirectUnprotected {
        /// The server.
        host: String,
    },
    /// The recording comes compressed, which was not asked for.
    #[error("expected the recording as it is, found it encoded as `{encoding}`")]
    Encoded {
        /// What the server did to it.
        encoding: String,
    },
    /// The recording exceeds the limit.
    #[error("the recording has more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The connection ended before the recording did.
    #[error("the recording ends after {got} bytes, before its end")]
    Truncated {
        /// How many bytes the server announced, where it did.
        expected: Option<u64>,
        /// How many came.
        got: u64,
    },
    /// The time is up.
    #[error("the download takes too long: {what}")]
    TimedOut {
        /// What took too long.
        what: &'static str,
    },
    /// Fewer bytes in a stretch of time than the floor.
    #[error("expected at least {floor_bytes_per_s} bytes per second, found fewer")]
    TooSlow {
        /// The floor.
        floor_bytes_per_s: u64,
    },
    /// What came in cannot be put down: a disk is full, or a store is away.
    #[error("the recording cannot be stored")]
    Store(#[source] io::Error),
}

impl FetchError {
    /// A short word for this kind of error, which never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PathRefused(_) => "path_refused",
            Self::PathUnmapped => "path_unmapped",
            Self::PathNotFound => "path_not_found",
            Self::NotAFile => "path_not_a_file",
            Self::PathForbidden => "path_forbidden",
            Self::PathChanged => "path_changed",
            Self::PathUnreadable { .. } => "path_unreadable",
            Self::RootUnavailable { .. } => "path_root_unavailable",
            Self::PathUnsupported => "path_unsupported",
            Self::UrlInvalid(_) => "url_invalid",
            Self::SchemeRefused { .. } => "url_scheme_refused",
            Self::UserInfoRefused => "url_userinfo_refused",
            Self::PortRefused { .. } => "url_port_refused",
            Self::AddressRefused { .. } => "url_address_refused",
            Self::NameNotFound { .. } => "url_name_not_found",
            Self::Unreachable { .. } => "url_unreachable",
            Self::Tls { .. } => "url_tls",
            Self::BrokenReply { .. } => "url_broken_reply",
            Self::HeaderTooLarge { .. } => "url_header_too_large",
            Self::Status { .. } => "url_status",
            Self::TooManyRedirects { .. } => "url_too_many_redirects",
            Self::RedirectNowhere { .. } => "url_redirect_nowhere",
            Self::RedirectUnprotected { .. } => "url_redirect_unprotected",
            Self::Encoded { .. } => "url_encoded",
            Self::TooLarge { .. } => "url_too_large",
            Self::Truncated { .. } => "url_truncated",
            Self::TimedOut { .. } => "url_timed_out",
            Self::TooSlow { .. } => "url_too_slow",
            Self::Store(_) => "store_failed",
        }
    }

    /// Whether another attempt may succeed although nobody changes the submission or the
    /// configuration.
    pub fn retryable(&self) -> bool {
        match self {
            Self::PathNotFound
            | Self::PathChanged
            | Self::PathUnreadable { .. }
            | Self::RootUnavailable { .. }
            | Self::NameNotFound { .. }
            | Self::Unreachable { .. }
            | Self::Truncated { .. }
            | Self::TimedOut { .. }
            | Self::TooSlow { .. }
            | Self::Store(_) => true,
            Self::Status { status, .. } => {
                matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
            }
            Self::PathRefused(_)
            | Self::PathUnmapped
            | Self::NotAFile
            | Self::PathForbidden
            | Self::PathUnsupported
            | Self::UrlInvalid(_)
            | Self::SchemeRefused { .. }
            | Self::UserInfoRefused
            | Self::PortRefused { .. }
            | Self::AddressRefused { .. }
            | Self::Tls { .. }
            | Self::BrokenReply { .. }
            | Self::HeaderTooLarge { .. }
            | Self::TooManyRedirects { .. }
            | Self::RedirectNowhere { .. }
            | Self::RedirectUnprotected { .. }
            | Self::Encoded { .. }
            | Self::TooLarge { .. } => false,
        }
    }

    /// The same with what only the operator may know: addresses, and what the system said.
    pub fn for_operator(&self) -> String {
        match self {
            Self::AddressRefused { address, kind, .. } => format!("{self} ({address}, {kind})"),
            Self::PathUnreadable { kind }
            | Self::RootUnavailable { kind }
            | Self::Unreachable { kind, .. } => format!("{self} ({kind})"),
            Self::BrokenReply { detail, .. } => format!("{self} ({detail})"),
            Self::Truncated { expected: Some(expected), .. } => {
                format!("{self} (announced as {expected})")
            }
            Self::Store(source) => format!("{self} ({source})"),
            _ => self.to_string(),
        }
    }
}

/// Why mapped folders are configured wrongly.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MappingError {
    /// The prefix is no drive and no absolute folder.
    #[error("expected a prefix such as `Y:` or `/recordings`, found `{prefix}`: {fault}")]
    Prefix {
        /// The prefix.
        prefix: String,
        /// What is wrong with it.
        fault: PathFault,
    },
    /// Two folders stand for one prefix.
    #[error("the prefix `{prefix}` is mapped twice")]
    PrefixTwice {
        /// The prefix.
        prefix: String,
    },
    /// The folder depends on where the program was started.
    #[error("expected an absolute folder, found `{}`", folder.display())]
    FolderNotAbsolute {
        /// The folder.
        folder: PathBuf,
    },
}
