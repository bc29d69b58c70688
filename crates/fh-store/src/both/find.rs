//! The words of the calls: the index and the texts behind it.

use super::columns::Columns;
use super::{Connection, words};
use crate::StoreError;
use crate::packed::unpack_texts;
use crate::search::tokens_of;

/// Keeps a call's texts and has the index know them; instead of earlier ones.
pub(super) async fn keep_texts(
    connection: &mut Connection,
    tenant: i64,
    call: i64,
    texts: &[String],
    packed: Vec<u8>,
) -> Result<(), StoreError> {
    let earlier = texts_of(connection, call).await?;
    // Inspecting again by other rules leaves the words as they are.
    if earlier.as_deref() == Some(texts) {
        return Ok(());
    }
    if earlier.is_some() {
        forget_texts(connection, tenant, call).await?;
    }
    sqlx::query("INSERT INTO transcripts (call_number, body) VALUES ($1, $2)")
        .bind(call)
        .bind(packed)
        .execute(&mut *connection)
        .await?;
    words::add(connection, tenant, call, &tokens_of(texts)).await
}

/// Deletes a call's texts and takes its words out of the index.
pub(super) async fn forget_texts(
    connection: &mut Connection,
    tenant: i64,
    call: i64,
) -> Result<(), StoreError> {
    let Some(texts) = texts_of(connection, call).await? else { return Ok(()) };
    words::remove(connection, tenant, call, &tokens_of(&texts)).await?;
    sqlx::query("DELETE FROM transcripts WHERE call_number = $1")
        .bind(call)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn texts_of(
    connection: &mut Connection,
    call: i64,
) -> Result<Option<Vec<String>>, StoreError> {
    sqlx::query("SELECT body FROM transcripts WHERE call_number = $1")
        .bind(call)
        .fetch_optional(connection)
        .await?
        .map(|row| unpack_texts(&row.bytes("body")?))
        .transpose()
}
