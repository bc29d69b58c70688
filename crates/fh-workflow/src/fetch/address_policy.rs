//! Which addresses and ports a recording may be downloaded from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::network::Network;

/// Ports where something else than HTTP is usual, and which a request could confuse or reveal: the
/// services of old, mail, files, directories, remote sessions, databases, caches, telephony.
pub const NON_HTTP_PORTS: &[u16] = &[
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 138, 139, 143, 161, 162, 179, 389, 427,
    445, 464, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636,
    873, 989, 990, 993, 995, 1433, 1434, 1521, 1719, 1720, 1723, 2049, 3306, 3389, 3659, 4045,
    4190, 5038, 5060, 5061, 5432, 5433, 5672, 5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669,
    6679, 6697, 9042, 9092, 10080, 11211, 27017,
];

/// IPv4 ranges that are nobody's public server: IANA's registry of special addresses, the platform
/// address of one cloud, and the relays that once joined IPv6.
const REFUSED_V4: &[(Network, &str)] = &[
    (v4(0, 0, 0, 0, 8), "unspecified"),
    (v4(10, 0, 0, 0, 8), "private"),
    (v4(100, 64, 0, 0, 10), "shared by a carrier or a cloud"),
    (v4(127, 0, 0, 0, 8), "this machine"),
    (v4(168, 63, 129, 16, 32), "a cloud's own platform"),
    (v4(169, 254, 0, 0, 16), "link-local"),
    (v4(172, 16, 0, 0, 12), "private"),
    (v4(192, 0, 0, 0, 24), "reserved"),
    (v4(192, 0, 2, 0, 24), "documentation"),
    (v4(192, 88, 99, 0, 24), "a relay"),
    (v4(192, 168, 0, 0, 16), "private"),
    (v4(198, 18, 0, 0, 15), "benchmarking"),
    (v4(198, 51, 100, 0, 24), "documentation"),
    (v4(203, 0, 113, 0, 24), "documentation"),
    (v4(224, 0, 0, 0, 4), "multicast"),
    (v4(255, 255, 255, 255, 32), "broadcast"),
    (v4(240, 0, 0, 0, 4), "reserved"),
];

/// IPv6 ranges that are nobody's public server. The last catches whatever is not handed out.
const REFUSED_V6: &[(Network, &str)] = &[
    (v6(0, 0, 0, 128), "unspecified"),
    (v6(0, 0, 1, 128), "this machine"),
    (v6(0xfc00, 0, 0, 7), "unique local"),
    (v6(0xfe80, 0, 0, 10), "link-local"),
    (v6(0xfec0, 0, 0, 10), "site-local"),
    (v6(0xff00, 0, 0, 8), "multicast"),
    (v6(0x2001, 0x0db8, 0, 32), "documentation"),
    (v6(0x3fff, 0, 0, 20), "documentation"),
    (v6(0x2001, 0, 0, 23), "reserved"),
];

/// The only part of IPv6 from which public addresses are handed out.
const PUBLIC_V6: Network = v6(0x2000, 0, 0, 3);

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Network {
    Network::new(IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix)
}

/// A range by its first two groups and its last.
const fn v6(first: u16, second: u16, last: u16, prefix: u8) -> Network {
    Network::new(IpAddr::V6(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, last)), prefix)
}

/// Which addresses and ports may be connected to.
///
/// Without configuration only public addresses may, and any port but [`NON_HTTP_PORTS`]. An IPv6
/// address that carries an IPv4 address (mapped, compatible, 6to4, NAT64, Teredo) is judged as that.
///
/// ```
/// use fh_workflow::fetch::AddressPolicy;
///
/// let policy = AddressPolicy { allow: vec!["10.1.0.0/16".parse()?], ..AddressPolicy::default() };
/// assert!(policy.judge("10.1.2.3".parse()?).is_ok());
/// assert_eq!(policy.judge("::ffff:10.2.0.1".parse()?), Err("private"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AddressPolicy {
    /// Ranges that may be connected to although they would be refused.
    pub allow: Vec<Network>,
    /// Ports that are never connected to. Port 0 never is.
    pub deny_ports: Vec<u16>,
}

impl Default for AddressPolicy {
    fn default() -> Self {
        Self { allow: Vec::new(), deny_ports: NON_HTTP_PORTS.to_vec() }
    }
}

impl AddressPolicy {
    /// Whether the address may be connected to; if not, what kind of address it is.
    pub fn judge(&self, address: IpAddr) -> Result<(), &'static str> {
        meant_by(address).into_iter().try_for_each(|meant| self.judge_one(meant))
    }

    /// Whether the port may be connected to.
    pub fn allows_port(&self, port: u16) -> bool {
        port != 0 && !self.deny_ports.contains(&port)
    }

    fn judge_one(&self, address: IpAddr) -> Result<(), &'static str> {
        if self.allow.iter().any(|network| network.contains(address)) {
            return Ok(());
        }
        let table = if address.is_ipv4() { REFUSED_V4 } else { REFUSED_V6 };
        match table.iter().find(|(network, _)| network.contains(address)) {
            Some((_, kind)) => Err(kind),
            None if address.is_ipv6() && !PUBLIC_V6.contains(address) => Err("not public"),
            None => Ok(()),
        }
    }
}

/// The addresses that a connection to this one would reach: itself, or the IPv4 addresses in it.
fn meant_by(address: IpAddr) -> Vec<IpAddr> {
    let IpAddr::V6(v6) = address else {
        return vec![address];
    };
    let octets = v6.octets();
    let at = |i: usize| {
        IpAddr::V4(Ipv4Addr::new(octets[i], octets[i + 1], octets[i + 2], octets[i + 3]))
    };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => vec![address],
        // Compatible (RFC 4291 2.5.5.1), mapped (2.5.5.2), NAT64 (RFC 6052 2.1).
        [0, 0, 0, 0, 0, 0 | 0xffff, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _] => vec![at(12)],
        // 6to4 (RFC 3056 2).
        [0x2002, ..] => vec![at(2)],
        // Teredo (RFC 4380 4): the server, and the client with every bit turned.
        [0x2001, 0, ..] => {
            let [.., a, b, c, d] = octets;
            vec![at(4), IpAddr::V4(Ipv4Addr::new(!a, !b, !c, !d))]
        }
        _ => vec![address],
    }
}
