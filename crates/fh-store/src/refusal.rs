//! What a database says, in our words.

use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;

use crate::{StoreError, postgres, sqlite};

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(cause) if cause.kind() == std::io::ErrorKind::StorageFull => {
                Self::Full(error.into())
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.into()),
            sqlx::Error::Database(said) => {
                if let Some(said) = said.try_downcast_ref::<SqliteError>() {
                    sqlite::judge(said)(error.into())
                } else if let Some(said) = said.try_downcast_ref::<PgDatabaseError>() {
                    postgres::judge(said)(error.into())
                } else {
                    Self::Backend(error.into())
                }
            }
            _ => Self::Backend(error.into()),
        }
    }
}

impl StoreError {
    /// Whether the database undid a transaction for another one's sake: the same works now.
    pub(crate) fn is_undone(&self) -> bool {
        let Self::Unavailable(source) = self else { return false };
        let said = source.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
        // PostgreSQL's codes of a deadlock and of a transaction that does not go with another.
        said.and_then(|said| said.code()).is_some_and(|code| matches!(&*code, "40P01" | "40001"))
    }
}
