use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use fh_model::JobId;
use fh_store::{
    CallState, FailureKind, Heartbeat, JobFilter, JobState, NewJob, StoreError, TenantScope, Write,
};

use crate::place::Place;
use crate::samples::{
    LEASE, call_id, claim, event, finish, job, job_id, job_without_call, state, submit,
};

async fn job_state(scope: &dyn TenantScope, id: JobId) -> (JobState, u16, Option<String>) {
    let jobs = scope.list_jobs(&JobFilter { limit: 100, ..JobFilter::default() }).await.unwrap();
    let row = jobs.into_iter().find(|row| row.job.id == id).unwrap();
    (row.state, row.attempts, row.last_error)
}

async fn call_state(scope: &dyn TenantScope, number: u64) -> CallState {
    scope.call(call_id(number)).await.unwrap().unwrap().state
}

/// Claims until nothing waits and returns the jobs' numbers in order.
async fn drained(place: &Place) -> Vec<u64> {
    let mut order = Vec::new();
    while let Some(claim) = claim(place, "w").await {
        order.push(claim.ticket.job.0.as_u64_pair().1);
    }
    order
}

pub(crate) async fn a_job_goes_to_one_worker(place: Place) {
    let scope = place.tenant("alpha").await;
    for number in 0..40 {
        scope.enqueue(job_without_call(number, "fetch_recording")).await.unwrap();
    }
    scope.enqueue(job_without_call(99, "other")).await.unwrap();
    let place = Arc::new(place);
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            let place = Arc::clone(&place);
            tokio::spawn(async move {
                let mut mine = Vec::new();
                while let Some(claim) = claim(&place, &format!("w{worker}")).await {
                    assert_eq!(claim.job.state, JobState::Leased);
                    assert_eq!(claim.job.attempts, 1);
                    mine.push(claim.ticket.job.0.as_u64_pair().1);
                }
                mine
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.unwrap());
    }
    assert_eq!(all.len(), 40, "each job once");
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), (0..40).collect());
    assert!(place.store.queue().claim("w", &[], LEASE).await.unwrap().is_none());
    let both = ["fetch_recording", "other"];
    let other = place.store.queue().claim("w", &both, LEASE).await.unwrap().unwrap();
    assert_eq!((other.job.job.kind.as_str(), other.ticket.job), ("other", job_id(99)));
    assert_eq!(other.job.job, job_without_call(99, "other"));
}

pub(crate) async fn a_late_worker_writes_nothing(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1]).await;
    let queue = place.store.queue();
    let zombie = claim(&place, "zombie").await.unwrap().ticket;
    place.end_leases().await;
    let heir = claim(&place, "heir").await.unwrap().ticket;
    assert_eq!(heir.job, zombie.job);
    assert!(heir.token > zombie.token);

    let harm = || {
        vec![
            state(1, CallState::Failed(FailureKind::RulesFailed)),
            Write::Enqueue(job_without_call(77, "harm")),
            Write::Event(event("harm", 1)),
        ]
    };
    let fenced = |result: Result<(), StoreError>| {
        assert!(matches!(result, Err(StoreError::Fenced)), "{result:?}");
    };
    fenced(queue.report(zombie, harm()).await);
    fenced(queue.complete(zombie, harm()).await);
    fenced(queue.give_up(zombie, "harm", harm()).await);
    fenced(queue.retry_later(zombie, Duration::ZERO, "harm").await);
    fenced(queue.hand_back(zombie).await);
    assert_eq!(queue.heartbeat(zombie, LEASE).await.unwrap(), Heartbeat::Lost);
    assert_eq!(call_state(&*scope, 1).await, CallState::Queued);
    assert_eq!(scope.last_event().await.unwrap(), 1);
    assert_eq!(place.number("SELECT count(*) FROM jobs").await, 1);

    assert_eq!(queue.heartbeat(heir, LEASE).await.unwrap(), Heartbeat::Kept);
    queue.report(heir, vec![state(1, CallState::Fetching)]).await.unwrap();
    assert_eq!(call_state(&*scope, 1).await, CallState::Fetching);
    queue.complete(heir, vec![state(1, CallState::Done)]).await.unwrap();
    // Whoever is done is done: a repeated word is refused too.
    fenced(queue.complete(heir, harm()).await);
    assert_eq!(call_state(&*scope, 1).await, CallState::Done);
}

