use async_trait::async_trait;
use jiff::Timestamp;

use crate::StoreError;

/// Who did what to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The user, key or `system`.
    pub who: String,
    /// What, such as `call.audio.read`.
    pub action: String,
    /// To what, such as a call's identifier.
    pub object: String,
    /// From which address.
    pub from: Option<String>,
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place in the tenant's log, from 1 and without a gap.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub entry: AuditEntry,
    /// blake3 over the row before and this one, in hex: an edit or a deletion breaks the chain.
    pub hash: String,
}

/// The first place where the log is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFault {
    /// The place.
    pub sequence: i64,
    /// What is wrong there.
    pub found: String,
}

/// The audit log of one tenant.
#[async_trait]
pub trait AuditTrail {
    /// Adds an entry.
    async fn note(&self, entry: AuditEntry) -> Result<(), StoreError>;

    /// Entries before `sequence` (or the newest), the newest first.
    async fn audit_log(&self, before: Option<i64>, limit: u32)
    -> Result<Vec<AuditRow>, StoreError>;

    /// Checks the whole chain.
    async fn verify_audit(&self) -> Result<Option<AuditFault>, StoreError>;
}
