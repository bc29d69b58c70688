//! What is written beside the recordings when somebody erases calls, so that a database that is
//! restored from a backup of before can be told, also where the database of today is lost.
//!
//! What its retention erases has no mark: its age is in every backup.

use fh_model::{CallId, TenantId};
use fh_store::{Blobs, StoreError, Tombstone};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One erasure: identifiers and nothing of what was in the calls.
#[derive(Debug, Serialize, Deserialize)]
struct ErasureMark {
    erased_at: Timestamp,
    calls: Vec<CallId>,
}

fn marks_of(tenant: &TenantId) -> String {
    format!("{tenant}/erased/")
}

/// Marks calls as erased.
pub(crate) async fn mark_erased(
    blobs: &dyn Blobs,
    tenant: &TenantId,
    calls: &[CallId],
    erased_at: Timestamp,
) -> Result<(), StoreError> {
    // A call is erased once: its identifier is a name that no other mark has.
    let Some(first) = calls.first() else { return Ok(()) };
    let mark = ErasureMark { erased_at, calls: calls.to_vec() };
    let text = serde_json::to_vec(&mark).expect("identifiers and a moment can be written");
    blobs.put(&format!("{}{first}", marks_of(tenant)), text.into()).await
}

/// The calls of a tenant that somebody erased, as the marks beside the recordings have it.
pub async fn erased_calls(
    blobs: &dyn Blobs,
    tenant: &TenantId,
) -> Result<Vec<Tombstone>, StoreError> {
    let mut tombstones = Vec::new();
    for info in blobs.list(&marks_of(tenant)).await? {
        let Some(text) = blobs.get(&info.key).await? else { continue };
        let mark: ErasureMark =
            serde_json::from_slice(&text).map_err(|fault| StoreError::Unfit {
                expected: format!("the mark of an erasure in `{}`", info.key),
                found: fault.to_string(),
            })?;
        tombstones.extend(mark.calls.into_iter().map(|call| Tombstone {
            tenant: tenant.clone(),
            call,
            erased_at: mark.erased_at,
        }));
    }
    Ok(tombstones)
}
