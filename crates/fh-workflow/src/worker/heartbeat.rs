use std::time::Duration;

use fh_store::{Heartbeat, Ticket};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Workflow;

/// Keeps the lease on a job until it is dropped; cancels `lost` when the lease is gone.
pub(super) async fn keep(workflow: Workflow, ticket: Ticket, lost: CancellationToken) {
    let lease = workflow.settings().lease;
    let pause = (lease / 3).max(Duration::from_millis(10));
    let mut kept_at = Instant::now();
    loop {
        tokio::time::sleep(pause).await;
        match workflow.store().queue().heartbeat(ticket, lease).await {
            Ok(Heartbeat::Kept) => kept_at = Instant::now(),
            Ok(Heartbeat::Lost) => break,
            // Nobody answers: when the lease must have run out the work is somebody else's.
            Err(error) => {
                tracing::warn!(%error, "a lease could not be renewed");
                if kept_at.elapsed() >= lease {
                    break;
                }
            }
        }
    }
    lost.cancel();
}
