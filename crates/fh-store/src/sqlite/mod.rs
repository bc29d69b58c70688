//! SQLite, built in. One connection writes, several read; what is written is on the disk when a
//! method returns (`synchronous=FULL`).

/// The database's clock in microseconds. SQLite's own has milliseconds.
macro_rules! now {
    () => {
        "(CAST(round(unixepoch('now', 'subsec') * 1000) AS INTEGER) * 1000)"
    };
}

/// Holds a row until the transaction ends. There is one writer: all rows are.
macro_rules! for_update {
    () => {
        ""
    };
}

/// Holds a row and passes over those that others hold.
macro_rules! skip_locked {
    () => {
        ""
    };
}

/// The next place at the end of a tenant's line.
macro_rules! next_place {
    () => {
        "(SELECT coalesce(max(number), 0) + 1 FROM jobs)"
    };
}

#[expect(clippy::duplicate_mod, reason = "the same statements for both engines")]
#[path = "../both/mod.rs"]
mod both;
mod errors;
mod migrations;
mod pools;
mod words;

use std::path::Path;
use std::sync::Arc;

use both::Engine;
use pools::Pools;

pub(crate) use errors::judge;

use crate::{Backend, ConnectOptions, Store, StoreError};

const BACKEND: Backend = Backend::Sqlite;
type Database = sqlx::Sqlite;
type Connection = sqlx::SqliteConnection;
type Row = sqlx::sqlite::SqliteRow;

pub(crate) async fn connect(
    path: &str,
    options: &ConnectOptions,
) -> Result<Arc<dyn Store>, StoreError> {
    let engine = Engine { pools: Pools::open(Path::new(path), options).await? };
    engine.begin().await?;
    Ok(Arc::new(engine))
}

async fn backup(pools: &Pools, into: &Path) -> Result<(), StoreError> {
    pools.backup(into).await
}
