use std::error::Error;

use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;

use crate::StoreError;

/// What SQLite's result codes (<https://sqlite.org/rescode.html>) mean to the caller. Extended codes
/// carry the primary one in their lowest eight bits.
pub(crate) fn judge(said: &SqliteError) -> fn(Box<dyn Error + Send + Sync>) -> StoreError {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const READONLY: i32 = 8;
    const IOERR: i32 = 10;
    const FULL: i32 = 13;
    const CANTOPEN: i32 = 14;
    let code = said.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default();
    match code & 0xff {
        FULL => StoreError::Full,
        BUSY | LOCKED | READONLY | IOERR | CANTOPEN => StoreError::Unavailable,
        _ => StoreError::Backend,
    }
}
