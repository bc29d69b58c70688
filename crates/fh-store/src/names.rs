//! The names under which states are kept. None is ever renamed.

use crate::{AccessRole, AppealState, CallKind, DeliveryState, JobState, StoreError};

pub(crate) trait Named: PartialEq + Sized + 'static {
    const NAMES: &'static [(Self, &'static str)];

    fn name(&self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(one, _)| one == self)
            .map(|&(_, name)| name)
            .expect("the list has every variant: a test looks")
    }
}

impl Named for CallKind {
    const NAMES: &'static [(Self, &'static str)] = &[(Self::Voice, "voice"), (Self::Text, "text")];
}

impl Named for JobState {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::Waiting, "waiting"),
        (Self::Leased, "leased"),
        (Self::Done, "done"),
        (Self::Dead, "dead"),
        (Self::Cancelled, "cancelled"),
    ];
}

impl Named for AppealState {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::Reviewing, "reviewing"),
        (Self::Handling, "handling"),
        (Self::Verifying, "verifying"),
        (Self::Completed, "completed"),
    ];
}

impl Named for DeliveryState {
    const NAMES: &'static [(Self, &'static str)] =
        &[(Self::Delivered, "delivered"), (Self::Failed, "failed"), (Self::GivenUp, "given_up")];
}

impl Named for AccessRole {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::Agent, "agent"),
        (Self::AgentSupervisor, "agent_supervisor"),
        (Self::Inspector, "inspector"),
        (Self::QaManager, "qa_manager"),
        (Self::Administrator, "administrator"),
    ];
}

pub(crate) fn named<T: Named + Clone>(name: &str) -> Result<T, StoreError> {
    T::NAMES.iter().find(|(_, one)| *one == name).map(|(one, _)| one.clone()).ok_or_else(|| {
        let names: Vec<&str> = T::NAMES.iter().map(|&(_, name)| name).collect();
        StoreError::Unfit {
            expected: format!("one of `{}`", names.join("`, `")),
            found: format!("a stored `{name}`"),
        }
    })
}
