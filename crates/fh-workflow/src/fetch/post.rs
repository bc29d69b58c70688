//! Posts to a URL that a client wrote, under the same rules as downloads.

use std::io::Read;
use std::time::Duration;

use ureq::Agent;
use ureq::http::{HeaderMap, Uri, header};
use ureq::unversioned::transport::{Connector, RustlsConnector, TcpConnector};

use super::address_policy::AddressPolicy;
use super::error::FetchError;
use super::name_resolver::SystemResolver;
use super::target::{self, Target, host_of};

/// The longest wait that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// What is to be sent.
pub(crate) struct Post<'a> {
    pub(crate) url: &'a str,
    pub(crate) headers: Vec<(&'static str, &'a str)>,
    pub(crate) body: &'a [u8],
    /// For everything together.
    pub(crate) timeout: Duration,
    /// How much of the answer is read at most, and thrown away.
    pub(crate) most_read: usize,
}

/// What the server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
}

/// Whether the URL can be posted to at all; where it leads is looked up each time.
pub(crate) fn check_url(url: &str) -> Result<(), FetchError> {
    target::parse(url).map(drop)
}

/// Sends once. Redirects are not followed: what was signed is for that receiver only.
pub(crate) fn post(post: &Post<'_>, policy: &AddressPolicy) -> Result<Answer, FetchError> {
    let url = target::parse(post.url)?;
    let target = Target::find(&url, policy, &SystemResolver, post.timeout)?;
    let uri: Uri =
        url.as_str().parse().map_err(|_| FetchError::UrlInvalid("it cannot be requested"))?;
    let config = Agent::config_builder()
        // Without this line the environment decides where the connection goes.
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .accept_encoding("identity")
        .user_agent(concat!("fairhearing/", env!("CARGO_PKG_VERSION")))
        .max_idle_connections(0)
        .timeout_global(Some(post.timeout))
        .build();
    let connector = ().chain(TcpConnector::default()).chain(RustlsConnector::default());
    let agent = Agent::with_parts(config, connector, target);
    let mut request = agent.post(uri);
    for (name, value) in &post.headers {
        request = request.header(*name, *value);
    }
    let host = host_of(&url);
    let mut response = request.send(post.body).map_err(|error| match error {
        ureq::Error::Timeout(_) => FetchError::TimedOut { what: "waiting for the answer" },
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => {
            FetchError::Tls { host }
        }
        ureq::Error::Io(error) => FetchError::Unreachable { host, kind: error.kind() },
        other => FetchError::BrokenReply { host, detail: other.to_string() },
    })?;
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers());
    // The answer's text is of no use, but closing on a sender's face may look like a failure to it.
    let mut rest = response.body_mut().as_reader().take(post.most_read as u64);
    drop(std::io::copy(&mut rest, &mut std::io::sink()));
    Ok(Answer { status, retry_after })
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}
