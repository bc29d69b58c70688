use std::sync::Arc;

use fh_model::{CallMetadata, Language};
use fh_store::{
    BatchProgress, CallFilter, CallKind, CallState, FailureKind, Heartbeat, IdempotencyKey,
    JobFilter, JobState, NewCall, Paging, StepResult, StoreError, Submission, Write,
};
use serde_json::json;

use crate::place::Place;
use crate::samples::{
    at, batch_id, call, call_id, claim, event, finish, inspection, job, job_id, state, submission,
    submit, submit_call, submit_done, summary,
};

pub(crate) async fn a_submitted_call_comes_back_as_it_was(place: Place) {
    let scope = place.tenant("alpha").await;
    let sent = NewCall {
        id: call_id(1),
        group: call_id(2),
        batch: Some(batch_id(3)),
        kind: CallKind::Text,
        source: json!({ "url": "https://example.com/r?a=b&c=\"d\"", "nothing": null }),
        metadata: CallMetadata {
            call_id: Some("their-1".to_owned()),
            agent_id: Some("1001".to_owned()),
            agent_name: Some("王 O'Neil".to_owned()),
            skill_group: Some("billing".to_owned()),
            direction: Some("inbound".to_owned()),
            language: Some("zh".parse::<Language>().unwrap()),
            begin_time: Some("2026-03-01T09:00:00".parse().unwrap()),
            end_time: Some("2026-03-01T09:03:20.5".parse().unwrap()),
            roles: None,
            attributes: [("customer_id".to_owned(), "c-7".to_owned())].into(),
        },
        file_name: "录音 1'; DROP TABLE calls; --".to_owned(),
        staff_id: Some("staff-9".to_owned()),
        call_time: "2026-03-01T01:00:00.123456Z".parse().unwrap(),
        upload_time: "1969-12-31T23:59:59.999999Z".parse().unwrap(),
    };
    let submitted = scope.submit(submission(vec![sent.clone()])).await.unwrap();
    assert_eq!(submitted.calls, [call_id(1)]);
    assert!(!submitted.repeated);
    let row = scope.call(call_id(1)).await.unwrap().unwrap();
    assert_eq!(row.call, sent);
    assert_eq!(row.state, CallState::Queued);
    assert_eq!((row.detail, row.recording_digest, row.recording_blob), (None, None, None));
    assert_eq!((row.summary, row.inspected_at, row.appeal), (None, None, None));
    assert_eq!(scope.call(call_id(2)).await.unwrap(), None);
}

fn keyed(key: &str, digest: &str, number: u64) -> Submission {
    Submission {
        idempotency: Some(IdempotencyKey {
            key: key.to_owned(),
            request_digest: digest.to_owned(),
        }),
        jobs: vec![job(number)],
        events: vec![event("call.submitted", number)],
        ..submission(vec![call(number)])
    }
}

pub(crate) async fn the_same_key_gives_the_same_answer(place: Place) {
    let scope = place.tenant("alpha").await;
    let first = scope.submit(keyed("k", "d", 1)).await.unwrap();
    assert_eq!((first.calls, first.repeated), (vec![call_id(1)], false));
    // The client did not hear the answer: it asks again, and the ids are made anew.
    let again = scope.submit(keyed("k", "d", 2)).await.unwrap();
    assert_eq!((again.calls, again.repeated), (vec![call_id(1)], true));
    let other = scope.submit(keyed("k", "another", 3)).await;
    assert!(matches!(other, Err(StoreError::KeyReused)));
    assert_eq!(place.number("SELECT count(*) FROM calls").await, 1);
    assert_eq!(place.number("SELECT count(*) FROM jobs").await, 1);
    assert_eq!(scope.last_event().await.unwrap(), 1);
    // Another tenant's keys are its own.
    let beta = place.tenant("beta").await;
    assert!(!beta.submit(keyed("k", "another", 4)).await.unwrap().repeated);
}

