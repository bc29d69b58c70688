use fh_store::AccessRole;

use AccessRole::{Administrator, Agent, AgentSupervisor, Inspector, QaManager};

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Permission {
    /// Read the calls in which one is the agent, and their results.
    ReadOwnCalls,
    /// Read every call of the tenant, and its results.
    ReadAllCalls,
    /// Submit calls, cancel them, inspect them again.
    SubmitCalls,
    /// Object to a finding of a call that one may see.
    OpenAppeals,
    /// Move an appeal on.
    HandleAppeals,
    /// Say what a finding should have been.
    ReviseFindings,
    /// Upload rule packs and make one the active one.
    WriteRules,
    /// Look at jobs and give dead ones another try.
    ManageJobs,
    /// Erase calls and persons.
    EraseCalls,
    /// Register receivers of events.
    ManageWebhooks,
    /// Make users and keys, and read the audit log.
    ManageAccess,
    /// Make tenants; of the operator's own tenant only.
    ManageTenants,
}

impl Permission {
    /// Which roles hold it.
    pub const fn holders(self) -> &'static [AccessRole] {
        match self {
            Self::ReadOwnCalls | Self::OpenAppeals => {
                &[Agent, AgentSupervisor, Inspector, QaManager, Administrator]
            }
            Self::ReadAllCalls | Self::HandleAppeals => {
                &[AgentSupervisor, Inspector, QaManager, Administrator]
            }
            Self::SubmitCalls | Self::ReviseFindings => &[Inspector, QaManager, Administrator],
            Self::WriteRules | Self::ManageJobs | Self::EraseCalls => &[QaManager, Administrator],
            Self::ManageWebhooks | Self::ManageAccess | Self::ManageTenants => &[Administrator],
        }
    }
}
