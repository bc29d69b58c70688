//! The search index: a GIN index over tokens that we make ourselves.

use fh_model::TenantId;
use sqlx::QueryBuilder;

use super::{Connection, Database};
use crate::search::{Query, Token};
use crate::{CallFilter, StoreError};

/// Puts a call's tokens into the index.
pub(super) async fn add(
    connection: &mut Connection,
    tenant: i64,
    call: i64,
    tokens: &[Token],
) -> Result<(), StoreError> {
    let lexemes: Vec<String> = tokens.iter().map(|token| lexeme(tenant, token)).collect();
    sqlx::query("INSERT INTO words (call_number, tokens) VALUES ($1, array_to_tsvector($2))")
        .bind(call)
        .bind(lexemes)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a call's tokens out of the index.
pub(super) async fn remove(
    connection: &mut Connection,
    _tenant: i64,
    call: i64,
    _tokens: &[Token],
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM words WHERE call_number = $1").bind(call).execute(connection).await?;
    Ok(())
}

/// Where to look for the calls that have what `words` asks for: PostgreSQL finds the way itself.
pub(super) async fn source(
    _: &mut Connection,
    _: &TenantId,
    _: &CallFilter,
    _: i64,
    _: &Query,
) -> Result<&'static str, StoreError> {
    Ok("calls")
}

/// ` AND` the call has what `query` asks for.
pub(super) fn push_condition(
    query: &mut QueryBuilder<Database>,
    _: &TenantId,
    _: &CallFilter,
    tenant: i64,
    words: &Query,
) {
    let asked = match words {
        Query::Nothing => {
            query.push(" AND FALSE");
            return;
        }
        Query::Prefix(token) => format!("'{}':*", lexeme(tenant, token)),
        Query::One(token) => format!("'{}'", lexeme(tenant, token)),
        Query::All(tokens) => {
            let quoted: Vec<String> =
                tokens.iter().map(|token| format!("'{}'", lexeme(tenant, token))).collect();
            quoted.join(" & ")
        }
    };
    query.push(" AND number IN (SELECT call_number FROM words WHERE tokens @@ ");
    query.push_bind(asked).push("::tsquery)");
}

/// Each token with its tenant before it, so that one tenant's search meets no other's calls. It is
/// letters and digits: nothing in it ends quotes.
fn lexeme(tenant: i64, token: &Token) -> String {
    format!("{tenant}_{}", token.as_str())
}
