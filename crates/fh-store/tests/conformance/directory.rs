use std::time::Duration;

use fh_model::{TenantId, UserId};
use fh_store::{
    AccessRole, NewApiKey, NewTenant, NewToken, NewUser, Principal, SignInGate, StoreError,
    TokenRow,
};
use uuid::Uuid;

use crate::place::Place;

const HOUR: Duration = Duration::from_secs(3600);

fn id(name: &str) -> TenantId {
    name.parse().unwrap()
}

fn user(number: u128, name: &str) -> NewUser {
    NewUser {
        id: UserId(Uuid::from_u128(number)),
        name: name.to_owned(),
        password_hash: "$argon2id$...".to_owned(),
        role: AccessRole::Inspector,
        staff_id: Some("s-1".to_owned()),
    }
}

fn key(name: &str) -> NewApiKey {
    NewApiKey {
        key: name.to_owned(),
        secret: "secret".to_owned(),
        label: "crm".to_owned(),
        role: AccessRole::QaManager,
    }
}

fn token(hash: &str, principal: Principal) -> NewToken {
    NewToken { hash: hash.to_owned(), principal, lifetime: HOUR }
}

pub(crate) async fn tenants_are_switched_on_and_off(place: Place) {
    let directory = place.store.directory();
    let tenant = NewTenant { id: id("b"), name: "B 公司".to_owned(), retention_days: Some(30) };
    directory.put_tenant(tenant.clone()).await.unwrap();
    let again = directory.put_tenant(tenant.clone()).await;
    assert!(matches!(again, Err(StoreError::Conflict { what: "tenant" })));
    place.tenant("a").await;
    let row = directory.tenant(&id("b")).await.unwrap().unwrap();
    assert_eq!((row.tenant, row.is_enabled), (tenant, true));
    assert!(directory.set_retention(&id("b"), None).await.unwrap());
    assert!(directory.enable_tenant(&id("b"), false).await.unwrap());
    let listed = directory.list_tenants().await.unwrap();
    let listed: Vec<(&str, Option<u32>, bool)> = listed
        .iter()
        .map(|row| (row.tenant.id.as_str(), row.tenant.retention_days, row.is_enabled))
        .collect();
    assert_eq!(listed, [("a", None, true), ("b", None, false)]);
    assert!(!directory.enable_tenant(&id("c"), true).await.unwrap());
    assert!(!directory.set_retention(&id("c"), Some(1)).await.unwrap());
    assert_eq!(directory.tenant(&id("c")).await.unwrap(), None);
}

pub(crate) async fn users_are_found_by_name_in_any_case(place: Place) {
    let directory = place.store.directory();
    place.tenant("a").await;
    place.tenant("b").await;
    directory.put_user(&id("a"), user(1, "Wang")).await.unwrap();
    let same = directory.put_user(&id("a"), user(2, "wANG")).await;
    assert!(matches!(same, Err(StoreError::Conflict { what: "user" })));
    directory.put_user(&id("b"), user(2, "wang")).await.unwrap();
    directory.put_user(&id("a"), user(3, "éva")).await.unwrap();
    let nobodys = directory.put_user(&id("c"), user(4, "x")).await;
    assert!(matches!(nobodys, Err(StoreError::NotFound { what: "tenant" })));

    let row = directory.user_by_name(&id("a"), "WANG").await.unwrap().unwrap();
    assert_eq!((row.user, row.tenant, row.is_enabled), (user(1, "Wang"), id("a"), true));
    assert!(directory.user_by_name(&id("a"), "ÉVA").await.unwrap().is_some());
    assert!(directory.user_by_name(&id("b"), "éva").await.unwrap().is_none());
    assert_eq!(directory.list_users(&id("a")).await.unwrap().len(), 2);
    assert!(directory.set_password(&id("a"), user(1, "").id, "new").await.unwrap());
    let row = directory.user_by_name(&id("a"), "wang").await.unwrap().unwrap();
    assert_eq!(row.user.password_hash, "new");
    assert!(!directory.set_password(&id("b"), user(1, "").id, "new").await.unwrap());
    assert!(!directory.enable_user(&id("b"), user(1, "").id, false).await.unwrap());
}

