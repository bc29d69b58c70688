use fh_model::{CallMetadata, Millis, Points};
use fh_store::{CallFilter, CallKind, CallState, FailureKind, NewCall, Paging, TenantScope, Write};

use crate::place::Place;
use crate::samples::{
    at, batch_id, call, call_id, finish, state, submission, submit, submit_call, summary,
};

/// The numbers of the calls that a filter gives, and their total.
async fn numbers(scope: &dyn TenantScope, filter: &CallFilter) -> Vec<u64> {
    let page = scope.list_calls(filter, &Paging::Offset { offset: 0, limit: 100 }).await.unwrap();
    let numbers: Vec<u64> = page.rows.iter().map(|row| row.call.id.0.as_u64_pair().1).collect();
    assert_eq!(page.total, Some(numbers.len() as u64));
    assert!(!page.more);
    let by_cursor =
        scope.list_calls(filter, &Paging::After { row: None, limit: 100 }).await.unwrap();
    assert_eq!(by_cursor.rows, page.rows);
    numbers
}

pub(crate) async fn pages_go_on_where_they_ended(place: Place) {
    let scope = place.tenant("alpha").await;
    // Two were submitted at the same moment: the greater identifier comes first.
    submit(&*scope, [1, 2, 3, 4]).await;
    scope.submit(submission(vec![NewCall { upload_time: at(120), ..call(5) }])).await.unwrap();
    let expected = [4, 3, 5, 2, 1];

    let any = CallFilter::default();
    let mut seen = Vec::new();
    for offset in [0, 2, 4, 6] {
        let page = scope.list_calls(&any, &Paging::Offset { offset, limit: 2 }).await.unwrap();
        assert_eq!(page.total, Some(5));
        assert_eq!(page.more, offset < 4, "at {offset}");
        seen.extend(page.rows.iter().map(|row| row.call.id.0.as_u64_pair().1));
    }
    assert_eq!(seen, expected);

    let mut seen = Vec::new();
    let mut row = None;
    loop {
        let page = scope.list_calls(&any, &Paging::After { row, limit: 2 }).await.unwrap();
        assert_eq!(page.total, None);
        seen.extend(page.rows.iter().map(|row| row.call.id.0.as_u64_pair().1));
        row = page.rows.last().map(|row| (row.call.upload_time, row.call.id));
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, expected);
    let none = scope.list_calls(&any, &Paging::Offset { offset: 0, limit: 0 }).await.unwrap();
    assert_eq!((none.rows.len(), none.total, none.more), (0, Some(5), true));
}

