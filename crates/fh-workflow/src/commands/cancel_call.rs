use fh_model::CallId;

use crate::permission::Permission;
use crate::{Caller, CommandError, Workflow};

impl Workflow {
    /// Cancels a call that is not yet final: its jobs end, and a worker at it stops.
    ///
    /// # Errors
    /// [`CommandError::Conflict`] where its result stands, it failed or was cancelled already.
    pub async fn cancel_call(&self, caller: &Caller, id: CallId) -> Result<(), CommandError> {
        caller.require(Permission::SubmitCalls)?;
        let row = self.visible_call(caller, id).await?;
        let scope = self.scope(caller);
        if !scope.cancel_call(id).await? {
            let row = scope.call(id).await?.unwrap_or(row);
            return Err(CommandError::Conflict {
                expected: "a call that still waits or is at work".to_owned(),
                found: format!("one that is `{}`", row.state),
            });
        }
        scope.note(caller.entry("call.cancel", id.to_string())).await?;
        Ok(())
    }
}
