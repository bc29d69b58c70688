use fh_model::AppealId;
use fh_store::{AppealState, NewAppeal, NewRevision, StoreError};
use uuid::Uuid;

use crate::place::Place;
use crate::samples::{call_id, event, submit};

fn appeal(number: u128) -> NewAppeal {
    NewAppeal {
        id: AppealId(Uuid::from_u128(number)),
        call: call_id(1),
        reason: "客户说过".to_owned(),
        author: "agent".to_owned(),
        reviewer: "lead".to_owned(),
        reviewer_role: "monitor".to_owned(),
        findings: vec![("service".to_owned(), "dialogRule1".to_owned())],
    }
}

pub(crate) async fn an_appeal_goes_its_way(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1]).await;
    scope.open_appeal(appeal(1), event("appeal.opened", 1)).await.unwrap();
    let shown = async || scope.call(call_id(1)).await.unwrap().unwrap().appeal;
    assert_eq!(shown().await, Some(AppealState::Reviewing));
    for state in [AppealState::Handling, AppealState::Verifying, AppealState::Completed] {
        let moved = scope.move_appeal(appeal(1).id, state, event("appeal.moved", 1)).await;
        assert!(moved.unwrap());
        assert_eq!(shown().await, Some(state));
    }
    let kept = scope.appeals_of(call_id(1)).await.unwrap();
    assert_eq!((&kept[0].appeal, kept[0].state), (&appeal(1), AppealState::Completed));
    assert!(kept[0].changed_at >= kept[0].opened_at);
    let names: Vec<String> =
        scope.events_of(call_id(1)).await.unwrap().into_iter().map(|row| row.event.name).collect();
    assert_eq!(
        names,
        ["call.submitted", "appeal.opened", "appeal.moved", "appeal.moved", "appeal.moved"]
    );
    let unknown = scope.move_appeal(appeal(9).id, AppealState::Handling, event("x", 1)).await;
    assert!(!unknown.unwrap());
}

pub(crate) async fn one_appeal_is_open_at_a_time(place: Place) {
    let scope = place.tenant("alpha").await;
    let nobodys = scope.open_appeal(appeal(1), event("x", 1)).await;
    assert!(matches!(nobodys, Err(StoreError::NotFound { what: "call" })));
    submit(&*scope, [1]).await;
    scope.open_appeal(appeal(1), event("x", 1)).await.unwrap();
    let second = scope.open_appeal(appeal(2), event("x", 1)).await;
    assert!(matches!(second, Err(StoreError::Conflict { .. })));
    scope.move_appeal(appeal(1).id, AppealState::Completed, event("x", 1)).await.unwrap();
    scope.open_appeal(appeal(2), event("x", 1)).await.unwrap();
    let reopened = scope.move_appeal(appeal(1).id, AppealState::Handling, event("x", 1)).await;
    assert!(matches!(reopened, Err(StoreError::Conflict { .. })));
    let order: Vec<AppealId> =
        scope.appeals_of(call_id(1)).await.unwrap().iter().map(|row| row.appeal.id).collect();
    assert_eq!(order, [appeal(2).id, appeal(1).id], "the newest first");
    assert_eq!(scope.call(call_id(1)).await.unwrap().unwrap().appeal, Some(AppealState::Reviewing));
}

pub(crate) async fn revisions_stand_beside_each_other(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1]).await;
    let revision = |complies, remark: &str| NewRevision {
        call: call_id(1),
        scenario: "service".to_owned(),
        finding: "dialogRule1".to_owned(),
        complies,
        remark: remark.to_owned(),
        author: "qa".to_owned(),
    };
    scope.revise(revision(true, "heard"), event("finding.revised", 1)).await.unwrap();
    scope.revise(revision(false, "heard again"), event("finding.revised", 1)).await.unwrap();
    let kept = scope.revisions_of(call_id(1)).await.unwrap();
    let kept: Vec<NewRevision> = kept.into_iter().map(|row| row.revision).collect();
    assert_eq!(kept, [revision(true, "heard"), revision(false, "heard again")]);
    assert_eq!(scope.events_of(call_id(1)).await.unwrap().len(), 3);
}
