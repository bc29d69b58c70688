//! Work that takes longer than its lease, and work that nobody wants any more.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use fh_store::{CallState, JobState};
use fh_workflow::fetch::RecordingSource;
use fh_workflow::{CallContent, JobEnd, SubmitCall};

use crate::support::{Service, submit, tone};

/// A server of recordings that sends a piece every 50 ms, so many of them.
struct SlowServer {
    url: String,
    asked: Arc<AtomicUsize>,
}

fn slow_server(pieces: usize) -> SlowServer {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/slow.wav", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            thread::spawn(move || {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                let wav = tone(1, b"");
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", wav.len());
                let _ = stream.write_all(head.as_bytes());
                for piece in wav.chunks(wav.len().div_ceil(pieces)) {
                    thread::sleep(Duration::from_millis(50));
                    if stream.write_all(piece).is_err() {
                        return;
                    }
                }
            });
        }
    });
    SlowServer { url, asked }
}

fn call(server: &SlowServer) -> SubmitCall {
    let url = server.url.clone();
    let mut call = submit(CallContent::Recording(RecordingSource::Url { url }));
    let vtt = "WEBVTT\n\n00:00.100 --> 00:00.600\n<v Agent>Good morning.\n";
    call.transcript = Some(("words.vtt".to_owned(), vtt.into()));
    call
}

#[tokio::test]
async fn a_lease_is_kept_while_the_work_goes_on() {
    let service = Service::with(|settings| settings.lease = Duration::from_millis(300)).await;
    // Five leases long, with another worker beside it that waits for one to run out.
    let server = slow_server(30);
    let calls = service.submit(vec![call(&server)]).await;
    let workers = [service.start_worker(1), service.start_worker(1)];
    service.wait_for(&calls).await;
    for worker in workers {
        worker.stop().await;
    }
    service.check_finished_once(&calls).await;
    assert_eq!(server.asked.load(Ordering::Relaxed), 1);
    assert!(service.jobs_of(calls[0]).await.iter().all(|job| job.attempts == 1));
}

#[tokio::test]
async fn a_cancelled_call_is_let_go_of_at_once() {
    let service = Service::with(|settings| settings.lease = Duration::from_millis(300)).await;
    // It would take five minutes.
    let server = slow_server(6_000);
    let calls = service.submit(vec![call(&server)]).await;
    let worker = service.start_worker(1);
    service.wait_until(|states| states[0] == CallState::Fetching, &calls).await;
    service.workflow.cancel_call(&service.caller, calls[0]).await.unwrap();
    // The only slot is free for another call.
    let next = service.put_recording("next", 2);
    let next = service.submit(vec![next]).await;
    service.wait_for(&next).await;
    worker.stop().await;
    assert_eq!(service.row(next[0]).await.state, CallState::Done);
    assert_eq!(service.row(calls[0]).await.state, CallState::Cancelled);
    assert_eq!(service.jobs_of(calls[0]).await[0].state, JobState::Cancelled);
    let metrics = service.workflow.metrics().by_kind();
    let fetched = &metrics["fetch_recording"];
    assert_eq!((fetched.ends.get(&JobEnd::Lost), fetched.running), (Some(&1), 0));
    assert_eq!(metrics["inspect_call"].ends.get(&JobEnd::Done), Some(&1));
}
