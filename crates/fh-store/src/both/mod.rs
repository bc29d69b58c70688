//! What both engines do alike, compiled once for each: SQLite takes PostgreSQL's `$1`.
//!
//! The module around this one brings the engine: `Pools`, `Connection`, `Row`, `words` (the search
//! index), `migrations`, and the macros `now!`, `for_update!`, `skip_locked!`, `next_place!`, which
//! stand in statements where the engines differ.
//!
//! What several transactions lock is locked in this order, so that none waits for one that waits for
//! it: jobs, calls, shares, counters.

/// What [`jobs::job_row`] reads.
macro_rules! job_columns {
    () => {
        "id, tenant, kind, call, payload, priority, max_attempts, delay_us, state, attempts,
         last_error, created_at, ended_at"
    };
}

/// What [`calls::call_row`] reads.
macro_rules! call_columns {
    () => {
        "id, group_id, batch, kind, source, metadata, file_name, staff_id, call_time, upload_time,
         state, detail, recording_digest, recording_blob, summary, inspected_at, appeal"
    };
}

/// What `$transaction` gives; once more where the database undid it for another transaction's sake.
macro_rules! once_more {
    ($transaction:expr) => {
        match $transaction.await {
            Err(failure) if failure.is_undone() => $transaction.await,
            done => done,
        }
    };
}

mod appeals;
mod audit;
mod calls;
mod columns;
mod directory;
mod erasure;
mod events;
mod find;
mod jobs;
mod list;
mod migrate;
mod queue;
mod rule_packs;
mod said;
mod sweep;
mod webhooks;
mod writes;

use std::path::Path;

use async_trait::async_trait;
use fh_model::TenantId;
use jiff::Timestamp;

use self::columns::Columns as _;
use super::{BACKEND, Connection, Database, Pools, Row, migrations, words};
use crate::{Backend, Directory, KeptRecording, Queue, Store, StoreError, TenantScope, Tombstone};

/// All that is kept.
#[derive(Debug, Clone)]
pub(super) struct Engine {
    pub(super) pools: Pools,
}

impl Engine {
    /// Brings the tables up to date and cleans a restored backup of what was erased after it.
    pub(super) async fn begin(&self) -> Result<(), StoreError> {
        migrate::migrate(&self.pools).await?;
        erasure::bury(&self.pools).await?;
        Ok(())
    }
}

/// What one tenant has of it.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pools: Pools,
    tenant: TenantId,
}

impl TenantScope for Scope {
    fn tenant(&self) -> &TenantId {
        &self.tenant
    }
}

#[async_trait]
impl Store for Engine {
    fn scope(&self, tenant: &TenantId) -> Box<dyn TenantScope> {
        Box::new(Scope { pools: self.pools.clone(), tenant: tenant.clone() })
    }

    fn queue(&self) -> &dyn Queue {
        self
    }

    fn directory(&self) -> &dyn Directory {
        self
    }

    fn backend(&self) -> Backend {
        BACKEND
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        let mut reader = self.pools.read().await?;
        let row = sqlx::query(concat!("SELECT ", now!(), " AS at")).fetch_one(&mut *reader).await?;
        row.moment("at")
    }

    async fn check(&self) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        // A row that is not there: nothing changes, but a database that cannot be written to says so.
        sqlx::query("DELETE FROM nonces WHERE realm = '' AND nonce = ''")
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn backup(&self, into: &Path) -> Result<(), StoreError> {
        super::backup(&self.pools, into).await
    }

    async fn recordings(&self, after: i64, limit: u32) -> Result<Vec<KeptRecording>, StoreError> {
        calls::recordings(&self.pools, after, limit).await
    }

    async fn sweep(&self) -> Result<u64, StoreError> {
        sweep::sweep(&self.pools).await
    }

    async fn tombstones(&self) -> Result<Vec<Tombstone>, StoreError> {
        erasure::tombstones(&self.pools).await
    }

    async fn bury(&self, tombstones: &[Tombstone]) -> Result<u64, StoreError> {
        erasure::remember(&self.pools, tombstones).await?;
        erasure::bury(&self.pools).await
    }

    async fn close(&self) {
        self.pools.close().await;
    }
}

/// The number that stands for a tenant in the search index, or "no such tenant".
async fn tenant_number(connection: &mut Connection, tenant: &TenantId) -> Result<i64, StoreError> {
    sqlx::query_scalar("SELECT number FROM tenants WHERE id = $1")
        .bind(tenant.as_str())
        .fetch_optional(connection)
        .await?
        .ok_or(StoreError::NotFound { what: "tenant" })
}

/// Takes `count` numbers of a counter and returns the last; others wait until this transaction ends.
async fn count_on(
    connection: &mut Connection,
    tenant: &TenantId,
    counter: &str,
    count: i64,
) -> Result<i64, StoreError> {
    sqlx::query_scalar(
        "UPDATE counters SET value = value + $3 WHERE tenant = $1 AND name = $2 RETURNING value",
    )
    .bind(tenant.as_str())
    .bind(counter)
    .bind(count)
    .fetch_optional(connection)
    .await?
    .ok_or(StoreError::NotFound { what: "tenant" })
}