pub(crate) async fn a_lease_runs_out_unless_it_is_renewed(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1, 2]).await;
    let queue = place.store.queue();
    let lost = claim(&place, "lost").await.unwrap();
    let kept = claim(&place, "kept").await.unwrap();
    place.end_leases().await;
    // Nobody took it yet: it can still be renewed.
    assert_eq!(queue.heartbeat(kept.ticket, LEASE).await.unwrap(), Heartbeat::Kept);
    let again = claim(&place, "heir").await.unwrap();
    assert_eq!(again.ticket.job, lost.ticket.job);
    assert_eq!(again.job.attempts, 2);
    assert!(again.job.last_error.unwrap().contains("`lost` did not come back"));
    assert!(claim(&place, "nobody").await.is_none());
    queue.complete(kept.ticket, Vec::new()).await.unwrap();

    // By the database's own clock.
    submit(&*scope, [3]).await;
    let moment = Duration::from_millis(1);
    queue.claim("lost", &["fetch_recording"], moment).await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(claim(&place, "heir").await.unwrap().ticket.job, job_id(3));
}

pub(crate) async fn a_job_that_kills_its_workers_ends_with_its_call(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1, 2]).await;
    for attempt in 1..=3 {
        let poisoned = claim(&place, "victim").await.unwrap();
        assert_eq!((poisoned.ticket.job, poisoned.job.attempts), (job_id(1), attempt));
        place.end_leases().await;
    }
    // The others go on.
    assert_eq!(claim(&place, "w").await.unwrap().ticket.job, job_id(2));
    let (state, attempts, error) = job_state(&*scope, job_id(1)).await;
    assert_eq!((state, attempts), (JobState::Dead, 3));
    assert!(error.unwrap().contains("(attempt 3 of 3)"));
    assert_eq!(call_state(&*scope, 1).await, CallState::Failed(FailureKind::WorkFailed));
    let told = scope.events_of(call_id(1)).await.unwrap();
    assert_eq!(told.last().unwrap().event.name, "call.failed");
    assert_eq!(told.last().unwrap().event.payload["state"], "failed:work_failed");
    // A job that is only a notification takes nothing back from a call that is done.
    scope.enqueue(NewJob { id: job_id(3), max_attempts: 1, ..job(2) }).await.unwrap();
    place.execute("UPDATE calls SET state = 'done'").await;
    assert_eq!(claim(&place, "w").await.unwrap().ticket.job, job_id(3));
    place.end_leases().await;
    claim(&place, "w").await.unwrap();
    assert_eq!(job_state(&*scope, job_id(3)).await.0, JobState::Dead);
    assert_eq!(call_state(&*scope, 2).await, CallState::Done);
}

pub(crate) async fn a_retry_waits_and_the_last_one_ends(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1]).await;
    let queue = place.store.queue();
    for attempt in 1..=2 {
        let ticket = claim(&place, "w").await.unwrap().ticket;
        queue.retry_later(ticket, Duration::from_secs(3600), "no answer").await.unwrap();
        assert!(claim(&place, "w").await.is_none(), "its time has not come");
        let expected = (JobState::Waiting, attempt, Some("no answer".to_owned()));
        assert_eq!(job_state(&*scope, job_id(1)).await, expected);
        place.end_delays().await;
    }
    let ticket = claim(&place, "w").await.unwrap().ticket;
    queue.retry_later(ticket, Duration::ZERO, "still none").await.unwrap();
    assert!(claim(&place, "w").await.is_none());
    assert_eq!(job_state(&*scope, job_id(1)).await.0, JobState::Dead);
    assert_eq!(call_state(&*scope, 1).await, CallState::Failed(FailureKind::WorkFailed));

    // Given up by the worker, which says what that means for the call.
    submit(&*scope, [2]).await;
    let ticket = claim(&place, "w").await.unwrap().ticket;
    let failed = CallState::Failed(FailureKind::RecordingInvalid);
    queue.give_up(ticket, "no audio", vec![state(2, failed)]).await.unwrap();
    assert_eq!(call_state(&*scope, 2).await, failed);
    let dead = JobFilter { states: Some(vec![JobState::Dead]), limit: 10, ..JobFilter::default() };
    let dead: Vec<JobId> =
        scope.list_jobs(&dead).await.unwrap().iter().map(|row| row.job.id).collect();
    assert_eq!(dead, [job_id(2), job_id(1)], "the newest first");

    let delayed = NewJob { delay: Duration::from_secs(3600), ..job_without_call(5, "later") };
    scope.enqueue(delayed.clone()).await.unwrap();
    assert!(queue.claim("w", &["later"], LEASE).await.unwrap().is_none());
    place.end_delays().await;
    assert_eq!(queue.claim("w", &["later"], LEASE).await.unwrap().unwrap().job.job, delayed);
}

