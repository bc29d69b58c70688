//! Downloads a recording from a URL that a client wrote.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use ureq::http::header::{self, HeaderMap, HeaderName};
use ureq::http::{Response, Uri};
use ureq::unversioned::transport::{Connector, RustlsConnector, TcpConnector};
use ureq::{Agent, Body, Error, Timeout};
use url::Url;

use super::address_policy::AddressPolicy;
use super::error::FetchError;
use super::file_name;
use super::floor_rate::{FloorRate, Pace, PacedConnector, now};
use super::name_resolver::{NameResolver, SystemResolver};
use super::target::{self, Target, host_of};

/// How much is read at once.
const PIECE: usize = 64 * 1024;
/// What the client's own buffer for a header has at least.
const LEAST_BUFFER: usize = 128 * 1024;
/// The longest wait that a server may ask for and is told on.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest `Content-Type` that is kept, in bytes.
const LONGEST_CONTENT_TYPE: usize = 120;

/// The longest download that any configuration allows: clocks cannot be moved for ever.
const LONGEST_TOTAL_TIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How much a download may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadLimits {
    /// The largest recording, in bytes.
    pub max_bytes: u64,
    /// Everything together: look-ups, redirects, and the recording until it is put down. At most a
    /// year.
    pub total_time: Duration,
    /// Looking up one server's name, and connecting to it, each.
    pub connect_time: Duration,
    /// From one request to the end of its answer's header.
    pub answer_time: Duration,
    /// How many bytes per second must come in, averaged over each `grace`; 0 for no floor.
    pub floor_bytes_per_s: u64,
    /// Over how much time spent waiting the floor is averaged; also the longest silence.
    pub grace: Duration,
    /// The largest header of an answer, in bytes.
    pub max_header_bytes: usize,
    /// How many redirects are followed.
    pub max_redirects: u32,
}

impl Default for DownloadLimits {
    fn default() -> Self {
        Self {
            max_bytes: 1 << 30,
            total_time: Duration::from_secs(30 * 60),
            connect_time: Duration::from_secs(10),
            answer_time: Duration::from_secs(30),
            // A call of 8,000 bytes per second arrives at an eighth of its speed.
            floor_bytes_per_s: 1000,
            grace: Duration::from_secs(30),
            max_header_bytes: 32 * 1024,
            max_redirects: 5,
        }
    }
}

/// What was downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// How many bytes.
    pub bytes: u64,
    /// Their BLAKE3 digest in lower-case hexadecimal.
    pub digest: String,
    /// What the recording is called, by the server or by the URL. For showing and for its suffix; a
    /// stranger chose it, so it is no part of a path.
    pub file_name: Option<String>,
    /// What the server says that it is.
    pub content_type: Option<String>,
}

/// Downloads what the URL leads to, with the system's look-up of names.
///
/// What was written to `into` before an error is to be thrown away.
pub fn download(
    url: &str,
    limits: &DownloadLimits,
    policy: &AddressPolicy,
    into: &mut dyn Write,
) -> Result<Downloaded, FetchError> {
    download_with(url, limits, policy, &SystemResolver, into)
}

/// Downloads what the URL leads to. Every server on the way is looked up by the resolver, once, and
/// the connection goes to what was found and checked.
pub fn download_with(
    url: &str,
    limits: &DownloadLimits,
    policy: &AddressPolicy,
    resolver: &dyn NameResolver,
    into: &mut dyn Write,
) -> Result<Downloaded, FetchError> {
    let asked = target::parse(url)?;
    let time = Time { ends: now() + limits.total_time.min(LONGEST_TOTAL_TIME) };
    let mut here = asked.clone();
    for _ in 0..=limits.max_redirects {
        let within = limits.connect_time.min(time.left()?);
        let target = Target::find(&here, policy, resolver, within)?;
        let pace = Pace::default();
        let response = ask(&here, target, &pace, limits, &time)?;
        match redirect(&here, &response)? {
            Some(there) => here = there,
            None => {
                let names = Names { asked: &asked, answered: &here };
                return receive(response, &names, limits, pace, into);
            }
        }
    }
    Err(FetchError::TooManyRedirects { limit: limits.max_redirects })
}

/// When the whole download must have ended.
struct Time {
    ends: Instant,
}

impl Time {
    fn left(&self) -> Result<Duration, FetchError> {
        let left = self.ends.saturating_duration_since(now());
        if left.is_zero() {
            return Err(FetchError::TimedOut { what: "the whole" });
        }
        Ok(left)
    }
}

/// The URL that the client wrote, and the one at the end of the redirects.
struct Names<'a> {
    asked: &'a Url,
    answered: &'a Url,
}

/// Sends one request to the checked addresses and waits for the header of the answer.
fn ask(
    url: &Url,
    target: Target,
    pace: &Pace,
    limits: &DownloadLimits,
    time: &Time,
) -> Result<Response<Body>, FetchError> {
    let uri: Uri =
        url.as_str().parse().map_err(|_| FetchError::UrlInvalid("it cannot be requested"))?;
    let left = time.left()?;
    let config = Agent::config_builder()
        // Without this line the environment decides where the connection goes.
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .accept_encoding("identity")
        .user_agent(concat!("fairhearing/", env!("CARGO_PKG_VERSION")))
        .max_response_header_size(limits.max_header_bytes)
        .input_buffer_size(limits.max_header_bytes.saturating_mul(2).max(LEAST_BUFFER))
        .max_idle_connections(0)
        .timeout_global(Some(left))
        .timeout_connect(Some(limits.connect_time.min(left)))
        .timeout_send_request(Some(limits.connect_time.min(left)))
        .timeout_recv_response(Some(limits.answer_time.min(left)))
        .build();
    let connector =
        ().chain(TcpConnector::default())
            .chain(RustlsConnector::default())
            .chain(PacedConnector(pace.clone()));
    let agent = Agent::with_parts(config, connector, target);
    agent.get(uri).call().map_err(|error| no_answer(error, url, limits))
}

