use async_trait::async_trait;
use fh_model::{CallId, JobId};
use sqlx::QueryBuilder;

use super::columns::{Columns, count};
use super::queue::add_job;
use super::writes::set_state;
use super::{Database, Row, Scope, tenant_number};
use crate::names::Named;
use crate::{CallState, JobFilter, JobRow, Jobs, NewJob, StoreError};

#[async_trait]
impl Jobs for Scope {
    async fn list_jobs(&self, filter: &JobFilter) -> Result<Vec<JobRow>, StoreError> {
        let mut query = QueryBuilder::<Database>::new(concat!(
            "SELECT ",
            job_columns!(),
            " FROM jobs WHERE tenant = "
        ));
        query.push_bind(self.tenant.as_str());
        if let Some(states) = &filter.states {
            // The dead have an index of their own, which is used where the statement names them.
            if states.as_slice() == [crate::JobState::Dead] {
                query.push(" AND state = 'dead'");
            } else {
                query.push(" AND state IN (");
                let mut list = query.separated(", ");
                for state in states {
                    list.push_bind(state.name());
                }
                // A list without members has nobody.
                list.push("NULL");
                query.push(")");
            }
        }
        if let Some(kind) = &filter.kind {
            query.push(" AND kind = ").push_bind(kind.as_str());
        }
        if let Some(call) = filter.call {
            query.push(" AND call = ").push_bind(call.0);
        }
        query.push(" ORDER BY number DESC LIMIT ").push_bind(count(filter.limit));
        let mut reader = self.pools.read().await?;
        query.build().fetch_all(&mut *reader).await?.iter().map(job_row).collect()
    }

    async fn retry_job(&self, id: JobId) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        let job = sqlx::query(concat!(
            "UPDATE jobs SET state = 'waiting', attempts = 0, ended_at = NULL, run_at = ",
            now!(),
            "
             WHERE tenant = $1 AND id = $2 AND state = 'dead' RETURNING call"
        ))
        .bind(self.tenant.as_str())
        .bind(id.0)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(job) = job else { return Ok(false) };
        if let Some(call) = job.optional_uuid("call")?.map(CallId) {
            let state: Option<String> =
                sqlx::query_scalar("SELECT state FROM calls WHERE tenant = $1 AND id = $2")
                    .bind(self.tenant.as_str())
                    .bind(call.0)
                    .fetch_optional(&mut *transaction)
                    .await?;
            // A notification that is tried again does not undo the result it tells of.
            if state.is_some_and(|state| state.starts_with("failed:")) {
                set_state(&mut transaction, &self.tenant, call, CallState::Queued, None).await?;
            }
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn enqueue(&self, job: NewJob) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        tenant_number(&mut transaction, &self.tenant).await?;
        add_job(&mut transaction, &self.tenant, &job, None).await?;
        Ok(transaction.commit().await?)
    }
}

pub(super) fn job_row(row: &Row) -> Result<JobRow, StoreError> {
    Ok(JobRow {
        job: NewJob {
            id: JobId(row.uuid("id")?),
            kind: row.text("kind")?,
            call: row.optional_uuid("call")?.map(CallId),
            payload: row.json("payload")?,
            priority: row.small("priority")?,
            max_attempts: row.small("max_attempts")?,
            delay: row.length("delay_us")?,
        },
        tenant: row.parsed("tenant")?,
        state: row.named("state")?,
        attempts: row.small("attempts")?,
        last_error: row.optional_text("last_error")?,
        created_at: row.moment("created_at")?,
        ended_at: row.optional_moment("ended_at")?,
    })
}
