use fh_store::{AuditEntry, TenantScope};

use crate::place::Place;

fn entry(object: &str) -> AuditEntry {
    AuditEntry {
        who: "王".to_owned(),
        action: "call.audio.read".to_owned(),
        object: object.to_owned(),
        from: Some("192.0.2.7".to_owned()),
    }
}

async fn four_entries(place: &Place) -> Box<dyn TenantScope> {
    let scope = place.tenant("alpha").await;
    for object in ["a", "b", "c", "d"] {
        scope.note(entry(object)).await.unwrap();
    }
    assert_eq!(scope.verify_audit().await.unwrap(), None);
    scope
}

async fn fault(scope: &dyn TenantScope) -> i64 {
    scope.verify_audit().await.unwrap().expect("a fault is found").sequence
}

pub(crate) async fn entries_are_chained(place: Place) {
    let scope = four_entries(&place).await;
    let beta = place.tenant("beta").await;
    beta.note(entry("a")).await.unwrap();
    let log = scope.audit_log(None, 3).await.unwrap();
    assert_eq!(log.iter().map(|row| row.sequence).collect::<Vec<_>>(), [4, 3, 2]);
    assert_eq!(log[0].entry, entry("d"));
    let rest = scope.audit_log(Some(2), 3).await.unwrap();
    assert_eq!(rest.iter().map(|row| row.sequence).collect::<Vec<_>>(), [1]);
    // The same entry of another tenant has another hash.
    assert_ne!(rest[0].hash, beta.audit_log(None, 1).await.unwrap()[0].hash);
    assert_eq!(beta.verify_audit().await.unwrap(), None);
}

pub(crate) async fn an_edited_entry_is_found(place: Place) {
    let scope = four_entries(&place).await;
    for edit in ["who = 'x'", "object = 'x'", "at = at + 1", "from_address = NULL"] {
        place.execute("CREATE TABLE kept AS SELECT * FROM audit").await;
        place.execute(&format!("UPDATE audit SET {edit} WHERE sequence = 2")).await;
        assert_eq!(fault(&*scope).await, 2, "{edit}");
        place.execute("DELETE FROM audit").await;
        place.execute("INSERT INTO audit SELECT * FROM kept").await;
        place.execute("DROP TABLE kept").await;
        assert_eq!(scope.verify_audit().await.unwrap(), None);
    }
}

pub(crate) async fn a_deleted_entry_is_found(place: Place) {
    let scope = four_entries(&place).await;
    place.execute("DELETE FROM audit WHERE sequence = 2").await;
    assert_eq!(fault(&*scope).await, 2);
    // Closing the gap does not help.
    place.execute("UPDATE audit SET sequence = 2 WHERE sequence = 3").await;
    assert_eq!(fault(&*scope).await, 2);
}

pub(crate) async fn a_shortened_log_is_found(place: Place) {
    let scope = four_entries(&place).await;
    place.execute("DELETE FROM audit WHERE sequence = 4").await;
    assert_eq!(fault(&*scope).await, 4);
    place.execute("DELETE FROM audit").await;
    assert_eq!(fault(&*scope).await, 1);
}
