//! A worker that stands still for longer than its lease writes nothing when it comes back.

use std::time::Duration;

use fh_store::{JobFilter, JobState};
use rustix::process::Signal;

use crate::support::{ChildOptions, Service};

/// Whether a process stands still, by what the kernel says of it.
fn is_stopped(id: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    status.lines().any(|line| line.starts_with("State:\tT"))
}

async fn comes_back_late(point: &str) {
    let service = Service::new().await;
    let call = service.put_recording("call", 1);
    let calls = service.submit(vec![call]).await;
    // It writes nothing while it stops: signs of life are far apart, and with its one hand full it
    // asks for no other work. Who stands still within a transaction holds SQLite's only lock, and
    // nobody else can do anything.
    let lease_ms = 3_000;
    let zombie = service.spawn_worker(&ChildOptions {
        lease_ms,
        concurrency: 1,
        ..ChildOptions::failing_at("zombie", &format!("{point}:pause"))
    });
    for _ in 0..3_000 {
        if is_stopped(zombie.id()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(is_stopped(zombie.id()));
    let living = service.spawn_worker(&ChildOptions { lease_ms, ..ChildOptions::new("living") });
    service.wait_for(&calls).await;
    let result = service.scope().inspection(calls[0]).await.unwrap();
    let jobs = service.jobs_of(calls[0]).await;

    zombie.signal(Signal::CONT);
    // It ends its work in vain, and is of use again: it does the next call.
    living.stop().await;
    let other = service.put_recording("other", 2);
    let others = service.submit(vec![other]).await;
    service.wait_for(&others).await;
    zombie.stop().await;

    assert_eq!(service.scope().inspection(calls[0]).await.unwrap(), result);
    assert_eq!(service.jobs_of(calls[0]).await, jobs);
    service.check_finished_once(&[calls[0], others[0]]).await;
    let leased = JobFilter {
        states: Some(vec![JobState::Leased, JobState::Dead]),
        limit: 10,
        ..JobFilter::default()
    };
    assert_eq!(service.scope().list_jobs(&leased).await.unwrap(), []);
}

#[tokio::test]
async fn a_zombie_in_the_middle_of_decoding() {
    comes_back_late("decode_and_measure:middle").await;
}

#[tokio::test]
async fn a_zombie_with_the_result_in_its_hands() {
    comes_back_late("inspect_call:middle").await;
}
