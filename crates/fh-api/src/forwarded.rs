use std::net::{IpAddr, SocketAddr};

use fh_workflow::fetch::Network;
use http::HeaderMap;

/// The address of the client who sent a request that `peer` brought.
///
/// Where `peer` is one of our `proxies`, its `X-Forwarded-For` is read from the end, since each proxy
/// adds there who came to it: the first that is no proxy of ours is the client. What stands before it
/// was written by that client, and says nothing.
pub(crate) fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let is_proxy = |address: IpAddr| proxies.iter().any(|proxy| proxy.contains(address));
    let mut nearest = peer.to_canonical();
    if !is_proxy(nearest) {
        return nearest;
    }
    let values = headers.get_all("x-forwarded-for").iter().rev();
    let hops = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.rsplit(','));
    for hop in hops {
        // What cannot be read was written by nobody we trust.
        let Some(address) = address(hop.trim()) else { break };
        nearest = address;
        if !is_proxy(nearest) {
            break;
        }
    }
    nearest
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse::<IpAddr>().ok().or_else(with_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_who_came_to_the_outermost_of_our_proxies() {
        let proxies: Vec<Network> =
            ["127.0.0.1", "10.0.0.0/8"].map(|text| text.parse().unwrap()).into();
        let check = |peer: &str, headers: &[&str], expected: &str| {
            let headers = HeaderMap::from_iter(headers.iter().map(|value| {
                (http::HeaderName::from_static("x-forwarded-for"), value.parse().unwrap())
            }));
            let found = client(peer.parse().unwrap(), &headers, &proxies);
            assert_eq!(found.to_string(), expected, "{peer} {headers:?}");
        };
        // A stranger cannot say who he is.
        check("203.0.113.5", &["198.51.100.1"], "203.0.113.5");
        check("127.0.0.1", &[], "127.0.0.1");
        check("127.0.0.1", &["203.0.113.5"], "203.0.113.5");
        check("::ffff:127.0.0.1", &["203.0.113.5:4711"], "203.0.113.5");
        check("127.0.0.1", &["2001:db8::1"], "2001:db8::1");
        // What the client wrote himself stands first.
        check("127.0.0.1", &["198.51.100.1, 203.0.113.5, 10.1.2.3"], "203.0.113.5");
        check("127.0.0.1", &["198.51.100.1", "203.0.113.5"], "203.0.113.5");
        check("127.0.0.1", &["198.51.100.1, me, 10.1.2.3"], "10.1.2.3");
        check("127.0.0.1", &["10.9.9.9"], "10.9.9.9");
    }
}
