use std::time::Duration;

use async_trait::async_trait;
use fh_model::{TenantId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessRole {
    /// Reads the own calls and appeals.
    Agent,
    /// Reads the team's calls, judges appeals first.
    AgentSupervisor,
    /// Reads calls, revises findings.
    Inspector,
    /// Writes rules, reads and judges everything of the tenant.
    QaManager,
    /// Everything, with users and keys.
    Administrator,
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// Its short name.
    pub id: TenantId,
    /// Its name for people.
    pub name: String,
    /// After how many days calls are deleted; never where absent.
    pub retention_days: Option<u32>,
}

/// A tenant as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    /// What was asked.
    pub tenant: NewTenant,
    /// Whether its people and keys may do anything.
    pub is_enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Its identifier, made by the caller.
    pub id: UserId,
    /// The sign-in name, unique in the tenant, letter case not counting.
    pub name: String,
    /// The password's argon2 hash in its own notation.
    pub password_hash: String,
    /// What the person may do.
    pub role: AccessRole,
    /// The agent's user identifier (`staff_id`), for those who may see their own calls only.
    pub staff_id: Option<String>,
}

/// A person as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// What was asked.
    pub user: NewUser,
    /// Whose.
    pub tenant: TenantId,
    /// Whether the person may sign in.
    pub is_enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An access key of a program (Huawei's `app_key`, Alibaba's `AccessKeyId`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// What the client sends.
    pub key: String,
    /// What it signs with. Kept as it is: signatures cannot be checked from a hash.
    pub secret: String,
    /// For people.
    pub label: String,
    /// What it may do.
    pub role: AccessRole,
}

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// What was asked.
    pub key: NewApiKey,
    /// Whose.
    pub tenant: TenantId,
    /// Whether it may do anything, the tenant's own state included.
    pub is_enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Who a token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// A person.
    User(UserId),
    /// A program, by its access key.
    ApiKey(String),
}

/// A token that is issued; only its hash is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// blake3 of the token, in hex.
    pub hash: String,
    /// Whom it stands for.
    pub principal: Principal,
    /// For how long, by the database's clock.
    pub lifetime: Duration,
}

/// A token that is good now: it has not expired nor been revoked, and who it stands for is enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Whose.
    pub tenant: TenantId,
    /// Whom it stands for.
    pub principal: Principal,
    /// The name of that person or key.
    pub name: String,
    /// What it may do now.
    pub role: AccessRole,
    /// For those who may see their own calls only.
    pub staff_id: Option<String>,
}

/// Whether another attempt to sign in may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInGate {
    /// Yes.
    Open,
    /// Not before so much time has passed.
    Locked(Duration),
}

/// Who may ask for what, over all tenants.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Makes a tenant. [`StoreError::Conflict`] where there is one of that name.
    async fn put_tenant(&self, tenant: NewTenant) -> Result<(), StoreError>;
    /// A tenant.
    async fn tenant(&self, id: &TenantId) -> Result<Option<TenantRow>, StoreError>;
    /// All tenants by name.
    async fn list_tenants(&self) -> Result<Vec<TenantRow>, StoreError>;
    /// Switches a tenant on or off, with all its tokens. Whether there is one.
    async fn enable_tenant(&self, id: &TenantId, enabled: bool) -> Result<bool, StoreError>;
    /// Sets after how many days calls are deleted. Whether there is such a tenant.
    async fn set_retention(&self, id: &TenantId, days: Option<u32>) -> Result<bool, StoreError>;

    /// Makes a person. [`StoreError::Conflict`] where there is one of that name.
    async fn put_user(&self, tenant: &TenantId, user: NewUser) -> Result<(), StoreError>;
    /// A person by the sign-in name.
    async fn user_by_name(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<UserRow>, StoreError>;
    /// The people of a tenant by name.
    async fn list_users(&self, tenant: &TenantId) -> Result<Vec<UserRow>, StoreError>;
    /// Switches a person on or off, with all tokens. Whether there is one.
    async fn enable_user(
        &self,
        tenant: &TenantId,
        id: UserId,
        enabled: bool,
    ) -> Result<bool, StoreError>;
    /// Sets a new password and revokes all tokens. Whether there is such a person.
    async fn set_password(
        &self,
        tenant: &TenantId,
        id: UserId,
        hash: &str,
    ) -> Result<bool, StoreError>;

    /// Makes a key. [`StoreError::Conflict`] where there is one of that name, in any tenant.
    async fn put_api_key(&self, tenant: &TenantId, key: NewApiKey) -> Result<(), StoreError>;
    /// A key by what the client sends.
    async fn api_key(&self, key: &str) -> Result<Option<ApiKeyRow>, StoreError>;
    /// The keys of a tenant, the oldest first.
    async fn list_api_keys(&self, tenant: &TenantId) -> Result<Vec<ApiKeyRow>, StoreError>;
    /// Deletes a key with all its tokens. Whether there was one.
    async fn delete_api_key(&self, tenant: &TenantId, key: &str) -> Result<bool, StoreError>;

    /// Issues a token.
    async fn put_token(&self, tenant: &TenantId, token: NewToken) -> Result<(), StoreError>;
    /// A token that is good now, by its hash.
    async fn token(&self, hash: &str) -> Result<Option<TokenRow>, StoreError>;
    /// Revokes a token. Whether there was one.
    async fn revoke_token(&self, hash: &str) -> Result<bool, StoreError>;

    /// Whether `account` may try to sign in from `address`.
    async fn sign_in_gate(&self, account: &str, address: &str) -> Result<SignInGate, StoreError>;
    /// Notes an attempt: a failure makes the next wait longer for this account from this address
    /// (from the fifth on, doubling from 1 s to 15 min), a success forgets the failures.
    async fn note_sign_in(
        &self,
        account: &str,
        address: &str,
        success: bool,
    ) -> Result<(), StoreError>;

    /// Remembers a nonce for `lifetime`. Whether it is new.
    async fn remember_nonce(
        &self,
        realm: &str,
        nonce: &str,
        lifetime: Duration,
    ) -> Result<bool, StoreError>;

    /// Remembers a nonce that was remembered already for `lifetime` from now instead: what was only
    /// claimed is kept once it is done, and with zero given up where it failed. Whether there was one.
    async fn renew_nonce(
        &self,
        realm: &str,
        nonce: &str,
        lifetime: Duration,
    ) -> Result<bool, StoreError>;
}
