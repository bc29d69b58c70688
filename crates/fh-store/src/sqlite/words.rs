//! The search index: FTS5 without positions over tokens that we make ourselves.

use fh_model::TenantId;
use jiff::Timestamp;
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
pub(super) fn push_condition(
    query: &mut QueryBuilder<Database>,
    tenant: &TenantId,
    filter: &CallFilter,
    number: i64,
    words: &Query,
) {
    let asked = match words {
        Query::Nothing => {
            query.push(" AND FALSE");
            return;
        }
        Query::Prefix(token) => quoted(number, token) + "*",
        Query::One(token) => quoted(number, token),
        Query::All(tokens) => {
            let quoted: Vec<String> = tokens.iter().map(|token| quoted(number, token)).collect();
            quoted.join(" AND ")
        }
    };
    query.push(" AND number IN (SELECT rowid FROM words WHERE words MATCH ").push_bind(asked);
    // The index is in the order of the calls' numbers: what was submitted on other days need not be
    // gone through.
    if let Some(from) = filter.upload_from {
        query.push(" AND rowid >= (SELECT min(first_call) FROM days WHERE tenant = ");
        query.push_bind(tenant.to_string()).push(" AND day >= ").push_bind(day(from)).push(")");
    }
    if let Some(to) = filter.upload_to {
        query.push(" AND rowid <= (SELECT max(last_call) FROM days WHERE tenant = ");
        query.push_bind(tenant.to_string()).push(" AND day <= ").push_bind(day(to)).push(")");
    }
    query.push(")");
}

/// The number of a day as the table `days` has it.
fn day(moment: Timestamp) -> i64 {
    // Like SQLite's division: towards zero.
    moment.as_microsecond() / 86_400_000_000
}

/// A token is letters and digits: nothing in it ends the quotes.
fn quoted(tenant: i64, token: &Token) -> String {
    format!("\"{tenant}_{}\"", token.as_str())
}
