use fh_model::{CallId, TenantId};

use super::columns::{count, to_json};
use super::events::add_events;
use super::queue::add_job;
use super::{Connection, find, tenant_number};
use crate::packed::{pack, pack_texts};
use crate::{CallState, CallSummary, NewEvent, NewJob, StepResult, StoreError, Write};

/// What [`Write`]s say, ready to be written without further work inside the transaction.
#[derive(Debug, Clone, Default)]
pub(super) struct Prepared {
    changes: Vec<Change>,
    jobs: Vec<NewJob>,
    events: Vec<NewEvent>,
}

#[derive(Debug, Clone)]
enum Change {
    State {
        call: CallId,
        state: CallState,
        detail: Option<String>,
    },
    Recording {
        call: CallId,
        digest: String,
        blob: String,
    },
    Step {
        call: CallId,
        step: String,
        key: String,
        body: Vec<u8>,
    },
    Inspection {
        call: CallId,
        key: String,
        body: Vec<u8>,
        summary: CallSummary,
        texts: Vec<String>,
        packed_texts: Vec<u8>,
    },
}

/// Packs what is kept packed.
pub(super) fn prepare(writes: Vec<Write>) -> Prepared {
    let mut prepared = Prepared::default();
    for write in writes {
        match write {
            Write::State { call, state, detail } => {
                prepared.changes.push(Change::State { call, state, detail });
            }
            Write::Recording { call, digest, blob } => {
                prepared.changes.push(Change::Recording { call, digest, blob });
            }
            Write::Step { call, result: StepResult { step, key, body } } => {
                prepared.changes.push(Change::Step { call, step, key, body: pack(&body) });
            }
            Write::Inspection { call, key, json, summary, texts } => {
                prepared.changes.push(Change::Inspection {
                    call,
                    key,
                    body: pack(&json),
                    summary,
                    packed_texts: pack_texts(&texts),
                    texts,
                });
            }
            Write::Enqueue(job) => prepared.jobs.push(job),
            Write::Event(event) => prepared.events.push(event),
        }
    }
    prepared
}

impl Prepared {
    /// Writes all of it. What follows from a job takes its `place` in the line.
    pub(super) async fn apply(
        self,
        connection: &mut Connection,
        tenant: &TenantId,
        place: Option<i64>,
    ) -> Result<(), StoreError> {
        for change in self.changes {
            change.apply(connection, tenant).await?;
        }
        for job in &self.jobs {
            add_job(connection, tenant, job, place).await?;
        }
        add_events(connection, tenant, &self.events).await
    }
}

impl Change {
    async fn apply(self, connection: &mut Connection, tenant: &TenantId) -> Result<(), StoreError> {
        match self {
            Self::State { call, state, detail } => {
                set_state(connection, tenant, call, state, detail.as_deref()).await
            }
            Self::Recording { call, digest, blob } => {
                let changed = sqlx::query(
                    "UPDATE calls SET recording_digest = $3, recording_blob = $4
                     WHERE tenant = $1 AND id = $2",
                )
                .bind(tenant.as_str())
                .bind(call.0)
                .bind(digest)
                .bind(blob)
                .execute(connection)
                .await?;
                one_call(changed.rows_affected())
            }
            Self::Step { call, step, key, body } => {
                sqlx::query(
                    "INSERT INTO step_results (tenant, call, step, key, body)
                     SELECT tenant, id, $3, $4, $5 FROM calls WHERE tenant = $1 AND id = $2
                     ON CONFLICT (tenant, call, step, key) DO NOTHING",
                )
                .bind(tenant.as_str())
                .bind(call.0)
                .bind(step)
                .bind(key)
                .bind(body)
                .execute(connection)
                .await?;
                Ok(())
            }
            Self::Inspection { call, key, body, summary, texts, packed_texts } => {
                let tenant_number = tenant_number(connection, tenant).await?;
                sqlx::query(concat!(
                    "INSERT INTO inspections (tenant, call, key, body, made_at)
                     SELECT tenant, id, $3, $4, ",
                    now!(),
                    " FROM calls
                     WHERE tenant = $1 AND id = $2
                     ON CONFLICT (tenant, call, key) DO NOTHING"
                ))
                .bind(tenant.as_str())
                .bind(call.0)
                .bind(&key)
                .bind(body)
                .execute(&mut *connection)
                .await?;
                let number: Option<i64> = sqlx::query_scalar(
                    "UPDATE calls SET inspection = $3, summary = $4, duration_ms = $5,
                       score_min = $6,
                       inspected_at = (SELECT made_at FROM inspections
                         WHERE tenant = $1 AND call = $2 AND key = $3)
                     WHERE tenant = $1 AND id = $2 RETURNING number",
                )
                .bind(tenant.as_str())
                .bind(call.0)
                .bind(&key)
                .bind(to_json(&summary))
                .bind(count(summary.duration.0))
                .bind(summary.scores.iter().map(|score| score.score.hundredths()).min())
                .fetch_optional(&mut *connection)
                .await?;
                let number = number.ok_or(StoreError::NotFound { what: "call" })?;
                find::keep_texts(connection, tenant_number, number, &texts, packed_texts).await
            }
        }
    }
}

pub(super) async fn set_state(
    connection: &mut Connection,
    tenant: &TenantId,
    call: CallId,
    state: CallState,
    detail: Option<&str>,
) -> Result<(), StoreError> {
    let changed =
        sqlx::query("UPDATE calls SET state = $3, detail = $4 WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(call.0)
            .bind(state.to_string())
            .bind(detail)
            .execute(connection)
            .await?;
    one_call(changed.rows_affected())
}

fn one_call(changed: u64) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound { what: "call" }) } else { Ok(()) }
}