pub(crate) async fn each_filter_restricts(place: Place) {
    let scope = place.tenant("alpha").await;
    let agent =
        |name: &str| CallMetadata { agent_name: Some(name.to_owned()), ..CallMetadata::default() };
    submit_call(
        &*scope,
        NewCall {
            call_time: at(0),
            kind: CallKind::Text,
            staff_id: Some("s-1".to_owned()),
            metadata: agent("Wang 100%"),
            ..call(1)
        },
    )
    .await;
    submit_call(
        &*scope,
        NewCall {
            call_time: at(1000),
            batch: Some(batch_id(7)),
            metadata: agent("李雷"),
            ..call(2)
        },
    )
    .await;
    submit_call(&*scope, NewCall { call_time: at(500), metadata: agent("wangwei"), ..call(3) })
        .await;
    let done = |number: u64, duration_s, score| {
        vec![
            Write::Inspection {
                call: call_id(number),
                key: "k".to_owned(),
                json: b"{}".to_vec(),
                summary: summary(duration_s, score),
                texts: Vec::new(),
            },
            state(number, CallState::Done),
        ]
    };
    finish(&place, 1, done(1, 30, 95)).await;
    finish(&place, 2, done(2, 90, 60)).await;
    finish(&place, 3, vec![state(3, CallState::Failed(FailureKind::NothingSaid))]).await;

    let any = CallFilter::default();
    let check = async |what: &str, filter: CallFilter, expected: &[u64]| {
        assert_eq!(numbers(&*scope, &filter).await, expected, "{what}");
    };
    check("nothing", any.clone(), &[3, 2, 1]).await;
    // Both ends count.
    check("call_from", CallFilter { call_from: Some(at(500)), ..any.clone() }, &[3, 2]).await;
    check("call_to", CallFilter { call_to: Some(at(500)), ..any.clone() }, &[3, 1]).await;
    check("upload_from", CallFilter { upload_from: Some(at(120)), ..any.clone() }, &[3, 2]).await;
    check("upload_to", CallFilter { upload_to: Some(at(120)), ..any.clone() }, &[2, 1]).await;
    let kinds = |kinds: &[CallKind]| CallFilter { kinds: Some(kinds.to_vec()), ..any.clone() };
    check("kinds", kinds(&[CallKind::Text]), &[1]).await;
    check("both kinds", kinds(&[CallKind::Text, CallKind::Voice]), &[3, 2, 1]).await;
    check("no kind", kinds(&[]), &[]).await;
    let states = |states: &[CallState]| CallFilter { states: Some(states.to_vec()), ..any.clone() };
    check("done", states(&[CallState::Done]), &[2, 1]).await;
    let failed = CallState::Failed(FailureKind::NothingSaid);
    check("failed", states(&[failed]), &[3]).await;
    check("failed otherwise", states(&[CallState::Failed(FailureKind::RulesFailed)]), &[]).await;
    check("done or failed", states(&[CallState::Done, failed]), &[3, 2, 1]).await;
    check("no state", states(&[]), &[]).await;
    let ids = |ids: &[u64]| CallFilter {
        ids: Some(ids.iter().map(|&id| call_id(id)).collect()),
        ..any.clone()
    };
    check("ids", ids(&[1, 3, 99]), &[3, 1]).await;
    check("no id", ids(&[]), &[]).await;
    check("batch", CallFilter { batch: Some(batch_id(7)), ..any.clone() }, &[2]).await;
    let staff = |id: &str| CallFilter { staff_id: Some(id.to_owned()), ..any.clone() };
    check("staff", staff("s-1"), &[1]).await;
    check("part of a staff identifier", staff("s-"), &[]).await;
    let name = |name: &str| CallFilter { staff_name: Some(name.to_owned()), ..any.clone() };
    check("staff name", name("WANG"), &[3, 1]).await;
    check("Chinese staff name", name("雷"), &[2]).await;
    check("% is itself", name("0%"), &[1]).await;
    check("_ is itself", name("w_ng"), &[]).await;
    let length = |least: Option<u64>, most: Option<u64>| CallFilter {
        duration_min: least.map(Millis::from_secs),
        duration_max: most.map(Millis::from_secs),
        ..any.clone()
    };
    check("at least", length(Some(90), None), &[2]).await;
    check("at most", length(None, Some(89)), &[1]).await;
    check("between", length(Some(30), Some(90)), &[2, 1]).await;
    let score = |points| CallFilter { score_at_most: Some(Points::whole(points)), ..any.clone() };
    check("score", score(60), &[2]).await;
    check("low score", score(59), &[]).await;
}

pub(crate) async fn filters_restrict_together(place: Place) {
    let scope = place.tenant("alpha").await;
    for number in 1..=6 {
        let kind = if number % 2 == 0 { CallKind::Text } else { CallKind::Voice };
        submit_call(&*scope, NewCall { kind, ..call(number) }).await;
    }
    finish(&place, 1, vec![state(1, CallState::Done)]).await;
    finish(&place, 2, vec![state(2, CallState::Done)]).await;
    let filter = CallFilter {
        kinds: Some(vec![CallKind::Text]),
        states: Some(vec![CallState::Queued]),
        upload_to: Some(at(300)),
        ..CallFilter::default()
    };
    assert_eq!(numbers(&*scope, &filter).await, [4]);
}
