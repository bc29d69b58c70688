use std::time::Duration;

use fh_model::TenantId;
use fh_store::StoreError;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Worker;
use crate::recording_key::recordings_of;
use crate::{Caller, Workflow};

/// How many calls are erased in one transaction.
const AT_ONCE: u32 = 200;

/// What nobody refers to is deleted when it is so old: an upload that was never submitted, a
/// recording whose worker died before it said where it lies.
const ORPHAN_AGE: Duration = Duration::from_secs(24 * 60 * 60);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Worker {
    /// Looks for what has expired now and then. Several workers may do so at once.
    pub(super) fn start_housekeeping(&self, stop: &CancellationToken) -> Option<JoinHandle<()>> {
        let every = self.settings.housekeeping_every?;
        let (workflow, stop) = (self.workflow.clone(), stop.clone());
        Some(tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(every) => {}
                }
                if let Err(error) = workflow.sweep_expired().await {
                    tracing::warn!(%error, "the housekeeping could not be finished");
                }
            }
        }))
    }
}

impl Workflow {
    /// Deletes what has outlived its use: calls beyond their tenant's retention, tokens and nonces,
    /// recordings that belong to no call.
    pub async fn sweep_expired(&self) -> Result<(), StoreError> {
        self.store().sweep().await?;
        for row in self.store().directory().list_tenants().await? {
            let tenant = row.tenant;
            if let Some(days) = tenant.retention_days {
                self.erase_expired(&tenant.id, DAY * days).await?;
            }
            self.delete_orphans(&tenant.id).await?;
        }
        Ok(())
    }

    async fn erase_expired(&self, tenant: &TenantId, age: Duration) -> Result<(), StoreError> {
        let scope = self.store().scope(tenant);
        loop {
            let erased = scope.erase_older_than(age, AT_ONCE).await?;
            if erased.calls == 0 {
                return Ok(());
            }
            let system = Caller::system(tenant.clone());
            scope.note(system.entry("call.expire", format!("{} calls", erased.calls))).await?;
            self.delete_blobs(&erased).await;
        }
    }

    async fn delete_orphans(&self, tenant: &TenantId) -> Result<(), StoreError> {
        let scope = self.store().scope(tenant);
        let now = self.store().now().await?;
        for info in self.blobs().list(&recordings_of(tenant)).await? {
            let age = now.duration_since(info.written_at);
            let is_old = Duration::try_from(age).is_ok_and(|age| age > ORPHAN_AGE);
            if is_old && !scope.is_blob_used(&info.key).await? {
                self.blobs().delete(&info.key).await?;
            }
        }
        Ok(())
    }
}
