use crate::migration::Migration;

/// In order. One that was released is never edited.
pub(super) const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, statements: include_str!("../../migrations/sqlite/0001_begin.sql") }];

/// Where it is kept which of them were made.
pub(super) const LEDGER: &str = "
    CREATE TABLE IF NOT EXISTS migrations (
      version INTEGER PRIMARY KEY,
      checksum TEXT NOT NULL,
      made_at INTEGER NOT NULL
    ) STRICT";

/// Nobody else migrates at the same time. Here there is one writer, over all processes.
pub(super) const LOCK: &str = "SELECT 1";
