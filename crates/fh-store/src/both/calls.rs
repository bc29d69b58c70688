use std::time::Duration;

use async_trait::async_trait;
use fh_model::{BatchId, CallId, TenantId};
use serde_json::json;

use super::columns::{Columns, length, micros, to_json};
use super::events::add_events;
use super::queue::add_job;
use super::writes::{prepare, set_state};
use super::{Connection, Pools, Row, Scope, erasure, find, list, tenant_number};
use crate::names::{Named, named};
use crate::packed::unpack;
use crate::{
    BatchProgress, CallFilter, CallPage, CallRow, CallState, Calls, Erased, Hit, IdempotencyKey,
    KeptRecording, NewCall, NewEvent, NewJob, Paging, StepResult, StoreError, StoredInspection,
    Submission, Submitted, search,
};

#[async_trait]
impl Calls for Scope {
    async fn submit(&self, submission: Submission) -> Result<Submitted, StoreError> {
        let ids: Vec<CallId> = submission.calls.iter().map(|call| call.id).collect();
        let prepared = prepare(submission.writes);
        let mut transaction = self.pools.write().await?;
        tenant_number(&mut transaction, &self.tenant).await?;
        if let Some(key) = &submission.idempotency
            && let Some(calls) = earlier_answer(&mut transaction, &self.tenant, key, &ids).await?
        {
            return Ok(Submitted { calls, repeated: true });
        }
        for call in &submission.calls {
            add_call(&mut transaction, &self.tenant, call).await?;
        }
        for job in &submission.jobs {
            add_job(&mut transaction, &self.tenant, job, None).await?;
        }
        prepared.apply(&mut transaction, &self.tenant, None).await?;
        add_events(&mut transaction, &self.tenant, &submission.events).await?;
        transaction.commit().await?;
        Ok(Submitted { calls: ids, repeated: false })
    }

    async fn call(&self, id: CallId) -> Result<Option<CallRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(concat!(
            "SELECT ",
            call_columns!(),
            " FROM calls WHERE tenant = $1 AND id = $2"
        ))
        .bind(self.tenant.as_str())
        .bind(id.0)
        .fetch_optional(&mut *reader)
        .await?
        .as_ref()
        .map(call_row)
        .transpose()
    }

    async fn list_calls(
        &self,
        filter: &CallFilter,
        paging: &Paging,
    ) -> Result<CallPage, StoreError> {
        list::list(&self.pools, &self.tenant, filter, paging).await
    }

    async fn inspection(&self, id: CallId) -> Result<Option<StoredInspection>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT i.key, i.body, i.made_at FROM calls c
             JOIN inspections i ON i.tenant = c.tenant AND i.call = c.id AND i.key = c.inspection
             WHERE c.tenant = $1 AND c.id = $2",
        )
        .bind(self.tenant.as_str())
        .bind(id.0)
        .fetch_optional(&mut *reader)
        .await?
        .map(|row| {
            Ok(StoredInspection {
                key: row.text("key")?,
                json: unpack(&row.bytes("body")?)?,
                made_at: row.moment("made_at")?,
            })
        })
        .transpose()
    }

    async fn step_result(&self, id: CallId, step: &str) -> Result<Option<StepResult>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT step, key, body FROM step_results
             WHERE tenant = $1 AND call = $2 AND step = $3 ORDER BY number DESC LIMIT 1",
        )
        .bind(self.tenant.as_str())
        .bind(id.0)
        .bind(step)
        .fetch_optional(&mut *reader)
        .await?
        .map(|row| {
            Ok(StepResult {
                step: row.text("step")?,
                key: row.text("key")?,
                body: unpack(&row.bytes("body")?)?,
            })
        })
        .transpose()
    }

    async fn find_in_call(&self, id: CallId, keyword: &str) -> Result<Vec<Hit>, StoreError> {
        let mut reader = self.pools.read().await?;
        let number: Option<i64> =
            sqlx::query_scalar("SELECT number FROM calls WHERE tenant = $1 AND id = $2")
                .bind(self.tenant.as_str())
                .bind(id.0)
                .fetch_optional(&mut *reader)
                .await?;
        let Some(number) = number else { return Ok(Vec::new()) };
        let texts = find::texts_of(&mut reader, number).await?.unwrap_or_default();
        Ok(search::find(&texts, keyword))
    }

    async fn batch_progress(&self, batch: BatchId) -> Result<BatchProgress, StoreError> {
        let mut reader = self.pools.read().await?;
        let mut states = sqlx::query(
            "SELECT state, count(*) AS calls FROM calls WHERE tenant = $1 AND batch = $2
             GROUP BY state",
        )
        .bind(self.tenant.as_str())
        .bind(batch.0)
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(|row| Ok((row.parsed("state")?, row.small("calls")?)))
        .collect::<Result<Vec<(CallState, u64)>, StoreError>>()?;
        states.sort_unstable();
        Ok(BatchProgress { states })
    }

    async fn cancel_call(&self, id: CallId) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        cancel_jobs(&mut transaction, &self.tenant, id).await?;
        let cancelled = sqlx::query(
            "UPDATE calls SET state = 'cancelled', detail = NULL
             WHERE tenant = $1 AND id = $2 AND state <> 'done' AND state <> 'cancelled'
               AND state NOT LIKE 'failed:%'
             RETURNING batch",
        )
        .bind(self.tenant.as_str())
        .bind(id.0)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(cancelled) = cancelled else {
            // The jobs of a final call, such as its notification, stay as they are.
            transaction.rollback().await?;
            return Ok(false);
        };
        // What a job that ended just now has asked for.
        cancel_jobs(&mut transaction, &self.tenant, id).await?;
        let event = NewEvent {
            name: "call.cancelled".to_owned(),
            call: Some(id),
            batch: cancelled.optional_uuid("batch")?.map(BatchId),
            payload: json!({ "state": CallState::Cancelled.to_string() }),
        };
        add_events(&mut transaction, &self.tenant, &[event]).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn restart_call(
        &self,
        id: CallId,
        job: NewJob,
        event: NewEvent,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        let state: CallState = sqlx::query(concat!(
            "SELECT state FROM calls WHERE tenant = $1 AND id = $2",
            for_update!()
        ))
        .bind(self.tenant.as_str())
        .bind(id.0)
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(StoreError::NotFound { what: "call" })?
        .parsed("state")?;
        if !state.is_final() {
            return Err(StoreError::Conflict { what: "running call" });
        }
        set_state(&mut transaction, &self.tenant, id, CallState::Queued, None).await?;
        add_job(&mut transaction, &self.tenant, &job, None).await?;
        add_events(&mut transaction, &self.tenant, &[event]).await?;
        Ok(transaction.commit().await?)
    }

    async fn erase_call(&self, id: CallId) -> Result<Erased, StoreError> {
        once_more!(self.erase_one(id))
    }

    async fn erase_person(&self, person: &str) -> Result<Erased, StoreError> {
        once_more!(self.erase_all_of(person))
    }

    async fn erase_older_than(&self, age: Duration, limit: u32) -> Result<Erased, StoreError> {
        once_more!(self.erase_oldest(age, limit))
    }

    async fn is_blob_used(&self, blob: &str) -> Result<bool, StoreError> {
        let mut reader = self.pools.read().await?;
        is_blob_used(&mut reader, &self.tenant, blob).await
    }
}

