use std::sync::Arc;

use fh_model::TenantId;
use fh_store::{ConnectOptions, NewTenant, Store, TenantScope, connect};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};
use tempfile::TempDir;

use crate::postgres_server::PostgresServer;

/// An empty store of one case, with a back door for looking and for doing harm.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) store: Arc<dyn Store>,
    back_door: BackDoor,
    _folder: Option<Arc<TempDir>>,
}

#[derive(Clone)]
enum BackDoor {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Place {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("fairhearing.db").display());
        let store = connect(&url, &ConnectOptions::default()).await.unwrap();
        let back_door = BackDoor::Sqlite(SqlitePool::connect(&url).await.unwrap());
        Self { url, store, back_door, _folder: Some(Arc::new(folder)) }
    }

    pub(crate) async fn on_postgres(server: &PostgresServer, case: &str) -> Self {
        let url = server.new_database(&case.replace("::", "_")).await;
        let store = connect(&url, &ConnectOptions::default()).await.unwrap();
        let back_door = BackDoor::Postgres(PgPool::connect(&url).await.unwrap());
        Self { url, store, back_door, _folder: None }
    }

    /// Opens it once more, as another process would.
    pub(crate) async fn reopened(&self) -> Result<Arc<dyn Store>, fh_store::StoreError> {
        connect(&self.url, &ConnectOptions::default()).await
    }

    /// Makes a tenant and gives its scope.
    pub(crate) async fn tenant(&self, name: &str) -> Box<dyn TenantScope> {
        let id: TenantId = name.parse().unwrap();
        let tenant = NewTenant { id: id.clone(), name: name.to_uppercase(), retention_days: None };
        self.store.directory().put_tenant(tenant).await.unwrap();
        self.store.scope(&id)
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.back_door, BackDoor::Sqlite(_))
    }

    /// The SQLite file.
    pub(crate) fn file(&self) -> std::path::PathBuf {
        self.url.strip_prefix("sqlite:").unwrap().into()
    }

    pub(crate) async fn execute(&self, statement: &str) -> u64 {
        let statement = AssertSqlSafe(statement.to_owned());
        match &self.back_door {
            BackDoor::Sqlite(pool) => {
                sqlx::query(statement).execute(pool).await.unwrap().rows_affected()
            }
            BackDoor::Postgres(pool) => {
                sqlx::query(statement).execute(pool).await.unwrap().rows_affected()
            }
        }
    }

    pub(crate) async fn number(&self, statement: &str) -> i64 {
        let statement = AssertSqlSafe(statement.to_owned());
        match &self.back_door {
            BackDoor::Sqlite(pool) => sqlx::query_scalar(statement).fetch_one(pool).await.unwrap(),
            BackDoor::Postgres(pool) => {
                sqlx::query_scalar(statement).fetch_one(pool).await.unwrap()
            }
        }
    }

    /// Lets the leases of all workers end, as time would.
    pub(crate) async fn end_leases(&self) {
        self.execute("UPDATE jobs SET lease_until = 1 WHERE state = 'leased'").await;
    }

    /// Lets all that waits for its time wait no longer.
    pub(crate) async fn end_delays(&self) {
        self.execute("UPDATE jobs SET run_at = 1 WHERE state = 'waiting'").await;
    }
}
