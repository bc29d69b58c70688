use std::time::Duration;

use fh_model::{AppealId, CallMetadata};
use fh_store::{
    AuditEntry, CallFilter, CallState, NewAppeal, NewCall, NewRevision, Paging, StepResult,
    StoreError, Submission, TenantScope, Write,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::place::Place;
use crate::samples::{
    call, call_id, claim, event, finish, inspection, job, state, submission, submit, submit_call,
    submit_done,
};

/// Every table that may have rows of a call, with the column that names it.
const OF_CALLS: [(&str, &str); 7] = [
    ("calls", "id"),
    ("jobs", "call"),
    ("events", "call"),
    ("inspections", "call"),
    ("step_results", "call"),
    ("appeals", "call"),
    ("revisions", "call"),
];

async fn rows_of_calls(place: &Place) -> Vec<(&'static str, i64)> {
    let mut left = Vec::new();
    for (table, column) in OF_CALLS {
        let count = format!("SELECT count(*) FROM {table} WHERE {column} IS NOT NULL");
        left.push((table, place.number(&count).await));
    }
    left.push(("transcripts", place.number("SELECT count(*) FROM transcripts").await));
    left
}

async fn count_said(scope: &dyn TenantScope, keyword: &str) -> u64 {
    let filter = CallFilter { keyword: Some(keyword.to_owned()), ..CallFilter::default() };
    let page = scope.list_calls(&filter, &Paging::Offset { offset: 0, limit: 1 }).await.unwrap();
    page.total.unwrap()
}

fn recording(number: u64, blob: &str) -> Write {
    Write::Recording { call: call_id(number), digest: blob.to_owned(), blob: blob.to_owned() }
}

pub(crate) async fn nothing_of_an_erased_call_is_left(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1]).await;
    let step = StepResult { step: "s".to_owned(), key: "k".to_owned(), body: vec![1] };
    finish(
        &place,
        1,
        vec![
            recording(1, "alpha/recordings/d1"),
            Write::Step { call: call_id(1), result: step },
            inspection(1, &["我要投诉 zyxwmarker", "8642097531"]),
            state(1, CallState::Done),
        ],
    )
    .await;
    let appeal = NewAppeal {
        id: AppealId(Uuid::from_u128(1)),
        call: call_id(1),
        reason: "r".to_owned(),
        author: "a".to_owned(),
        reviewer: "b".to_owned(),
        reviewer_role: "qa".to_owned(),
        findings: Vec::new(),
    };
    scope.open_appeal(appeal, event("appeal.opened", 1)).await.unwrap();
    let revision = NewRevision {
        call: call_id(1),
        scenario: "s".to_owned(),
        finding: "f".to_owned(),
        complies: true,
        remark: "m".to_owned(),
        author: "a".to_owned(),
    };
    scope.revise(revision, event("finding.revised", 1)).await.unwrap();
    let noted = AuditEntry {
        who: "w".to_owned(),
        action: "call.read".to_owned(),
        object: call_id(1).to_string(),
        from: None,
    };
    scope.note(noted).await.unwrap();
    for (table, rows) in rows_of_calls(&place).await {
        assert!(rows > 0, "{table}");
    }
    for keyword in ["投诉", "zyxwmarker", "0975"] {
        assert_eq!(count_said(&*scope, keyword).await, 1);
    }

    let erased = scope.erase_call(call_id(1)).await.unwrap();
    assert_eq!(erased.calls, 1);
    assert_eq!(erased.blobs, ["alpha/recordings/d1"]);
    for (table, rows) in rows_of_calls(&place).await {
        assert_eq!(rows, 0, "{table}");
    }
    for keyword in ["投诉", "投", "zyxwmarker", "0975"] {
        assert_eq!(count_said(&*scope, keyword).await, 0);
        assert!(scope.find_in_call(call_id(1), keyword).await.unwrap().is_empty());
    }
    assert_eq!(scope.audit_log(None, 10).await.unwrap().len(), 1, "the audit log stays");
    let tombstones = place.store.tombstones().await.unwrap();
    assert_eq!(tombstones.len(), 1);
    assert_eq!((&tombstones[0].tenant, tombstones[0].call), (scope.tenant(), call_id(1)));
    assert_eq!(scope.erase_call(call_id(1)).await.unwrap().calls, 0);

    if place.is_sqlite() {
        // Nor is anything left in the file: not in the index, not in pages that are free now.
        place.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
        let bytes = std::fs::read(place.file()).unwrap();
        for marker in ["zyxwmarker", "投诉"] {
            let marker = marker.as_bytes();
            assert!(!bytes.windows(marker.len()).any(|window| window == marker));
        }
        place.execute("INSERT INTO words (words) VALUES ('integrity-check')").await;
    }
}