impl Scope {
    async fn erase_one(&self, id: CallId) -> Result<Erased, StoreError> {
        let mut transaction = self.pools.write().await?;
        let erased = erasure::erase(&mut transaction, &self.tenant, &[id]).await?;
        transaction.commit().await?;
        Ok(erased)
    }

    async fn erase_all_of(&self, person: &str) -> Result<Erased, StoreError> {
        let mut transaction = self.pools.write().await?;
        // Three statements, each with an index of its own.
        let mut ids = Vec::new();
        for select in [
            "SELECT id FROM calls WHERE tenant = $1 AND staff_id = $2",
            "SELECT id FROM calls WHERE tenant = $1 AND agent_id = $2",
            "SELECT id FROM calls WHERE tenant = $1 AND customer_id = $2",
        ] {
            let some = sqlx::query_scalar(select)
                .bind(self.tenant.as_str())
                .bind(person)
                .fetch_all(&mut *transaction)
                .await?;
            ids.extend(some.into_iter().map(CallId));
        }
        ids.sort_unstable();
        ids.dedup();
        let erased = erasure::erase(&mut transaction, &self.tenant, &ids).await?;
        transaction.commit().await?;
        Ok(erased)
    }

    async fn erase_oldest(&self, age: Duration, limit: u32) -> Result<Erased, StoreError> {
        let mut transaction = self.pools.write().await?;
        let ids: Vec<CallId> = sqlx::query_scalar(concat!(
            "SELECT id FROM calls WHERE tenant = $1 AND upload_time < ",
            now!(),
            " - $2
             ORDER BY upload_time, id LIMIT $3"
        ))
        .bind(self.tenant.as_str())
        .bind(length(age))
        .bind(i64::from(limit))
        .fetch_all(&mut *transaction)
        .await?
        .into_iter()
        .map(CallId)
        .collect();
        let erased = erasure::erase(&mut transaction, &self.tenant, &ids).await?;
        transaction.commit().await?;
        Ok(erased)
    }
}

