//! The search index: a GIN index over tokens that we make ourselves.
//!
//! Each token carries its tenant and its stretch: the calls are numbered, and 8,192 numbers are
//! one. So a search goes through the newest calls first and ends when it has enough, where a GIN index
//! by itself gives all or nothing; and new calls touch the small part of the index that is theirs.

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
    let lexemes: Vec<String> =
        tokens.iter().map(|token| lexeme(tenant, stretch(call), token)).collect();
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
    let mut query =
        QueryBuilder::<Database>::new("SELECT DISTINCT stretch FROM stretches WHERE tenant = ");
    query.push_bind(asked.tenant.to_string());
    for (than, moment) in [(">=", asked.from), ("<=", asked.to)] {
        if let Some(moment) = moment {
            query.push(" AND day ").push(than).push(" ").push_bind(day(moment));
        }
    }
    if let Some(greatest) = asked.greatest {
        query.push(" AND stretch <= ").push_bind(stretch(greatest));
    }
    query.push(" ORDER BY stretch DESC");
    let stretches: Vec<i64> = query.build_query_scalar().fetch_all(&mut *connection).await?;
    let (mut numbers, mut rest, mut part) = (Vec::new(), stretches.as_slice(), 1);
    while !rest.is_empty() && numbers.len() < most {
        let (now, later) = rest.split_at(part.min(rest.len()));
        let mut found = in_stretches(connection, asked.number, asked.words, now).await?;
        found.retain(|&number| asked.greatest.is_none_or(|greatest| number <= greatest));
        found.sort_unstable_by(|a, b| b.cmp(a));
        numbers.append(&mut found);
        rest = later;
        // What is rare is asked for in many at once.
        part *= 2;
    }
    numbers.truncate(most);
    Ok(numbers)
}

/// The calls with these numbers, or between them, that have what `words` asks for; maybe some others.
pub(super) async fn within(
    connection: &mut Connection,
    number: i64,
    words: &Query,
    least: i64,
    greatest: i64,
) -> Result<Vec<i64>, StoreError> {
    let stretches: Vec<i64> = (stretch(least)..=stretch(greatest)).collect();
    in_stretches(connection, number, words, &stretches).await
}

async fn in_stretches(
    connection: &mut Connection,
    tenant: i64,
    words: &Query,
    stretches: &[i64],
) -> Result<Vec<i64>, StoreError> {
    let quoted: Option<Vec<String>> =
        stretches.iter().map(|&stretch| quote(tenant, stretch, words)).collect();
    let Some(quoted) = quoted else { return Ok(Vec::new()) };
    // Planned each time: how many stretches there are decides how to go about it.
    let numbers = sqlx::query_scalar(
        "SELECT call_number FROM words WHERE tokens @@ ANY($1::text[]::tsquery[])",
    );
    Ok(numbers.bind(quoted).persistent(false).fetch_all(connection).await?)
}

/// After `FROM`: the calls with these numbers.
pub(super) fn push_calls(query: &mut QueryBuilder<Database>, numbers: &[i64]) {
    query.push("calls JOIN unnest(").push_bind(numbers.to_vec());
    query.push("::bigint[]) AS given ON number = given");
}

fn quote(tenant: i64, stretch: i64, words: &Query) -> Option<String> {
    let quoted = |token: &Token| format!("'{}'", lexeme(tenant, stretch, token));
    match words {
        Query::Nothing => None,
        Query::Prefix(token) => Some(quoted(token) + ":*"),
        Query::One(token) => Some(quoted(token)),
        Query::All(tokens) => Some(tokens.iter().map(quoted).collect::<Vec<_>>().join(" & ")),
    }
}

/// Which stretch a call's number is in; as in the trigger that fills the table `stretches`.
const fn stretch(call: i64) -> i64 {
    call >> STRETCH_BITS
}

/// Two to the power of this numbers are a stretch. In shorter ones a word of most calls gives less to
/// go through at once; in longer ones the index has fewer entries, above all for small tenants among
/// many. A change needs a migration that makes the tokens anew.
const STRETCH_BITS: u32 = 13;

/// The number of a day as the table `stretches` has it.
fn day(moment: Timestamp) -> i64 {
    // Like PostgreSQL's division: towards zero.
    moment.as_microsecond() / 86_400_000_000
}

/// A token with its tenant before it, so that one tenant's search meets no other's calls. It is
/// letters and digits: nothing in it ends quotes.
fn lexeme(tenant: i64, stretch: i64, token: &Token) -> String {
    format!("{tenant}_{stretch}_{}", token.as_str())
}
