//! What kills its decoder, or its worker, each time is parked; all others go on.

use fh_store::{CallState, FailureKind, JobState};

use crate::support::{ChildOptions, Service, tone};

#[tokio::test]
async fn a_recording_that_kills_its_decoder_is_parked_after_three_attempts() {
    let service = Service::with(|settings| settings.max_attempts = 3).await;
    let mut calls: Vec<_> = (0..4).map(|n| service.put_recording(&format!("call{n}"), n)).collect();
    calls.insert(1, service.put_wav("poison", &tone(9, b"POISON!"), 9));
    let mut calls = service.submit(calls).await;
    service.finish(&calls).await;

    let poison = calls.remove(1);
    let row = service.row(poison).await;
    assert_eq!(row.state, CallState::Failed(FailureKind::RecordingInvalid));
    let detail = row.detail.unwrap();
    assert!(detail.contains("signal 6"), "{detail}");
    assert!(detail.contains("the decoder met its poison"), "{detail}");
    assert!(detail.contains("`poison.wav`"), "{detail}");
    let folder = service.folder.path().display().to_string();
    assert!(!detail.contains(&folder), "{detail}");
    let jobs = service.jobs_of(poison).await;
    let dead: Vec<_> = jobs.iter().filter(|job| job.state == JobState::Dead).collect();
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].job.kind.as_str(), dead[0].attempts), ("decode_and_measure", 3));
    for &id in &calls {
        assert_eq!(service.row(id).await.state, CallState::Done);
        let attempts: Vec<u16> = service.jobs_of(id).await.iter().map(|job| job.attempts).collect();
        assert_eq!(attempts, [1, 1, 1, 1]);
    }
}

#[tokio::test]
async fn a_call_that_kills_its_worker_is_parked_and_takes_nobody_along() {
    let service = Service::with(|settings| settings.max_attempts = 3).await;
    let calls = (0..5).map(|n| service.put_recording(&format!("call{n}"), n)).collect();
    let mut calls = service.submit(calls).await;
    let point = format!("decode_and_measure:before:die:{}", calls[2]);
    let mut deaths = 0;
    loop {
        let name = format!("worker{deaths}");
        // Long enough for a busy machine: a lease that runs out there would be one more attempt.
        let options = ChildOptions { lease_ms: 2_000, ..ChildOptions::failing_at(&name, &point) };
        let mut worker = service.spawn_worker(&options);
        let all_final = async {
            service.wait_for(&calls).await;
        };
        tokio::select! {
            _ = worker.ended() => deaths += 1,
            () = all_final => {
                worker.stop().await;
                break;
            }
        }
    }
    assert_eq!(deaths, 3);
    let poison = calls.remove(2);
    let row = service.row(poison).await;
    assert_eq!(row.state, CallState::Failed(FailureKind::WorkFailed));
    for &id in &calls {
        assert_eq!(service.row(id).await.state, CallState::Done);
        // Whoever was at work beside it the first time is done the second: never three times.
        for job in service.jobs_of(id).await {
            assert!(job.attempts <= 2, "{job:?}");
        }
    }
}
