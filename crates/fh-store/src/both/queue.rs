use std::time::Duration;

use async_trait::async_trait;
use fh_model::{CallId, JobId, TenantId};
use serde_json::json;
use sqlx::QueryBuilder;

use super::columns::{Columns, length, to_json};
use super::events::add_events;
use super::jobs::job_row;
use super::writes::{Prepared, prepare};
use super::{Connection, Database, Engine, Row};
use crate::{
    CallState, Claim, FailureKind, Heartbeat, NewEvent, NewJob, Queue, QueueDepth, StoreError,
    Ticket, Write,
};

/// Expired leases that one claim looks after; the next claim sees to the others.
const EXPIRED_AT_ONCE: i64 = 100;

#[async_trait]
impl Queue for Engine {
    async fn claim(
        &self,
        worker: &str,
        kinds: &[&str],
        lease: Duration,
    ) -> Result<Option<Claim>, StoreError> {
        if kinds.is_empty() {
            return Ok(None);
        }
        // Looking costs no transaction that writes: most of the time there is nothing.
        if self.lanes_with_work(kinds).await?.is_empty() && !self.has_expired_leases().await? {
            return Ok(None);
        }
        let mut transaction = self.pools.write().await?;
        end_expired_leases(&mut transaction).await?;
        for (tenant, kind) in lanes_with_work(&mut transaction, kinds).await? {
            let claimed = sqlx::query(CLAIM_NEXT)
                .bind(&tenant)
                .bind(&kind)
                .bind(worker)
                .bind(length(lease))
                .fetch_optional(&mut *transaction)
                .await?;
            let Some(row) = claimed else { continue };
            // One more for this tenant; who had nothing to do for a while saved nothing up.
            sqlx::query(
                "UPDATE shares SET virtual_time = 1 + CASE
                   WHEN virtual_time > (SELECT max(virtual_time) FROM shares) - 1
                   THEN virtual_time ELSE (SELECT max(virtual_time) FROM shares) - 1 END
                 WHERE tenant = $1",
            )
            .bind(&tenant)
            .execute(&mut *transaction)
            .await?;
            let claim = Claim {
                ticket: Ticket { job: JobId(row.uuid("id")?), token: row.number("token")? },
                job: job_row(&row)?,
            };
            transaction.commit().await?;
            return Ok(Some(claim));
        }
        transaction.commit().await?;
        Ok(None)
    }

    async fn heartbeat(&self, ticket: Ticket, lease: Duration) -> Result<Heartbeat, StoreError> {
        let mut transaction = self.pools.write().await?;
        let kept = sqlx::query(concat!(
            "UPDATE jobs SET lease_until = ",
            now!(),
            " + $3
             WHERE id = $1 AND token = $2 AND state = 'leased'"
        ))
        .bind(ticket.job.0)
        .bind(ticket.token)
        .bind(length(lease))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(if kept.rows_affected() > 0 { Heartbeat::Kept } else { Heartbeat::Lost })
    }

    async fn report(&self, ticket: Ticket, writes: Vec<Write>) -> Result<(), StoreError> {
        let prepared = prepare(writes);
        once_more!(self.try_report(ticket, &prepared))
    }

    async fn complete(&self, ticket: Ticket, writes: Vec<Write>) -> Result<(), StoreError> {
        let prepared = prepare(writes);
        once_more!(self.try_complete(ticket, &prepared))
    }

    async fn retry_later(
        &self,
        ticket: Ticket,
        delay: Duration,
        error: &str,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        let job =
            sqlx::query(concat!(
            "UPDATE jobs SET state = 'waiting', lease_until = NULL, worker = NULL, last_error = $4,
               run_at = ", now!(), " + $3
             WHERE id = $1 AND token = $2 AND state = 'leased'
             RETURNING tenant, id, call, attempts, max_attempts"
        ))
            .bind(ticket.job.0)
            .bind(ticket.token)
            .bind(length(delay))
            .bind(error)
            .fetch_optional(&mut *transaction)
            .await?
            .ok_or(StoreError::Fenced)?;
        if job.number("attempts")? >= job.number("max_attempts")? {
            give_up_for_good(&mut transaction, &job, error).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn give_up(
        &self,
        ticket: Ticket,
        error: &str,
        writes: Vec<Write>,
    ) -> Result<(), StoreError> {
        let prepared = prepare(writes);
        once_more!(self.try_give_up(ticket, error, &prepared))
    }

    async fn hand_back(&self, ticket: Ticket) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        let given = sqlx::query(
            "UPDATE jobs SET state = 'waiting', lease_until = NULL, worker = NULL,
               attempts = attempts - 1
             WHERE id = $1 AND token = $2 AND state = 'leased'",
        )
        .bind(ticket.job.0)
        .bind(ticket.token)
        .execute(&mut *transaction)
        .await?;
        if given.rows_affected() == 0 {
            return Err(StoreError::Fenced);
        }
        Ok(transaction.commit().await?)
    }

    async fn depths(&self) -> Result<Vec<QueueDepth>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(concat!(
            "SELECT kind, state, count(*) AS jobs, ",
            now!(),
            " - min(created_at) AS oldest
             FROM jobs WHERE state IN ('waiting', 'leased', 'dead')
             GROUP BY kind, state ORDER BY kind, state"
        ))
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(|row| {
            Ok(QueueDepth {
                kind: row.text("kind")?,
                state: row.named("state")?,
                jobs: row.small("jobs")?,
                oldest: Duration::from_micros(row.number("oldest")?.try_into().unwrap_or(0)),
            })
        })
        .collect()
    }
}

