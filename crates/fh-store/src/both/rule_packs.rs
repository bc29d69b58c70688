use async_trait::async_trait;

use super::columns::{Columns, count};
use super::{Row, Scope, count_on};
use crate::packed::{pack, unpack};
use crate::{NewRulePack, RulePackFile, RulePackRow, RulePacks, StoreError};

#[async_trait]
impl RulePacks for Scope {
    async fn put_rule_pack(&self, pack: NewRulePack) -> Result<u32, StoreError> {
        let files = packed_files(&pack.files);
        let mut transaction = self.pools.write().await?;
        // One upload or activation of a tenant at a time.
        count_on(&mut transaction, &self.tenant, "rule_packs", 1).await?;
        let same: Option<i64> = sqlx::query_scalar(
            "SELECT version FROM rule_packs WHERE tenant = $1 AND name = $2 AND digest = $3",
        )
        .bind(self.tenant.as_str())
        .bind(&pack.name)
        .bind(&pack.digest)
        .fetch_optional(&mut *transaction)
        .await?;
        let version = match same {
            Some(version) => version,
            None => {
                sqlx::query_scalar(concat!(
                    "INSERT INTO rule_packs
                       (tenant, name, version, digest, files, author, is_active, uploaded_at)
                     SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, FALSE, ",
                    now!(),
                    "
                     FROM rule_packs WHERE tenant = $1 AND name = $2
                     RETURNING version"
                ))
                .bind(self.tenant.as_str())
                .bind(&pack.name)
                .bind(&pack.digest)
                .bind(files)
                .bind(&pack.author)
                .fetch_one(&mut *transaction)
                .await?
            }
        };
        transaction.commit().await?;
        Ok(u32::try_from(version).unwrap_or(u32::MAX))
    }

    async fn activate_rule_pack(&self, name: &str, version: u32) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        count_on(&mut transaction, &self.tenant, "rule_packs", 1).await?;
        sqlx::query(
            "UPDATE rule_packs SET is_active = FALSE WHERE tenant = $1 AND is_active = TRUE",
        )
        .bind(self.tenant.as_str())
        .execute(&mut *transaction)
        .await?;
        let done = sqlx::query(
            "UPDATE rule_packs SET is_active = TRUE WHERE tenant = $1 AND name = $2 AND version = $3",
        )
        .bind(self.tenant.as_str())
        .bind(name)
        .bind(count(version))
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            // The one that was active stays so.
            transaction.rollback().await?;
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn active_rule_pack(&self) -> Result<Option<RulePackRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT name, version, digest, files, author, is_active, uploaded_at FROM rule_packs
             WHERE tenant = $1 AND is_active = TRUE",
        )
        .bind(self.tenant.as_str())
        .fetch_optional(&mut *reader)
        .await?
        .as_ref()
        .map(whole_row)
        .transpose()
    }

    async fn rule_pack(&self, name: &str, version: u32) -> Result<Option<RulePackRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT name, version, digest, files, author, is_active, uploaded_at FROM rule_packs
             WHERE tenant = $1 AND name = $2 AND version = $3",
        )
        .bind(self.tenant.as_str())
        .bind(name)
        .bind(count(version))
        .fetch_optional(&mut *reader)
        .await?
        .as_ref()
        .map(whole_row)
        .transpose()
    }

    async fn list_rule_packs(&self) -> Result<Vec<RulePackRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT name, version, digest, author, is_active, uploaded_at FROM rule_packs
             WHERE tenant = $1 ORDER BY name, version DESC",
        )
        .bind(self.tenant.as_str())
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(|row| rule_pack_row(row, Vec::new()))
        .collect()
    }
}

fn packed_files(files: &[RulePackFile]) -> Vec<u8> {
    pack(super::columns::to_json(&files).as_bytes())
}

fn whole_row(row: &Row) -> Result<RulePackRow, StoreError> {
    let files = serde_json::from_slice(&unpack(&row.bytes("files")?)?).map_err(|fault| {
        StoreError::Unfit {
            expected: "the files of a rule pack".to_owned(),
            found: fault.to_string(),
        }
    })?;
    rule_pack_row(row, files)
}

fn rule_pack_row(row: &Row, files: Vec<RulePackFile>) -> Result<RulePackRow, StoreError> {
    Ok(RulePackRow {
        pack: NewRulePack {
            name: row.text("name")?,
            digest: row.text("digest")?,
            files,
            author: row.text("author")?,
        },
        version: row.small("version")?,
        is_active: row.flag("is_active")?,
        uploaded_at: row.moment("uploaded_at")?,
    })
}
