//! Recordings that come in by path and by URL, from friends and from attackers.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

mod addresses;
mod downloads;
mod limits;
mod paths;
mod server;
