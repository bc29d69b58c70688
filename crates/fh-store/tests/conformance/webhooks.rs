use fh_model::WebhookId;
use fh_store::{DeliveryRow, DeliveryState, NewWebhook, StoreError};
use uuid::Uuid;

use crate::place::Place;
use crate::samples::{at, call, call_id, event, submission, submit};

fn id(number: u128) -> WebhookId {
    WebhookId(Uuid::from_u128(number))
}

fn webhook(number: u128) -> NewWebhook {
    NewWebhook {
        id: id(number),
        url: format!("https://example.com/{number}"),
        secret: "secret".to_owned(),
        events: vec!["call.inspected".to_owned()],
    }
}

pub(crate) async fn receivers_come_and_go(place: Place) {
    let scope = place.tenant("alpha").await;
    scope.put_webhook(webhook(2)).await.unwrap();
    scope.put_webhook(webhook(3)).await.unwrap();
    assert!(matches!(scope.put_webhook(webhook(2)).await, Err(StoreError::Conflict { .. })));
    assert!(scope.enable_webhook(id(2), false).await.unwrap());
    assert!(!scope.enable_webhook(id(9), false).await.unwrap());
    let listed = scope.list_webhooks().await.unwrap();
    assert_eq!(listed[0].webhook, webhook(2));
    assert_eq!(listed.iter().map(|row| row.is_enabled).collect::<Vec<_>>(), [false, true]);
    assert!(scope.delete_webhook(id(2)).await.unwrap());
    assert!(!scope.delete_webhook(id(2)).await.unwrap());
    assert_eq!(scope.list_webhooks().await.unwrap().len(), 1);
}

pub(crate) async fn deliveries_are_logged_and_settled(place: Place) {
    let scope = place.tenant("alpha").await;
    scope.put_webhook(webhook(1)).await.unwrap();
    submit(&*scope, [1, 2]).await;
    let more = fh_store::Submission {
        events: vec![event("call.inspected", 1), event("call.revised", 1)],
        ..submission(vec![call(3)])
    };
    scope.submit(more).await.unwrap();
    // Events: 1 and 2 submitted, 3 and 4 of the first call.
    let attempt = |event, attempt, state: DeliveryState| DeliveryRow {
        webhook: id(1),
        event,
        attempt,
        status: (state == DeliveryState::Delivered).then_some(204),
        error: (state != DeliveryState::Delivered).then(|| "timed out".to_owned()),
        state,
        at: at(i64::from(attempt)),
    };
    let attempts = [
        attempt(1, 1, DeliveryState::Failed),
        attempt(1, 2, DeliveryState::Delivered),
        attempt(2, 1, DeliveryState::Delivered),
        attempt(3, 1, DeliveryState::Failed),
        attempt(4, 9, DeliveryState::GivenUp),
    ];
    for attempt in &attempts {
        scope.log_delivery(attempt.clone()).await.unwrap();
    }
    assert_eq!(scope.settled_deliveries(id(1), call_id(1)).await.unwrap(), [1, 4]);
    assert_eq!(scope.settled_deliveries(id(1), call_id(2)).await.unwrap(), [2]);
    let latest = scope.list_deliveries(id(1), 2).await.unwrap();
    assert_eq!(latest, [attempts[4].clone(), attempts[3].clone()]);
    let unknown = DeliveryRow { webhook: id(9), ..attempts[0].clone() };
    assert!(matches!(scope.log_delivery(unknown).await, Err(StoreError::NotFound { .. })));
    assert!(scope.delete_webhook(id(1)).await.unwrap());
    assert!(scope.list_deliveries(id(1), 9).await.unwrap().is_empty());
}
