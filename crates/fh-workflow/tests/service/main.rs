//! The service from a submitted call to its result, on SQLite: what commands promise, what jobs
//! make, and what remains true whatever is killed when.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where its own files and processes are not as they should be"
)]

mod chats;
mod clock_jumps;
mod commands;
mod crashes;
mod housekeeping;
mod leases;
mod pipeline;
mod poison;
mod stopping;
mod support;
mod webhooks;
mod zombie;
