use fh_model::CallId;
use fh_store::Erased;

use crate::erasure_marks::mark_erased;
use crate::permission::Permission;
use crate::{Caller, CommandError, Workflow};

impl Workflow {
    /// Deletes a call with everything that was made from it. What remains is a line in the audit
    /// log and a tombstone.
    pub async fn erase_call(&self, caller: &Caller, id: CallId) -> Result<Erased, CommandError> {
        caller.require(Permission::EraseCalls)?;
        self.visible_call(caller, id).await?;
        let scope = self.scope(caller);
        // Noted first: an erasure that nobody can account for must not be possible.
        scope.note(caller.entry("call.erase", id.to_string())).await?;
        let erased = scope.erase_call(id).await?;
        self.leave_marks(caller, &erased).await;
        self.delete_blobs(&erased).await;
        Ok(erased)
    }

    /// Deletes all calls of an agent (work number or user identifier) or of a customer (the
    /// attribute `customer_id`).
    pub async fn erase_person(
        &self,
        caller: &Caller,
        person: &str,
    ) -> Result<Erased, CommandError> {
        caller.require(Permission::EraseCalls)?;
        if person.trim().is_empty() {
            return Err(CommandError::invalid("person", "an identifier", "none"));
        }
        let scope = self.scope(caller);
        // The log must not keep alive whom it tells of: a digest is proof enough.
        let whom = blake3::hash(person.as_bytes()).to_hex();
        scope.note(caller.entry("person.erase", format!("blake3:{whom}"))).await?;
        let erased = scope.erase_person(person).await?;
        self.leave_marks(caller, &erased).await;
        self.delete_blobs(&erased).await;
        Ok(erased)
    }

    /// Marks erased calls beside the recordings. The database has its tombstones in any case.
    async fn leave_marks(&self, caller: &Caller, erased: &Erased) {
        let (blobs, now) = (self.blobs().as_ref(), self.clock().now());
        if let Err(error) = mark_erased(blobs, &caller.tenant, &erased.ids, now).await {
            tracing::warn!(%error, "erased calls cannot be marked beside the recordings");
        }
    }

    /// Deletes what an erasure left to its caller. What cannot be deleted now is found by the
    /// housekeeping, since nobody refers to it any more.
    pub(crate) async fn delete_blobs(&self, erased: &Erased) {
        for blob in &erased.blobs {
            if let Err(error) = self.blobs().delete(blob).await {
                tracing::warn!(%error, "an erased recording cannot be deleted yet");
            }
        }
    }
}
