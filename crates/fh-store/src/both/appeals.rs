use async_trait::async_trait;
use fh_model::{AppealId, CallId, TenantId};

use super::columns::{Columns, to_json};
use super::events::add_events;
use super::{Connection, Row, Scope};
use crate::names::Named;
use crate::{
    AppealRow, AppealState, Appeals, NewAppeal, NewEvent, NewRevision, RevisionRow, StoreError,
};

#[async_trait]
impl Appeals for Scope {
    async fn open_appeal(&self, appeal: NewAppeal, event: NewEvent) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        hold_call(&mut transaction, &self.tenant, appeal.call).await?;
        let opened = sqlx::query(concat!(
            "INSERT INTO appeals (tenant, id, call, reason, author, reviewer, reviewer_role, findings,
               state, opened_at, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, ", now!(), ", ", now!(), ")
             ON CONFLICT DO NOTHING"
        ))
        .bind(self.tenant.as_str())
        .bind(appeal.id.0)
        .bind(appeal.call.0)
        .bind(&appeal.reason)
        .bind(&appeal.author)
        .bind(&appeal.reviewer)
        .bind(&appeal.reviewer_role)
        .bind(to_json(&appeal.findings))
        .bind(AppealState::Reviewing.name())
        .execute(&mut *transaction)
        .await?;
        if opened.rows_affected() == 0 {
            return Err(StoreError::Conflict { what: "open appeal" });
        }
        show_appeal(&mut transaction, &self.tenant, appeal.call, AppealState::Reviewing).await?;
        add_events(&mut transaction, &self.tenant, &[event]).await?;
        Ok(transaction.commit().await?)
    }

    async fn move_appeal(
        &self,
        id: AppealId,
        state: AppealState,
        event: NewEvent,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        let call = sqlx::query_scalar("SELECT call FROM appeals WHERE tenant = $1 AND id = $2")
            .bind(self.tenant.as_str())
            .bind(id.0)
            .fetch_optional(&mut *transaction)
            .await?
            .map(CallId);
        let Some(call) = call else { return Ok(false) };
        hold_call(&mut transaction, &self.tenant, call).await?;
        // A completed appeal is opened again only where no other is open.
        let others: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM appeals
             WHERE tenant = $1 AND call = $2 AND id <> $3 AND state <> 'completed'",
        )
        .bind(self.tenant.as_str())
        .bind(call.0)
        .bind(id.0)
        .fetch_one(&mut *transaction)
        .await?;
        if others > 0 && state != AppealState::Completed {
            return Err(StoreError::Conflict { what: "open appeal" });
        }
        sqlx::query(concat!(
            "UPDATE appeals SET state = $3, changed_at = ",
            now!(),
            " WHERE tenant = $1 AND id = $2"
        ))
        .bind(self.tenant.as_str())
        .bind(id.0)
        .bind(state.name())
        .execute(&mut *transaction)
        .await?;
        let latest: String = sqlx::query_scalar(
            "SELECT state FROM appeals WHERE tenant = $1 AND call = $2
             ORDER BY number DESC LIMIT 1",
        )
        .bind(self.tenant.as_str())
        .bind(call.0)
        .fetch_one(&mut *transaction)
        .await?;
        show_appeal(&mut transaction, &self.tenant, call, crate::names::named(&latest)?).await?;
        add_events(&mut transaction, &self.tenant, &[event]).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn appeals_of(&self, call: CallId) -> Result<Vec<AppealRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT id, call, reason, author, reviewer, reviewer_role, findings, state, opened_at,
               changed_at
             FROM appeals WHERE tenant = $1 AND call = $2 ORDER BY number DESC",
        )
        .bind(self.tenant.as_str())
        .bind(call.0)
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(appeal_row)
        .collect()
    }

    async fn revise(&self, revision: NewRevision, event: NewEvent) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        hold_call(&mut transaction, &self.tenant, revision.call).await?;
        sqlx::query(concat!(
            "INSERT INTO revisions (tenant, call, scenario, finding, complies, remark, author, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, ",
            now!(),
            ")"
        ))
        .bind(self.tenant.as_str())
        .bind(revision.call.0)
        .bind(&revision.scenario)
        .bind(&revision.finding)
        .bind(revision.complies)
        .bind(&revision.remark)
        .bind(&revision.author)
        .execute(&mut *transaction)
        .await?;
        add_events(&mut transaction, &self.tenant, &[event]).await?;
        Ok(transaction.commit().await?)
    }

    async fn revisions_of(&self, call: CallId) -> Result<Vec<RevisionRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT call, scenario, finding, complies, remark, author, at FROM revisions
             WHERE tenant = $1 AND call = $2 ORDER BY number",
        )
        .bind(self.tenant.as_str())
        .bind(call.0)
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(revision_row)
        .collect()
    }
}

/// One change of a call's appeals at a time.
async fn hold_call(
    connection: &mut Connection,
    tenant: &TenantId,
    call: CallId,
) -> Result<(), StoreError> {
    sqlx::query(concat!("SELECT number FROM calls WHERE tenant = $1 AND id = $2", for_update!()))
        .bind(tenant.as_str())
        .bind(call.0)
        .fetch_optional(connection)
        .await?
        .map(|_| ())
        .ok_or(StoreError::NotFound { what: "call" })
}

/// Writes the state where lists show it.
async fn show_appeal(
    connection: &mut Connection,
    tenant: &TenantId,
    call: CallId,
    state: AppealState,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE calls SET appeal = $3 WHERE tenant = $1 AND id = $2")
        .bind(tenant.as_str())
        .bind(call.0)
        .bind(state.name())
        .execute(connection)
        .await?;
    Ok(())
}

fn appeal_row(row: &Row) -> Result<AppealRow, StoreError> {
    Ok(AppealRow {
        appeal: NewAppeal {
            id: AppealId(row.uuid("id")?),
            call: CallId(row.uuid("call")?),
            reason: row.text("reason")?,
            author: row.text("author")?,
            reviewer: row.text("reviewer")?,
            reviewer_role: row.text("reviewer_role")?,
            findings: row.json("findings")?,
        },
        state: row.named("state")?,
        opened_at: row.moment("opened_at")?,
        changed_at: row.moment("changed_at")?,
    })
}

fn revision_row(row: &Row) -> Result<RevisionRow, StoreError> {
    Ok(RevisionRow {
        revision: NewRevision {
            call: CallId(row.uuid("call")?),
            scenario: row.text("scenario")?,
            finding: row.text("finding")?,
            complies: row.flag("complies")?,
            remark: row.text("remark")?,
            author: row.text("author")?,
        },
        at: row.moment("at")?,
    })
}
