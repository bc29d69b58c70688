use std::sync::Arc;

use fh_store::StoreError;

use crate::place::Place;
use crate::samples::{call_id, submit};

pub(crate) async fn what_was_kept_is_there_again(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1]).await;
    place.store.close().await;
    let again = place.reopened().await.unwrap();
    let tenants = again.directory().list_tenants().await.unwrap();
    assert_eq!(tenants.len(), 1);
    let row = again.scope(&tenants[0].tenant.id).call(call_id(1)).await.unwrap();
    assert_eq!(row.unwrap().call.file_name, "recording-1");
    again.check().await.unwrap();
}

pub(crate) async fn tables_of_a_newer_program_are_refused(place: Place) {
    place.execute("INSERT INTO migrations VALUES (1000, 'of another', 0)").await;
    let refused = place.reopened().await.err().unwrap();
    assert!(
        matches!(&refused, StoreError::Unfit { expected, found }
            if expected.starts_with("tables of version ")
                && found == "version 1000, which a newer program wrote"),
        "{refused}"
    );
}

pub(crate) async fn tables_of_another_program_are_refused(place: Place) {
    place.execute("UPDATE migrations SET checksum = 'other' WHERE version = 1").await;
    let refused = place.reopened().await.err().unwrap();
    assert!(matches!(&refused, StoreError::Unfit { .. }), "{refused}");
}

pub(crate) async fn two_may_open_it_at_once(place: Place) {
    let place = Arc::new(place);
    let opened: Vec<_> = (0..4)
        .map(|_| {
            let place = Arc::clone(&place);
            tokio::spawn(async move { place.reopened().await.map(drop) })
        })
        .collect();
    for opened in opened {
        opened.await.unwrap().unwrap();
    }
    assert_eq!(place.number("SELECT count(*) FROM migrations WHERE version = 1").await, 1);
}
