//! How fast lists and searches are in a large archive of generated calls, and how fast calls are
//! submitted and worked at.
//!
//! `cargo bench -p fh-store --bench archive -- URL CALLS` fills what is kept at URL up to so many
//! calls, which stay there for the next run, and prints the median and the 99th percentile, and the mean
//! of the CPU time of this process.

use std::time::{Duration, Instant};

use fh_model::{CallId, CallMetadata, JobId, Millis, Points, Role, TenantId};
use fh_store::{
    CallFilter, CallKind, CallState, CallSummary, ChannelSummary, ConnectOptions, NewCall, NewJob,
    NewTenant, Paging, ScoreSummary, Store, Submission, TenantScope, Write, connect,
};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

/// Calls of one transaction while the archive is filled.
const AT_ONCE: u64 = 500;
/// A year's calls.
const FIRST: i64 = 1_735_689_600;
const SECONDS: u64 = 365 * 86_400;
/// Characters of a generated language: the most frequent Han characters would be as good.
const CHARACTERS: u32 = 2_000;
/// Words of two to four characters, the n-th used in proportion to 1/n as in a language.
const WORDS: usize = 8_000;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [url, calls] = arguments.as_slice() else {
        eprintln!("usage: cargo bench -p fh-store --bench archive -- URL CALLS");
        return;
    };
    let calls: u64 = calls.parse().expect("a number of calls");
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(run(url, calls));
}

async fn run(url: &str, calls: u64) {
    let options = ConnectOptions::default();
    let store = connect(url, &options).await.expect("what is kept opens");
    let tenant: TenantId = "archive".parse().expect("a name");
    let language = Language::new();
    let new = NewTenant { id: tenant.clone(), name: String::new(), retention_days: None };
    // From an earlier run it is there.
    let _ = store.directory().put_tenant(new).await;
    let scope = store.scope(&tenant);
    fill(&*scope, &language, calls).await;
    lists(&*scope, &language).await;
    work(&*store, &*scope).await;
}

async fn fill(scope: &dyn TenantScope, language: &Language, calls: u64) {
    let there = total(scope, &CallFilter::default()).await;
    let begin = now();
    for first in (there..calls).step_by(AT_ONCE as usize) {
        let mut submission = empty();
        for number in first..calls.min(first + AT_ONCE) {
            add_call(&mut submission, language, number, calls);
        }
        scope.submit(submission).await.expect("calls are kept");
        if first % 50_000 == 0 {
            println!("filled {first} of {calls} in {:.0} s", begin.elapsed().as_secs_f64());
        }
    }
    if there < calls {
        let seconds = begin.elapsed().as_secs_f64();
        println!("filled {} calls in {seconds:.0} s", calls - there);
    }
}

fn empty() -> Submission {
    Submission {
        idempotency: None,
        calls: Vec::new(),
        jobs: Vec::new(),
        events: Vec::new(),
        writes: Vec::new(),
    }
}

fn add_call(submission: &mut Submission, language: &Language, number: u64, calls: u64) {
    let mut random = Random(number);
    let id = CallId(Uuid::from_u64_pair(random.next(), number));
    let seconds = i64::try_from(SECONDS * number / calls.max(1)).expect("it is within a year");
    let moment = Timestamp::from_second(FIRST + seconds).expect("a moment");
    let sentences = 8 + random.below(17);
    let texts: Vec<String> = (0..sentences).map(|_| language.sentence(&mut random)).collect();
    let duration = Millis::from_secs(30 + random.below(600));
    submission.calls.push(NewCall {
        id,
        group: id,
        batch: None,
        kind: if random.below(10) == 0 { CallKind::Text } else { CallKind::Voice },
        source: json!({ "path": format!("/27/0/{number}.V3") }),
        metadata: CallMetadata {
            agent_id: Some(format!("{}", 1000 + random.below(500))),
            agent_name: Some(language.words[random.index(500)].clone()),
            ..CallMetadata::default()
        },
        file_name: format!("{number}"),
        staff_id: Some(format!("staff-{}", random.below(500))),
        call_time: moment,
        upload_time: moment,
    });
    submission.writes.push(Write::Inspection {
        call: id,
        key: format!("{number}"),
        json: b"{}".to_vec(),
        summary: CallSummary {
            duration,
            channels: vec![ChannelSummary {
                role: Role::Agent,
                speech: Millis(duration.0 / 2),
                spoken_units: 300,
            }],
            scores: vec![ScoreSummary {
                scenario: "service".to_owned(),
                name: "Service".to_owned(),
                score: Points::whole(100 - random.index(60) as i32),
                flags: 1,
            }],
            warnings: 0,
        },
        texts,
    });
    let state = match random.below(50) {
        0 => CallState::Failed(fh_store::FailureKind::NothingSaid),
        _ => CallState::Done,
    };
    submission.writes.push(Write::State { call: id, state, detail: None });
}

async fn lists(scope: &dyn TenantScope, language: &Language) {
    let day = |day: i64| Timestamp::from_second(FIRST + day * 86_400).expect("a moment");
    let month = CallFilter {
        upload_from: Some(day(180)),
        upload_to: Some(day(210)),
        ..CallFilter::default()
    };
    let year = CallFilter {
        upload_from: Some(day(0)),
        upload_to: Some(day(365)),
        ..CallFilter::default()
    };
    let done = |filter: &CallFilter| CallFilter {
        states: Some(vec![CallState::Done]),
        kinds: Some(vec![CallKind::Voice]),
        ..filter.clone()
    };
    for (period, filter) in [("a month", &month), ("a year", &year)] {
        measure(scope, period, "no keyword", |_| filter.clone()).await;
        measure(scope, period, "state and kind", |_| done(filter)).await;
        for (what, from, to) in [("frequent", 10, 60), ("usual", 300, 1300), ("rare", 6000, 8000)] {
            let word = |n: u64, length: usize| {
                let of_length: Vec<&String> = language.words[from..to]
                    .iter()
                    .filter(|word| word.chars().count() == length)
                    .collect();
                of_length[n as usize % of_length.len()].clone()
            };
            for length in [2, 3, 4] {
                let said = format!("{what} word of {length}");
                measure(scope, period, &said, |n| CallFilter {
                    keyword: Some(word(n, length)),
                    ..done(filter)
                })
                .await;
            }
        }
        measure(scope, period, "one character", |n| CallFilter {
            keyword: Some(language.words[1000 + n as usize].chars().take(1).collect()),
            ..done(filter)
        })
        .await;
    }
}