pub(crate) async fn fifty_at_once_with_one_key_make_one_call(place: Place) {
    let scope: Arc<dyn fh_store::TenantScope> = Arc::from(place.tenant("alpha").await);
    let asked: Vec<_> = (1..=50)
        .map(|number| {
            let scope = Arc::clone(&scope);
            tokio::spawn(async move { scope.submit(keyed("k", "d", number)).await.unwrap() })
        })
        .collect();
    let mut answers = Vec::new();
    for asked in asked {
        answers.push(asked.await.unwrap());
    }
    let first = answers.iter().find(|answer| !answer.repeated).unwrap().calls.clone();
    assert_eq!(answers.iter().filter(|answer| answer.repeated).count(), 49);
    assert!(answers.iter().all(|answer| answer.calls == first));
    assert_eq!(place.number("SELECT count(*) FROM calls").await, 1);
    assert_eq!(place.number("SELECT count(*) FROM jobs").await, 1);
}

pub(crate) async fn a_submission_is_kept_whole_or_not_at_all(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1]).await;
    let twice =
        Submission { calls: vec![call(2), call(1)], jobs: vec![job(2)], ..keyed("k", "d", 2) };
    assert!(matches!(scope.submit(twice).await, Err(StoreError::Conflict { what: "call" })));
    assert_eq!(scope.call(call_id(2)).await.unwrap(), None);
    assert_eq!(place.number("SELECT count(*) FROM jobs").await, 1);
    assert_eq!(scope.last_event().await.unwrap(), 1);
    // Nor was the key taken.
    assert!(!scope.submit(keyed("k", "other", 3)).await.unwrap().repeated);
}

pub(crate) async fn what_is_known_beforehand_is_kept_with_the_submission(place: Place) {
    let scope = place.tenant("alpha").await;
    let chat = StepResult {
        step: "recognize_speech".to_owned(),
        key: "chat".to_owned(),
        body: "[\"您好\"]".as_bytes().to_vec(),
    };
    let known = Submission {
        writes: vec![
            Write::Recording {
                call: call_id(1),
                digest: "d1".to_owned(),
                blob: "alpha/recordings/d1".to_owned(),
            },
            Write::Step { call: call_id(1), result: chat.clone() },
        ],
        ..submission(vec![call(1)])
    };
    scope.submit(known).await.unwrap();
    let row = scope.call(call_id(1)).await.unwrap().unwrap();
    assert_eq!(row.recording_digest.as_deref(), Some("d1"));
    assert_eq!(row.recording_blob.as_deref(), Some("alpha/recordings/d1"));
    let kept = scope.step_result(call_id(1), "recognize_speech").await.unwrap();
    assert_eq!(kept, Some(chat));
    assert_eq!(scope.step_result(call_id(1), "inspect_call").await.unwrap(), None);
}

pub(crate) async fn results_stay_under_their_key(place: Place) {
    let scope = place.tenant("alpha").await;
    submit_done(&place, &*scope, 1, &["您好"]).await;
    let first = scope.inspection(call_id(1)).await.unwrap().unwrap();
    assert_eq!((first.key.as_str(), first.json.as_slice()), ("key-1", &b"{\"call\":1}"[..]));
    let row = scope.call(call_id(1)).await.unwrap().unwrap();
    assert_eq!(row.state, CallState::Done);
    assert_eq!(row.summary, Some(summary(60, 90)));
    assert_eq!(row.inspected_at, Some(first.made_at));

    // By other rules: another key, the latest counts.
    let other = |key: &str, json: &str, score| Write::Inspection {
        call: call_id(1),
        key: key.to_owned(),
        json: json.as_bytes().to_vec(),
        summary: summary(60, score),
        texts: vec!["您好".to_owned()],
    };
    scope.enqueue(job(2_000)).await.unwrap_err();
    scope.enqueue(fh_store::NewJob { id: job_id(2), ..job(1) }).await.unwrap();
    finish(&place, 2, vec![other("key-b", "{\"b\":1}", 50)]).await;
    assert_eq!(scope.inspection(call_id(1)).await.unwrap().unwrap().json, b"{\"b\":1}");
    // And back by the first rules: what was kept stays as it is and is the latest again.
    scope.enqueue(fh_store::NewJob { id: job_id(3), ..job(1) }).await.unwrap();
    finish(&place, 3, vec![other("key-1", "{\"late\":1}", 90)]).await;
    assert_eq!(scope.inspection(call_id(1)).await.unwrap(), Some(first));

    let step = |body: &str| Write::Step {
        call: call_id(1),
        result: StepResult {
            step: "decode".to_owned(),
            key: "k".to_owned(),
            body: body.as_bytes().to_vec(),
        },
    };
    scope.enqueue(fh_store::NewJob { id: job_id(4), ..job(1) }).await.unwrap();
    finish(&place, 4, vec![step("first"), step("second")]).await;
    let kept = scope.step_result(call_id(1), "decode").await.unwrap().unwrap();
    assert_eq!(kept.body, b"first");
}

