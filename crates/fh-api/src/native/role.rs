use fh_store::AccessRole;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleName {
    /// Reads the own calls, objects to findings.
    Agent,
    /// Reads all calls, judges appeals first.
    AgentSupervisor,
    /// Submits calls, revises findings.
    Inspector,
    /// Writes rules, looks after jobs, erases.
    QaManager,
    /// Everything, with users and keys.
    Administrator,
}

impl From<AccessRole> for RoleName {
    fn from(role: AccessRole) -> Self {
        match role {
            AccessRole::Agent => Self::Agent,
            AccessRole::AgentSupervisor => Self::AgentSupervisor,
            AccessRole::Inspector => Self::Inspector,
            AccessRole::QaManager => Self::QaManager,
            AccessRole::Administrator => Self::Administrator,
        }
    }
}

impl From<RoleName> for AccessRole {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::Agent => Self::Agent,
            RoleName::AgentSupervisor => Self::AgentSupervisor,
            RoleName::Inspector => Self::Inspector,
            RoleName::QaManager => Self::QaManager,
            RoleName::Administrator => Self::Administrator,
        }
    }
}

/// Refuses who may not do something, where a query and not a command is asked for.
pub(crate) fn require(
    caller: &fh_workflow::Caller,
    permission: fh_workflow::Permission,
) -> Result<(), crate::Problem> {
    if caller.may(permission) { Ok(()) } else { Err(fh_workflow::CommandError::Forbidden.into()) }
}
