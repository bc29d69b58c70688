//! What commands promise to those who call them.

use std::sync::Arc;

use fh_model::{CallId, Role};
use fh_store::{AccessRole, CallState, FailureKind, JobState, RulePackFile};
use fh_workflow::fetch::RecordingSource;
use fh_workflow::{
    CallContent, ChatLine, CommandError, OpenAppeal, PutWebhook, ReinspectFrom, ReviseFinding,
    SubmitCalls,
};

use crate::support::{Service, caller, submit, tone};

fn chat(text: &str) -> fh_workflow::SubmitCall {
    let line = ChatLine { role: Role::Agent, at: None, text: text.to_owned() };
    submit(CallContent::Chat(vec![line]))
}

fn with_key(key: &str, calls: Vec<fh_workflow::SubmitCall>) -> SubmitCalls {
    SubmitCalls { idempotency_key: Some(key.to_owned()), batch: None, calls }
}

#[tokio::test]
async fn fifty_submissions_with_one_key_make_one_call() {
    let service = Arc::new(Service::new().await);
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let service = Arc::clone(&service);
        asking.spawn(async move {
            let submit = with_key("k", vec![chat("hello")]);
            service.workflow.submit_calls(&service.caller, submit).await.unwrap().calls
        });
    }
    let answers = asking.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let all = fh_store::Paging::Offset { offset: 0, limit: 10 };
    let page = service.scope().list_calls(&fh_store::CallFilter::default(), &all).await.unwrap();
    assert_eq!(page.total, Some(1));
    assert_eq!(service.blobs().list("").await.unwrap().len(), 1);
    let other = with_key("k", vec![chat("goodbye")]);
    let error = service.workflow.submit_calls(&service.caller, other).await.unwrap_err();
    assert!(matches!(error, CommandError::KeyReused), "{error}");
}

#[tokio::test]
async fn a_repeated_upload_is_the_same_request() {
    let service = Service::new().await;
    let mut answers = Vec::new();
    for number in [1, 1, 2] {
        let wav = tone(number, b"");
        let source = service
            .workflow
            .store_upload(&service.caller, &mut wav.as_slice(), 1 << 20)
            .await
            .unwrap();
        let submit = with_key("k", vec![submit(CallContent::Recording(source))]);
        answers.push(service.workflow.submit_calls(&service.caller, submit).await);
    }
    assert_eq!(answers[0].as_ref().unwrap().calls, answers[1].as_ref().unwrap().calls);
    assert!(answers[1].as_ref().unwrap().repeated);
    assert!(matches!(answers[2], Err(CommandError::KeyReused)));
}

#[tokio::test]
async fn what_cannot_be_submitted_is_told_by_field() {
    let service = Service::with(|settings| {
        settings.limits.calls_per_submission = 2;
        settings.limits.chat_lines = 1;
    })
    .await;
    let said = |submit: SubmitCalls| {
        let workflow = service.workflow.clone();
        let caller = service.caller.clone();
        async move { workflow.submit_calls(&caller, submit).await.unwrap_err().to_string() }
    };
    let calls = |calls| SubmitCalls { calls, ..SubmitCalls::default() };
    assert_eq!(said(calls(Vec::new())).await, "expected one call at least in `calls`, found none");
    assert_eq!(
        said(calls(vec![chat("a"), chat("b"), chat("c")])).await,
        "at most 2 calls in one submission allowed, found 3"
    );
    assert_eq!(
        said(calls(vec![chat("a"), chat("")])).await,
        "expected text in `calls[1].chat`, found none"
    );
    let blob = format!("other/recordings/{}.1", "0".repeat(64));
    let upload = submit(CallContent::Recording(RecordingSource::Upload { blob }));
    assert_eq!(
        said(calls(vec![upload])).await,
        "expected a `upload` of that identifier, found none"
    );
    let error = service
        .workflow
        .store_upload(&service.caller, &mut [0; 11].as_slice(), 10)
        .await
        .unwrap_err();
    assert!(matches!(error, CommandError::LimitReached { allowed: 10, .. }), "{error}");
    assert_eq!(std::fs::read_dir(service.path("temp")).unwrap().count(), 0);
}

#[tokio::test]
async fn calls_beyond_the_daily_limit_fail_and_say_so() {
    let service = Service::with(|settings| settings.limits.calls_per_day = Some(2)).await;
    let calls = service.submit(vec![chat("a"), chat("b"), chat("c")]).await;
    let more = service.submit(vec![chat("d")]).await;
    let mut states = Vec::new();
    for id in calls.into_iter().chain(more) {
        states.push(service.row(id).await.state);
    }
    let failed = CallState::Failed(FailureKind::DailyLimit);
    assert_eq!(states, [CallState::Queued, CallState::Queued, failed, failed]);
}

