use fh_store::{AccessRole, NewApiKey};

use super::{hex_of, secret};
use crate::permission::Permission;
use crate::{Caller, CommandError, Workflow};

impl Workflow {
    /// Makes an access key for a program. The secret is shown this once.
    pub async fn create_api_key(
        &self,
        caller: &Caller,
        label: &str,
        role: AccessRole,
    ) -> Result<NewApiKey, CommandError> {
        caller.require(Permission::ManageAccess)?;
        let key = NewApiKey {
            key: hex_of(self.random(), 16),
            secret: secret(self.random()),
            label: label.to_owned(),
            role,
        };
        self.store().directory().put_api_key(&caller.tenant, key.clone()).await?;
        self.scope(caller).note(caller.entry("key.create", key.key.clone())).await?;
        Ok(key)
    }

    /// Deletes an access key; its tokens are good no more.
    pub async fn delete_api_key(&self, caller: &Caller, key: &str) -> Result<(), CommandError> {
        caller.require(Permission::ManageAccess)?;
        if !self.store().directory().delete_api_key(&caller.tenant, key).await? {
            return Err(CommandError::NotFound { what: "key" });
        }
        self.scope(caller).note(caller.entry("key.delete", key)).await?;
        Ok(())
    }
}