/// Where the answer redirects to, if it does.
fn redirect(here: &Url, response: &Response<Body>) -> Result<Option<Url>, FetchError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let mut locations = response.headers().get_all(header::LOCATION).iter();
    match (locations.next().map(|value| std::str::from_utf8(value.as_bytes())), locations.next()) {
        (Some(Ok(location)), None) if !location.is_empty() => {
            target::redirected(here, location).map(Some)
        }
        _ => Err(FetchError::RedirectNowhere { host: host_of(here) }),
    }
}

/// Writes the body down as it comes.
fn receive(
    mut response: Response<Body>,
    names: &Names<'_>,
    limits: &DownloadLimits,
    pace: Pace,
    into: &mut dyn Write,
) -> Result<Downloaded, FetchError> {
    let headers = response.headers();
    let status = response.status().as_u16();
    if status != 200 {
        return Err(FetchError::Status { status, retry_after: retry_after(headers) });
    }
    refuse_encoding(headers)?;
    let file_name = file_name::choose(
        text(headers, header::CONTENT_DISPOSITION).as_deref(),
        names.answered,
        names.asked,
    );
    let content_type =
        text(headers, header::CONTENT_TYPE).filter(|kind| kind.len() <= LONGEST_CONTENT_TYPE);
    let expected = announced(headers);
    if expected.is_some_and(|bytes| bytes > limits.max_bytes) {
        return Err(FetchError::TooLarge { limit: limits.max_bytes });
    }

    let mut floor = FloorRate::new(pace, limits.floor_bytes_per_s, limits.grace);
    let mut body = response.body_mut().as_reader();
    let mut digest = blake3::Hasher::new();
    let mut piece = vec![0; PIECE];
    let mut bytes = 0_u64;
    loop {
        let got = match floor.read(&mut body, &mut piece) {
            Ok(0) => break,
            Ok(got) => &piece[..got],
            Err(error) => return Err(no_body(error, names.answered, limits, expected, bytes)),
        };
        bytes = bytes.saturating_add(got.len() as u64);
        if bytes > limits.max_bytes {
            return Err(FetchError::TooLarge { limit: limits.max_bytes });
        }
        digest.update(got);
        into.write_all(got).map_err(FetchError::Store)?;
    }
    // The client looks at this, too; a part must never pass for the whole.
    if expected.is_some_and(|expected| expected != bytes) {
        return Err(FetchError::Truncated { expected, got: bytes });
    }
    into.flush().map_err(FetchError::Store)?;
    let digest = digest.finalize().to_hex().to_string();
    Ok(Downloaded { bytes, digest, file_name, content_type })
}

/// A body that is not the recording's own bytes is not what was asked for, and unpacking it could
/// fill a disk.
fn refuse_encoding(headers: &HeaderMap) -> Result<(), FetchError> {
    let usual = [(header::CONTENT_ENCODING, "identity"), (header::TRANSFER_ENCODING, "chunked")];
    for (name, usual) in usual {
        for value in headers.get_all(name) {
            let value = value.as_bytes().trim_ascii();
            if !value.is_empty() && !value.eq_ignore_ascii_case(usual.as_bytes()) {
                let encoding = String::from_utf8_lossy(value).chars().take(32).collect();
                return Err(FetchError::Encoded { encoding });
            }
        }
    }
    Ok(())
}

/// How many bytes the server announces. A chunked body has no length, whatever is announced (RFC
/// 9112, 6.3).
fn announced(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    text(headers, header::CONTENT_LENGTH)?.split(',').next()?.trim().parse().ok()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = std::str::from_utf8(headers.get(name)?.as_bytes()).ok()?.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// Only the form in seconds: the other one is a date of somebody else's clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = text(headers, header::RETRY_AFTER)?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}

/// Why there is no header of an answer.
fn no_answer(error: Error, url: &Url, limits: &DownloadLimits) -> FetchError {
    let host = host_of(url);
    match error {
        Error::Timeout(what) => timed_out(what, limits),
        Error::LargeResponseHeader(..) => {
            FetchError::HeaderTooLarge { host, limit: limits.max_header_bytes }
        }
        Error::Tls(_) | Error::Rustls(_) | Error::TlsRequired => FetchError::Tls { host },
        // What rustls objects to during the handshake comes as an I/O error of this kind.
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => FetchError::Tls { host },
        Error::Io(error) => FetchError::Unreachable { host, kind: error.kind() },
        Error::HostNotFound | Error::ConnectionFailed => {
            FetchError::Unreachable { host, kind: io::ErrorKind::NotConnected }
        }
        other => FetchError::BrokenReply { host, detail: other.to_string() },
    }
}

/// Why the body does not come to its end.
fn no_body(
    error: io::Error,
    url: &Url,
    limits: &DownloadLimits,
    expected: Option<u64>,
    got: u64,
) -> FetchError {
    match Error::from(error) {
        Error::Timeout(what) => timed_out(what, limits),
        Error::Io(_) => FetchError::Truncated { expected, got },
        other => FetchError::BrokenReply { host: host_of(url), detail: other.to_string() },
    }
}

fn timed_out(what: Timeout, limits: &DownloadLimits) -> FetchError {
    let what = match what {
        Timeout::PerRead => {
            return FetchError::TooSlow { floor_bytes_per_s: limits.floor_bytes_per_s };
        }
        Timeout::Connect => "connecting",
        Timeout::SendRequest => "sending the request",
        Timeout::RecvResponse => "waiting for the answer",
        _ => "the whole",
    };
    FetchError::TimedOut { what }
}
