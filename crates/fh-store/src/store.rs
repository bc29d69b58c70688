use std::path::Path;

use async_trait::async_trait;
use fh_model::{CallId, TenantId};
use jiff::Timestamp;

use crate::{
    Appeals, AuditTrail, Calls, Directory, Events, Jobs, Queue, RulePacks, StoreError, Webhooks,
};

/// Which engine keeps the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Embedded; one machine.
    Sqlite,
    /// A server; many machines.
    Postgres,
}

/// That a call was erased; nothing of what was in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// Whose.
    pub tenant: TenantId,
    /// The call.
    pub call: CallId,
    /// When.
    pub erased_at: Timestamp,
}

/// A call's recording as the rows have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRecording {
    /// Where [`Store::recordings`] goes on.
    pub number: i64,
    /// Whose.
    pub tenant: TenantId,
    /// The call.
    pub call: CallId,
    /// blake3 of its bytes, in hex.
    pub digest: String,
    /// Its key in the object store.
    pub blob: String,
}

/// The door to all that is kept.
///
/// For whoever implements one: everything is durable when a method returns (fsync), every method is
/// one transaction, and cancelling a call (dropping its future) leaves either all of it or nothing.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The rows of one tenant. That the tenant exists is not checked here: there are then no rows,
    /// and what is written fails with [`StoreError::NotFound`].
    fn scope(&self, tenant: &TenantId) -> Box<dyn TenantScope>;

    /// The work that is to be done, for workers.
    fn queue(&self) -> &dyn Queue;

    /// Who may ask for what.
    fn directory(&self) -> &dyn Directory;

    /// Which engine this is.
    fn backend(&self) -> Backend;

    /// The time by the database's clock, which leases, tokens and ages go by. A worker's own clock may
    /// be wrong.
    async fn now(&self) -> Result<Timestamp, StoreError>;

    /// Does nothing, to see whether the database answers and can be written to.
    async fn check(&self) -> Result<(), StoreError>;

    /// Writes a consistent copy into the file `into`, which must not exist, while others go on.
    /// PostgreSQL has its own tools for that: there it is refused with [`StoreError::Unfit`].
    async fn backup(&self, into: &Path) -> Result<(), StoreError>;

    /// The recordings of all calls after a number (0: from the first), to compare them with the object
    /// store; at most `limit` of them.
    async fn recordings(&self, after: i64, limit: u32) -> Result<Vec<KeptRecording>, StoreError>;

    /// Deletes what has outlived its use: idempotency keys, nonces, tokens, failed sign-ins, old
    /// deliveries and events. Returns the number of rows.
    async fn sweep(&self) -> Result<u64, StoreError>;

    /// All erased calls. A backup knows only those that were erased before it: who restores one takes
    /// these out of what it replaces, where that still answers.
    async fn tombstones(&self) -> Result<Vec<Tombstone>, StoreError>;

    /// Remembers that calls were erased and erases those that are there; for a restored backup.
    /// Opening what is kept does it for the tombstones that are in it. Returns the number of calls.
    async fn bury(&self, tombstones: &[Tombstone]) -> Result<u64, StoreError>;

    /// Finishes what runs and closes the connections.
    async fn close(&self);
}

/// Everything that belongs to one tenant.
pub trait TenantScope:
    Calls + Jobs + Events + RulePacks + Webhooks + Appeals + AuditTrail + Send + Sync
{
    /// Whose rows these are.
    fn tenant(&self) -> &TenantId;
}
