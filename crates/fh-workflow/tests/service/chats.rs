//! Calls that were written and not spoken.

use fh_model::{Inspection, Language, Millis, Role};
use fh_store::{CallKind, CallState};
use fh_workflow::{CallContent, ChatLine};

use crate::support::{ChildOptions, Service, submit};

fn line(role: Role, at: Option<u64>, text: &str) -> ChatLine {
    ChatLine { role, at: at.map(Millis), text: text.to_owned() }
}

#[tokio::test]
async fn a_chat_is_inspected_without_sound() {
    let service = Service::new().await;
    let lines = vec![
        line(Role::Customer, Some(0), "你好"),
        line(Role::Agent, Some(2_000), "您好，请讲"),
        line(Role::Customer, None, "我的包裹"),
        line(Role::Agent, Some(9_000), "that is not my problem"),
    ];
    let calls = service.submit(vec![submit(CallContent::Chat(lines))]).await;
    service.finish(&calls).await;
    let row = service.row(calls[0]).await;
    assert_eq!((row.call.kind, row.state), (CallKind::Text, CallState::Done));
    let inspection: Inspection = serde_json::from_slice(&service.json_of(calls[0]).await).unwrap();
    let transcript = inspection.transcript.unwrap();
    assert_eq!(transcript.language, Language::ZhCn);
    let starts: Vec<u64> = transcript.utterances.iter().map(|u| u.span.start.0).collect();
    assert_eq!(starts, [0, 2_000, 2_001, 9_000]);
    // 100, greeted in Chinese, less 20 for what was said last.
    assert_eq!(inspection.score_cards[0].score.to_string(), "80");
    let units: Vec<_> = row
        .summary
        .unwrap()
        .channels
        .into_iter()
        .map(|channel| (channel.role, channel.spoken_units))
        .collect();
    // 您好请讲 and five English words; 你好我的包裹.
    assert_eq!(units, [(Role::Agent, 9), (Role::Customer, 6)]);
    let hits = service.scope().find_in_call(calls[0], "包裹").await.unwrap();
    assert_eq!((hits.len(), hits[0].utterance, hits[0].start), (1, 2, 2));
}

#[tokio::test]
async fn a_worker_that_dies_with_a_chat_in_its_hands() {
    for place in ["before", "middle", "after"] {
        let service = Service::new().await;
        let lines = vec![line(Role::Agent, None, "Good morning")];
        let calls = service.submit(vec![submit(CallContent::Chat(lines))]).await;
        let point = format!("inspect_chat:{place}");
        let mut dying = service.spawn_worker(&ChildOptions::failing_at("first", &point));
        assert!(!dying.ended().await.success());
        let next = service.spawn_worker(&ChildOptions::new("second"));
        service.wait_for(&calls).await;
        next.stop().await;
        assert_eq!(service.row(calls[0]).await.state, CallState::Done);
        assert_eq!(service.jobs_of(calls[0]).await.len(), 1);
    }
}