#[tokio::test]
async fn roles_decide_what_may_be_done() {
    let service = Service::new().await;
    let calls = service.submit(vec![chat("a")]).await;
    let (w, id) = (&service.workflow, calls[0]);
    let agent = caller("default", AccessRole::Agent);
    let inspector = caller("default", AccessRole::Inspector);
    let manager = caller("default", AccessRole::QaManager);
    let files = || vec![RulePackFile { name: "a".to_owned(), text: String::new() }];
    let hook = PutWebhook { url: "https://example.com".to_owned(), events: Vec::new() };
    let refused = [
        w.submit_calls(&agent, SubmitCalls::default()).await.err(),
        w.cancel_call(&agent, id).await.err(),
        w.reinspect_call(&agent, id, ReinspectFrom::Rules).await.err(),
        w.erase_call(&inspector, id).await.err(),
        w.erase_person(&inspector, "x").await.err(),
        w.put_rule_pack(&inspector, "x", files()).await.err(),
        w.put_webhook(&manager, hook).await.err(),
        w.create_api_key(&manager, "x", AccessRole::Administrator).await.err(),
        w.set_retention(&manager, None).await.err(),
    ];
    for (number, error) in refused.into_iter().enumerate() {
        assert!(matches!(error, Some(CommandError::Forbidden)), "{number}: {error:?}");
    }
}

#[tokio::test]
async fn nothing_of_another_tenant_exists() {
    let service = Service::new().await;
    service.add_tenant(&"other".parse().unwrap()).await;
    let calls = service.submit(vec![chat("good morning")]).await;
    service.finish(&calls).await;
    let other = caller("other", AccessRole::Administrator);
    let (w, id) = (&service.workflow, calls[0]);
    let appeal = OpenAppeal {
        call: id,
        reason: "no".to_owned(),
        reviewer: "x".to_owned(),
        reviewer_role: "x".to_owned(),
        findings: vec![("a".to_owned(), "b".to_owned())],
    };
    let revise = ReviseFinding {
        call: id,
        scenario: "a".to_owned(),
        finding: "b".to_owned(),
        complies: true,
        remark: String::new(),
    };
    let refused = [
        w.cancel_call(&other, id).await.err(),
        w.reinspect_call(&other, id, ReinspectFrom::Rules).await.err(),
        w.open_appeal(&other, appeal).await.err(),
        w.revise_finding(&other, revise).await.err(),
        w.erase_call(&other, id).await.err(),
    ];
    for (number, error) in refused.into_iter().enumerate() {
        assert!(matches!(error, Some(CommandError::NotFound { .. })), "{number}: {error:?}");
    }
    assert!(w.audio_of(&other, id).await.unwrap().is_none());
    let tenant = fh_store::NewTenant {
        id: "third".parse().unwrap(),
        name: "Third".to_owned(),
        retention_days: None,
    };
    let error = w.create_tenant(&other, tenant.clone()).await.unwrap_err();
    assert!(matches!(error, CommandError::Forbidden), "{error}");
    w.create_tenant(&service.caller, tenant).await.unwrap();
    assert_eq!(service.row(id).await.state, CallState::Done);
}

#[tokio::test]
async fn a_cancelled_call_is_worked_at_no_more() {
    let service = Service::new().await;
    let calls = service.submit(vec![chat("a")]).await;
    service.workflow.cancel_call(&service.caller, calls[0]).await.unwrap();
    service.finish(&calls).await;
    assert_eq!(service.row(calls[0]).await.state, CallState::Cancelled);
    assert_eq!(service.jobs_of(calls[0]).await[0].state, JobState::Cancelled);
    let error = service.workflow.cancel_call(&service.caller, calls[0]).await.unwrap_err();
    assert!(matches!(error, CommandError::Conflict { .. }), "{error}");
    let nobody = CallId(uuid::Uuid::nil());
    let error = service.workflow.cancel_call(&service.caller, nobody).await.unwrap_err();
    assert!(matches!(error, CommandError::NotFound { what: "call" }), "{error}");
}

