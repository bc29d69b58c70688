use async_trait::async_trait;
use fh_model::TenantId;
use sqlx::Row as _;

use super::columns::{Columns, count, micros};
use super::{Row, Scope};
use crate::{AuditEntry, AuditFault, AuditRow, AuditTrail, StoreError};

#[async_trait]
impl AuditTrail for Scope {
    async fn note(&self, entry: AuditEntry) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        let row = sqlx::query(concat!(
            "UPDATE counters SET value = value + 1 WHERE tenant = $1 AND name = 'audit'
             RETURNING value, hash, ",
            now!(),
            " AS at"
        ))
        .bind(self.tenant.as_str())
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(StoreError::NotFound { what: "tenant" })?;
        let (sequence, at) = (row.number("value")?, row.number("at")?);
        let hash = link(&row.text("hash")?, &self.tenant, sequence, at, &entry);
        sqlx::query(
            "INSERT INTO audit (tenant, sequence, at, who, action, object, from_address, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(self.tenant.as_str())
        .bind(sequence)
        .bind(at)
        .bind(&entry.who)
        .bind(&entry.action)
        .bind(&entry.object)
        .bind(&entry.from)
        .bind(&hash)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE counters SET hash = $2 WHERE tenant = $1 AND name = 'audit'")
            .bind(self.tenant.as_str())
            .bind(&hash)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn audit_log(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT sequence, at, who, action, object, from_address, hash FROM audit
             WHERE tenant = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3",
        )
        .bind(self.tenant.as_str())
        .bind(before.unwrap_or(i64::MAX))
        .bind(count(limit))
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(audit_row)
        .collect()
    }

    async fn verify_audit(&self) -> Result<Option<AuditFault>, StoreError> {
        let mut reader = self.pools.read().await?;
        let mut last = 0;
        let mut hash = String::new();
        loop {
            let rows = sqlx::query(
                "SELECT sequence, at, who, action, object, from_address, hash FROM audit
                 WHERE tenant = $1 AND sequence > $2 ORDER BY sequence LIMIT 1000",
            )
            .bind(self.tenant.as_str())
            .bind(last)
            .fetch_all(&mut *reader)
            .await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let row = audit_row(row)?;
                if row.sequence != last + 1 {
                    let found = format!("it is missing; the next is {}", row.sequence);
                    return Ok(Some(AuditFault { sequence: last + 1, found }));
                }
                hash = link(&hash, &self.tenant, row.sequence, micros(row.at), &row.entry);
                if hash != row.hash {
                    let found = "its hash does not follow from it and the row before".to_owned();
                    return Ok(Some(AuditFault { sequence: row.sequence, found }));
                }
                last = row.sequence;
            }
        }
        let end =
            sqlx::query("SELECT value, hash FROM counters WHERE tenant = $1 AND name = 'audit'")
                .bind(self.tenant.as_str())
                .fetch_optional(&mut *reader)
                .await?;
        let Some(end) = end else { return Ok(None) };
        let (value, noted): (i64, String) = (end.try_get("value")?, end.try_get("hash")?);
        // Rows may have come between the reading of the log and of its end.
        if value < last || (value == last && noted != hash) {
            let found = "the log's end is not the one that was noted".to_owned();
            return Ok(Some(AuditFault { sequence: last, found }));
        }
        let next: Option<i64> =
            sqlx::query_scalar("SELECT sequence FROM audit WHERE tenant = $1 AND sequence = $2")
                .bind(self.tenant.as_str())
                .bind(value)
                .fetch_optional(&mut *reader)
                .await?;
        Ok((value > last && next.is_none()).then(|| AuditFault {
            sequence: last + 1,
            found: format!("it is missing; {value} were written"),
        }))
    }
}

/// blake3 over the hash before and the row, each part with its length before it.
fn link(before: &str, tenant: &TenantId, sequence: i64, at: i64, entry: &AuditEntry) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |part: &[u8]| {
        hasher.update(&count(part.len()).to_le_bytes());
        hasher.update(part);
    };
    add(before.as_bytes());
    add(tenant.as_str().as_bytes());
    add(&sequence.to_le_bytes());
    add(&at.to_le_bytes());
    add(entry.who.as_bytes());
    add(entry.action.as_bytes());
    add(entry.object.as_bytes());
    // Nothing and an empty address are not the same.
    add(&[u8::from(entry.from.is_some())]);
    add(entry.from.as_deref().unwrap_or_default().as_bytes());
    hasher.finalize().to_hex().to_string()
}

fn audit_row(row: &Row) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        sequence: row.number("sequence")?,
        at: row.moment("at")?,
        entry: AuditEntry {
            who: row.text("who")?,
            action: row.text("action")?,
            object: row.text("object")?,
            from: row.optional_text("from_address")?,
        },
        hash: row.text("hash")?,
    })
}
