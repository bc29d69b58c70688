//! A range of addresses, as configurations write it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Addresses that begin alike: `10.1.0.0/16`, `fd00::/8`, or one address.
///
/// ```
/// use fh_workflow::fetch::Network;
///
/// let network: Network = "10.1.0.0/16".parse()?;
/// assert!(network.contains("10.1.2.3".parse()?));
/// assert!(!network.contains("10.2.0.0".parse()?));
/// assert!("10.1.2.3/16".parse::<Network>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    /// The first address.
    start: IpAddr,
    /// How many leading bits are fixed: at most 32 or 128.
    prefix: u8,
}

/// Why a range of addresses cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// Not an address, or not a number of bits behind the slash.
    #[error("expected a range of addresses such as `10.1.0.0/16` or `fd00::/8`, found `{0}`")]
    Unreadable(String),
    /// Bits behind the fixed ones are set, so that it is unclear what was meant.
    #[error("expected `{0}` to begin with the first address of its range")]
    NotTheFirst(String),
    /// An IPv6 form of IPv4 addresses, which are judged as the IPv4 address that they mean.
    #[error("expected the IPv4 form of `{0}`")]
    MappedIpv4(String),
}

impl Network {
    /// A range known to be right.
    pub(super) const fn new(start: IpAddr, prefix: u8) -> Self {
        Self { start, prefix }
    }

    /// Whether the address lies in this range.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.start, address) {
            (IpAddr::V4(start), IpAddr::V4(address)) => {
                let differing = u32::from(start) ^ u32::from(address);
                differing.checked_shr(32 - u32::from(self.prefix)).unwrap_or(0) == 0
            }
            (IpAddr::V6(start), IpAddr::V6(address)) => {
                let differing = u128::from(start) ^ u128::from(address);
                differing.checked_shr(128 - u32::from(self.prefix)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }

    fn starts_at_its_first(&self) -> bool {
        match self.start {
            IpAddr::V4(start) => u32::from(start).checked_shl(u32::from(self.prefix)),
            IpAddr::V6(start) => {
                let behind = u128::from(start).checked_shl(u32::from(self.prefix));
                behind.map(|behind| u32::from(behind != 0))
            }
        }
        .unwrap_or(0)
            == 0
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let unreadable = || NetworkError::Unreadable(text.to_owned());
        let (start, bits) = match text.split_once('/') {
            Some((start, bits)) => (start, Some(bits)),
            None => (text, None),
        };
        let start: IpAddr = start.parse().map_err(|_| unreadable())?;
        let most = if start.is_ipv4() { 32 } else { 128 };
        let prefix = match bits {
            None => most,
            Some(bits) if bits.bytes().all(|b| b.is_ascii_digit()) => {
                bits.parse().map_err(|_| unreadable())?
            }
            Some(_) => return Err(unreadable()),
        };
        if prefix > most {
            return Err(unreadable());
        }
        if matches!(start, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some()) {
            return Err(NetworkError::MappedIpv4(text.to_owned()));
        }
        let network = Self { start, prefix };
        match network.starts_at_its_first() {
            true => Ok(network),
            false => Err(NetworkError::NotTheFirst(text.to_owned())),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.start, self.prefix)
    }
}

impl TryFrom<String> for Network {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, NetworkError> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}