pub(crate) async fn keys_are_unique_over_all_tenants(place: Place) {
    let directory = place.store.directory();
    place.tenant("a").await;
    place.tenant("b").await;
    directory.put_api_key(&id("a"), key("AK1")).await.unwrap();
    directory.put_api_key(&id("a"), key("AK0")).await.unwrap();
    let taken = directory.put_api_key(&id("b"), key("AK1")).await;
    assert!(matches!(taken, Err(StoreError::Conflict { what: "access key" })));
    let row = directory.api_key("AK1").await.unwrap().unwrap();
    assert_eq!((row.key, row.tenant, row.is_enabled), (key("AK1"), id("a"), true));
    assert_eq!(directory.api_key("ak1").await.unwrap(), None);
    let listed = directory.list_api_keys(&id("a")).await.unwrap();
    let listed: Vec<&str> = listed.iter().map(|row| row.key.key.as_str()).collect();
    assert_eq!(listed, ["AK1", "AK0"]);
    directory.enable_tenant(&id("a"), false).await.unwrap();
    assert!(!directory.api_key("AK1").await.unwrap().unwrap().is_enabled);
    assert!(!directory.delete_api_key(&id("b"), "AK1").await.unwrap());
    assert!(directory.delete_api_key(&id("a"), "AK1").await.unwrap());
    assert_eq!(directory.api_key("AK1").await.unwrap(), None);
}

pub(crate) async fn tokens_end(place: Place) {
    let directory = place.store.directory();
    place.tenant("a").await;
    directory.put_user(&id("a"), user(1, "wang")).await.unwrap();
    directory.put_api_key(&id("a"), key("AK1")).await.unwrap();
    let of_user = Principal::User(user(1, "").id);
    let of_key = Principal::ApiKey("AK1".to_owned());
    directory.put_token(&id("a"), token("h1", of_user.clone())).await.unwrap();
    directory.put_token(&id("a"), token("h2", of_key.clone())).await.unwrap();
    let nobody = token("h3", Principal::ApiKey("no".to_owned()));
    let refused = directory.put_token(&id("a"), nobody).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    assert_eq!(
        directory.token("h1").await.unwrap(),
        Some(TokenRow {
            tenant: id("a"),
            principal: of_user.clone(),
            name: "wang".to_owned(),
            role: AccessRole::Inspector,
            staff_id: Some("s-1".to_owned()),
        })
    );
    assert_eq!(
        directory.token("h2").await.unwrap(),
        Some(TokenRow {
            tenant: id("a"),
            principal: of_key,
            name: "AK1".to_owned(),
            role: AccessRole::QaManager,
            staff_id: None,
        })
    );
    assert_eq!(directory.token("h3").await.unwrap(), None);
    assert!(directory.revoke_token("h2").await.unwrap());
    assert!(!directory.revoke_token("h2").await.unwrap());
    assert_eq!(directory.token("h2").await.unwrap(), None);
    let at_once = NewToken { lifetime: Duration::ZERO, ..token("h4", of_user) };
    directory.put_token(&id("a"), at_once).await.unwrap();
    assert_eq!(directory.token("h4").await.unwrap(), None);
    assert!(directory.token("h1").await.unwrap().is_some());
}

pub(crate) async fn switching_somebody_off_revokes_the_tokens(place: Place) {
    let directory = place.store.directory();
    place.tenant("a").await;
    directory.put_user(&id("a"), user(1, "wang")).await.unwrap();
    directory.put_api_key(&id("a"), key("AK1")).await.unwrap();
    let wang = user(1, "").id;
    let is_good = async |hash: &str| directory.token(hash).await.unwrap().is_some();
    let issue = async |hash: &str, principal: Principal| {
        directory.put_token(&id("a"), token(hash, principal)).await.unwrap();
        assert!(directory.token(hash).await.unwrap().is_some());
    };
    issue("user off", Principal::User(wang)).await;
    directory.enable_user(&id("a"), wang, false).await.unwrap();
    assert!(!is_good("user off").await);
    directory.enable_user(&id("a"), wang, true).await.unwrap();
    assert!(!is_good("user off").await, "it does not come back");

    issue("password", Principal::User(wang)).await;
    directory.set_password(&id("a"), wang, "new").await.unwrap();
    assert!(!is_good("password").await);

    issue("key", Principal::ApiKey("AK1".to_owned())).await;
    issue("user", Principal::User(wang)).await;
    directory.delete_api_key(&id("a"), "AK1").await.unwrap();
    assert!(!is_good("key").await);
    assert!(is_good("user").await);
    directory.enable_tenant(&id("a"), false).await.unwrap();
    assert!(!is_good("user").await);
    directory.enable_tenant(&id("a"), true).await.unwrap();
    assert!(!is_good("user").await);
}

