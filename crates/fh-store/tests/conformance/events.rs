use std::sync::Arc;
use std::time::Duration;

use fh_store::{NewEvent, TenantScope};

use crate::place::Place;
use crate::samples::{batch_id, call, call_id, event, job, submission, submit};

pub(crate) async fn events_come_in_order_and_to_their_call(place: Place) {
    let scope = place.tenant("alpha").await;
    let beta = place.tenant("beta").await;
    assert_eq!(scope.last_event().await.unwrap(), 0);
    submit(&*scope, [1, 2]).await;
    submit(&*beta, [3]).await;
    let told = NewEvent { batch: Some(batch_id(5)), ..event("call.inspected", 1) };
    let more = fh_store::Submission {
        events: vec![told.clone(), event("x", 2)],
        ..submission(vec![call(4)])
    };
    scope.submit(more).await.unwrap();
    let all = scope.events_after(0, 100).await.unwrap();
    let names: Vec<(i64, &str)> =
        all.iter().map(|row| (row.sequence, row.event.name.as_str())).collect();
    assert_eq!(
        names,
        [(1, "call.submitted"), (2, "call.submitted"), (3, "call.inspected"), (4, "x")]
    );
    assert_eq!(all[2].event, told);
    assert_eq!(scope.last_event().await.unwrap(), 4);
    let some = scope.events_after(1, 2).await.unwrap();
    assert_eq!(some.iter().map(|row| row.sequence).collect::<Vec<_>>(), [2, 3]);
    let of_one = scope.events_of(call_id(1)).await.unwrap();
    assert_eq!(of_one.iter().map(|row| row.sequence).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(beta.last_event().await.unwrap(), 1);
}

/// Who reads on after the last event that was seen misses none, whoever writes meanwhile.
pub(crate) async fn no_event_appears_late(place: Place) {
    const WRITERS: u64 = 6;
    const EACH: u64 = 15;
    let scope: Arc<dyn TenantScope> = Arc::from(place.tenant("alpha").await);
    let reader = tokio::spawn({
        let scope = Arc::clone(&scope);
        async move {
            let mut last = 0;
            while last < i64::try_from(WRITERS * EACH * 2).unwrap() {
                for row in scope.events_after(last, 7).await.unwrap() {
                    assert_eq!(row.sequence, last + 1, "a gap, or one that came late");
                    last = row.sequence;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    });
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let scope = Arc::clone(&scope);
            tokio::spawn(async move {
                for number in writer * EACH..(writer + 1) * EACH {
                    let one = fh_store::Submission {
                        jobs: vec![job(number)],
                        events: vec![event("a", number), event("b", number)],
                        ..submission(vec![call(number)])
                    };
                    scope.submit(one).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    tokio::time::timeout(Duration::from_secs(30), reader).await.unwrap().unwrap();
}
