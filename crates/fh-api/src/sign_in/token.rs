use std::time::Duration;

use fh_model::{RandomSource, TenantId};
use fh_store::{ApiKeyRow, NewToken, Principal, SignInGate, UserRow};

use super::{SignInError, equal};
use crate::parts::Api;

/// A token that was issued.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    /// The token: 64 hex digits.
    pub(crate) token: String,
    /// For how long it is good.
    pub(crate) lifetime: Duration,
}

/// What the store knows of a token.
pub(crate) fn token_hash(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}

fn new_token(random: &dyn RandomSource) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    blake3::Hash::from(bytes).to_hex().to_string()
}

/// The longest name of a key or a person that is looked up.
const LONGEST_NAME: usize = 256;

/// Issues a token to a program for its access key and secret.
pub(crate) async fn sign_in_key(
    api: &Api,
    key: &str,
    secret: &str,
    address: &str,
    lifetime: Duration,
) -> Result<(ApiKeyRow, Issued), SignInError> {
    let account = format!("key:{}", short(key));
    pass_gate(api, &account, address).await?;
    let row = api.store().directory().api_key(short(key)).await?;
    // The comparison is made for unknown keys, too: it must take as long.
    let wanted = row.as_ref().map_or("", |row| row.key.secret.as_str());
    let right = equal(secret, wanted) && !wanted.is_empty();
    let row = row.filter(|row| right && row.is_enabled);
    pass_gate(api, &account, address).await?;
    note(api, &account, address, row.is_some()).await?;
    let row = row.ok_or(SignInError::WrongSecret)?;
    let principal = Principal::ApiKey(row.key.key.clone());
    let issued = issue(api, &row.tenant, principal, lifetime).await?;
    Ok((row, issued))
}

/// Issues a token to a person for name and password.
pub(crate) async fn sign_in_person(
    api: &Api,
    tenant: &TenantId,
    name: &str,
    password: String,
    address: &str,
) -> Result<(UserRow, Issued), SignInError> {
    let account = format!("user:{tenant}/{}", short(name).to_lowercase());
    pass_gate(api, &account, address).await?;
    let directory = api.store().directory();
    let row = directory.user_by_name(tenant, short(name)).await?;
    let is_tenant_enabled = directory.tenant(tenant).await?.is_some_and(|tenant| tenant.is_enabled);
    let hash = row.as_ref().map(|row| row.user.password_hash.as_str());
    let right = api.passwords().check(password, hash).await?;
    let row = row.filter(|row| right && row.is_enabled && is_tenant_enabled);
    // Once more: of many guesses at once those are not told either that fail while others are looked
    // at.
    pass_gate(api, &account, address).await?;
    note(api, &account, address, row.is_some()).await?;
    let row = row.ok_or(SignInError::WrongSecret)?;
    let principal = Principal::User(row.user.id);
    let issued = issue(api, &row.tenant, principal, api.settings.session).await?;
    Ok((row, issued))
}

/// What a stranger wrote, cut to what can be a name: the rest would only fill the table of attempts.
fn short(name: &str) -> &str {
    let end = name.char_indices().nth(LONGEST_NAME).map_or(name.len(), |(at, _)| at);
    &name[..end]
}

async fn pass_gate(api: &Api, account: &str, address: &str) -> Result<(), SignInError> {
    match api.store().directory().sign_in_gate(account, address).await? {
        SignInGate::Open => Ok(()),
        SignInGate::Locked(wait) => Err(SignInError::Locked(wait)),
    }
}

async fn note(api: &Api, account: &str, address: &str, success: bool) -> Result<(), SignInError> {
    Ok(api.store().directory().note_sign_in(account, address, success).await?)
}

async fn issue(
    api: &Api,
    tenant: &TenantId,
    principal: Principal,
    lifetime: Duration,
) -> Result<Issued, SignInError> {
    let token = new_token(api.random.as_ref());
    let new = NewToken { hash: token_hash(&token), principal, lifetime };
    api.store().directory().put_token(tenant, new).await?;
    Ok(Issued { token, lifetime })
}
