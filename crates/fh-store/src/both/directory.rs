use std::time::Duration;

use async_trait::async_trait;
use fh_model::{TenantId, UserId};
use uuid::Uuid;

use super::columns::{Columns, length};
use super::{Connection, Engine, Row, tenant_number};
use crate::names::Named;
use crate::{
    ApiKeyRow, Directory, NewApiKey, NewTenant, NewToken, NewUser, Principal, SignInGate,
    StoreError, TenantRow, TokenRow, UserRow,
};

/// Failures that cost nothing.
const FREE_FAILURES: i64 = 4;
/// The longest wait after a failure.
const LONGEST_WAIT_S: i64 = 15 * 60;

#[async_trait]
impl Directory for Engine {
    async fn put_tenant(&self, tenant: NewTenant) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        let made = sqlx::query(concat!(
            "INSERT INTO tenants (id, name, retention_days, is_enabled, created_at)
             VALUES ($1, $2, $3, TRUE, ",
            now!(),
            ") ON CONFLICT (id) DO NOTHING"
        ))
        .bind(tenant.id.as_str())
        .bind(&tenant.name)
        .bind(tenant.retention_days.map(i64::from))
        .execute(&mut *transaction)
        .await?;
        if made.rows_affected() == 0 {
            return Err(StoreError::Conflict { what: "tenant" });
        }
        sqlx::query(
            "INSERT INTO counters (tenant, name, value, hash)
             VALUES ($1, 'events', 0, ''), ($1, 'audit', 0, ''), ($1, 'rule_packs', 0, '')",
        )
        .bind(tenant.id.as_str())
        .execute(&mut *transaction)
        .await?;
        sqlx::query("INSERT INTO shares (tenant, virtual_time) VALUES ($1, 0)")
            .bind(tenant.id.as_str())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<TenantRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT id, name, retention_days, is_enabled, created_at FROM tenants WHERE id = $1",
        )
        .bind(id.as_str())
        .fetch_optional(&mut *reader)
        .await?
        .as_ref()
        .map(tenant_row)
        .transpose()
    }

    async fn list_tenants(&self) -> Result<Vec<TenantRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT id, name, retention_days, is_enabled, created_at FROM tenants ORDER BY id",
        )
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(tenant_row)
        .collect()
    }

    async fn enable_tenant(&self, id: &TenantId, enabled: bool) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        let changed = sqlx::query("UPDATE tenants SET is_enabled = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(enabled)
            .execute(&mut *transaction)
            .await?;
        if !enabled {
            sqlx::query("DELETE FROM tokens WHERE tenant = $1")
                .bind(id.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    async fn set_retention(&self, id: &TenantId, days: Option<u32>) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        let changed = sqlx::query("UPDATE tenants SET retention_days = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(days.map(i64::from))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    async fn put_user(&self, tenant: &TenantId, user: NewUser) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        tenant_number(&mut transaction, tenant).await?;
        let made = sqlx::query(concat!(
            "INSERT INTO users (tenant, id, name, name_folded, password_hash, role, staff_id,
               is_enabled, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, TRUE, ",
            now!(),
            ") ON CONFLICT DO NOTHING"
        ))
        .bind(tenant.as_str())
        .bind(user.id.0)
        .bind(&user.name)
        .bind(user.name.to_lowercase())
        .bind(&user.password_hash)
        .bind(user.role.name())
        .bind(&user.staff_id)
        .execute(&mut *transaction)
        .await?;
        if made.rows_affected() == 0 {
            return Err(StoreError::Conflict { what: "user" });
        }
        Ok(transaction.commit().await?)
    }

    async fn user_by_name(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<UserRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT id, tenant, name, password_hash, role, staff_id, is_enabled, created_at
             FROM users WHERE tenant = $1 AND name_folded = $2",
        )
        .bind(tenant.as_str())
        .bind(name.to_lowercase())
        .fetch_optional(&mut *reader)
        .await?
        .as_ref()
        .map(user_row)
        .transpose()
    }

    async fn list_users(&self, tenant: &TenantId) -> Result<Vec<UserRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT id, tenant, name, password_hash, role, staff_id, is_enabled, created_at
             FROM users WHERE tenant = $1 ORDER BY name_folded",
        )
        .bind(tenant.as_str())
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(user_row)
        .collect()
    }

    async fn enable_user(
        &self,
        tenant: &TenantId,
        id: UserId,
        enabled: bool,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        let changed = sqlx::query("UPDATE users SET is_enabled = $3 WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(id.0)
            .bind(enabled)
            .execute(&mut *transaction)
            .await?;
        if !enabled {
            revoke_tokens_of(&mut transaction, tenant, id).await?;
        }
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    async fn set_password(
        &self,
        tenant: &TenantId,
        id: UserId,
        hash: &str,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        let changed =
            sqlx::query("UPDATE users SET password_hash = $3 WHERE tenant = $1 AND id = $2")
                .bind(tenant.as_str())
                .bind(id.0)
                .bind(hash)
                .execute(&mut *transaction)
                .await?;
        revoke_tokens_of(&mut transaction, tenant, id).await?;
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    async fn put_api_key(&self, tenant: &TenantId, key: NewApiKey) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        tenant_number(&mut transaction, tenant).await?;
        let made = sqlx::query(concat!(
            "INSERT INTO api_keys (key, tenant, secret, label, role, created_at)
             VALUES ($1, $2, $3, $4, $5, ",
            now!(),
            ") ON CONFLICT (key) DO NOTHING"
        ))
        .bind(&key.key)
        .bind(tenant.as_str())
        .bind(&key.secret)
        .bind(&key.label)
        .bind(key.role.name())
        .execute(&mut *transaction)
        .await?;
        if made.rows_affected() == 0 {
            return Err(StoreError::Conflict { what: "access key" });
        }
        Ok(transaction.commit().await?)
    }

    async fn api_key(&self, key: &str) -> Result<Option<ApiKeyRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT k.key, k.tenant, k.secret, k.label, k.role, k.created_at, t.is_enabled
             FROM api_keys k JOIN tenants t ON t.id = k.tenant WHERE k.key = $1",
        )
        .bind(key)
        .fetch_optional(&mut *reader)
        .await?
        .as_ref()
        .map(api_key_row)
        .transpose()
    }

    async fn list_api_keys(&self, tenant: &TenantId) -> Result<Vec<ApiKeyRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT k.key, k.tenant, k.secret, k.label, k.role, k.created_at, t.is_enabled
             FROM api_keys k JOIN tenants t ON t.id = k.tenant WHERE k.tenant = $1
             ORDER BY k.number",
        )
        .bind(tenant.as_str())
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(api_key_row)
        .collect()
    }

    async fn delete_api_key(&self, tenant: &TenantId, key: &str) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        sqlx::query("DELETE FROM tokens WHERE tenant = $1 AND api_key = $2")
            .bind(tenant.as_str())
            .bind(key)
            .execute(&mut *transaction)
            .await?;
        let deleted = sqlx::query("DELETE FROM api_keys WHERE tenant = $1 AND key = $2")
            .bind(tenant.as_str())
            .bind(key)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(deleted.rows_affected() > 0)
    }

    async fn put_token(&self, tenant: &TenantId, token: NewToken) -> Result<(), StoreError> {
        let (user, key) = match &token.principal {
            Principal::User(id) => (Some(id.0), None),
            Principal::ApiKey(key) => (None, Some(key.as_str())),
        };
        let mut transaction = self.pools.write().await?;
        // The row that it stands for is held, so that switching it off waits and then finds the token.
        let holder = match &token.principal {
            Principal::User(id) => {
                sqlx::query(concat!(
                    "SELECT 1 FROM users WHERE tenant = $1 AND id = $2",
                    for_update!()
                ))
                .bind(tenant.as_str())
                .bind(id.0)
                .fetch_optional(&mut *transaction)
                .await?
            }
            Principal::ApiKey(key) => {
                sqlx::query(concat!(
                    "SELECT 1 FROM api_keys WHERE tenant = $1 AND key = $2",
                    for_update!()
                ))
                .bind(tenant.as_str())
                .bind(key)
                .fetch_optional(&mut *transaction)
                .await?
            }
        };
        if holder.is_none() {
            return Err(StoreError::NotFound { what: "user or access key" });
        }
        let made = sqlx::query(concat!(
            "INSERT INTO tokens (hash, tenant, user_id, api_key, expires_at)
             VALUES ($1, $2, $3, $4, ",
            now!(),
            " + $5) ON CONFLICT (hash) DO NOTHING"
        ))
        .bind(&token.hash)
        .bind(tenant.as_str())
        .bind(user)
        .bind(key)
        .bind(length(token.lifetime))
        .execute(&mut *transaction)
        .await?;
        if made.rows_affected() == 0 {
            return Err(StoreError::Conflict { what: "token" });
        }
        Ok(transaction.commit().await?)
    }

    async fn token(&self, hash: &str) -> Result<Option<TokenRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(concat!(
            "SELECT k.tenant, k.user_id, k.api_key, u.name, coalesce(u.role, a.role) AS role,
               u.staff_id
             FROM tokens k
             JOIN tenants t ON t.id = k.tenant AND t.is_enabled = TRUE
             LEFT JOIN users u ON u.tenant = k.tenant AND u.id = k.user_id AND u.is_enabled = TRUE
             LEFT JOIN api_keys a ON a.tenant = k.tenant AND a.key = k.api_key
             WHERE k.hash = $1 AND k.expires_at > ",
            now!(),
            "
               AND (u.id IS NOT NULL OR a.key IS NOT NULL)"
        ))
        .bind(hash)
        .fetch_optional(&mut *reader)
        .await?
        .as_ref()
        .map(token_row)
        .transpose()
    }

    async fn revoke_token(&self, hash: &str) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        let deleted = sqlx::query("DELETE FROM tokens WHERE hash = $1")
            .bind(hash)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(deleted.rows_affected() > 0)
    }

    async fn sign_in_gate(&self, account: &str, address: &str) -> Result<SignInGate, StoreError> {
        let mut reader = self.pools.read().await?;
        let left: Option<i64> = sqlx::query_scalar(concat!(
            "SELECT locked_until - ",
            now!(),
            " FROM sign_in_failures
             WHERE account = $1 AND address = $2"
        ))
        .bind(account)
        .bind(address)
        .fetch_optional(&mut *reader)
        .await?;
        Ok(match left.and_then(|left| u64::try_from(left).ok()).filter(|&left| left > 0) {
            Some(left) => SignInGate::Locked(Duration::from_micros(left)),
            None => SignInGate::Open,
        })
    }

    async fn note_sign_in(
        &self,
        account: &str,
        address: &str,
        success: bool,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        if success {
            sqlx::query("DELETE FROM sign_in_failures WHERE account = $1 AND address = $2")
                .bind(account)
                .bind(address)
                .execute(&mut *transaction)
                .await?;
        } else {
            let failures: i64 =
                sqlx::query_scalar(concat!(
                "INSERT INTO sign_in_failures (account, address, failures, locked_until, last_at)
                 VALUES ($1, $2, 1, 0, ", now!(), ")
                 ON CONFLICT (account, address) DO UPDATE
                 SET failures = sign_in_failures.failures + 1, last_at = excluded.last_at
                 RETURNING failures"
            ))
                .bind(account)
                .bind(address)
                .fetch_one(&mut *transaction)
                .await?;
            sqlx::query(
                "UPDATE sign_in_failures SET locked_until = last_at + $3
                 WHERE account = $1 AND address = $2",
            )
            .bind(account)
            .bind(address)
            .bind(wait_after(failures) * 1_000_000)
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn remember_nonce(
        &self,
        realm: &str,
        nonce: &str,
        lifetime: Duration,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        // One that has outlived its time is as good as new.
        let kept = sqlx::query(concat!(
            "INSERT INTO nonces (realm, nonce, expires_at) VALUES ($1, $2, ",
            now!(),
            " + $3)
             ON CONFLICT (realm, nonce) DO UPDATE SET expires_at = excluded.expires_at
             WHERE nonces.expires_at <= ",
            now!()
        ))
        .bind(realm)
        .bind(nonce)
        .bind(length(lifetime))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(kept.rows_affected() > 0)
    }

    async fn renew_nonce(
        &self,
        realm: &str,
        nonce: &str,
        lifetime: Duration,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        let renewed = sqlx::query(concat!(
            "UPDATE nonces SET expires_at = ",
            now!(),
            " + $3 WHERE realm = $1 AND nonce = $2"
        ))
        .bind(realm)
        .bind(nonce)
        .bind(length(lifetime))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(renewed.rows_affected() > 0)
    }
}

async fn revoke_tokens_of(
    connection: &mut Connection,
    tenant: &TenantId,
    user: UserId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM tokens WHERE tenant = $1 AND user_id = $2")
        .bind(tenant.as_str())
        .bind(user.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Seconds to wait after so many failures: none, then 1, 2, 4 ... 900.
fn wait_after(failures: i64) -> i64 {
    match u32::try_from(failures - FREE_FAILURES - 1) {
        Ok(doublings) => {
            1_i64.checked_shl(doublings.min(40)).unwrap_or(i64::MAX).min(LONGEST_WAIT_S)
        }
        Err(_) => 0,
    }
}

fn tenant_row(row: &Row) -> Result<TenantRow, StoreError> {
    Ok(TenantRow {
        tenant: NewTenant {
            id: row.parsed("id")?,
            name: row.text("name")?,
            retention_days: row
                .optional_number("retention_days")?
                .and_then(|days| u32::try_from(days).ok()),
        },
        is_enabled: row.flag("is_enabled")?,
        created_at: row.moment("created_at")?,
    })
}

fn user_row(row: &Row) -> Result<UserRow, StoreError> {
    Ok(UserRow {
        user: NewUser {
            id: UserId(row.uuid("id")?),
            name: row.text("name")?,
            password_hash: row.text("password_hash")?,
            role: row.named("role")?,
            staff_id: row.optional_text("staff_id")?,
        },
        tenant: row.parsed("tenant")?,
        is_enabled: row.flag("is_enabled")?,
        created_at: row.moment("created_at")?,
    })
}

fn api_key_row(row: &Row) -> Result<ApiKeyRow, StoreError> {
    Ok(ApiKeyRow {
        key: NewApiKey {
            key: row.text("key")?,
            secret: row.text("secret")?,
            label: row.text("label")?,
            role: row.named("role")?,
        },
        tenant: row.parsed("tenant")?,
        is_enabled: row.flag("is_enabled")?,
        created_at: row.moment("created_at")?,
    })
}

fn token_row(row: &Row) -> Result<TokenRow, StoreError> {
    let user: Option<Uuid> = row.optional_uuid("user_id")?;
    let (principal, name) = match user {
        Some(id) => (Principal::User(UserId(id)), row.text("name")?),
        None => (Principal::ApiKey(row.text("api_key")?), row.text("api_key")?),
    };
    Ok(TokenRow {
        tenant: row.parsed("tenant")?,
        principal,
        name,
        role: row.named("role")?,
        staff_id: row.optional_text("staff_id")?,
    })
}