async fn cancel_jobs(
    connection: &mut Connection,
    tenant: &TenantId,
    call: CallId,
) -> Result<(), StoreError> {
    sqlx::query(concat!(
        "UPDATE jobs SET state = 'cancelled', lease_until = NULL, ended_at = ",
        now!(),
        "
         WHERE tenant = $1 AND call = $2 AND state IN ('waiting', 'leased')"
    ))
    .bind(tenant.as_str())
    .bind(call.0)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn is_blob_used(
    connection: &mut Connection,
    tenant: &TenantId,
    blob: &str,
) -> Result<bool, StoreError> {
    let one = sqlx::query("SELECT 1 FROM calls WHERE tenant = $1 AND recording_blob = $2 LIMIT 1")
        .bind(tenant.as_str())
        .bind(blob)
        .fetch_optional(connection)
        .await?;
    Ok(one.is_some())
}

pub(super) async fn recordings(
    pools: &Pools,
    after: i64,
    limit: u32,
) -> Result<Vec<KeptRecording>, StoreError> {
    let mut reader = pools.read().await?;
    sqlx::query(
        "SELECT number, tenant, id, recording_digest, recording_blob FROM calls
         WHERE number > $1 AND recording_blob IS NOT NULL AND recording_digest IS NOT NULL
         ORDER BY number LIMIT $2",
    )
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(&mut *reader)
    .await?
    .iter()
    .map(|row| {
        Ok(KeptRecording {
            number: row.number("number")?,
            tenant: row.parsed("tenant")?,
            call: CallId(row.uuid("id")?),
            digest: row.text("recording_digest")?,
            blob: row.text("recording_blob")?,
        })
    })
    .collect()
}

/// The answer that was given under this key; where none was, the key is taken for `calls`.
async fn earlier_answer(
    connection: &mut Connection,
    tenant: &TenantId,
    key: &IdempotencyKey,
    calls: &[CallId],
) -> Result<Option<Vec<CallId>>, StoreError> {
    // Where somebody else is just taking the same key, this waits until that one is through.
    let taken = sqlx::query(concat!(
        "INSERT INTO idempotency_keys (tenant, key, request_digest, calls, created_at)
         VALUES ($1, $2, $3, $4, ",
        now!(),
        ") ON CONFLICT (tenant, key) DO NOTHING"
    ))
    .bind(tenant.as_str())
    .bind(&key.key)
    .bind(&key.request_digest)
    .bind(to_json(&calls))
    .execute(&mut *connection)
    .await?;
    if taken.rows_affected() > 0 {
        return Ok(None);
    }
    let earlier = sqlx::query(
        "SELECT request_digest, calls FROM idempotency_keys WHERE tenant = $1 AND key = $2",
    )
    .bind(tenant.as_str())
    .bind(&key.key)
    .fetch_one(connection)
    .await?;
    if earlier.text("request_digest")? != key.request_digest {
        return Err(StoreError::KeyReused);
    }
    earlier.json("calls").map(Some)
}

async fn add_call(
    connection: &mut Connection,
    tenant: &TenantId,
    call: &NewCall,
) -> Result<(), StoreError> {
    let metadata = &call.metadata;
    let added = sqlx::query(
        "INSERT INTO calls (tenant, id, group_id, batch, kind, source, metadata, file_name, staff_id,
           agent_id, agent_name_folded, customer_id, call_time, upload_time, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'queued')
         ON CONFLICT (tenant, id) DO NOTHING",
    )
    .bind(tenant.as_str())
    .bind(call.id.0)
    .bind(call.group.0)
    .bind(call.batch.map(|batch| batch.0))
    .bind(call.kind.name())
    .bind(to_json(&call.source))
    .bind(to_json(metadata))
    .bind(&call.file_name)
    .bind(&call.staff_id)
    .bind(&metadata.agent_id)
    .bind(metadata.agent_name.as_deref().map(str::to_lowercase))
    .bind(metadata.attributes.get("customer_id"))
    .bind(micros(call.call_time))
    .bind(micros(call.upload_time))
    .execute(connection)
    .await?;
    if added.rows_affected() == 0 {
        return Err(StoreError::Conflict { what: "call" });
    }
    Ok(())
}

pub(super) fn call_row(row: &Row) -> Result<CallRow, StoreError> {
    Ok(CallRow {
        call: NewCall {
            id: CallId(row.uuid("id")?),
            group: CallId(row.uuid("group_id")?),
            batch: row.optional_uuid("batch")?.map(BatchId),
            kind: row.named("kind")?,
            source: row.json("source")?,
            metadata: row.json("metadata")?,
            file_name: row.text("file_name")?,
            staff_id: row.optional_text("staff_id")?,
            call_time: row.moment("call_time")?,
            upload_time: row.moment("upload_time")?,
        },
        state: row.parsed("state")?,
        detail: row.optional_text("detail")?,
        recording_digest: row.optional_text("recording_digest")?,
        recording_blob: row.optional_text("recording_blob")?,
        summary: row.optional_json("summary")?,
        inspected_at: row.optional_moment("inspected_at")?,
        appeal: row.optional_text("appeal")?.map(|name| named(&name)).transpose()?,
    })
}
