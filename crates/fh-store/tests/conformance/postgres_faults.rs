//! What happens while PostgreSQL crashes, goes silent, or may lose what it acknowledged.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fh_store::{ConnectOptions, NewTenant, StoreError, connect};
use sqlx::PgPool;
use tokio::io::copy_bidirectional;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

use crate::postgres_server::PostgresServer;
use crate::samples::{call_id, submit_call};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn a_postgres_that_crashes_loses_nothing_that_was_acknowledged() {
    let mut server = PostgresServer::start().await;
    let url = server.new_database("crashes").await;
    let store = connect(&url, &ConnectOptions::default()).await.unwrap();
    let tenant =
        NewTenant { id: "alpha".parse().unwrap(), name: String::new(), retention_days: None };
    store.directory().put_tenant(tenant).await.unwrap();
    let scope: Arc<dyn fh_store::TenantScope> = Arc::from(store.scope(&"alpha".parse().unwrap()));
    let mut number = 0;
    for _ in 0..5 {
        let is_over = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn({
            let (scope, is_over) = (Arc::clone(&scope), Arc::clone(&is_over));
            let first = number + 1;
            async move {
                let mut last = first - 1;
                while !is_over.load(Ordering::Relaxed) {
                    let submission = fh_store::Submission {
                        jobs: vec![crate::samples::job(last + 1)],
                        ..crate::samples::submission(vec![crate::samples::call(last + 1)])
                    };
                    match scope.submit(submission).await {
                        Ok(_) => last += 1,
                        // Written, but its acknowledgement was lost.
                        Err(StoreError::Conflict { .. }) => last += 1,
                        Err(failure) => {
                            assert!(failure.is_passing(), "{failure:?}");
                            tokio::time::sleep(Duration::from_millis(10)).await;
                        }
                    }
                }
                last
            }
        });
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.crash_and_start().await;
        // It goes on without anybody opening it again.
        tokio::time::timeout(Duration::from_secs(10), async {
            while store.check().await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await
        .expect("it is connected again within 10 s");
        is_over.store(true, Ordering::Relaxed);
        number = writer.await.unwrap();
    }
    assert!(number > 10, "only {number} calls were acknowledged");
    for number in 1..=number {
        assert!(scope.call(call_id(number)).await.unwrap().is_some(), "{number} is lost");
    }
    let jobs = fh_store::JobFilter { limit: u32::MAX, ..Default::default() };
    assert_eq!(scope.list_jobs(&jobs).await.unwrap().len() as u64, number);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn a_postgres_that_goes_silent_is_unavailable_in_time() {
    let server = PostgresServer::start().await;
    let url = server.new_database("silent").await;
    let folder = tempfile::tempdir().unwrap();
    let line = Line::between(folder.path(), &server.socket_folder());
    let url = url.replace(
        &server.socket_folder().display().to_string(),
        &folder.path().display().to_string(),
    );
    let mut options = ConnectOptions::default();
    options.connections = 4;
    options.patience = Duration::from_secs(1);
    options.answer_timeout = Duration::from_secs(1);
    let store = connect(&url, &options).await.unwrap();
    let tenant =
        NewTenant { id: "alpha".parse().unwrap(), name: String::new(), retention_days: None };
    store.directory().put_tenant(tenant).await.unwrap();
    let scope = store.scope(&"alpha".parse().unwrap());

    line.cut(true);
    // More often than there are connections: none is held by what was given up.
    for attempt in 0..6 {
        let answer = tokio::time::timeout(Duration::from_secs(15), async {
            if attempt % 2 == 0 { store.check().await } else { scope.last_event().await.map(drop) }
        });
        let answer = answer.await.expect("it does not hang");
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    line.cut(false);
    let again = tokio::time::timeout(Duration::from_secs(30), async {
        while store.check().await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    again.await.expect("it is connected again");
    submit_call(&*scope, crate::samples::call(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn a_postgres_that_may_lose_what_it_acknowledged_is_refused() {
    let server = PostgresServer::start().await;
    let url = server.new_database("careless").await;
    let pool = PgPool::connect(&url).await.unwrap();
    sqlx::query("ALTER DATABASE careless SET synchronous_commit = off")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let refused = connect(&url, &ConnectOptions::default()).await.err().unwrap();
    assert!(
        matches!(&refused, StoreError::Unfit { expected, .. }
            if expected == "a PostgreSQL server whose `synchronous_commit` is on"),
        "{refused}"
    );
}

/// A line to the server that can be cut so that neither end notices.
struct Line {
    is_cut: watch::Sender<bool>,
}

impl Line {
    fn between(folder: &Path, server: &Path) -> Self {
        let name = ".s.PGSQL.5432";
        let (is_cut, cut) = watch::channel(false);
        let server = server.join(name);
        let listener = UnixListener::bind(folder.join(name)).unwrap();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (server, mut cut) = (server.clone(), cut.clone());
                tokio::spawn(async move {
                    // Not answered at all while it is cut.
                    let is_gone = cut.wait_for(|&is_cut| !is_cut).await.is_err();
                    if is_gone {
                        return;
                    }
                    let mut server = UnixStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = async { cut.wait_for(|&is_cut| is_cut).await.map(drop) } => {
                            // What was open when it was cut stays silent for ever.
                            std::future::pending::<()>().await;
                        }
                    }
                });
            }
        });
        Self { is_cut }
    }

    fn cut(&self, is_cut: bool) {
        self.is_cut.send(is_cut).unwrap();
    }
}

/// Two transactions that wait for each other: PostgreSQL undoes one, and ours is made again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs postgresql"]
async fn an_erasure_that_was_undone_for_another_is_made_again() {
    let server = PostgresServer::start().await;
    let url = server.new_database("deadlock").await;
    let store = connect(&url, &ConnectOptions::default()).await.unwrap();
    let tenant =
        NewTenant { id: "alpha".parse().unwrap(), name: String::new(), retention_days: None };
    store.directory().put_tenant(tenant).await.unwrap();
    let scope: Arc<dyn fh_store::TenantScope> = Arc::from(store.scope(&"alpha".parse().unwrap()));
    submit_call(&*scope, crate::samples::call(1)).await;

    let back_door = PgPool::connect(&url).await.unwrap();
    let mut other = back_door.begin().await.unwrap();
    sqlx::query("UPDATE calls SET detail = 'x'").execute(&mut *other).await.unwrap();
    // It holds the job and waits for the call.
    let erasing = tokio::spawn(async move { scope.erase_call(call_id(1)).await });
    while sqlx::query_scalar::<_, i64>("SELECT count(*) FROM pg_locks WHERE NOT granted")
        .fetch_one(&back_door)
        .await
        .unwrap()
        == 0
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Who has waited longer is undone.
    sqlx::query("UPDATE jobs SET priority = 1").execute(&mut *other).await.unwrap();
    other.commit().await.unwrap();
    assert_eq!(erasing.await.unwrap().unwrap().calls, 1);
    // Otherwise this shows nothing; it is told a moment later.
    let undone = "SELECT deadlocks FROM pg_stat_database WHERE datname = 'deadlock'";
    tokio::time::timeout(Duration::from_secs(10), async {
        while sqlx::query_scalar::<_, i64>(undone).fetch_one(&back_door).await.unwrap() == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("one was undone");
}
