use std::error::Error;

use sqlx::postgres::PgDatabaseError;

use crate::StoreError;

/// What PostgreSQL's codes (<https://www.postgresql.org/docs/current/errcodes-appendix.html>) mean
/// to the caller. Their first two characters are the class.
pub(crate) fn judge(said: &PgDatabaseError) -> fn(Box<dyn Error + Send + Sync>) -> StoreError {
    match said.code() {
        // No room on the disk.
        "53100" => StoreError::Full,
        // Cancelled by the statement timeout; read-only, as a standby is; too old a snapshot there.
        "57014" | "25006" | "72000" => StoreError::Unavailable,
        // Text with a character that PostgreSQL cannot keep, which is only NUL.
        "22021" => |_| StoreError::Unfit {
            expected: "text without the character NUL".to_owned(),
            found: "one with it".to_owned(),
        },
        // Connection lost; serialization or deadlock; resources; shutting down or starting; I/O.
        code if ["08", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => {
            StoreError::Unavailable
        }
        _ => StoreError::Backend,
    }
}
