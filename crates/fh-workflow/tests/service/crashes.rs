//! A worker is killed, at the boundaries of each step, in its middle, and anywhere: every call ends
//! done, once, with the bytes that it has where nobody is killed.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use fh_model::CallId;

use crate::support::{ChildOptions, Seeded, Service};

/// SIGABRT.
const ABORTED: i32 = 6;

/// The results of these calls where nobody is killed.
async fn undisturbed(count: u32) -> Vec<Vec<u8>> {
    let service = Service::new().await;
    let calls = (0..count).map(|n| service.put_recording(&format!("call{n}"), n)).collect();
    let calls = service.submit(calls).await;
    service.finish(&calls).await;
    results(&service, &calls).await
}

async fn results(service: &Service, calls: &[CallId]) -> Vec<Vec<u8>> {
    let mut results = Vec::new();
    for &id in calls {
        results.push(service.json_of(id).await);
    }
    results
}

async fn dies_at(step: &str) {
    let expected = undisturbed(3).await;
    for place in ["before", "middle", "after"] {
        let service = Service::new().await;
        let calls = (0..3).map(|n| service.put_recording(&format!("call{n}"), n)).collect();
        let calls = service.submit(calls).await;
        let point = format!("{step}:{place}");
        let mut dying = service.spawn_worker(&ChildOptions::failing_at("first", &point));
        assert_eq!(dying.ended().await.signal(), Some(ABORTED), "{point}");
        let next = service.spawn_worker(&ChildOptions::new("second"));
        service.wait_for(&calls).await;
        next.stop().await;
        service.check_finished_once(&calls).await;
        assert!(results(&service, &calls).await == expected, "{point}: other bytes");
    }
}

#[tokio::test]
async fn a_worker_that_dies_while_it_fetches() {
    dies_at("fetch_recording").await;
}

#[tokio::test]
async fn a_worker_that_dies_while_it_decodes() {
    dies_at("decode_and_measure").await;
}

#[tokio::test]
async fn a_worker_that_dies_while_it_recognises() {
    dies_at("recognize_speech").await;
}

#[tokio::test]
async fn a_worker_that_dies_while_it_inspects() {
    dies_at("inspect_call").await;
}

/// Two workers, each killed so many times at moments that the seed decides.
async fn killed_at_random(kills: u32, seed: u64) {
    const CALLS: u32 = 24;
    let expected = undisturbed(CALLS).await;
    let service = Service::with(|settings| settings.max_attempts = 1_000).await;
    let random = Seeded::new(seed);
    let mut calls = Vec::new();
    let mut submitted = 0;
    for kill in 0..kills {
        // Work comes in all the time, so that there is some to be killed in.
        while submitted < CALLS * (kill + 1) / kills {
            let call = service.put_recording(&format!("call{submitted}"), submitted);
            calls.extend(service.submit(vec![call]).await);
            submitted += 1;
        }
        let [one, other] = ["one", "other"]
            .map(|name| service.spawn_worker(&ChildOptions::new(&format!("{name}{kill}"))));
        tokio::time::sleep(Duration::from_millis(30 + random.below(400))).await;
        one.kill().await;
        tokio::time::sleep(Duration::from_millis(random.below(60))).await;
        other.kill().await;
    }
    let last = service.spawn_worker(&ChildOptions::new("last"));
    service.wait_for(&calls).await;
    last.stop().await;
    service.check_finished_once(&calls).await;
    assert!(results(&service, &calls).await == expected, "seed {seed}: other bytes");
}

/// `FAIRHEARING_KILLS` makes it longer, `FAIRHEARING_SEED` picks another course.
#[tokio::test]
async fn workers_that_are_killed_anywhere() {
    let number = |name: &str| std::env::var(name).ok().map(|number| number.parse::<u64>().unwrap());
    let kills = number("FAIRHEARING_KILLS").unwrap_or(30);
    let seed = number("FAIRHEARING_SEED").unwrap_or(7);
    killed_at_random(u32::try_from(kills).unwrap().div_ceil(2), seed).await;
}
