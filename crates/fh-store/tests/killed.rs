//! What was acknowledged is there after the process was killed at any moment.
//!
//! The test runs itself as a child that submits, works and says on its standard output what was
//! acknowledged; the parent kills it at a random moment and looks. The seed is printed; it and the
//! number of kills come from `FAIRHEARING_KILLS=COUNT[,SEED]`.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it expects")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use fh_model::{CallId, CallMetadata, JobId, Millis};
use fh_store::{
    CallFilter, CallKind, CallState, CallSummary, ConnectOptions, JobFilter, JobState, NewCall,
    NewEvent, NewJob, NewTenant, Paging, Submission, TenantScope, Write, connect,
};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

const KILLS: u64 = 40;
const SEED: u64 = 20_261_121;
/// Names the database to the child.
const CHILD: &str = "FAIRHEARING_KILLED_CHILD";

#[test]
fn nothing_acknowledged_is_lost() {
    if let Ok(place) = std::env::var(CHILD) {
        return runtime().block_on(work_until_killed(&place));
    }
    let (kills, seed) = wanted();
    println!("{kills} kills with the seed {seed}");
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("fairhearing.db").display().to_string();
    let mut random = Random(seed);
    let mut said = Said::default();
    for kill in 0..kills {
        // The first have time to get going; many are killed while they open what the last one left.
        let life = Duration::from_micros(if kill % 4 == 0 {
            random.below(20_000)
        } else {
            30_000 + random.below(120_000)
        });
        said.add(&run_for(&place, kill, life));
        if kill % 8 == 7 || kill + 1 == kills {
            runtime().block_on(check(&place, &said));
        }
    }
    assert!(said.submitted.len() > 10, "only {} calls were acknowledged", said.submitted.len());
    assert!(said.completed.len() > 5, "only {} jobs were acknowledged", said.completed.len());
    println!("{} calls and {} jobs acknowledged", said.submitted.len(), said.completed.len());
}

/// What the children said was written.
#[derive(Default)]
struct Said {
    submitted: BTreeSet<Uuid>,
    completed: BTreeSet<Uuid>,
}

impl Said {
    fn add(&mut self, lines: &[String]) {
        for line in lines {
            // A line that was cut off acknowledges nothing.
            match line.split_once(' ') {
                Some(("submitted", id)) => self.submitted.extend(id.parse::<Uuid>()),
                Some(("completed", id)) => self.completed.extend(id.parse::<Uuid>()),
                _ => {}
            }
        }
    }
}

