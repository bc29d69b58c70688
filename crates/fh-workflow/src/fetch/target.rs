//! What a URL leads to: a server whose every address was checked.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use url::{Host, Url};

use super::address_policy::AddressPolicy;
use super::error::FetchError;
use super::name_resolver::NameResolver;

/// The longest URL that is looked at, in bytes.
const LONGEST_URL: usize = 8192;
/// To how many of a server's addresses a connection is tried, at most.
const MOST_ADDRESSES: usize = 8;

/// Reads a URL that a client wrote.
pub(super) fn parse(written: &str) -> Result<Url, FetchError> {
    refuse_misreadings(written)?;
    let Some((scheme, rest)) = written.split_once("://") else {
        return Err(match written.split_once(':') {
            Some((scheme, _)) if is_scheme(scheme) => refused_scheme(scheme),
            _ => FetchError::UrlInvalid("it does not begin with `http://` or `https://`"),
        });
    };
    if !is_scheme(scheme) {
        return Err(FetchError::UrlInvalid("it does not begin with `http://` or `https://`"));
    }
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(refused_scheme(scheme));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err(FetchError::UrlInvalid("it names no server"));
    }
    if authority.contains('@') {
        return Err(FetchError::UserInfoRefused);
    }
    checked(Url::parse(written))
}

/// Reads where a redirect leads, seen from the URL that answered with it.
pub(super) fn redirected(from: &Url, location: &str) -> Result<Url, FetchError> {
    refuse_misreadings(location)?;
    let to = checked(from.join(location))?;
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(FetchError::RedirectUnprotected { host: host_of(from) });
    }
    Ok(to)
}

/// The server's name, for messages.
pub(super) fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// What one reader takes for a separator or leaves out, and another does not.
fn refuse_misreadings(written: &str) -> Result<(), FetchError> {
    if written.len() > LONGEST_URL {
        return Err(FetchError::UrlInvalid("it is too long"));
    }
    if written.chars().any(char::is_control) {
        return Err(FetchError::UrlInvalid("it has a control character"));
    }
    if written.contains('\\') {
        return Err(FetchError::UrlInvalid("it has a `\\`"));
    }
    if written.trim().len() != written.len() {
        return Err(FetchError::UrlInvalid("it begins or ends with a space"));
    }
    Ok(())
}

fn checked(parsed: Result<Url, url::ParseError>) -> Result<Url, FetchError> {
    let mut url = parsed.map_err(|_| FetchError::UrlInvalid("it cannot be read"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused_scheme(url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::UserInfoRefused);
    }
    url.set_fragment(None);
    Ok(url)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn refused_scheme(scheme: &str) -> FetchError {
    FetchError::SchemeRefused { scheme: scheme.chars().take(32).collect() }
}

/// The addresses to connect to, and nothing else: it takes the place of the client's own look-up.
#[derive(Debug)]
pub(super) struct Target {
    addresses: Vec<SocketAddr>,
}

impl Target {
    /// Looks the server up once and checks everything that was found.
    ///
    /// One refused address refuses the name: a server with a foot in and a foot out is either an
    /// attack or belongs into the configuration.
    pub(super) fn find(
        url: &Url,
        policy: &AddressPolicy,
        resolver: &dyn NameResolver,
        within: Duration,
    ) -> Result<Self, FetchError> {
        let port = url.port_or_known_default().unwrap_or(0);
        if !policy.allows_port(port) {
            return Err(FetchError::PortRefused { port });
        }
        let addresses = match url.host() {
            Some(Host::Ipv4(address)) => vec![IpAddr::V4(address)],
            Some(Host::Ipv6(address)) => vec![IpAddr::V6(address)],
            Some(Host::Domain(name)) => look_up(name, resolver, within)?,
            None => return Err(FetchError::UrlInvalid("it names no server")),
        };
        for &address in &addresses {
            policy.judge(address).map_err(|kind| {
                let host = host_of(url);
                FetchError::AddressRefused { host, address, kind }
            })?;
        }
        let addresses = addresses.into_iter().take(MOST_ADDRESSES);
        Ok(Self { addresses: addresses.map(|ip| SocketAddr::new(ip, port)).collect() })
    }
}

fn look_up(
    name: &str,
    resolver: &dyn NameResolver,
    within: Duration,
) -> Result<Vec<IpAddr>, FetchError> {
    match resolver.addresses(name, within) {
        Ok(found) if !found.is_empty() => Ok(found),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            Err(FetchError::TimedOut { what: "looking up the server's name" })
        }
        _ => Err(FetchError::NameNotFound { host: name.to_owned() }),
    }
}

impl Resolver for Target {
    fn resolve(
        &self,
        _: &Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        for &address in &self.addresses {
            addresses.push(address);
        }
        Ok(addresses)
    }
}
