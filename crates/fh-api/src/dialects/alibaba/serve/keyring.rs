use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use fh_model::TenantId;
use fh_store::Directory;
use fh_workflow::Caller;
use jiff::Timestamp;

use super::super::signature::{AccessKey, Credentials, LookupError, NonceStore};
use crate::sign_in::token_hash;

/// Under which name the nonces of this dialect are kept.
const REALM: &str = "alibaba";

/// The directory's keys and tokens for one request; remembers whom they stand for.
pub(super) struct Keyring<'a> {
    directory: &'a dyn Directory,
    now: Timestamp,
    address: Option<String>,
    found: Mutex<Option<Caller>>,
}

impl<'a> Keyring<'a> {
    pub(super) fn new(
        directory: &'a dyn Directory,
        now: Timestamp,
        address: Option<String>,
    ) -> Self {
        Self { directory, now, address, found: Mutex::new(None) }
    }

    /// Whom the key or token that was last looked up stands for. Nobody is that before the signature
    /// was verified.
    pub(super) fn caller(self) -> Option<Caller> {
        self.found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, caller: Caller) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(caller);
    }
}

#[async_trait]
impl Credentials for Keyring<'_> {
    async fn access_key(&self, id: &str) -> Result<Option<AccessKey>, LookupError> {
        let row = self.directory.api_key(id).await.map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        self.note(Caller {
            tenant: row.tenant.clone(),
            // The key and not its label, which may be empty or anything.
            name: row.key.key,
            role: row.key.role,
            staff_id: None,
            address: self.address.clone(),
        });
        Ok(Some(AccessKey {
            tenant: row.tenant,
            secret: row.key.secret,
            active: row.is_enabled,
            security_token: None,
        }))
    }

    async fn bearer_token(&self, token: &str) -> Result<Option<TenantId>, LookupError> {
        let row = self.directory.token(&token_hash(token)).await.map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        self.note(Caller {
            tenant: row.tenant.clone(),
            name: row.name,
            role: row.role,
            staff_id: row.staff_id,
            address: self.address.clone(),
        });
        Ok(Some(row.tenant))
    }
}

#[async_trait]
impl NonceStore for Keyring<'_> {
    async fn remember(
        &self,
        access_key_id: &str,
        nonce: &str,
        until: Timestamp,
    ) -> Result<bool, LookupError> {
        let left = Duration::try_from(until.duration_since(self.now)).unwrap_or_default();
        // The length goes before the key, so that no two pairs are written alike.
        let name = format!("{}:{access_key_id}{nonce}", access_key_id.len());
        self.directory.remember_nonce(REALM, &name, left).await.map_err(failed)
    }
}

fn failed(error: fh_store::StoreError) -> LookupError {
    tracing::warn!(%error, "a key, a token or a nonce could not be looked up");
    LookupError(error.into())
}
