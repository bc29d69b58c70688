use std::collections::BTreeSet;

use fh_model::CallId;
use fh_store::NewRevision;
use serde_json::json;

use crate::permission::Permission;
use crate::workflow::call_event;
use crate::{Caller, CommandError, Workflow, event_names};

/// What a person says about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviseFinding {
    /// The call.
    pub call: CallId,
    /// The scenario's identifier.
    pub scenario: String,
    /// The finding's key: [`fh_model::Finding::key`].
    pub finding: String,
    /// Whether the call complies after all.
    pub complies: bool,
    /// Why.
    pub remark: String,
}

impl Workflow {
    /// Keeps what a person says about a finding, beside the machine's verdict.
    pub async fn revise_finding(
        &self,
        caller: &Caller,
        revise: ReviseFinding,
    ) -> Result<(), CommandError> {
        caller.require(Permission::ReviseFindings)?;
        let row = self.visible_call(caller, revise.call).await?;
        let named = [(revise.scenario.clone(), revise.finding.clone())];
        self.require_findings(caller, revise.call, &named).await?;
        let ReviseFinding { call, scenario, finding, complies, remark } = revise;
        let payload = json!({ "scenario": scenario, "finding": finding, "complies": complies });
        let object = format!("{call}/{finding}");
        let author = caller.name.clone();
        let new = NewRevision { call, scenario, finding, complies, remark, author };
        let scope = self.scope(caller);
        let event = call_event(event_names::FINDING_REVISED, call, row.call.batch, payload);
        scope.revise(new, event).await?;
        scope.note(caller.entry("finding.revise", object)).await?;
        self.tell_receivers(&caller.tenant, call, event_names::FINDING_REVISED).await?;
        Ok(())
    }

    /// Refuses findings that the call's result does not have.
    pub(super) async fn require_findings(
        &self,
        caller: &Caller,
        call: CallId,
        findings: &[(String, String)],
    ) -> Result<(), CommandError> {
        let Some((_, inspection)) = self.inspection_of(caller, call).await? else {
            return Err(CommandError::Conflict {
                expected: "a call that is inspected".to_owned(),
                found: "one without a result".to_owned(),
            });
        };
        let known: BTreeSet<(String, String)> = inspection
            .score_cards
            .iter()
            .flat_map(|card| {
                let scenario = &card.scenario_id;
                card.findings
                    .iter()
                    .map(move |finding| (scenario.clone(), finding.key(call, scenario)))
            })
            .collect();
        if findings.iter().all(|finding| known.contains(finding)) {
            Ok(())
        } else {
            Err(CommandError::NotFound { what: "finding" })
        }
    }
}
