use async_trait::async_trait;
use fh_model::{BatchId, CallId, TenantId};

use super::columns::{Columns, count, to_json};
use super::{Connection, Row, Scope, count_on};
use crate::{EventRow, Events, NewEvent, StoreError};

#[async_trait]
impl Events for Scope {
    async fn events_after(&self, sequence: i64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT sequence, at, name, call, batch, payload FROM events
             WHERE tenant = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
        )
        .bind(self.tenant.as_str())
        .bind(sequence)
        .bind(count(limit))
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(event_row)
        .collect()
    }

    async fn events_of(&self, call: CallId) -> Result<Vec<EventRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT sequence, at, name, call, batch, payload FROM events
             WHERE tenant = $1 AND call = $2 ORDER BY sequence",
        )
        .bind(self.tenant.as_str())
        .bind(call.0)
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(event_row)
        .collect()
    }

    async fn last_event(&self) -> Result<i64, StoreError> {
        let mut reader = self.pools.read().await?;
        let last: Option<i64> =
            sqlx::query_scalar("SELECT value FROM counters WHERE tenant = $1 AND name = 'events'")
                .bind(self.tenant.as_str())
                .fetch_optional(&mut *reader)
                .await?;
        Ok(last.unwrap_or(0))
    }
}

/// Keeps events in order. The last thing that a transaction does, because the next writer of the
/// tenant's events waits from here on: so none appears later with a smaller place.
pub(super) async fn add_events(
    connection: &mut Connection,
    tenant: &TenantId,
    events: &[NewEvent],
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let last = count_on(connection, tenant, "events", count(events.len())).await?;
    for (sequence, event) in (last - count(events.len()) + 1..).zip(events) {
        sqlx::query(concat!(
            "INSERT INTO events (tenant, sequence, at, name, call, batch, payload)
             VALUES ($1, $2, ",
            now!(),
            ", $3, $4, $5, $6)"
        ))
        .bind(tenant.as_str())
        .bind(sequence)
        .bind(&event.name)
        .bind(event.call.map(|call| call.0))
        .bind(event.batch.map(|batch| batch.0))
        .bind(to_json(&event.payload))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

fn event_row(row: &Row) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        sequence: row.number("sequence")?,
        at: row.moment("at")?,
        event: NewEvent {
            name: row.text("name")?,
            call: row.optional_uuid("call")?.map(CallId),
            batch: row.optional_uuid("batch")?.map(BatchId),
            payload: row.json("payload")?,
        },
    })
}
