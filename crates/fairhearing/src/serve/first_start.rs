//! What a server makes when it starts on an empty database.

use anyhow::Context as _;
use fh_api::hash_password;
use fh_model::RandomSource;
use fh_store::{AccessRole, NewTenant};
use fh_workflow::{Caller, CreateUser, Workflow};

/// What is told once and never again.
pub(crate) struct FirstSecrets {
    /// The administrator's password.
    pub(crate) password: String,
    /// A key for programs (Huawei's `app_key`, Alibaba's `AccessKeyId`).
    pub(crate) key: String,
    /// Its secret.
    pub(crate) secret: String,
}

/// The administrator's sign-in name.
pub(crate) const ADMINISTRATOR: &str = "admin";

/// Makes the operator's tenant with an administrator and a key, unless there is such a tenant.
///
/// A process that dies in between leaves a tenant without people: the administrator is made when
/// there is none, too.
pub(crate) async fn first_start(
    workflow: &Workflow,
    random: &dyn RandomSource,
) -> anyhow::Result<Option<FirstSecrets>> {
    let tenant = workflow.settings().operator.clone();
    let directory = workflow.store().directory();
    if directory.tenant(&tenant).await?.is_none() {
        let new =
            NewTenant { id: tenant.clone(), name: "Default".to_owned(), retention_days: None };
        match directory.put_tenant(new).await {
            // Another process of the same first start was quicker.
            Err(fh_store::StoreError::Conflict { .. }) => return Ok(None),
            made => made.context("making the first tenant")?,
        }
    }
    if !directory.list_users(&tenant).await?.is_empty() {
        return Ok(None);
    }
    let system = Caller::system(tenant);
    let password = readable_secret(random);
    let administrator = CreateUser {
        name: ADMINISTRATOR.to_owned(),
        password_hash: hash_password(&password, random),
        role: AccessRole::Administrator,
        staff_id: None,
    };
    match workflow.create_user(&system, administrator).await {
        Err(fh_workflow::CommandError::Conflict { .. }) => return Ok(None),
        made => made.context("making the administrator")?,
    };
    let key = workflow
        .create_api_key(&system, "made at the first start", AccessRole::QaManager)
        .await
        .context("making the first key")?;
    Ok(Some(FirstSecrets { password, key: key.key, secret: key.secret }))
}

/// 20 characters of an alphabet without look-alikes: 98 bits.
fn readable_secret(random: &dyn RandomSource) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    random.fill(&mut bytes);
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
    let groups: Vec<String> =
        bytes.chunks(5).map(|group| group.iter().map(letter).collect()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl RandomSource for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, value) in bytes.iter_mut().zip(30..) {
                *byte = value;
            }
        }
    }

    #[test]
    fn a_secret_is_four_groups_of_five_without_look_alikes() {
        assert_eq!(readable_secret(&Counting), "89abc-defgh-ijkmn-pqrst");
    }
}