/// The job of the lane `l` that is to be done next.
macro_rules! next_of_lane {
    () => {
        concat!(
            "FROM jobs w
             WHERE w.tenant = l.tenant AND w.kind = l.kind AND w.state = 'waiting'
               AND w.run_at <= ",
            now!(),
            "
             ORDER BY w.priority DESC, w.place LIMIT 1"
        )
    };
}

/// Takes the next job of a tenant's lane: the highest priority first, then the earliest place.
const CLAIM_NEXT: &str = concat!(
    "UPDATE jobs SET state = 'leased', worker = $3, attempts = attempts + 1, token = token + 1,
       lease_until = ",
    now!(),
    " + $4
     WHERE number = (
       SELECT number FROM jobs
       WHERE tenant = $1 AND kind = $2 AND state = 'waiting' AND run_at <= ",
    now!(),
    "
       ORDER BY priority DESC, place LIMIT 1",
    skip_locked!(),
    ")
     RETURNING token, ",
    job_columns!()
);

impl Engine {
    async fn try_report(&self, ticket: Ticket, prepared: &Prepared) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        let job = sqlx::query(concat!(
            "SELECT tenant, place FROM jobs WHERE id = $1 AND token = $2 AND state = 'leased'",
            for_update!()
        ))
        .bind(ticket.job.0)
        .bind(ticket.token)
        .fetch_optional(&mut *transaction)
        .await?;
        let (tenant, place) = holder(job)?;
        prepared.clone().apply(&mut transaction, &tenant, Some(place)).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn try_complete(&self, ticket: Ticket, prepared: &Prepared) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        let job = sqlx::query(concat!(
            "UPDATE jobs SET state = 'done', lease_until = NULL, ended_at = ",
            now!(),
            "
             WHERE id = $1 AND token = $2 AND state = 'leased' RETURNING tenant, place"
        ))
        .bind(ticket.job.0)
        .bind(ticket.token)
        .fetch_optional(&mut *transaction)
        .await?;
        let (tenant, place) = holder(job)?;
        prepared.clone().apply(&mut transaction, &tenant, Some(place)).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn try_give_up(
        &self,
        ticket: Ticket,
        error: &str,
        prepared: &Prepared,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        let job = sqlx::query(concat!(
            "UPDATE jobs SET state = 'dead', lease_until = NULL, last_error = $3,
               ended_at = ",
            now!(),
            "
             WHERE id = $1 AND token = $2 AND state = 'leased' RETURNING tenant, place"
        ))
        .bind(ticket.job.0)
        .bind(ticket.token)
        .bind(error)
        .fetch_optional(&mut *transaction)
        .await?;
        let (tenant, place) = holder(job)?;
        prepared.clone().apply(&mut transaction, &tenant, Some(place)).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn lanes_with_work(&self, kinds: &[&str]) -> Result<Vec<(String, String)>, StoreError> {
        lanes_with_work(&mut *self.pools.read().await?, kinds).await
    }

    async fn has_expired_leases(&self) -> Result<bool, StoreError> {
        let mut reader = self.pools.read().await?;
        let one = sqlx::query(concat!(
            "SELECT 1 FROM jobs WHERE state = 'leased' AND lease_until <= ",
            now!(),
            " LIMIT 1"
        ))
        .fetch_optional(&mut *reader)
        .await?;
        Ok(one.is_some())
    }
}

/// Tenants and kinds with a job that may run now, the tenant that had least first, of its jobs the
/// highest priority, then the earliest place.
async fn lanes_with_work(
    connection: &mut Connection,
    kinds: &[&str],
) -> Result<Vec<(String, String)>, StoreError> {
    let mut query = QueryBuilder::<Database>::new(concat!(
        "SELECT tenant, kind FROM (
           SELECT l.tenant, l.kind, s.virtual_time,
             (SELECT w.priority ",
        next_of_lane!(),
        ") AS priority,
             (SELECT w.place ",
        next_of_lane!(),
        ") AS place
           FROM lanes l JOIN shares s ON s.tenant = l.tenant
           WHERE l.kind IN ("
    ));
    let mut list = query.separated(", ");
    for &kind in kinds {
        list.push_bind(kind);
    }
    query.push(
        ")) AS lane WHERE place IS NOT NULL
         ORDER BY virtual_time, tenant, priority DESC, place LIMIT 16",
    );
    query
        .build()
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| Ok((row.text("tenant")?, row.text("kind")?)))
        .collect()
}

/// Jobs whose workers did not come back wait again, or are given up where no attempt is left.
async fn end_expired_leases(connection: &mut Connection) -> Result<(), StoreError> {
    let expired = sqlx::query(concat!(
        "SELECT id, tenant, call, attempts, max_attempts, worker FROM jobs
         WHERE state = 'leased' AND lease_until <= ",
        now!(),
        "
         ORDER BY lease_until LIMIT $1",
        skip_locked!()
    ))
    .bind(EXPIRED_AT_ONCE)
    .fetch_all(&mut *connection)
    .await?;
    for job in &expired {
        let worker = job.optional_text("worker")?.unwrap_or_default();
        let (attempts, most) = (job.number("attempts")?, job.number("max_attempts")?);
        let error = format!(
            "the worker `{worker}` did not come back before its lease ended (attempt {attempts} of {most})"
        );
        sqlx::query(concat!(
            "UPDATE jobs SET state = 'waiting', lease_until = NULL, worker = NULL,
               last_error = $2, run_at = ",
            now!(),
            "
             WHERE id = $1"
        ))
        .bind(job.uuid("id")?)
        .bind(&error)
        .execute(&mut *connection)
        .await?;
        if attempts >= most {
            give_up_for_good(connection, job, &error).await?;
        }
    }
    Ok(())
}

/// Makes a job dead that nobody holds, and fails its call.
async fn give_up_for_good(
    connection: &mut Connection,
    job: &Row,
    error: &str,
) -> Result<(), StoreError> {
    let tenant: TenantId = job.parsed("tenant")?;
    sqlx::query(concat!(
        "UPDATE jobs SET state = 'dead', last_error = $2, ended_at = ",
        now!(),
        " WHERE id = $1"
    ))
    .bind(job.uuid("id")?)
    .bind(error)
    .execute(&mut *connection)
    .await?;
    let Some(call) = job.optional_uuid("call")?.map(CallId) else { return Ok(()) };
    let state = CallState::Failed(FailureKind::WorkFailed);
    // A call that is final already, such as one whose notification is given up, stays as it is.
    let batch = sqlx::query(
        "UPDATE calls SET state = $3, detail = $4
         WHERE tenant = $1 AND id = $2 AND state <> 'done' AND state <> 'cancelled'
           AND state NOT LIKE 'failed:%'
         RETURNING batch",
    )
    .bind(tenant.as_str())
    .bind(call.0)
    .bind(state.to_string())
    .bind("the work was given up after its last attempt")
    .fetch_optional(&mut *connection)
    .await?;
    let Some(batch) = batch else { return Ok(()) };
    let event = NewEvent {
        name: "call.failed".to_owned(),
        call: Some(call),
        batch: batch.optional_uuid("batch")?.map(fh_model::BatchId),
        payload: json!({ "state": state.to_string() }),
    };
    add_events(connection, &tenant, &[event]).await
}

/// Adds a job at the end of its tenant's line, or at the place of the job that it follows from.
pub(super) async fn add_job(
    connection: &mut Connection,
    tenant: &TenantId,
    job: &NewJob,
    place: Option<i64>,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO lanes (kind, tenant) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(&job.kind)
        .bind(tenant.as_str())
        .execute(&mut *connection)
        .await?;
    if let Some(call) = job.call {
        // Who cancels or erases the call meanwhile waits here, and then finds this job.
        sqlx::query(concat!(
            "SELECT number FROM calls WHERE tenant = $1 AND id = $2",
            for_update!()
        ))
        .bind(tenant.as_str())
        .bind(call.0)
        .fetch_optional(&mut *connection)
        .await?
        .ok_or(StoreError::NotFound { what: "call" })?;
    }
    // The same identifier again: a step that is run a second time asks for the same work.
    sqlx::query(concat!(
        "INSERT INTO jobs (id, tenant, kind, call, payload, priority, max_attempts, delay_us, state,
           attempts, token, run_at, place, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', 0, 0, ", now!(), " + $8,
           coalesce($9, ", next_place!(), "), ", now!(), ")
         ON CONFLICT (id) DO NOTHING"
    ))
    .bind(job.id.0)
    .bind(tenant.as_str())
    .bind(&job.kind)
    .bind(job.call.map(|call| call.0))
    .bind(to_json(&job.payload))
    .bind(i64::from(job.priority))
    .bind(i64::from(job.max_attempts))
    .bind(length(job.delay))
    .bind(place)
    .execute(connection)
    .await?;
    Ok(())
}

/// Whose job it is and where in the line, or that the lease is lost.
fn holder(job: Option<Row>) -> Result<(TenantId, i64), StoreError> {
    let job = job.ok_or(StoreError::Fenced)?;
    Ok((job.parsed("tenant")?, job.number("place")?))
}
