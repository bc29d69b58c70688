use fh_model::{AppealId, CallId};
use fh_store::{AppealState, NewAppeal};
use serde_json::json;

use crate::permission::Permission;
use crate::workflow::call_event;
use crate::{Caller, CommandError, Workflow, event_names};

/// An objection to findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAppeal {
    /// The call.
    pub call: CallId,
    /// Why.
    pub reason: String,
    /// Who shall look at it first.
    pub reviewer: String,
    /// That person's role, as the client names it.
    pub reviewer_role: String,
    /// The findings that it is about: scenario and the finding's key.
    pub findings: Vec<(String, String)>,
}

impl Workflow {
    /// Opens an appeal against findings of a call that the caller may see.
    ///
    /// # Errors
    /// [`CommandError::Conflict`] while another appeal of the call is open.
    pub async fn open_appeal(
        &self,
        caller: &Caller,
        appeal: OpenAppeal,
    ) -> Result<AppealId, CommandError> {
        caller.require(Permission::OpenAppeals)?;
        let row = self.visible_call(caller, appeal.call).await?;
        if appeal.findings.is_empty() {
            return Err(CommandError::invalid("findings", "one finding at least", "none"));
        }
        self.require_findings(caller, appeal.call, &appeal.findings).await?;
        let id = AppealId(self.random().uuid());
        let OpenAppeal { call, reason, reviewer, reviewer_role, findings } = appeal;
        let author = caller.name.clone();
        let new = NewAppeal { id, call, reason, author, reviewer, reviewer_role, findings };
        let payload = json!({ "appeal": id });
        let scope = self.scope(caller);
        let event = call_event(event_names::APPEAL_OPENED, call, row.call.batch, payload);
        scope.open_appeal(new, event).await?;
        scope.note(caller.entry("appeal.open", id.to_string())).await?;
        self.tell_receivers(&caller.tenant, call, event_names::APPEAL_OPENED).await?;
        Ok(id)
    }

    /// Moves an appeal of a call on.
    pub async fn move_appeal(
        &self,
        caller: &Caller,
        call: CallId,
        id: AppealId,
        state: AppealState,
    ) -> Result<(), CommandError> {
        caller.require(Permission::HandleAppeals)?;
        let row = self.visible_call(caller, call).await?;
        let scope = self.scope(caller);
        if !scope.appeals_of(call).await?.iter().any(|appeal| appeal.appeal.id == id) {
            return Err(CommandError::NotFound { what: "appeal" });
        }
        let payload = json!({ "appeal": id });
        let event = call_event(event_names::APPEAL_MOVED, call, row.call.batch, payload);
        if !scope.move_appeal(id, state, event).await? {
            return Err(CommandError::NotFound { what: "appeal" });
        }
        scope.note(caller.entry("appeal.move", id.to_string())).await?;
        self.tell_receivers(&caller.tenant, call, event_names::APPEAL_MOVED).await?;
        Ok(())
    }
}