pub(crate) async fn a_batch_tells_how_far_it_is(place: Place) {
    let scope = place.tenant("alpha").await;
    for number in 1..=3 {
        submit_call(&*scope, NewCall { batch: Some(batch_id(1)), ..call(number) }).await;
    }
    submit(&*scope, [4]).await;
    finish(&place, 1, vec![inspection(1, &[]), state(1, CallState::Done)]).await;
    let failed = CallState::Failed(FailureKind::NothingSaid);
    finish(&place, 2, vec![state(2, failed)]).await;
    let progress = scope.batch_progress(batch_id(1)).await.unwrap();
    assert_eq!(progress.states, [(CallState::Queued, 1), (CallState::Done, 1), (failed, 1)]);
    assert_eq!(scope.batch_progress(batch_id(2)).await.unwrap(), BatchProgress::default());
}

pub(crate) async fn a_call_is_cancelled_once(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1, 2]).await;
    let at_work = claim(&place, "w").await.unwrap();
    assert_eq!(at_work.ticket.job, job_id(1));
    assert!(scope.cancel_call(call_id(1)).await.unwrap());
    assert!(!scope.cancel_call(call_id(1)).await.unwrap());
    assert_eq!(scope.call(call_id(1)).await.unwrap().unwrap().state, CallState::Cancelled);
    let queue = place.store.queue();
    let beat = queue.heartbeat(at_work.ticket, crate::samples::LEASE).await.unwrap();
    assert_eq!(beat, Heartbeat::Lost);
    let late = queue.complete(at_work.ticket, vec![state(1, CallState::Done)]).await;
    assert!(matches!(late, Err(StoreError::Fenced)));
    assert_eq!(scope.call(call_id(1)).await.unwrap().unwrap().state, CallState::Cancelled);
    let jobs = JobFilter { call: Some(call_id(1)), limit: 10, ..JobFilter::default() };
    assert_eq!(scope.list_jobs(&jobs).await.unwrap()[0].state, JobState::Cancelled);
    let told = scope.events_of(call_id(1)).await.unwrap();
    assert_eq!(told.last().unwrap().event.name, "call.cancelled");

    finish(&place, 2, vec![inspection(2, &[]), state(2, CallState::Done)]).await;
    assert!(!scope.cancel_call(call_id(2)).await.unwrap());
    assert_eq!(scope.call(call_id(2)).await.unwrap().unwrap().state, CallState::Done);
    assert!(!scope.cancel_call(call_id(9)).await.unwrap());
}

pub(crate) async fn a_final_call_starts_again(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1]).await;
    let again = fh_store::NewJob { id: job_id(11), ..job(1) };
    let early = scope.restart_call(call_id(1), again.clone(), event("call.restarted", 1)).await;
    assert!(matches!(early, Err(StoreError::Conflict { .. })));
    finish(&place, 1, vec![inspection(1, &["您好"]), state(1, CallState::Done)]).await;
    scope.restart_call(call_id(1), again, event("call.restarted", 1)).await.unwrap();
    assert_eq!(scope.call(call_id(1)).await.unwrap().unwrap().state, CallState::Queued);
    // Until the new result is there, the earlier one can be read.
    assert!(scope.inspection(call_id(1)).await.unwrap().is_some());
    assert_eq!(claim(&place, "w").await.unwrap().ticket.job, job_id(11));
    let nobody = scope.restart_call(call_id(9), job(9), event("call.restarted", 9)).await;
    assert!(matches!(nobody, Err(StoreError::NotFound { what: "call" })));
    let all = scope
        .list_calls(&CallFilter::default(), &Paging::Offset { offset: 0, limit: 10 })
        .await
        .unwrap();
    assert_eq!(all.rows[0].call.upload_time, at(60));
}