/// Starts a child, kills it after `life`, and returns what it said until then.
fn run_for(place: &str, number: u64, life: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["nothing_acknowledged_is_lost", "--exact", "--nocapture"])
        .env(CHILD, format!("{number}@{place}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        let mut lines: Vec<String> = Vec::new();
        for line in output.lines().map_while(Result::ok) {
            // libtest begins its own line before ours.
            lines.push(line.rsplit("... ").next().unwrap_or_default().to_owned());
        }
        lines
    });
    std::thread::sleep(life);
    let ended = child.try_wait().unwrap();
    assert!(ended.is_none(), "the child {number} ended by itself: {ended:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

/// The child: submits calls, takes jobs and completes them, for ever.
async fn work_until_killed(place: &str) {
    let (number, path) = place.split_once('@').unwrap();
    let number: u64 = number.parse().unwrap();
    let store = connect(path, &ConnectOptions::default()).await.unwrap();
    let tenant =
        NewTenant { id: "alpha".parse().unwrap(), name: String::new(), retention_days: None };
    // From an earlier child it is there already.
    let _ = store.directory().put_tenant(tenant).await;
    let scope = store.scope(&"alpha".parse().unwrap());
    for step in 0_u64.. {
        let id = Uuid::from_u64_pair(number + 1, step);
        scope.submit(submission(id)).await.unwrap();
        println!("submitted {id}");
        if step % 2 == 1 {
            let queue = store.queue();
            let lease = Duration::from_millis(50);
            if let Some(claim) = queue.claim("w", &["inspect_call"], lease).await.unwrap() {
                let id = claim.ticket.job;
                let writes = result_of(claim.job.job.call.unwrap());
                if queue.complete(claim.ticket, writes).await.is_ok() {
                    println!("completed {id}");
                }
            }
        }
    }
}

fn submission(id: Uuid) -> Submission {
    let moment = Timestamp::from_second(1_772_323_200).unwrap();
    let event = NewEvent {
        name: "call.submitted".to_owned(),
        call: Some(CallId(id)),
        batch: None,
        payload: json!({}),
    };
    Submission {
        idempotency: None,
        calls: vec![NewCall {
            id: CallId(id),
            group: CallId(id),
            batch: None,
            kind: CallKind::Voice,
            source: json!({}),
            metadata: CallMetadata::default(),
            file_name: "r".to_owned(),
            staff_id: None,
            call_time: moment,
            upload_time: moment,
        }],
        jobs: vec![NewJob {
            id: JobId(id),
            kind: "inspect_call".to_owned(),
            call: Some(CallId(id)),
            payload: json!({}),
            priority: 0,
            max_attempts: 100,
            delay: Duration::ZERO,
        }],
        events: vec![event],
        writes: Vec::new(),
    }
}

fn result_of(call: CallId) -> Vec<Write> {
    vec![
        Write::Inspection {
            call,
            key: "k".to_owned(),
            json: call.to_string().into_bytes(),
            summary: CallSummary {
                duration: Millis(1),
                channels: Vec::new(),
                scores: Vec::new(),
                warnings: 0,
            },
            texts: vec![format!("您好，编号 {call}，请问有什么可以帮您")],
        },
        Write::State { call, state: CallState::Done, detail: None },
    ]
}

/// Everything that was acknowledged is there, whole, and the file is sound.
async fn check(place: &str, said: &Said) {
    let store = connect(place, &ConnectOptions::default()).await.unwrap();
    let scope = store.scope(&"alpha".parse().unwrap());
    for &id in &said.submitted {
        let row = scope.call(CallId(id)).await.unwrap();
        assert!(row.is_some(), "the call {id} was acknowledged and is lost");
    }
    let done = done_jobs(&*scope).await;
    for id in &said.completed {
        assert!(done.contains(id), "the end of the job {id} was acknowledged and is lost");
        let call = scope.call(CallId(*id)).await.unwrap().unwrap();
        assert_eq!(call.state, CallState::Done);
        let result = scope.inspection(CallId(*id)).await.unwrap().unwrap();
        assert_eq!(result.json, id.to_string().into_bytes());
    }
    // What is done has its words in the index, and nothing else has.
    let filter =
        CallFilter { keyword: Some("有什么可以".to_owned()), ..CallFilter::default() };
    let found = scope.list_calls(&filter, &Paging::Offset { offset: 0, limit: 1 }).await.unwrap();
    assert_eq!(found.total, Some(done.len() as u64));
    // No submission is there in part: each has its job and its event, and the places have no gap.
    let all = scope
        .list_calls(&CallFilter::default(), &Paging::Offset { offset: 0, limit: 1 })
        .await
        .unwrap()
        .total
        .unwrap();
    assert_eq!(scope.last_event().await.unwrap().unsigned_abs(), all);
    let jobs = JobFilter { limit: u32::MAX, ..JobFilter::default() };
    assert_eq!(scope.list_jobs(&jobs).await.unwrap().len() as u64, all);
    store.close().await;
    sound(Path::new(place)).await;
}

async fn done_jobs(scope: &dyn TenantScope) -> BTreeSet<Uuid> {
    let filter =
        JobFilter { states: Some(vec![JobState::Done]), limit: u32::MAX, ..JobFilter::default() };
    scope.list_jobs(&filter).await.unwrap().into_iter().map(|row| row.job.id.0).collect()
}

async fn sound(path: &Path) {
    let url = format!("sqlite:{}", path.display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let verdict: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&pool).await.unwrap();
    assert_eq!(verdict, "ok");
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&pool).await.unwrap();
    assert!(broken.is_empty());
    sqlx::query("INSERT INTO words (words) VALUES ('integrity-check')")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
}

fn wanted() -> (u64, u64) {
    let Ok(text) = std::env::var("FAIRHEARING_KILLS") else { return (KILLS, SEED) };
    let (kills, seed) = text.split_once(',').unwrap_or((&text, ""));
    (kills.parse().unwrap(), seed.parse().unwrap_or(SEED))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// splitmix64 (Steele, Lea and Flood 2014): the same seed, the same moments.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
