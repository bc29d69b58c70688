use fh_model::TenantId;
use fh_store::{AccessRole, AuditEntry, CallRow};

use crate::CommandError;
use crate::permission::Permission;

/// Who asks: a signed-in person, a program with a key, or the system itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whose rows are meant.
    pub tenant: TenantId,
    /// The user's or the key's name, for the audit log.
    pub name: String,
    /// What the caller may do.
    pub role: AccessRole,
    /// For those who may see their own calls only: the agent's user identifier.
    pub staff_id: Option<String>,
    /// From which address, for the audit log.
    pub address: Option<String>,
}

impl Caller {
    /// The system itself, which may do everything in `tenant`.
    pub fn system(tenant: TenantId) -> Self {
        Self {
            tenant,
            name: "system".to_owned(),
            role: AccessRole::Administrator,
            staff_id: None,
            address: None,
        }
    }

    /// Whether the caller may do this.
    pub fn may(&self, permission: Permission) -> bool {
        permission.holders().contains(&self.role)
    }

    /// Whether the caller may see this call. Agents see their own.
    pub fn may_see(&self, row: &CallRow) -> bool {
        if self.may(Permission::ReadAllCalls) {
            return true;
        }
        let own = self.staff_id.as_deref();
        self.may(Permission::ReadOwnCalls) && own.is_some() && own == row.call.staff_id.as_deref()
    }

    pub(crate) fn require(&self, permission: Permission) -> Result<(), CommandError> {
        if self.may(permission) { Ok(()) } else { Err(CommandError::Forbidden) }
    }

    pub(crate) fn entry(&self, action: &str, object: impl Into<String>) -> AuditEntry {
        AuditEntry {
            who: self.name.clone(),
            action: action.to_owned(),
            object: object.into(),
            from: self.address.clone(),
        }
    }
}
