//! The search index: FTS5 without positions over tokens that we make ourselves.

use fh_model::TenantId;
use jiff::Timestamp;
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

/// What is asked of the index.
pub(super) struct Asked<'a> {
    pub(super) tenant: &'a TenantId,
    /// The tenant's number.
    pub(super) number: i64,
    pub(super) words: &'a Query,
    /// Calls that were submitted on other days than from this one on may be left out.
    pub(super) from: Option<Timestamp>,
    /// And up to this one.
    pub(super) to: Option<Timestamp>,
    /// The calls' greatest number.
    pub(super) greatest: Option<i64>,
}

/// At most so many of the calls that have what is asked for: the greatest numbers, the greatest first.
pub(super) async fn newest(
    connection: &mut Connection,
    asked: &Asked<'_>,
    most: usize,
) -> Result<Vec<i64>, StoreError> {
    let Some(words) = quote(asked.number, asked.words) else { return Ok(Vec::new()) };
    let mut query = QueryBuilder::<Database>::new("SELECT rowid FROM words WHERE words MATCH ");
    query.push_bind(words);
    // The index is in the order of the calls' numbers: what was submitted on other days need not be
    // gone through.
    if asked.from.is_some() {
        query.push(" AND rowid >= (SELECT min(first_call) FROM days WHERE tenant = ");
        query.push_bind(asked.tenant.to_string());
        push_days(&mut query, ">=", asked.from);
        query.push(")");
    }
    if let Some(greatest) = asked.greatest {
        query.push(" AND rowid <= ").push_bind(greatest);
    } else if asked.to.is_some() {
        query.push(" AND rowid <= (SELECT max(last_call) FROM days WHERE tenant = ");
        query.push_bind(asked.tenant.to_string());
        push_days(&mut query, "<=", asked.to);
        query.push(")");
    }
    query.push(" ORDER BY rowid DESC LIMIT ").push_bind(i64::try_from(most).unwrap_or(i64::MAX));
    Ok(query.build_query_scalar().fetch_all(connection).await?)
}

/// The calls with these numbers, or between them, that have what `words` asks for.
pub(super) async fn within(
    connection: &mut Connection,
    number: i64,
    words: &Query,
    least: i64,
    greatest: i64,
) -> Result<Vec<i64>, StoreError> {
    let Some(words) = quote(number, words) else { return Ok(Vec::new()) };
    let numbers = sqlx::query_scalar(
        "SELECT rowid FROM words WHERE words MATCH $1 AND rowid >= $2 AND rowid <= $3",
    );
    Ok(numbers.bind(words).bind(least).bind(greatest).fetch_all(connection).await?)
}

/// After `FROM`: the calls with these numbers.
pub(super) fn push_calls(query: &mut QueryBuilder<Database>, numbers: &[i64]) {
    // Crossed, so that SQLite takes the numbers first; a list of numbers is JSON.
    query.push("(SELECT value AS given FROM json_each(").push_bind(format!("{numbers:?}"));
    query.push(")) CROSS JOIN calls ON calls.number = given");
}

fn quote(tenant: i64, words: &Query) -> Option<String> {
    match words {
        Query::Nothing => None,
        Query::Prefix(token) => Some(quoted(tenant, token) + "*"),
        Query::One(token) => Some(quoted(tenant, token)),
        Query::All(tokens) => {
            let quoted: Vec<String> = tokens.iter().map(|token| quoted(tenant, token)).collect();
            Some(quoted.join(" AND "))
        }
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
