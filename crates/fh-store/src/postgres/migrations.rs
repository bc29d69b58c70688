use crate::migration::Migration;

/// In order. One that was released is never edited.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, statements: include_str!("../../migrations/postgres/0001_begin.sql") },
    Migration {
        version: 2,
        statements: include_str!("../../migrations/postgres/0002_stretches.sql"),
    },
];

/// Where it is kept which of them were made.
pub(super) const LEDGER: &str = "
    CREATE TABLE IF NOT EXISTS migrations (
      version BIGINT PRIMARY KEY,
      checksum TEXT NOT NULL,
      made_at BIGINT NOT NULL
    )";

/// Nobody else migrates at the same time. The number is our own, made of the bytes of `fairhear`.
pub(super) const LOCK: &str = "SELECT pg_advisory_xact_lock(7377293604708245874)";
