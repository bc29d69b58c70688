use std::sync::Arc;
use std::time::Duration;

use crate::{Store, StoreError, postgres, sqlite};

/// How to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// SQLite: how many connections read at the same time; one more writes.
    pub readers: u32,
    /// PostgreSQL: how many connections are open at most.
    pub connections: u32,
    /// How long to wait for a connection, or for another process that writes to the same SQLite
    /// file.
    pub patience: Duration,
    /// PostgreSQL: how long a statement may take before the server ends it.
    pub statement_timeout: Duration,
    /// PostgreSQL: how long a method may take before it is [`StoreError::Unavailable`], as when the
    /// network is cut. Erasing, sweeping and verifying may take longer.
    pub answer_timeout: Duration,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            connections: 16,
            patience: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(15),
            answer_timeout: Duration::from_secs(15),
        }
    }
}

/// Opens what is kept at `url`, makes it where it is new, and brings its tables up to date.
///
/// `postgres://user@host/database` is a PostgreSQL server; `sqlite:PATH` or a plain path is a file
/// of this machine, on a local disk. What was written by a newer version of this program is refused
/// with [`StoreError::Unfit`] and left as it is.
pub async fn connect(url: &str, options: &ConnectOptions) -> Result<Arc<dyn Store>, StoreError> {
    match url.split_once(':') {
        Some(("postgres" | "postgresql", _)) => postgres::connect(url, options).await,
        Some(("sqlite", path)) => {
            sqlite::connect(path.strip_prefix("//").unwrap_or(path), options).await
        }
        Some((scheme, rest)) if rest.starts_with("//") => Err(StoreError::Unfit {
            expected: "a URL of `sqlite:` or `postgres:`, or a path".to_owned(),
            found: format!("one of `{scheme}:`"),
        }),
        _ => sqlite::connect(url, options).await,
    }
}
