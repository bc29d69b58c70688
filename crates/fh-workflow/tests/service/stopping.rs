//! A worker that is asked to stop leaves nothing behind that somebody must wait for.

use std::time::Duration;

use fh_store::{JobFilter, JobState};

use crate::support::{ChildOptions, Seeded, Service};

async fn leased(service: &Service) -> usize {
    let filter =
        JobFilter { states: Some(vec![JobState::Leased]), limit: 100, ..JobFilter::default() };
    service.scope().list_jobs(&filter).await.unwrap().len()
}

/// Asked at moments that the seed decides; `finish_within_ms` says whether jobs may end.
async fn asked_to_stop(times: u32, finish_within_ms: u64, seed: u64) {
    let service = Service::new().await;
    let random = Seeded::new(seed);
    let mut calls = Vec::new();
    for time in 0..times {
        let number = time * 2;
        let new = [number, number + 1].map(|n| service.put_recording(&format!("call{n}"), n));
        calls.extend(service.submit(new.to_vec()).await);
        let mut options = ChildOptions::new(&format!("worker{time}"));
        options.finish_within_ms = finish_within_ms;
        // Nobody takes over from a lease that runs out: what is done was handed back.
        options.lease_ms = 600_000;
        let worker = service.spawn_worker(&options);
        tokio::time::sleep(Duration::from_millis(60 + random.below(250))).await;
        worker.stop().await;
        assert_eq!(leased(&service).await, 0);
    }
    let last = service.spawn_worker(&ChildOptions::new("last"));
    service.wait_for(&calls).await;
    last.stop().await;
    service.check_finished_once(&calls).await;
    for &id in &calls {
        // Stopping is no failed attempt.
        assert!(service.jobs_of(id).await.iter().all(|job| job.attempts == 1));
    }
}

#[tokio::test]
async fn jobs_end_before_the_worker_does() {
    asked_to_stop(5, 20_000, 3).await;
}

/// `FAIRHEARING_STOPS` makes it longer.
#[tokio::test]
async fn jobs_are_handed_back_where_there_is_no_time() {
    let stops = std::env::var("FAIRHEARING_STOPS").ok().map(|number| number.parse().unwrap());
    asked_to_stop(stops.unwrap_or(8), 0, 4).await;
}
