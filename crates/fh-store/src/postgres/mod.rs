//! PostgreSQL, for many machines. Leases, expiry and every time that is kept are by the server's
//! clock.

/// The database's clock in microseconds: the moment itself, not the transaction's beginning.
macro_rules! now {
    () => {
        "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    };
}

/// Holds a row until the transaction ends.
macro_rules! for_update {
    () => {
        " FOR UPDATE"
    };
}

/// Holds a row and passes over those that others hold.
macro_rules! skip_locked {
    () => {
        " FOR UPDATE SKIP LOCKED"
    };
}

/// The next place at the end of a tenant's line.
macro_rules! next_place {
    () => {
        "nextval('job_places')"
    };
}

#[expect(clippy::duplicate_mod, reason = "the same statements for both engines")]
#[path = "../both/mod.rs"]
mod both;
mod bounded;
mod errors;
mod migrations;
mod pools;
mod words;

use std::path::Path;
use std::sync::Arc;

use both::Engine;
use bounded::Bounded;
use pools::Pools;

pub(crate) use errors::judge;

use crate::{Backend, ConnectOptions, Store, StoreError};

const BACKEND: Backend = Backend::Postgres;
type Database = sqlx::Postgres;
type Connection = sqlx::PgConnection;
type Row = sqlx::postgres::PgRow;

pub(crate) async fn connect(
    url: &str,
    options: &ConnectOptions,
) -> Result<Arc<dyn Store>, StoreError> {
    let pools = Pools::open(url, options).await?;
    let engine = Engine { pools: pools.clone() };
    engine.begin().await?;
    Ok(Arc::new(Bounded { inner: engine, pools, limit: options.answer_timeout }))
}

async fn backup(_: &Pools, into: &Path) -> Result<(), StoreError> {
    Err(StoreError::Unfit {
        expected: "`pg_dump`, `pg_basebackup` or the like for a backup of PostgreSQL".to_owned(),
        found: format!("a copy into `{}` asked of this program", into.display()),
    })
}