pub(crate) async fn a_job_that_is_handed_back_costs_no_attempt(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1]).await;
    let first = claim(&place, "w").await.unwrap();
    place.store.queue().hand_back(first.ticket).await.unwrap();
    assert_eq!(job_state(&*scope, job_id(1)).await.1, 0);
    let second = claim(&place, "w").await.unwrap();
    assert_eq!(second.job.attempts, 1);
    let late = place.store.queue().complete(first.ticket, Vec::new()).await;
    assert!(matches!(late, Err(StoreError::Fenced)));
}

pub(crate) async fn the_urgent_come_first_and_then_the_early(place: Place) {
    let scope = place.tenant("alpha").await;
    for (number, priority) in [(1, 0), (2, -1), (3, 5), (4, 0), (5, 5)] {
        let job = NewJob { priority, ..job_without_call(number, "fetch_recording") };
        scope.enqueue(job).await.unwrap();
    }
    assert_eq!(drained(&place).await, [3, 5, 1, 4, 2]);
}

pub(crate) async fn what_follows_keeps_its_place(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1, 2, 3]).await;
    let follow = NewJob { id: job_id(11), ..job(1) };
    finish(&place, 1, vec![Write::Enqueue(follow)]).await;
    assert_eq!(drained(&place).await, [11, 2, 3], "a call that was begun is ended first");
}

pub(crate) async fn a_flood_holds_nobody_up(place: Place) {
    let flood = place.tenant("alpha").await;
    let small = place.tenant("beta").await;
    submit(&*flood, 1..=30).await;
    submit(&*small, 101..=105).await;
    let order = drained(&place).await;
    assert_eq!(order.len(), 35);
    let small: Vec<usize> = (0..order.len()).filter(|&place| order[place] > 100).collect();
    // Every other job is the small tenant's until it has none left.
    assert!(small.iter().max().unwrap() <= &10, "{order:?}");
    let own: Vec<u64> = order.iter().copied().filter(|&number| number <= 30).collect();
    assert_eq!(own, (1..=30).collect::<Vec<_>>(), "each tenant's own order stays");
}

pub(crate) async fn who_was_away_has_saved_nothing_up(place: Place) {
    let busy = place.tenant("alpha").await;
    let away = place.tenant("beta").await;
    submit(&*busy, 1..=20).await;
    assert_eq!(drained(&place).await.len(), 20);
    submit(&*busy, 21..=30).await;
    submit(&*away, 101..=110).await;
    let order = drained(&place).await;
    let first_ten = order[..10].iter().filter(|&&number| number > 100).count();
    assert!((4..=6).contains(&first_ten), "half of the workers each: {order:?}");
}

pub(crate) async fn a_dead_job_gets_another_try(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1]).await;
    assert!(!scope.retry_job(job_id(1)).await.unwrap(), "it is not dead");
    let ticket = claim(&place, "w").await.unwrap().ticket;
    let failed = CallState::Failed(FailureKind::RecordingUnreachable);
    place.store.queue().give_up(ticket, "gone", vec![state(1, failed)]).await.unwrap();
    assert!(scope.retry_job(job_id(1)).await.unwrap());
    assert_eq!(call_state(&*scope, 1).await, CallState::Queued);
    let again = claim(&place, "w").await.unwrap();
    assert_eq!((again.ticket.job, again.job.attempts), (job_id(1), 1));
    assert_eq!(again.job.ended_at, None);
    assert!(!scope.retry_job(job_id(9)).await.unwrap());
}

pub(crate) async fn the_queue_tells_its_depth(place: Place) {
    let scope = place.tenant("alpha").await;
    submit(&*scope, [1, 2, 3]).await;
    scope.enqueue(job_without_call(9, "notify")).await.unwrap();
    claim(&place, "w").await.unwrap();
    let depths = place.store.queue().depths().await.unwrap();
    let told: Vec<(&str, JobState, u64)> =
        depths.iter().map(|depth| (depth.kind.as_str(), depth.state, depth.jobs)).collect();
    assert_eq!(
        told,
        [
            ("fetch_recording", JobState::Leased, 1),
            ("fetch_recording", JobState::Waiting, 2),
            ("notify", JobState::Waiting, 1),
        ]
    );
    place.execute("UPDATE jobs SET created_at = created_at - 5000000").await;
    for depth in place.store.queue().depths().await.unwrap() {
        assert!(depth.oldest >= Duration::from_secs(5), "{depth:?}");
    }
}