pub(crate) async fn a_recording_that_another_call_has_stays(place: Place) {
    let scope = place.tenant("alpha").await;
    for number in [1, 2] {
        let known = Submission {
            jobs: vec![job(number)],
            writes: vec![recording(number, "alpha/recordings/same")],
            ..submission(vec![call(number)])
        };
        scope.submit(known).await.unwrap();
    }
    assert!(scope.is_blob_used("alpha/recordings/same").await.unwrap());
    assert!(scope.erase_call(call_id(1)).await.unwrap().blobs.is_empty());
    let last = scope.erase_call(call_id(2)).await.unwrap();
    assert_eq!(last.blobs, ["alpha/recordings/same"]);
    assert!(!scope.is_blob_used("alpha/recordings/same").await.unwrap());
}

pub(crate) async fn a_person_is_erased(place: Place) {
    let scope = place.tenant("alpha").await;
    let beta = place.tenant("beta").await;
    let person = |number: u64| match number {
        1 => NewCall { staff_id: Some("p".to_owned()), ..call(1) },
        2 => NewCall {
            metadata: CallMetadata { agent_id: Some("p".to_owned()), ..CallMetadata::default() },
            staff_id: Some("p".to_owned()),
            ..call(2)
        },
        3 => NewCall {
            metadata: CallMetadata {
                attributes: [("customer_id".to_owned(), "p".to_owned())].into(),
                ..CallMetadata::default()
            },
            ..call(3)
        },
        _ => NewCall { staff_id: Some("q".to_owned()), ..call(number) },
    };
    for number in 1..=4 {
        submit_call(&*scope, person(number)).await;
    }
    let others = NewCall { staff_id: Some("p".to_owned()), ..call(9) };
    submit_call(&*beta, others).await;
    assert_eq!(scope.erase_person("p").await.unwrap().calls, 3);
    assert_eq!(scope.erase_person("p").await.unwrap().calls, 0);
    assert!(scope.call(call_id(4)).await.unwrap().is_some());
    assert!(beta.call(call_id(9)).await.unwrap().is_some());
}

pub(crate) async fn old_calls_are_erased_the_oldest_first(place: Place) {
    let scope = place.tenant("alpha").await;
    let day = Duration::from_secs(86_400);
    submit(&*scope, [3, 1, 2]).await;
    let now =
        Timestamp::from_microsecond(place.number("SELECT max(at) FROM events").await).unwrap();
    submit_call(&*scope, NewCall { upload_time: now, ..call(4) }).await;
    assert_eq!(scope.erase_older_than(day, 2).await.unwrap().calls, 2);
    assert!(scope.call(call_id(3)).await.unwrap().is_some());
    assert_eq!(scope.erase_older_than(day, 2).await.unwrap().calls, 1);
    assert_eq!(scope.erase_older_than(day, 2).await.unwrap().calls, 0);
    assert!(scope.call(call_id(4)).await.unwrap().is_some());
}

pub(crate) async fn what_comes_back_from_a_backup_is_erased_again(place: Place) {
    let scope = place.tenant("alpha").await;
    submit_done(&place, &*scope, 1, &["投诉"]).await;
    submit_done(&place, &*scope, 2, &["您好"]).await;
    let before = place.store.tombstones().await.unwrap();
    assert!(before.is_empty());
    scope.erase_call(call_id(1)).await.unwrap();
    let tombstones = place.store.tombstones().await.unwrap();

    // As if the file of the day before were put back: the call is there, the tombstone is not.
    place.execute("DELETE FROM tombstones").await;
    submit_done(&place, &*scope, 1, &["投诉"]).await;
    assert_eq!(place.store.bury(&tombstones).await.unwrap(), 1);
    assert_eq!(scope.call(call_id(1)).await.unwrap(), None);
    assert_eq!(count_said(&*scope, "投诉").await, 0);
    assert_eq!(count_said(&*scope, "您好").await, 1);
    assert_eq!(place.store.bury(&tombstones).await.unwrap(), 0);

    // Where the tombstone came back too, opening erases.
    submit(&*scope, [1]).await;
    place.reopened().await.unwrap();
    assert_eq!(scope.call(call_id(1)).await.unwrap(), None);
}

pub(crate) async fn a_worker_at_an_erased_call_writes_nothing(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1]).await;
    let ticket = claim(&place, "w").await.unwrap().ticket;
    scope.erase_call(call_id(1)).await.unwrap();
    let late = place.store.queue().complete(ticket, vec![inspection(1, &["投诉"])]).await;
    assert!(matches!(late, Err(StoreError::Fenced)));
    for (table, rows) in rows_of_calls(&place).await {
        assert_eq!(rows, 0, "{table}");
    }
}
