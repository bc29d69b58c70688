//! Receivers of events that are away, slow, broken, lead elsewhere or talk too much.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fh_model::{Role, WebhookId};
use fh_store::{CallState, DeliveryRow, DeliveryState, JobFilter, JobState};
use fh_workflow::{
    CallContent, ChatLine, CommandError, NOTIFY, NewReceiver, PutWebhook, ReinspectFrom,
    SubmitCall, event_names,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::support::{ChildOptions, Service, submit};

/// One request as it came in.
#[derive(Debug, Clone)]
struct Received {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        &self.headers.iter().find(|(known, _)| known == name).unwrap().1
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A receiver that answers as `answer` says of the request with this number, and remembers.
struct Receiver {
    port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    fn start(answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::on(listener, answer)
    }

    fn on(
        listener: TcpListener,
        answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static,
    ) -> Self {
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&received);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                std::thread::spawn(move || take(&mut stream.unwrap(), &seen, answer.as_ref()));
            }
        });
        Self { port, received }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/events", self.port)
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

fn take(
    stream: &mut TcpStream,
    seen: &Mutex<Vec<Received>>,
    answer: &impl Fn(usize, &mut TcpStream),
) {
    let Some(request) = read(stream) else { return };
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(request);
        seen.len()
    };
    answer(number, stream);
}

fn read(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received { headers, body })
}

