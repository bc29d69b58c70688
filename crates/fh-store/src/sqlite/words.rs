//! The search index: FTS5 without positions over tokens that we make ourselves.

use sqlx::QueryBuilder;

use super::{Connection, Database};
use crate::StoreError;
use crate::search::{Query, Token};

/// Puts a call's tokens into the index.
pub(super) async fn add(
    connection: &mut Connection,
    tenant: i64,
    call: i64,
    tokens: &[Token],
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO words (rowid, tokens) VALUES ($1, $2)")
        .bind(call)
        .bind(line(tenant, tokens))
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a call's tokens out of the index: they must be the same that were put in.
pub(super) async fn remove(
    connection: &mut Connection,
    tenant: i64,
    call: i64,
    tokens: &[Token],
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO words (words, rowid, tokens) VALUES ('delete', $1, $2)")
        .bind(call)
        .bind(line(tenant, tokens))
        .execute(connection)
        .await?;
    Ok(())
}

/// Each token with its tenant before it, so that one tenant's search meets no other's calls.
fn line(tenant: i64, tokens: &[Token]) -> String {
    let mut line = String::new();
    for token in tokens {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&format!("{tenant}_{}", token.as_str()));
    }
    line
}

/// ` AND` the call has what `query` asks for.
pub(super) fn push_condition(query: &mut QueryBuilder<Database>, tenant: i64, words: &Query) {
    let asked = match words {
        Query::Nothing => {
            query.push(" AND FALSE");
            return;
        }
        Query::Prefix(token) => quoted(tenant, token) + "*",
        Query::One(token) => quoted(tenant, token),
        Query::All(tokens) => {
            let quoted: Vec<String> = tokens.iter().map(|token| quoted(tenant, token)).collect();
            quoted.join(" AND ")
        }
    };
    query.push(" AND number IN (SELECT rowid FROM words WHERE words MATCH ").push_bind(asked);
    query.push(")");
}

/// A token is letters and digits: nothing in it ends the quotes.
fn quoted(tenant: i64, token: &Token) -> String {
    format!("\"{tenant}_{}\"", token.as_str())
}
