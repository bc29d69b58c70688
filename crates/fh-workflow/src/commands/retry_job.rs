use fh_model::JobId;

use crate::permission::Permission;
use crate::{Caller, CommandError, Workflow};

impl Workflow {
    /// Gives a job of the dead letters another try with all its attempts.
    pub async fn retry_job(&self, caller: &Caller, id: JobId) -> Result<(), CommandError> {
        caller.require(Permission::ManageJobs)?;
        let scope = self.scope(caller);
        if !scope.retry_job(id).await? {
            return Err(CommandError::NotFound { what: "dead job" });
        }
        self.wake();
        scope.note(caller.entry("job.retry", id.to_string())).await?;
        Ok(())
    }
}
