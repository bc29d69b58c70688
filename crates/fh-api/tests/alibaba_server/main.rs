//! Alibaba's operations against a real server: signed requests over HTTP, a database, a folder of
//! recordings, a worker.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod documented;
mod long_targets;
#[expect(dead_code, reason = "the tests of storage do more with it")]
#[path = "../../../fh-store/tests/conformance/postgres_server.rs"]
mod postgres_server;
mod recorded_requests;
mod results;
mod sign_in;
mod signed;
mod stage;
mod story;
