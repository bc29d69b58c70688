use super::{Pools, erasure};
use crate::StoreError;

/// What outlives its use, with how long it is kept, in microseconds.
const OUTLIVED: [&str; 7] = [
    concat!("DELETE FROM idempotency_keys WHERE created_at <= ", now!(), " - 172800000000"),
    concat!("DELETE FROM nonces WHERE expires_at <= ", now!()),
    concat!("DELETE FROM tokens WHERE expires_at <= ", now!()),
    concat!("DELETE FROM sign_in_failures WHERE last_at <= ", now!(), " - 86400000000"),
    concat!("DELETE FROM deliveries WHERE at <= ", now!(), " - 2592000000000"),
    concat!("DELETE FROM events WHERE at <= ", now!(), " - 2592000000000"),
    // Dead letters wait for somebody, as long as their calls are kept.
    concat!("DELETE FROM jobs WHERE ended_at <= ", now!(), " - 604800000000 AND state <> 'dead'"),
];

/// Two days for idempotency keys, a day for failed sign-ins, 30 days for deliveries and events, seven
/// for jobs that ended well or were cancelled.
pub(super) async fn sweep(pools: &Pools) -> Result<u64, StoreError> {
    let mut deleted = erasure::bury(pools).await?;
    for statement in OUTLIVED {
        let mut transaction = pools.write().await?;
        deleted += sqlx::query(statement).execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
    }
    Ok(deleted)
}
