use fh_model::UserId;
use fh_store::{AccessRole, NewUser};

use crate::permission::Permission;
use crate::{Caller, CommandError, Workflow};

/// A person who is to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateUser {
    /// The sign-in name, 1 to 128 characters.
    pub name: String,
    /// The password's argon2 hash in its own notation.
    pub password_hash: String,
    /// What the person may do.
    pub role: AccessRole,
    /// The agent's user identifier, for those who may see their own calls only.
    pub staff_id: Option<String>,
}

impl Workflow {
    /// Makes a person.
    ///
    /// # Errors
    /// [`CommandError::Conflict`] where there is one of that name.
    pub async fn create_user(
        &self,
        caller: &Caller,
        user: CreateUser,
    ) -> Result<UserId, CommandError> {
        caller.require(Permission::ManageAccess)?;
        let length = user.name.chars().count();
        if !(1..=128).contains(&length) || user.name.trim() != user.name {
            return Err(CommandError::invalid(
                "name",
                "1 to 128 characters without spaces around them",
                format!("{length} characters"),
            ));
        }
        let id = UserId(self.random().uuid());
        let CreateUser { name, password_hash, role, staff_id } = user;
        let user = NewUser { id, name, password_hash, role, staff_id };
        self.store().directory().put_user(&caller.tenant, user).await?;
        self.scope(caller).note(caller.entry("user.create", id.to_string())).await?;
        Ok(id)
    }

    /// Switches a person on or off, with all tokens.
    pub async fn enable_user(
        &self,
        caller: &Caller,
        id: UserId,
        enabled: bool,
    ) -> Result<(), CommandError> {
        caller.require(Permission::ManageAccess)?;
        if !self.store().directory().enable_user(&caller.tenant, id, enabled).await? {
            return Err(CommandError::NotFound { what: "user" });
        }
        let action = if enabled { "user.enable" } else { "user.disable" };
        self.scope(caller).note(caller.entry(action, id.to_string())).await?;
        Ok(())
    }

    /// Sets a person's new password and revokes all tokens. That people set their own is for the
    /// sign-in to allow, which knows who asks: it calls this as [`Caller::system`].
    pub async fn set_password(
        &self,
        caller: &Caller,
        id: UserId,
        password_hash: &str,
    ) -> Result<(), CommandError> {
        caller.require(Permission::ManageAccess)?;
        if !self.store().directory().set_password(&caller.tenant, id, password_hash).await? {
            return Err(CommandError::NotFound { what: "user" });
        }
        self.scope(caller).note(caller.entry("user.password", id.to_string())).await?;
        Ok(())
    }
}
