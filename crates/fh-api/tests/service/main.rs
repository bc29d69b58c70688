//! The real server on a real port, with SQLite, a folder of recordings and a worker, seen through
//! HTTP.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where its own files and answers are not as they should be"
)]

mod audit_log;
mod bad_recordings;
mod brute_force;
mod clock_jumps;
mod cross_tenant;
mod dashboard;
mod dice;
mod huawei_credit;
mod huawei_details;
mod huawei_errors;
mod huawei_statuses;
mod huawei_story;
mod json_abuse;
mod mutants;
mod native_calls;
mod native_rules;
#[path = "../../../fh-store/tests/conformance/postgres_server.rs"]
#[expect(dead_code, reason = "the tests of storage end the server as a crash would, too")]
mod postgres_server;
mod sign_in;
mod slow_clients;
mod sound;
mod stage;
mod switched_off;
mod uploads;
mod wire;
