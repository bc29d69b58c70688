use std::path::Path;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Sqlite, Transaction};

use crate::{ConnectOptions, StoreError};

/// Since 3.51.3 a writer that resets the write-ahead log can no longer corrupt the file
/// (3.7.0 to 3.51.2 can: <https://sqlite.org/wal.html>, "the WAL-reset bug").
const OLDEST_SOUND: [u32; 3] = [3, 51, 3];

/// The connections to one file.
#[derive(Debug, Clone)]
pub(super) struct Pools {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Pools {
    pub(super) async fn open(path: &Path, options: &ConnectOptions) -> Result<Self, StoreError> {
        let file = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(options.patience)
            .foreign_keys(true)
            .synchronous(SqliteSynchronous::Full)
            // A mapped file turns an I/O error into a signal that ends the process.
            .pragma("mmap_size", "0")
            // KiB, for each connection.
            .pragma("cache_size", "-32000")
            // An erasure overwrites what it frees.
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY")
            .disable_statement_logging();
        let pool = || {
            SqlitePoolOptions::new()
                .acquire_timeout(options.patience)
                .idle_timeout(None)
                .max_lifetime(None)
                // The connection is to a file: it does not break off.
                .test_before_acquire(false)
        };
        let writer = pool()
            .max_connections(1)
            .connect_with(file.clone().create_if_missing(true).journal_mode(SqliteJournalMode::Wal))
            .await?;
        let version: String =
            sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&writer).await?;
        expect_sound(&version)?;
        let readers = pool()
            .max_connections(options.readers.max(1))
            .connect_with(file.read_only(true))
            .await?;
        Ok(Self { writer, readers })
    }

    /// A transaction that holds the right to write from its beginning: one that takes it later
    /// cannot wait for it.
    pub(super) async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        match self.writer.begin_with("BEGIN IMMEDIATE").await {
            // SQLite undoes a transaction by itself where the disk is full. sqlx then asks it in vain
            // to undo it, and takes the transaction for open ever after: another connection is due.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                let stuck = self.writer.acquire().await?;
                if let Err(error) = stuck.close().await {
                    tracing::debug!(%error, "a stuck connection was not closed in order");
                }
                Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            begun => Ok(begun?),
        }
    }

    pub(super) async fn read(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        Ok(self.readers.acquire().await?)
    }

    pub(super) async fn backup(&self, into: &Path) -> Result<(), StoreError> {
        let unfit = |found: String| StoreError::Unfit {
            expected: "a new file to write the copy into".to_owned(),
            found,
        };
        let name = into.to_str().ok_or_else(|| unfit("a path that is not UTF-8".to_owned()))?;
        if into.exists() {
            return Err(unfit(format!("`{name}`, which exists")));
        }
        let mut reader = self.read().await?;
        sqlx::query("VACUUM INTO $1").bind(name).execute(&mut *reader).await?;
        // The copy itself is made without waiting for the disk.
        std::fs::File::open(into)
            .and_then(|file| file.sync_all())
            .map_err(|failure| StoreError::Unavailable(failure.into()))
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn expect_sound(version: &str) -> Result<(), StoreError> {
    let numbers: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    if numbers.as_slice() >= OLDEST_SOUND.as_slice() {
        return Ok(());
    }
    Err(StoreError::Unfit {
        expected: "SQLite 3.51.3 or later".to_owned(),
        found: format!("version {version}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_with_the_wal_reset_bug_are_refused() {
        assert!(expect_sound("3.51.3").is_ok());
        assert!(expect_sound("3.52.0").is_ok());
        assert!(expect_sound("4.0").is_ok());
        assert!(expect_sound("3.51.2").is_err());
        assert!(expect_sound("3.9.9").is_err());
        assert!(expect_sound("").is_err());
    }
}
