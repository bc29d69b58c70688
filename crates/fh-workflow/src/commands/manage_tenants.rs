use fh_model::TenantId;
use fh_store::NewTenant;

use crate::permission::Permission;
use crate::{Caller, CommandError, Workflow};

impl Workflow {
    /// Makes a tenant.
    pub async fn create_tenant(
        &self,
        caller: &Caller,
        tenant: NewTenant,
    ) -> Result<(), CommandError> {
        self.require_operator(caller)?;
        check_retention(tenant.retention_days)?;
        let id = tenant.id.clone();
        self.store().directory().put_tenant(tenant).await?;
        self.scope(caller).note(caller.entry("tenant.create", id.as_str())).await?;
        Ok(())
    }

    /// Switches a tenant on or off, with all its tokens.
    pub async fn enable_tenant(
        &self,
        caller: &Caller,
        id: &TenantId,
        enabled: bool,
    ) -> Result<(), CommandError> {
        self.require_operator(caller)?;
        if *id == self.settings().operator && !enabled {
            return Err(CommandError::Conflict {
                expected: "another tenant than the operator's own".to_owned(),
                found: "that one".to_owned(),
            });
        }
        if !self.store().directory().enable_tenant(id, enabled).await? {
            return Err(CommandError::NotFound { what: "tenant" });
        }
        let action = if enabled { "tenant.enable" } else { "tenant.disable" };
        self.scope(caller).note(caller.entry(action, id.as_str())).await?;
        Ok(())
    }

    /// Sets after how many days the caller's tenant's calls are deleted; never where absent.
    pub async fn set_retention(
        &self,
        caller: &Caller,
        days: Option<u32>,
    ) -> Result<(), CommandError> {
        caller.require(Permission::ManageAccess)?;
        check_retention(days)?;
        if !self.store().directory().set_retention(&caller.tenant, days).await? {
            return Err(CommandError::NotFound { what: "tenant" });
        }
        let object = days.map_or_else(|| "never".to_owned(), |days| format!("{days} days"));
        self.scope(caller).note(caller.entry("tenant.retention", object)).await?;
        Ok(())
    }

    fn require_operator(&self, caller: &Caller) -> Result<(), CommandError> {
        caller.require(Permission::ManageTenants)?;
        if caller.tenant == self.settings().operator {
            Ok(())
        } else {
            Err(CommandError::Forbidden)
        }
    }
}

/// A hundred years: who wants more wants no limit.
const LONGEST_RETENTION_DAYS: u32 = 36_500;

fn check_retention(days: Option<u32>) -> Result<(), CommandError> {
    match days.filter(|days| !(1..=LONGEST_RETENTION_DAYS).contains(days)) {
        None => Ok(()),
        Some(found) => Err(CommandError::invalid(
            "retention_days",
            format!("1 to {LONGEST_RETENTION_DAYS}"),
            found.to_string(),
        )),
    }
}
