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

/// Where to look for the calls that have what `words` asks for: `calls` by the lists' index, or by
/// what the search index gives where that is so much less that fetching each call costs less.
pub(super) async fn source(
    connection: &mut Connection,
    tenant: &TenantId,
    filter: &CallFilter,
    number: i64,
    words: &Query,
) -> Result<&'static str, StoreError> {
    /// How many entries of the lists' index are read in the time of fetching one call.
    const DEARER: i64 = 6;
    // These have indexes that give still less.
    if filter.ids.is_some() || filter.batch.is_some() || filter.staff_id.is_some() {
        return Ok("calls");
    }
    let mut found = QueryBuilder::<Database>::new("SELECT count(*) FROM words WHERE ");
    push_match(&mut found, tenant, filter, number, words);
    let found: i64 = found.build_query_scalar().fetch_one(&mut *connection).await?;
    let mut calls =
        QueryBuilder::<Database>::new("SELECT coalesce(sum(calls), 0) FROM days WHERE tenant = ");
    calls.push_bind(tenant.to_string());
    push_days(&mut calls, ">=", filter.upload_from);
    push_days(&mut calls, "<=", filter.upload_to);
    let calls: i64 = calls.build_query_scalar().fetch_one(connection).await?;
    Ok(if found.saturating_mul(DEARER) < calls { "calls NOT INDEXED" } else { "calls" })
}

/// ` AND` the call has what `words` asks for.
pub(super) fn push_condition(
    query: &mut QueryBuilder<Database>,
    tenant: &TenantId,
    filter: &CallFilter,
    number: i64,
    words: &Query,
) {
    query.push(" AND number IN (SELECT rowid FROM words WHERE ");
    push_match(query, tenant, filter, number, words);
    query.push(")");
}

fn push_match(
    query: &mut QueryBuilder<Database>,
    tenant: &TenantId,
    filter: &CallFilter,
    number: i64,
    words: &Query,
) {
    let asked = match words {
        Query::Nothing => {
            query.push("FALSE");
            return;
        }
        Query::Prefix(token) => quoted(number, token) + "*",
        Query::One(token) => quoted(number, token),
        Query::All(tokens) => {
            let quoted: Vec<String> = tokens.iter().map(|token| quoted(number, token)).collect();
            quoted.join(" AND ")
        }
    };
    query.push("words MATCH ").push_bind(asked);
    // The index is in the order of the calls' numbers: what was submitted on other days need not be
    // gone through.
    if filter.upload_from.is_some() {
        query.push(" AND rowid >= (SELECT min(first_call) FROM days WHERE tenant = ");
        query.push_bind(tenant.to_string());
        push_days(query, ">=", filter.upload_from);
        query.push(")");
    }
    if filter.upload_to.is_some() {
        query.push(" AND rowid <= (SELECT max(last_call) FROM days WHERE tenant = ");
        query.push_bind(tenant.to_string());
        push_days(query, "<=", filter.upload_to);
        query.push(")");
    }
}

fn push_days(query: &mut QueryBuilder<Database>, than: &str, moment: Option<Timestamp>) {
    if let Some(moment) = moment {
        query.push(" AND day ").push(than).push(" ").push_bind(day(moment));
    }
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