/// What a receiver does with its answer is its own affair: we may have gone.
fn say(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

fn ok(_: usize, stream: &mut TcpStream) {
    say(stream, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

fn chat() -> SubmitCall {
    let line = ChatLine { role: Role::Agent, at: None, text: "good morning 4006".to_owned() };
    submit(CallContent::Chat(vec![line]))
}

async fn register(service: &Service, url: String) -> NewReceiver {
    let webhook = PutWebhook { url, events: Vec::new() };
    service.workflow.put_webhook(&service.caller, webhook).await.unwrap()
}

/// Works until no delivery waits.
async fn deliver(service: &Service) {
    let running = service.start_worker(2);
    let waiting = JobFilter {
        states: Some(vec![JobState::Waiting, JobState::Leased]),
        limit: 10,
        ..JobFilter::default()
    };
    for _ in 0..3_000 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if service.scope().list_jobs(&waiting).await.unwrap().is_empty() {
            running.stop().await;
            return;
        }
    }
    panic!("after a minute there are deliveries waiting");
}

/// The attempts in their order.
async fn attempts(service: &Service, id: WebhookId) -> Vec<DeliveryRow> {
    let mut rows = service.scope().list_deliveries(id, 100).await.unwrap();
    rows.reverse();
    rows
}

#[tokio::test]
async fn an_event_is_signed_and_says_no_word_of_the_call() {
    let service = Service::new().await;
    let receiver = Receiver::start(ok);
    let NewReceiver { id, secret } = register(&service, receiver.url()).await;
    let calls = service.submit(vec![chat()]).await;
    deliver(&service).await;
    let received = receiver.received();
    assert_eq!(received.len(), 1);
    let request = &received[0];
    let body = request.json();
    assert_eq!(body["type"], event_names::CALL_INSPECTED);
    assert_eq!(body["data"]["call"], calls[0].to_string());
    assert!(!String::from_utf8_lossy(&request.body).contains("4006"));

    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let (event, time) = (request.header("webhook-id"), request.header("webhook-timestamp"));
    mac.update(format!("{event}.{time}.").as_bytes());
    mac.update(&request.body);
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(request.header("webhook-signature"), expected);
    assert!(event.starts_with(&id.to_string()));
    let log = attempts(&service, id).await;
    assert_eq!(
        (log.len(), &log[0].state, log[0].status),
        (1, &DeliveryState::Delivered, Some(204))
    );
}

#[tokio::test]
async fn a_receiver_that_was_away_gets_all_in_order() {
    let service = Service::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let id = register(&service, format!("http://127.0.0.1:{port}/")).await.id;
    let calls = service.submit(vec![chat()]).await;
    service.finish(&calls).await;
    // Inspected twice more meanwhile: three events of one call.
    for _ in 0..2 {
        service
            .workflow
            .reinspect_call(&service.caller, calls[0], ReinspectFrom::Rules)
            .await
            .unwrap();
        service.finish(&calls).await;
    }
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let receiver = Receiver::on(listener, ok);
    deliver(&service).await;
    let mut sequences: Vec<i64> = receiver
        .received()
        .iter()
        .map(|request| request.json()["data"]["sequence"].as_i64().unwrap())
        .collect();
    // Told at least once each: who hears one twice knows it by its identifier.
    sequences.dedup();
    let mut in_order = sequences.clone();
    in_order.sort_unstable();
    in_order.dedup();
    assert_eq!(sequences, in_order);
    assert_eq!(sequences.len(), 3);
    let log = attempts(&service, id).await;
    assert!(log.iter().any(|row| row.state == DeliveryState::Failed && row.status.is_none()));
    assert_eq!(service.row(calls[0]).await.state, CallState::Done);
}

/// The states and statuses of the attempts on a receiver that answers so.
async fn tried(
    most: u16,
    answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static,
) -> Vec<(DeliveryState, Option<u16>)> {
    let service = Service::with(|settings| settings.webhooks.max_attempts = most).await;
    let receiver = Receiver::start(answer);
    let id = register(&service, receiver.url()).await.id;
    let calls = service.submit(vec![chat()]).await;
    deliver(&service).await;
    // Whatever becomes of the delivery, the call's result stands.
    assert_eq!(service.row(calls[0]).await.state, CallState::Done);
    let rows = attempts(&service, id).await;
    let numbers: Vec<u16> = rows.iter().map(|row| row.attempt).collect();
    assert_eq!(numbers, (1..=u16::try_from(rows.len()).unwrap()).collect::<Vec<_>>());
    rows.into_iter().map(|row| (row.state, row.status)).collect()
}

#[tokio::test]
async fn a_broken_receiver_is_tried_again() {
    use DeliveryState::{Delivered, Failed, GivenUp};
    let broken = |times: usize| {
        move |number: usize, stream: &mut TcpStream| {
            if number > times {
                return ok(number, stream);
            }
            say(stream, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    };
    assert_eq!(
        tried(5, broken(2)).await,
        [(Failed, Some(500)), (Failed, Some(500)), (Delivered, Some(204))]
    );
    assert_eq!(
        tried(3, broken(9)).await,
        [(Failed, Some(500)), (Failed, Some(500)), (GivenUp, Some(500))]
    );
    let gone = |_: usize, stream: &mut TcpStream| {
        say(stream, "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    assert_eq!(tried(5, gone).await, [(GivenUp, Some(410))]);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Receiver::start(ok);
    let location = elsewhere.url();
    let redirect = move |_: usize, stream: &mut TcpStream| {
        let answer = format!(
            "HTTP/1.1 307 Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\
             Connection: close\r\n\r\n"
        );
        say(stream, &answer);
    };
    let states = tried(2, redirect).await;
    assert_eq!(states, [(DeliveryState::Failed, Some(307)), (DeliveryState::GivenUp, Some(307))]);
    assert_eq!(elsewhere.received().len(), 0);
}

#[tokio::test]
async fn a_slow_receiver_is_not_waited_for() {
    let slow = |number: usize, stream: &mut TcpStream| {
        if number > 1 {
            return ok(number, stream);
        }
        std::thread::sleep(Duration::from_millis(900));
    };
    let states = tried(5, slow).await;
    assert_eq!(states, [(DeliveryState::Failed, None), (DeliveryState::Delivered, Some(204))]);
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let endless = |_: usize, stream: &mut TcpStream| {
        say(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        let piece = [b'x'; 4096];
        // Until we have enough of it.
        while stream.write_all(&piece).is_ok() {}
    };
    assert_eq!(tried(2, endless).await, [(DeliveryState::Delivered, Some(200))]);
}

#[tokio::test]
async fn a_receiver_must_be_somewhere_that_may_be_connected_to() {
    let service = Service::with(|settings| {
        settings.fetch.addresses.allow.clear();
        settings.webhooks.max_attempts = 2;
    })
    .await;
    let inside = Receiver::start(ok);
    let id = register(&service, inside.url()).await.id;
    service.submit(vec![chat()]).await;
    deliver(&service).await;
    assert_eq!(inside.received().len(), 0);
    let log = attempts(&service, id).await;
    assert_eq!(log.len(), 2);
    assert!(log[0].error.as_ref().unwrap().contains("not allowed"), "{:?}", log[0].error);
    for url in ["ftp://example.com/", "http://user:secret@example.com/", "nowhere"] {
        let webhook = PutWebhook { url: url.to_owned(), events: Vec::new() };
        let error = service.workflow.put_webhook(&service.caller, webhook).await.unwrap_err();
        assert!(matches!(error, CommandError::Invalid { .. }), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn receivers_hear_what_they_asked_for_while_they_are_on() {
    let service = Service::new().await;
    let [all, failures, off] = [(); 3].map(|()| Receiver::start(ok));
    register(&service, all.url()).await;
    let events = vec![event_names::CALL_FAILED.to_owned()];
    let webhook = PutWebhook { url: failures.url(), events };
    service.workflow.put_webhook(&service.caller, webhook).await.unwrap();
    let id = register(&service, off.url()).await.id;
    service.workflow.enable_webhook(&service.caller, id, false).await.unwrap();
    service.submit(vec![chat()]).await;
    deliver(&service).await;
    let counts = [&all, &failures, &off].map(|receiver| receiver.received().len());
    assert_eq!(counts, [1, 0, 0]);
}

#[tokio::test]
async fn a_worker_that_dies_while_it_tells() {
    for place in ["before", "middle", "after"] {
        let service = Service::new().await;
        let receiver = Receiver::start(ok);
        register(&service, receiver.url()).await;
        let calls = service.submit(vec![chat()]).await;
        let point = format!("{NOTIFY}:{place}");
        let mut dying = service.spawn_worker(&ChildOptions::failing_at("first", &point));
        assert!(!dying.ended().await.success());
        // Until the dead worker's lease has run out.
        let next = service.spawn_worker(&ChildOptions::new("second"));
        service.wait_for(&calls).await;
        deliver(&service).await;
        next.stop().await;
        let mut told: Vec<String> = receiver
            .received()
            .iter()
            .map(|request| request.header("webhook-id").to_owned())
            .collect();
        assert!((1..=2).contains(&told.len()), "{place}: {told:?}");
        told.dedup();
        assert_eq!(told.len(), 1, "{place}: one event, one identifier");
    }
}
