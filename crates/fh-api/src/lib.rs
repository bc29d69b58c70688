//! HTTP in front of the workflow: the native API under `/v1` and the dialects of other vendors.
//!
//! What goes in: requests; what comes out: answers. A handler finds out who asks, reads what is
//! asked, runs one command or query of [`fh_workflow`], and converts. It keeps nothing itself and
//! decides nothing about calls.
//!
//! [`routers`] makes the addresses, [`serve`] holds every connection to [`ServeLimits`].
//!
//! ```
//! use fh_api::ServeLimits;
//! use std::time::Duration;
//!
//! let limits = ServeLimits { connections: 256, ..ServeLimits::default() };
//! assert_eq!(limits.header_timeout, Duration::from_secs(10));
//! ```

pub mod dialects;
mod extract;
mod forwarded;
mod limits;
mod long_target;
mod native;
mod observe;
mod parts;
mod patience;
mod problem;
mod public_url;
mod router;
mod server;
mod sign_in;
pub mod strict_json;
#[cfg(test)]
mod testing;
mod tls;

pub use limits::{FloorRate, ServeLimits};
pub use parts::{ApiParts, ApiSettings, Dialects, WatchedFolder};
pub use patience::TooSlow;
pub use problem::{Problem, RuleProblem};
pub use public_url::PublicUrl;
pub use router::{Routers, router, routers};
pub use server::{PeerAddress, serve};
pub use sign_in::hash_password;
pub use tls::tls_config;
