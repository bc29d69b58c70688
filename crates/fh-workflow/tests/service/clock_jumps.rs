//! A worker's clock jumps: leases, ages and what is kept go by the database's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fh_store::CallState;

use crate::support::{Service, tone};

/// Two days on, an hour twice back (the end of summer time, and somebody's hand), a second less,
/// years on.
const JUMPS: [i64; 5] = [172_800_000, -3_600_000, -7_200_000, -1_000, 63_072_000_000];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_is_done_once_whatever_the_clock_does() {
    let service = Service::with(|settings| settings.lease = Duration::from_secs(1)).await;
    let calls = (0..12).map(|n| service.put_recording(&format!("call{n}"), n)).collect();
    let calls = service.submit(calls).await;
    let (clock, over) = (service.clock.clone(), Arc::new(AtomicBool::new(false)));
    let jumping = tokio::spawn({
        let over = over.clone();
        async move {
            for jump in JUMPS.iter().cycle() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                clock.jump(*jump);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    });
    // Two of them: what one let expire the other would take.
    let workers = [service.start_worker(1), service.start_worker(1)];
    service.wait_for(&calls).await;
    over.store(true, Ordering::Relaxed);
    jumping.await.unwrap();
    for worker in workers {
        worker.stop().await;
    }
    service.check_finished_once(&calls).await;
    for &id in &calls {
        assert!(service.jobs_of(id).await.iter().all(|job| job.attempts == 1));
    }
}

#[tokio::test]
async fn nothing_expires_because_a_clock_runs_ahead() {
    let service = Service::new().await;
    // Calls are kept by the time of their submission: here the clock is right at first.
    let now = service.store().now().await.unwrap().as_millisecond();
    service.clock.jump(now - 1_580_000_000_000);
    let call = service.put_recording("call", 1);
    let calls = service.submit(vec![call]).await;
    service.finish(&calls).await;
    service.workflow.set_retention(&service.caller, Some(30)).await.unwrap();
    let wav = tone(2, b"");
    let mut bytes = wav.as_slice();
    service.workflow.store_upload(&service.caller, &mut bytes, 1 << 20).await.unwrap();
    for jump in JUMPS {
        service.clock.jump(jump);
        service.workflow.sweep_expired().await.unwrap();
        assert_eq!(service.row(calls[0]).await.state, CallState::Done, "{jump}");
        // The call's recording, and the upload that is about to be submitted.
        assert_eq!(service.blobs().list("default/").await.unwrap().len(), 2, "{jump}");
    }
}
