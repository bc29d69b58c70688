use std::collections::BTreeSet;

use fh_model::{CallId, TenantId};

use super::calls::is_blob_used;
use super::columns::{Columns, count, micros};
use super::{Connection, Pools, find, tenant_number};
use crate::{Erased, StoreError, Tombstone};

/// What refers to a call, in the order in which it can go.
const OF_A_CALL: [&str; 6] = [
    "DELETE FROM step_results WHERE tenant = $1 AND call = $2",
    "DELETE FROM inspections WHERE tenant = $1 AND call = $2",
    "DELETE FROM appeals WHERE tenant = $1 AND call = $2",
    "DELETE FROM revisions WHERE tenant = $1 AND call = $2",
    "DELETE FROM events WHERE tenant = $1 AND call = $2",
    "DELETE FROM calls WHERE tenant = $1 AND id = $2",
];

/// Deletes calls with all that was made from them; those that are not there are passed over.
pub(super) async fn erase(
    connection: &mut Connection,
    tenant: &TenantId,
    calls: &[CallId],
) -> Result<Erased, StoreError> {
    let mut erased = Erased::default();
    if calls.is_empty() {
        return Ok(erased);
    }
    let tenant_number = tenant_number(connection, tenant).await?;
    let mut blobs = BTreeSet::new();
    for &call in calls {
        // First the jobs: a worker at one of them loses its lease, or we wait for its last word.
        delete_jobs(connection, tenant, call).await?;
        let row = sqlx::query(concat!(
            "SELECT number, recording_blob FROM calls WHERE tenant = $1 AND id = $2",
            for_update!()
        ))
        .bind(tenant.as_str())
        .bind(call.0)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { continue };
        // What that last word may have asked for.
        delete_jobs(connection, tenant, call).await?;
        blobs.extend(row.optional_text("recording_blob")?);
        find::forget_texts(connection, tenant_number, row.number("number")?).await?;
        for statement in OF_A_CALL {
            sqlx::query(statement)
                .bind(tenant.as_str())
                .bind(call.0)
                .execute(&mut *connection)
                .await?;
        }
        sqlx::query(concat!(
            "INSERT INTO tombstones (tenant, call, erased_at) VALUES ($1, $2, ",
            now!(),
            ")
             ON CONFLICT (tenant, call) DO NOTHING"
        ))
        .bind(tenant.as_str())
        .bind(call.0)
        .execute(&mut *connection)
        .await?;
        erased.calls += 1;
        erased.ids.push(call);
    }
    for blob in blobs {
        if !is_blob_used(connection, tenant, &blob).await? {
            erased.blobs.push(blob);
        }
    }
    Ok(erased)
}

async fn delete_jobs(
    connection: &mut Connection,
    tenant: &TenantId,
    call: CallId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM jobs WHERE tenant = $1 AND call = $2")
        .bind(tenant.as_str())
        .bind(call.0)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn tombstones(pools: &Pools) -> Result<Vec<Tombstone>, StoreError> {
    let mut reader = pools.read().await?;
    sqlx::query("SELECT tenant, call, erased_at FROM tombstones ORDER BY erased_at, call")
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(|row| {
            Ok(Tombstone {
                tenant: row.parsed("tenant")?,
                call: CallId(row.uuid("call")?),
                erased_at: row.moment("erased_at")?,
            })
        })
        .collect()
}

pub(super) async fn remember(pools: &Pools, tombstones: &[Tombstone]) -> Result<(), StoreError> {
    let mut transaction = pools.write().await?;
    for tombstone in tombstones {
        sqlx::query(
            "INSERT INTO tombstones (tenant, call, erased_at) VALUES ($1, $2, $3)
             ON CONFLICT (tenant, call) DO NOTHING",
        )
        .bind(tombstone.tenant.as_str())
        .bind(tombstone.call.0)
        .bind(micros(tombstone.erased_at))
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Erases again what came back although it has a tombstone, as calls out of a restored backup do.
/// Returns the number of calls.
pub(super) async fn bury(pools: &Pools) -> Result<u64, StoreError> {
    let mut reader = pools.read().await?;
    let back = sqlx::query(
        "SELECT c.tenant, c.id FROM tombstones t
         JOIN calls c ON c.tenant = t.tenant AND c.id = t.call",
    )
    .fetch_all(&mut *reader)
    .await?;
    drop(reader);
    for row in &back {
        let mut transaction = pools.write().await?;
        erase(&mut transaction, &row.parsed("tenant")?, &[CallId(row.uuid("id")?)]).await?;
        transaction.commit().await?;
    }
    Ok(count(back.len()).unsigned_abs())
}