#[tokio::test]
async fn an_erased_call_leaves_nothing_but_a_line_in_the_log() {
    let service = Service::new().await;
    let [first, second] = [1, 2].map(|n| service.put_recording(&format!("call{n}"), 7));
    let calls = service.submit(vec![first, second]).await;
    service.finish(&calls).await;
    let kept = service.row(calls[1]).await.recording_blob.unwrap();
    let erased = service.workflow.erase_call(&service.caller, calls[0]).await.unwrap();
    assert_eq!(erased.calls, 1);
    assert!(service.scope().call(calls[0]).await.unwrap().is_none());
    // The other call has the same sound and keeps its own.
    let left = service.blobs().list("default/recordings/").await.unwrap();
    assert_eq!(left.into_iter().map(|info| info.key).collect::<Vec<_>>(), [kept]);
    let log = service.scope().audit_log(None, 10).await.unwrap();
    assert!(log.iter().any(|row| {
        row.entry.action == "call.erase" && row.entry.object == calls[0].to_string()
    }));
    assert_eq!(service.scope().verify_audit().await.unwrap(), None);
    // A database that is restored from a backup of before can be told.
    let marked =
        fh_workflow::erased_calls(service.blobs().as_ref(), &service.caller.tenant).await.unwrap();
    assert_eq!(marked.iter().map(|mark| mark.call).collect::<Vec<_>>(), [calls[0]]);
}

#[tokio::test]
async fn an_upload_that_was_never_fetched_is_erased_too() {
    let service = Service::new().await;
    let wav = tone(1, b"");
    let source =
        service.workflow.store_upload(&service.caller, &mut wav.as_slice(), 1 << 20).await.unwrap();
    let calls = service.submit(vec![submit(CallContent::Recording(source))]).await;
    service.workflow.erase_call(&service.caller, calls[0]).await.unwrap();
    assert_eq!(service.blobs().list("default/recordings/").await.unwrap(), []);
}

#[tokio::test]
async fn findings_are_revised_and_objected_to_by_their_keys() {
    let service = Service::new().await;
    let calls = service.submit(vec![chat("not my problem")]).await;
    service.finish(&calls).await;
    let (w, admin, id) = (&service.workflow, &service.caller, calls[0]);
    let (_, inspection) = w.inspection_of(admin, id).await.unwrap().unwrap();
    let card = &inspection.score_cards[0];
    let key = card.findings[0].key(id, &card.scenario_id);
    let revise = |finding: &str| ReviseFinding {
        call: id,
        scenario: card.scenario_id.clone(),
        finding: finding.to_owned(),
        complies: true,
        remark: "was greeted before".to_owned(),
    };
    w.revise_finding(admin, revise(&key)).await.unwrap();
    let error = w.revise_finding(admin, revise("dialogRule0")).await.unwrap_err();
    assert!(matches!(error, CommandError::NotFound { what: "finding" }), "{error}");
    let revisions = service.scope().revisions_of(id).await.unwrap();
    assert_eq!((revisions.len(), revisions[0].revision.complies), (1, true));

    let appeal = || OpenAppeal {
        call: id,
        reason: "I was polite".to_owned(),
        reviewer: "boss".to_owned(),
        reviewer_role: "supervisor".to_owned(),
        findings: vec![(card.scenario_id.clone(), key.clone())],
    };
    let opened = w.open_appeal(admin, appeal()).await.unwrap();
    let error = w.open_appeal(admin, appeal()).await.unwrap_err();
    assert!(matches!(error, CommandError::Conflict { .. }), "{error}");
    let state = fh_store::AppealState::Completed;
    w.move_appeal(admin, id, opened, state).await.unwrap();
    assert_eq!(service.row(id).await.appeal, Some(state));
}

#[tokio::test]
async fn rules_with_errors_are_not_kept() {
    let service = Service::new().await;
    let put = |text: &str| {
        let files = vec![RulePackFile { name: "a.yaml".to_owned(), text: text.to_owned() }];
        let (workflow, caller) = (service.workflow.clone(), service.caller.clone());
        async move { workflow.put_rule_pack(&caller, "mine", files).await }
    };
    let error = put("pack: x\nrules:\n  - id: a\n    says: b\n").await.unwrap_err();
    let CommandError::Diagnostics(diagnostics) = error else { panic!("{error}") };
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.file == "a.yaml"));
    let failing = crate::support::RULES.replace(
        "    flag_if: rude\n",
        "    flag_if: rude\n    tests:\n      - name: polite\n        call: 'agent: hello'\n        \
         expect: flagged\n",
    );
    let error = put(&failing).await.unwrap_err().to_string();
    assert!(error.contains("`polite` of rule `rude`"), "{error}");
    assert_eq!(service.scope().list_rule_packs().await.unwrap().len(), 0);
    let first = put(crate::support::RULES).await.unwrap();
    let second = put(crate::support::RULES).await.unwrap();
    assert_eq!((first.version, second.version), (1, 1));
}
