use fh_model::CallId;
use fh_store::CallKind;
use serde_json::json;

use crate::jobs;
use crate::permission::Permission;
use crate::workflow::call_event;
use crate::{Caller, CommandError, Workflow, event_names};

/// From where on a call is inspected again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReinspectFrom {
    /// The rules only, on the words and measures that are there.
    #[default]
    Rules,
    /// The recording: measured and recognised again.
    Recording,
}

impl Workflow {
    /// Inspects a final call again, by the rules that are active then. Where an earlier step left
    /// nothing behind, that step is done too.
    ///
    /// # Errors
    /// [`CommandError::Conflict`] while the call still waits or is at work.
    pub async fn reinspect_call(
        &self,
        caller: &Caller,
        id: CallId,
        from: ReinspectFrom,
    ) -> Result<(), CommandError> {
        caller.require(Permission::SubmitCalls)?;
        let row = self.visible_call(caller, id).await?;
        if !row.state.is_final() {
            return Err(CommandError::Conflict {
                expected: "a call that is done, failed or cancelled".to_owned(),
                found: format!("one that is `{}`", row.state),
            });
        }
        let scope = self.scope(caller);
        let kind = match (row.call.kind, &row.recording_blob, from) {
            (CallKind::Text, ..) => jobs::INSPECT_CHAT,
            (CallKind::Voice, None, _) => jobs::FETCH_RECORDING,
            (CallKind::Voice, Some(_), ReinspectFrom::Recording) => jobs::DECODE_AND_MEASURE,
            (CallKind::Voice, Some(_), ReinspectFrom::Rules) => {
                let words = scope.step_result(id, jobs::RECOGNIZE_SPEECH).await?;
                words.map_or(jobs::DECODE_AND_MEASURE, |_| jobs::INSPECT_CALL)
            }
        };
        let mut job = self.new_job(kind, id, 0);
        if from == ReinspectFrom::Recording {
            job.payload = json!({ "anew": true });
        }
        let event =
            call_event(event_names::CALL_QUEUED, id, row.call.batch, json!({ "again": true }));
        scope.restart_call(id, job, event).await?;
        self.wake();
        scope.note(caller.entry("call.reinspect", id.to_string())).await?;
        Ok(())
    }
}
