//! What people and programs can make the system do: one file for each noun's verbs. Each checks who
//! asks, changes what is kept in one transaction, and notes it in the audit log.

mod cancel_call;
mod erase_calls;
mod handle_appeals;
mod manage_keys;
mod manage_tenants;
mod manage_users;
mod manage_webhooks;
mod put_rule_pack;
mod reinspect_call;
mod retry_job;
mod revise_finding;
mod store_upload;
mod submit_calls;

pub use handle_appeals::OpenAppeal;
pub use manage_users::CreateUser;
pub use manage_webhooks::{NewReceiver, PutWebhook};
pub use put_rule_pack::PutRulePack;
pub use reinspect_call::ReinspectFrom;
pub use revise_finding::ReviseFinding;
pub use submit_calls::{CallContent, SubmitCall, SubmitCalls};

use fh_model::{CallId, RandomSource};
use fh_store::CallRow;

use crate::permission::Permission;
use crate::{Caller, CommandError, Workflow};

impl Workflow {
    /// A call that the caller may see; what may not be seen does not exist.
    pub(crate) async fn visible_call(
        &self,
        caller: &Caller,
        id: CallId,
    ) -> Result<CallRow, CommandError> {
        caller.require(Permission::ReadOwnCalls)?;
        let row = self.scope(caller).call(id).await?;
        row.filter(|row| caller.may_see(row)).ok_or(CommandError::NotFound { what: "call" })
    }
}

/// Something that nobody can guess: 32 random bytes in hex.
pub(crate) fn secret(random: &dyn RandomSource) -> String {
    hex_of(random, 32)
}

/// So many random bytes in hex.
pub(crate) fn hex_of(random: &dyn RandomSource, bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    random.fill(&mut buffer);
    buffer.iter().map(|byte| format!("{byte:02x}")).collect()
}
