use async_trait::async_trait;
use fh_model::{CallId, WebhookId};

use super::columns::{Columns, count, micros, to_json};
use super::{Row, Scope, tenant_number};
use crate::names::Named;
use crate::{DeliveryRow, NewWebhook, StoreError, WebhookRow, Webhooks};

#[async_trait]
impl Webhooks for Scope {
    async fn put_webhook(&self, webhook: NewWebhook) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        tenant_number(&mut transaction, &self.tenant).await?;
        let made = sqlx::query(concat!(
            "INSERT INTO webhooks (tenant, id, url, secret, events, is_enabled, created_at)
             VALUES ($1, $2, $3, $4, $5, TRUE, ",
            now!(),
            ") ON CONFLICT (tenant, id) DO NOTHING"
        ))
        .bind(self.tenant.as_str())
        .bind(webhook.id.0)
        .bind(&webhook.url)
        .bind(&webhook.secret)
        .bind(to_json(&webhook.events))
        .execute(&mut *transaction)
        .await?;
        if made.rows_affected() == 0 {
            return Err(StoreError::Conflict { what: "webhook" });
        }
        Ok(transaction.commit().await?)
    }

    async fn enable_webhook(&self, id: WebhookId, enabled: bool) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        let changed =
            sqlx::query("UPDATE webhooks SET is_enabled = $3 WHERE tenant = $1 AND id = $2")
                .bind(self.tenant.as_str())
                .bind(id.0)
                .bind(enabled)
                .execute(&mut *transaction)
                .await?;
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    async fn delete_webhook(&self, id: WebhookId) -> Result<bool, StoreError> {
        let mut transaction = self.pools.write().await?;
        sqlx::query("DELETE FROM deliveries WHERE tenant = $1 AND webhook = $2")
            .bind(self.tenant.as_str())
            .bind(id.0)
            .execute(&mut *transaction)
            .await?;
        let deleted = sqlx::query("DELETE FROM webhooks WHERE tenant = $1 AND id = $2")
            .bind(self.tenant.as_str())
            .bind(id.0)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(deleted.rows_affected() > 0)
    }

    async fn list_webhooks(&self) -> Result<Vec<WebhookRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT id, url, secret, events, is_enabled, created_at FROM webhooks
             WHERE tenant = $1 ORDER BY created_at, id",
        )
        .bind(self.tenant.as_str())
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(webhook_row)
        .collect()
    }

    async fn log_delivery(&self, delivery: DeliveryRow) -> Result<(), StoreError> {
        let mut transaction = self.pools.write().await?;
        let kept = sqlx::query(concat!(
            "INSERT INTO deliveries (tenant, webhook, event, attempt, state, status, error, at)
             SELECT tenant, id, $3, $4, $5, $6, $7, $8 FROM webhooks
             WHERE tenant = $1 AND id = $2",
            for_update!()
        ))
        .bind(self.tenant.as_str())
        .bind(delivery.webhook.0)
        .bind(delivery.event)
        .bind(i64::from(delivery.attempt))
        .bind(delivery.state.name())
        .bind(delivery.status.map(i64::from))
        .bind(&delivery.error)
        .bind(micros(delivery.at))
        .execute(&mut *transaction)
        .await?;
        if kept.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "webhook" });
        }
        Ok(transaction.commit().await?)
    }

    async fn settled_deliveries(
        &self,
        id: WebhookId,
        call: CallId,
    ) -> Result<Vec<i64>, StoreError> {
        let mut reader = self.pools.read().await?;
        Ok(sqlx::query_scalar(
            "SELECT DISTINCT d.event FROM events e
             JOIN deliveries d ON d.tenant = e.tenant AND d.webhook = $2 AND d.event = e.sequence
             WHERE e.tenant = $1 AND e.call = $3 AND d.state IN ('delivered', 'given_up')
             ORDER BY d.event",
        )
        .bind(self.tenant.as_str())
        .bind(id.0)
        .bind(call.0)
        .fetch_all(&mut *reader)
        .await?)
    }

    async fn list_deliveries(
        &self,
        id: WebhookId,
        limit: u32,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let mut reader = self.pools.read().await?;
        sqlx::query(
            "SELECT webhook, event, attempt, state, status, error, at FROM deliveries
             WHERE tenant = $1 AND webhook = $2 ORDER BY number DESC LIMIT $3",
        )
        .bind(self.tenant.as_str())
        .bind(id.0)
        .bind(count(limit))
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(delivery_row)
        .collect()
    }
}

fn webhook_row(row: &Row) -> Result<WebhookRow, StoreError> {
    Ok(WebhookRow {
        webhook: NewWebhook {
            id: WebhookId(row.uuid("id")?),
            url: row.text("url")?,
            secret: row.text("secret")?,
            events: row.json("events")?,
        },
        is_enabled: row.flag("is_enabled")?,
        created_at: row.moment("created_at")?,
    })
}

fn delivery_row(row: &Row) -> Result<DeliveryRow, StoreError> {
    Ok(DeliveryRow {
        webhook: WebhookId(row.uuid("webhook")?),
        event: row.number("event")?,
        attempt: row.small("attempt")?,
        state: row.named("state")?,
        status: row.optional_number("status")?.and_then(|status| u16::try_from(status).ok()),
        error: row.optional_text("error")?,
        at: row.moment("at")?,
    })
}