pub(crate) async fn failures_to_sign_in_cost_time(place: Place) {
    let directory = place.store.directory();
    let gate = async |account: &str, address: &str| {
        directory.sign_in_gate(account, address).await.unwrap()
    };
    for _ in 0..4 {
        directory.note_sign_in("a/wang", "192.0.2.1", false).await.unwrap();
        assert_eq!(gate("a/wang", "192.0.2.1").await, SignInGate::Open);
    }
    // From the fifth on 1, 2, 4 ... seconds, and never more than 900.
    for expected in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
        directory.note_sign_in("a/wang", "192.0.2.1", false).await.unwrap();
        let locked = "SELECT (locked_until - last_at) / 1000000 FROM sign_in_failures
                      WHERE account = 'a/wang'";
        assert_eq!(place.number(locked).await, expected);
    }
    let SignInGate::Locked(left) = gate("a/wang", "192.0.2.1").await else { panic!("open") };
    assert!(left <= Duration::from_secs(900) && left > Duration::from_secs(800), "{left:?}");
    // The owner, at another address, and others are not locked out.
    assert_eq!(gate("a/wang", "192.0.2.2").await, SignInGate::Open);
    assert_eq!(gate("a/li", "192.0.2.1").await, SignInGate::Open);
    place.execute("UPDATE sign_in_failures SET locked_until = 1").await;
    assert_eq!(gate("a/wang", "192.0.2.1").await, SignInGate::Open);
    directory.note_sign_in("a/wang", "192.0.2.1", true).await.unwrap();
    directory.note_sign_in("a/wang", "192.0.2.1", false).await.unwrap();
    assert_eq!(gate("a/wang", "192.0.2.1").await, SignInGate::Open, "forgotten");
}

pub(crate) async fn a_nonce_is_new_once(place: Place) {
    let directory = place.store.directory();
    assert!(directory.remember_nonce("r", "n", HOUR).await.unwrap());
    assert!(!directory.remember_nonce("r", "n", HOUR).await.unwrap());
    assert!(directory.remember_nonce("other", "n", HOUR).await.unwrap());
    assert!(directory.remember_nonce("r", "brief", Duration::ZERO).await.unwrap());
    assert!(directory.remember_nonce("r", "brief", HOUR).await.unwrap(), "it had expired");
    assert!(directory.renew_nonce("r", "brief", Duration::ZERO).await.unwrap());
    assert!(directory.remember_nonce("r", "brief", HOUR).await.unwrap(), "it was given up");
    assert!(directory.remember_nonce("r", "claim", Duration::ZERO).await.unwrap());
    assert!(directory.renew_nonce("r", "claim", HOUR).await.unwrap());
    assert!(!directory.remember_nonce("r", "claim", HOUR).await.unwrap(), "it was kept");
    assert!(!directory.renew_nonce("r", "never", HOUR).await.unwrap());
    // At the same time, one of them is the first.
    let store = std::sync::Arc::clone(&place.store);
    let asked: Vec<_> = (0..20)
        .map(|_| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move {
                store.directory().remember_nonce("r", "race", HOUR).await.unwrap()
            })
        })
        .collect();
    let mut new = 0;
    for asked in asked {
        new += u32::from(asked.await.unwrap());
    }
    assert_eq!(new, 1);
}

pub(crate) async fn what_outlived_its_use_is_swept(place: Place) {
    let directory = place.store.directory();
    place.tenant("a").await;
    directory.put_user(&id("a"), user(1, "wang")).await.unwrap();
    let brief =
        NewToken { lifetime: Duration::ZERO, ..token("brief", Principal::User(user(1, "").id)) };
    directory.put_token(&id("a"), brief).await.unwrap();
    directory.put_token(&id("a"), token("good", Principal::User(user(1, "").id))).await.unwrap();
    directory.remember_nonce("r", "brief", Duration::ZERO).await.unwrap();
    directory.remember_nonce("r", "good", HOUR).await.unwrap();
    assert_eq!(place.store.sweep().await.unwrap(), 2);
    assert_eq!(place.store.sweep().await.unwrap(), 0);
    assert_eq!(place.number("SELECT count(*) FROM tokens").await, 1);
    assert!(!directory.remember_nonce("r", "good", HOUR).await.unwrap());
}