async fn measure(
    scope: &dyn TenantScope,
    period: &str,
    what: &str,
    filter: impl Fn(u64) -> CallFilter,
) {
    let (mut times, mut found) = (Vec::new(), 0);
    let (begin, begin_cpu) = (now(), cpu_ms());
    for n in 0..200 {
        let filter = filter(n);
        let start = now();
        let page = scope
            .list_calls(&filter, &Paging::Offset { offset: 0, limit: 100 })
            .await
            .expect("a list");
        times.push(start.elapsed());
        found += page.total.unwrap_or(0);
        if begin.elapsed() > Duration::from_secs(10) {
            break;
        }
    }
    times.sort_unstable();
    let part = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    println!(
        "{period:8} {what:20} p50 {:8.1} ms  p99 {:8.1} ms  cpu {:6.1} ms  {:8} found on average  n={}",
        part(50),
        part(99),
        (cpu_ms() - begin_cpu) / times.len() as f64,
        found / times.len() as u64,
        times.len()
    );
}

/// Submissions and steps one after the other, each durable before the next.
async fn work(store: &dyn Store, scope: &dyn TenantScope) {
    let mut random = Random(now().elapsed().subsec_nanos().into());
    random.0 ^= u64::from(std::process::id()) << 32;
    let begin = now();
    let mut submitted = 0_u32;
    while begin.elapsed() < Duration::from_secs(5) {
        let id = Uuid::from_u64_pair(random.next(), random.next());
        let moment = Timestamp::from_second(FIRST).expect("a moment");
        let mut submission = empty();
        submission.calls.push(NewCall {
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
        });
        submission.jobs.push(NewJob {
            id: JobId(id),
            kind: "bench".to_owned(),
            call: Some(CallId(id)),
            payload: json!({}),
            priority: 0,
            max_attempts: 3,
            delay: Duration::ZERO,
        });
        scope.submit(submission).await.expect("a call is kept");
        submitted += 1;
    }
    println!("{:.0} submissions a second", f64::from(submitted) / begin.elapsed().as_secs_f64());
    let begin = now();
    let mut steps = 0_u32;
    let mut claims = Vec::new();
    loop {
        let start = now();
        let claim = store.queue().claim("w", &["bench"], Duration::from_secs(60)).await;
        let Some(claim) = claim.expect("the queue answers") else { break };
        claims.push(start.elapsed());
        store.queue().complete(claim.ticket, Vec::new()).await.expect("a job ends");
        scope.erase_call(CallId(claim.ticket.job.0)).await.expect("a call is erased");
        steps += 1;
    }
    claims.sort_unstable();
    println!(
        "{:.0} jobs a second claimed, completed and erased; a claim p99 {:.2} ms",
        f64::from(steps) / begin.elapsed().as_secs_f64(),
        claims[(claims.len() - 1) * 99 / 100].as_secs_f64() * 1000.0
    );
}

async fn total(scope: &dyn TenantScope, filter: &CallFilter) -> u64 {
    let page = scope.list_calls(filter, &Paging::Offset { offset: 0, limit: 1 }).await;
    page.expect("a list").total.unwrap_or(0)
}

/// What this process took of the processors so far: on a busy machine it says more than the clock. With
/// SQLite it is all that a query costs.
fn cpu_ms() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let spent = threads.filter_map(|thread| {
        let told = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        told.split(' ').next()?.parse::<f64>().ok()
    });
    spent.sum::<f64>() / 1e6
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn now() -> Instant {
    Instant::now()
}

/// Words with a language's frequencies.
struct Language {
    words: Vec<String>,
    /// Sums of 1/n, to find a word by.
    sums: Vec<f64>,
}

impl Language {
    fn new() -> Self {
        let mut random = Random(1);
        let words = (0..WORDS)
            .map(|_| {
                let length = [2, 2, 2, 3, 4][random.index(5)];
                (0..length).map(|_| random.character()).collect()
            })
            .collect();
        let sums = (1..=WORDS)
            .scan(0.0, |sum, rank| {
                *sum += 1.0 / rank as f64;
                Some(*sum)
            })
            .collect();
        Self { words, sums }
    }

    /// Seven words and a full stop.
    fn sentence(&self, random: &mut Random) -> String {
        let mut sentence = String::new();
        for _ in 0..7 {
            let all = self.sums[WORDS - 1];
            let point = all * random.below(1 << 30) as f64 / (1_u64 << 30) as f64;
            let rank = self.sums.partition_point(|&sum| sum < point);
            sentence.push_str(&self.words[rank.min(WORDS - 1)]);
        }
        sentence.push('。');
        sentence
    }
}

/// splitmix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn index(&mut self, limit: usize) -> usize {
        self.below(limit as u64) as usize
    }

    fn character(&mut self) -> char {
        // Skewed towards the first, as in a language.
        let (a, b) = (self.below(u64::from(CHARACTERS)), self.below(u64::from(CHARACTERS)));
        char::from_u32(0x4e00 + a.min(b) as u32).unwrap_or('一')
    }
}
