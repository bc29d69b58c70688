use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, PgConnection, Postgres};

use crate::{ConnectOptions, StoreError};

/// The oldest major version whose behaviour was looked at.
const OLDEST_KNOWN: i64 = 14;

/// A connection on which undoing takes longer is given up.
const UNDONE_WITHIN: Duration = Duration::from_secs(5);

/// The connections to one server.
#[derive(Debug, Clone)]
pub(super) struct Pools {
    pool: PgPool,
    /// Set while something that took too long is dropped: its connections are not used again.
    is_doubtful: Arc<AtomicBool>,
}

impl Pools {
    pub(super) async fn open(url: &str, options: &ConnectOptions) -> Result<Self, StoreError> {
        let server: PgConnectOptions = url.parse().map_err(|fault: sqlx::Error| {
            // Not the URL itself: a password may be in it.
            StoreError::Unfit {
                expected: "a URL such as `postgres://user@host:5432/database`".to_owned(),
                found: fault.to_string(),
            }
        })?;
        let server = server
            .application_name("fairhearing")
            .options([
                ("statement_timeout", options.statement_timeout.as_millis().to_string()),
                ("lock_timeout", options.patience.as_millis().to_string()),
                // The server ends what a worker left open when its machine went away.
                ("idle_in_transaction_session_timeout", "30000".to_owned()),
                ("tcp_user_timeout", "5000".to_owned()),
                ("tcp_keepalives_idle", "5".to_owned()),
                ("tcp_keepalives_interval", "2".to_owned()),
                ("tcp_keepalives_count", "3".to_owned()),
            ])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(options.connections.max(2))
            .acquire_timeout(options.patience)
            .idle_timeout(Duration::from_secs(300))
            .connect_with(server)
            .await?;
        let pools = Self { pool, is_doubtful: Arc::default() };
        pools.expect_durable().await?;
        Ok(pools)
    }

    /// Refuses a server that would lose on a power failure what it said it had written.
    async fn expect_durable(&self) -> Result<(), StoreError> {
        let mut reader = self.read().await?;
        for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
            let value: String = sqlx::query_scalar("SELECT current_setting($1)")
                .bind(setting)
                .fetch_one(&mut *reader)
                .await?;
            if value == "off" {
                return Err(StoreError::Unfit {
                    expected: format!("a PostgreSQL server whose `{setting}` is on"),
                    found: "`off`: it would lose what it acknowledged".to_owned(),
                });
            }
        }
        let version: i64 =
            sqlx::query_scalar("SELECT current_setting('server_version_num')::bigint / 10000")
                .fetch_one(&mut *reader)
                .await?;
        if version < OLDEST_KNOWN {
            return Err(StoreError::Unfit {
                expected: format!("PostgreSQL {OLDEST_KNOWN} or later"),
                found: format!("version {version}"),
            });
        }
        let encoding: String = sqlx::query_scalar("SELECT current_setting('server_encoding')")
            .fetch_one(&mut *reader)
            .await?;
        if encoding != "UTF8" {
            return Err(StoreError::Unfit {
                expected: "a PostgreSQL database in UTF8".to_owned(),
                found: format!("one in `{encoding}`"),
            });
        }
        Ok(())
    }

    pub(super) async fn write(&self) -> Result<Transaction, StoreError> {
        let mut transaction = Transaction { reader: Some(self.read().await?) };
        sqlx::query("BEGIN").execute(&mut *transaction).await?;
        Ok(transaction)
    }

    pub(super) async fn read(&self) -> Result<Reader, StoreError> {
        Ok(Reader {
            connection: self.pool.acquire().await?,
            is_doubtful: Arc::clone(&self.is_doubtful),
        })
    }

    /// `work`, unless it takes longer than `limit`, as it does where the network no longer carries
    /// anything: then the connections that it used are not used again.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let mut work = Box::pin(work);
        match tokio::time::timeout(limit, &mut work).await {
            Ok(result) => result,
            Err(too_long) => {
                self.is_doubtful.store(true, Ordering::Relaxed);
                drop(work);
                self.is_doubtful.store(false, Ordering::Relaxed);
                Err(StoreError::Unavailable(too_long.into()))
            }
        }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A connection that goes back to the others, unless it is in doubt whether it still answers.
#[derive(Debug)]
pub(super) struct Reader {
    connection: PoolConnection<Postgres>,
    is_doubtful: Arc<AtomicBool>,
}

impl Deref for Reader {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if self.is_doubtful.load(Ordering::Relaxed) {
            self.connection.close_on_drop();
        }
    }
}

/// A transaction. One that is dropped before its end is undone.
#[derive(Debug)]
pub(super) struct Transaction {
    /// Absent once it has ended.
    reader: Option<Reader>,
}

impl Transaction {
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        sqlx::query("COMMIT").execute(&mut *self).await?;
        self.reader = None;
        Ok(())
    }

    pub(super) async fn rollback(mut self) -> Result<(), StoreError> {
        sqlx::query("ROLLBACK").execute(&mut *self).await?;
        self.reader = None;
        Ok(())
    }
}

const NOT_ENDED: &str = "ending a transaction takes it";

impl Deref for Transaction {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        self.reader.as_ref().expect(NOT_ENDED)
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.reader.as_mut().expect(NOT_ENDED)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(mut reader) = self.reader.take() else { return };
        let runtime = tokio::runtime::Handle::try_current();
        let (false, Ok(runtime)) = (reader.is_doubtful.load(Ordering::Relaxed), runtime) else {
            // The server undoes what a lost connection left open.
            reader.connection.close_on_drop();
            return;
        };
        runtime.spawn(async move {
            let undone = sqlx::query("ROLLBACK").execute(&mut *reader);
            if !matches!(tokio::time::timeout(UNDONE_WITHIN, undone).await, Ok(Ok(_))) {
                reader.connection.close_on_drop();
            }
        });
    }
}
