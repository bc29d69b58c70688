use std::time::Duration;

use fh_model::{AppealId, CallId, WebhookId};
use fh_store::{
    AppealState, AuditEntry, BatchProgress, CallFilter, CallState, DeliveryRow, DeliveryState,
    JobFilter, NewAppeal, NewCall, NewRevision, NewRulePack, NewWebhook, Paging, RulePackFile,
    StepResult, StoreError, TenantScope, Write,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::place::Place;
use crate::samples::{
    batch_id, call, call_id, event, finish, inspection, job, job_id, state, submit_call,
};

/// A tenant with a row of every kind, and everything that another knows of it.
struct Known {
    call: CallId,
    webhook: WebhookId,
    appeal: AppealId,
}

async fn fill(place: &Place, scope: &dyn TenantScope) -> Known {
    let known = Known {
        call: call_id(1),
        webhook: WebhookId(Uuid::from_u128(5)),
        appeal: AppealId(Uuid::from_u128(6)),
    };
    submit_call(
        scope,
        NewCall { batch: Some(batch_id(1)), staff_id: Some("s".to_owned()), ..call(1) },
    )
    .await;
    let step = StepResult { step: "s".to_owned(), key: "k".to_owned(), body: vec![1] };
    finish(
        place,
        1,
        vec![
            Write::Recording { call: call_id(1), digest: "d".to_owned(), blob: "b".to_owned() },
            Write::Step { call: call_id(1), result: step },
            inspection(1, &["投诉"]),
            state(1, CallState::Done),
        ],
    )
    .await;
    scope
        .put_rule_pack(NewRulePack {
            name: "p".to_owned(),
            digest: "d".to_owned(),
            files: vec![RulePackFile { name: "f".to_owned(), text: "t".to_owned() }],
            author: "a".to_owned(),
        })
        .await
        .unwrap();
    assert!(scope.activate_rule_pack("p", 1).await.unwrap());
    let webhook = NewWebhook {
        id: known.webhook,
        url: "https://example.com".to_owned(),
        secret: "s".to_owned(),
        events: Vec::new(),
    };
    scope.put_webhook(webhook).await.unwrap();
    scope.log_delivery(delivery(known.webhook)).await.unwrap();
    scope.open_appeal(appeal(known.appeal, known.call), event("a", 1)).await.unwrap();
    scope.revise(revision(known.call), event("r", 1)).await.unwrap();
    scope.note(entry()).await.unwrap();
    known
}

fn delivery(webhook: WebhookId) -> DeliveryRow {
    DeliveryRow {
        webhook,
        event: 1,
        attempt: 1,
        state: DeliveryState::Delivered,
        status: Some(200),
        error: None,
        at: Timestamp::UNIX_EPOCH,
    }
}

fn appeal(id: AppealId, call: CallId) -> NewAppeal {
    NewAppeal {
        id,
        call,
        reason: "r".to_owned(),
        author: "a".to_owned(),
        reviewer: "b".to_owned(),
        reviewer_role: "qa".to_owned(),
        findings: Vec::new(),
    }
}

fn revision(call: CallId) -> NewRevision {
    NewRevision {
        call,
        scenario: "s".to_owned(),
        finding: "f".to_owned(),
        complies: true,
        remark: "m".to_owned(),
        author: "a".to_owned(),
    }
}

fn entry() -> AuditEntry {
    AuditEntry {
        who: "w".to_owned(),
        action: "a".to_owned(),
        object: "o".to_owned(),
        from: Some("::1".to_owned()),
    }
}

/// Every method of a scope that reads gives nothing.
async fn sees_nothing(scope: &dyn TenantScope, known: &Known) {
    let call = known.call;
    let everything = Paging::Offset { offset: 0, limit: 100 };
    let said = |keyword: Option<&str>| CallFilter {
        keyword: keyword.map(str::to_owned),
        ..CallFilter::default()
    };
    assert_eq!(scope.call(call).await.unwrap(), None);
    for keyword in [None, Some("投"), Some("投诉"), Some("投诉投诉")] {
        let page = scope.list_calls(&said(keyword), &everything).await.unwrap();
        assert_eq!((page.rows.len(), page.total, page.more), (0, Some(0), false));
    }
    let by_id = CallFilter { ids: Some(vec![call]), ..CallFilter::default() };
    let page = scope.list_calls(&by_id, &Paging::After { row: None, limit: 9 }).await.unwrap();
    assert!(page.rows.is_empty());
    assert_eq!(scope.inspection(call).await.unwrap(), None);
    assert_eq!(scope.step_result(call, "s").await.unwrap(), None);
    assert!(scope.find_in_call(call, "投诉").await.unwrap().is_empty());
    assert_eq!(scope.batch_progress(batch_id(1)).await.unwrap(), BatchProgress::default());
    assert!(!scope.is_blob_used("b").await.unwrap());
    let jobs = JobFilter { limit: 100, ..JobFilter::default() };
    assert!(scope.list_jobs(&jobs).await.unwrap().is_empty());
    let jobs = JobFilter { call: Some(call), ..jobs };
    assert!(scope.list_jobs(&jobs).await.unwrap().is_empty());
    assert!(scope.events_after(0, 100).await.unwrap().is_empty());
    assert!(scope.events_of(call).await.unwrap().is_empty());
    assert_eq!(scope.last_event().await.unwrap(), 0);
    assert_eq!(scope.active_rule_pack().await.unwrap(), None);
    assert_eq!(scope.rule_pack("p", 1).await.unwrap(), None);
    assert!(scope.list_rule_packs().await.unwrap().is_empty());
    assert!(scope.list_webhooks().await.unwrap().is_empty());
    assert!(scope.settled_deliveries(known.webhook, call).await.unwrap().is_empty());
    assert!(scope.list_deliveries(known.webhook, 100).await.unwrap().is_empty());
    assert!(scope.appeals_of(call).await.unwrap().is_empty());
    assert!(scope.revisions_of(call).await.unwrap().is_empty());
    assert!(scope.audit_log(None, 100).await.unwrap().is_empty());
    assert_eq!(scope.verify_audit().await.unwrap(), None);
}

/// Every method of a scope that changes something changes nothing of another's.
async fn changes_nothing(scope: &dyn TenantScope, known: &Known) {
    let call = known.call;
    assert!(!scope.cancel_call(call).await.unwrap());
    let restarted = scope.restart_call(call, job(7), event("x", 1)).await;
    assert!(matches!(restarted, Err(StoreError::NotFound { .. })), "{restarted:?}");
    for erased in [
        scope.erase_call(call).await,
        scope.erase_person("s").await,
        scope.erase_older_than(Duration::ZERO, 100).await,
    ] {
        assert!(
            erased.as_ref().is_ok_and(|erased| erased.calls == 0 && erased.blobs.is_empty())
                || matches!(erased, Err(StoreError::NotFound { what: "tenant" }))
        );
    }
    assert!(!scope.retry_job(job_id(1)).await.unwrap());
    assert!(matches!(scope.enqueue(job(1)).await, Err(StoreError::NotFound { .. })));
    assert!(!scope.enable_webhook(known.webhook, false).await.unwrap());
    assert!(!scope.delete_webhook(known.webhook).await.unwrap());
    let logged = scope.log_delivery(delivery(known.webhook)).await;
    assert!(matches!(logged, Err(StoreError::NotFound { .. })));
    let moved = scope.move_appeal(known.appeal, AppealState::Completed, event("x", 1)).await;
    assert!(!moved.unwrap());
    let opened = scope.open_appeal(appeal(known.appeal, call), event("x", 1)).await;
    assert!(matches!(opened, Err(StoreError::NotFound { what: "call" })));
    let revised = scope.revise(revision(call), event("x", 1)).await;
    assert!(matches!(revised, Err(StoreError::NotFound { what: "call" })));
}

/// What there is, to see that nothing of it changed.
async fn all_of(scope: &dyn TenantScope, known: &Known) -> String {
    let jobs = JobFilter { limit: 100, ..JobFilter::default() };
    format!(
        "{:?}",
        (
            scope.call(known.call).await.unwrap(),
            scope.inspection(known.call).await.unwrap(),
            scope.list_jobs(&jobs).await.unwrap(),
            scope.events_after(0, 100).await.unwrap(),
            scope.list_rule_packs().await.unwrap(),
            scope.list_webhooks().await.unwrap(),
            scope.list_deliveries(known.webhook, 100).await.unwrap(),
            scope.appeals_of(known.call).await.unwrap(),
            scope.revisions_of(known.call).await.unwrap(),
            scope.audit_log(None, 100).await.unwrap(),
        )
    )
}

pub(crate) async fn nothing_is_seen_across_tenants(place: Place) {
    let alpha = place.tenant("alpha").await;
    let known = fill(&place, &*alpha).await;
    let before = all_of(&*alpha, &known).await;
    let beta = place.tenant("beta").await;
    sees_nothing(&*beta, &known).await;
    changes_nothing(&*beta, &known).await;
    assert!(!beta.activate_rule_pack("p", 1).await.unwrap());
    sees_nothing(&*beta, &known).await;
    assert_eq!(all_of(&*alpha, &known).await, before);
}

pub(crate) async fn an_unknown_tenant_has_nothing(place: Place) {
    let alpha = place.tenant("alpha").await;
    let known = fill(&place, &*alpha).await;
    let before = all_of(&*alpha, &known).await;
    let nobody = place.store.scope(&"nobody".parse().unwrap());
    sees_nothing(&*nobody, &known).await;
    changes_nothing(&*nobody, &known).await;
    let refused = |result: Result<(), StoreError>| {
        assert!(matches!(result, Err(StoreError::NotFound { what: "tenant" })), "{result:?}");
    };
    refused(nobody.submit(crate::samples::submission(vec![call(9)])).await.map(drop));
    refused(nobody.note(entry()).await);
    let webhook = NewWebhook {
        id: WebhookId(Uuid::from_u128(9)),
        url: String::new(),
        secret: String::new(),
        events: Vec::new(),
    };
    refused(nobody.put_webhook(webhook).await);
    let pack = NewRulePack {
        name: "p".to_owned(),
        digest: "d".to_owned(),
        files: Vec::new(),
        author: "a".to_owned(),
    };
    refused(nobody.put_rule_pack(pack).await.map(drop));
    refused(nobody.activate_rule_pack("p", 1).await.map(drop));
    assert_eq!(all_of(&*alpha, &known).await, before);
}
