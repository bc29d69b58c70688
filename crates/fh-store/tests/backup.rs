//! A copy that is made while others write.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fh_model::{CallId, CallMetadata, JobId};
use fh_store::{
    CallFilter, CallKind, ConnectOptions, NewCall, NewEvent, NewJob, NewTenant, Paging, Submission,
    TenantScope, connect,
};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

fn submission(number: u64) -> Submission {
    let id = CallId(Uuid::from_u64_pair(1, number));
    let moment = Timestamp::from_second(1_772_323_200 + i64::try_from(number).unwrap()).unwrap();
    let call = NewCall {
        id,
        group: id,
        batch: None,
        kind: CallKind::Voice,
        source: json!({}),
        metadata: CallMetadata::default(),
        file_name: format!("recording-{number}"),
        staff_id: None,
        call_time: moment,
        upload_time: moment,
    };
    let job = NewJob {
        id: JobId(Uuid::from_u64_pair(2, number)),
        kind: "fetch_recording".to_owned(),
        call: Some(id),
        payload: json!({ "number": number }),
        priority: 0,
        max_attempts: 3,
        delay: Duration::ZERO,
    };
    let event = NewEvent {
        name: "call.submitted".to_owned(),
        call: Some(id),
        batch: None,
        payload: json!({}),
    };
    Submission {
        idempotency: None,
        calls: vec![call],
        jobs: vec![job],
        events: vec![event],
        writes: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_under_writes_has_all_that_was_answered_and_nothing_by_half() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let store = connect(&url("original.db"), &ConnectOptions::default()).await.unwrap();
    let tenant =
        NewTenant { id: "alpha".parse().unwrap(), name: String::new(), retention_days: None };
    store.directory().put_tenant(tenant.clone()).await.unwrap();

    let answered = Arc::new(AtomicU64::new(0));
    let writer = tokio::spawn({
        let (scope, answered) = (store.scope(&tenant.id), Arc::clone(&answered));
        async move {
            for number in 1.. {
                scope.submit(submission(number)).await.unwrap();
                if answered.fetch_max(number, Ordering::Relaxed) == u64::MAX {
                    return;
                }
            }
        }
    });
    while answered.load(Ordering::Relaxed) < 100 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let before = answered.load(Ordering::Relaxed);
    store.backup(&folder.path().join("copy.db")).await.unwrap();
    answered.store(u64::MAX, Ordering::Relaxed);
    writer.await.unwrap();
    // Once more into the same file: it is not written over.
    assert!(store.backup(&folder.path().join("copy.db")).await.is_err());

    let copy = connect(&url("copy.db"), &ConnectOptions::default()).await.unwrap();
    let [original, copied] = [store.scope(&tenant.id), copy.scope(&tenant.id)];
    let count = total(&*copied).await;
    assert!(count >= before && total(&*original).await >= count);
    let jobs = copy.queue().depths().await.unwrap();
    assert_eq!(jobs.iter().map(|depth| depth.jobs).collect::<Vec<_>>(), [count]);
    for number in 1..=count {
        let id = CallId(Uuid::from_u64_pair(1, number));
        let row = copied.call(id).await.unwrap();
        assert!(row.is_some(), "{number}");
        assert_eq!(row, original.call(id).await.unwrap());
    }
    let events = copied.events_after(0, 10_000).await.unwrap();
    assert_eq!(events.len() as u64, count);
}

async fn total(scope: &dyn TenantScope) -> u64 {
    let page = scope
        .list_calls(&CallFilter::default(), &Paging::Offset { offset: 0, limit: 1 })
        .await
        .unwrap();
    page.total.unwrap()
}
