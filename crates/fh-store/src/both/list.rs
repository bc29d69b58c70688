//! Lists of calls.

use std::collections::HashMap;

use fh_model::{CallId, TenantId};
use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::calls::call_row;
use super::columns::{Columns, count, micros};
use super::{Connection, Database, Pools, Row, tenant_number, words};
use crate::names::Named;
use crate::packed::unpack_texts;
use crate::search::{Needle, Query};
use crate::{CallFilter, CallPage, CallRow, CallState, Paging, StoreError};

/// How many texts a counted list looks at for a keyword that the index alone cannot prove, besides
/// those that it needs to fill the page.
const LOOKED_AT_MOST: u64 = 1_000;
/// How many texts are fetched at a time.
const LOOKED_AT_ONCE: usize = 100;

pub(super) async fn list(
    pools: &Pools,
    tenant: &TenantId,
    filter: &CallFilter,
    paging: &Paging,
) -> Result<CallPage, StoreError> {
    let mut reader = pools.read().await?;
    let nothing = CallPage {
        rows: Vec::new(),
        total: matches!(paging, Paging::Offset { .. }).then_some(0),
        more: false,
    };
    let query = filter.keyword.as_deref().map(Query::new);
    let words = match &query {
        None => None,
        Some(Query::Nothing) => return Ok(nothing),
        Some(query) => match tenant_number(&mut reader, tenant).await {
            Ok(number) => Some((number, query)),
            Err(StoreError::NotFound { .. }) => return Ok(nothing),
            Err(failure) => return Err(failure),
        },
    };
    let source = match words {
        None => "calls",
        Some((number, words)) => words::source(&mut reader, tenant, filter, number, words).await?,
    };
    let selection = Selection { tenant, filter, words, source };
    match (&filter.keyword, words) {
        (Some(keyword), Some((_, Query::All(_)))) => {
            selection.page_by_looking(&mut reader, keyword, paging).await
        }
        _ => selection.page(&mut reader, paging).await,
    }
}

/// Which calls, as conditions of a statement.
#[derive(Debug, Clone, Copy)]
struct Selection<'a> {
    tenant: &'a TenantId,
    filter: &'a CallFilter,
    /// The tenant's number and what the index is asked for.
    words: Option<(i64, &'a Query)>,
    /// What stands after `FROM`.
    source: &'static str,
}

impl Selection<'_> {
    /// A page where the conditions say all.
    async fn page(
        &self,
        connection: &mut Connection,
        paging: &Paging,
    ) -> Result<CallPage, StoreError> {
        let (limit, offset, after, total) = match *paging {
            Paging::Offset { offset, limit } => {
                (limit, offset, None, Some(self.count(connection).await?))
            }
            Paging::After { row, limit } => (limit, 0, row, None),
        };
        if total.is_some_and(|total| total <= offset) {
            return Ok(CallPage { rows: Vec::new(), total, more: false });
        }
        let mut query =
            QueryBuilder::<Database>::new(concat!("SELECT ", call_columns!(), " FROM "));
        query.push(self.source);
        self.push_conditions(&mut query, after);
        // One more than asked for tells whether there are more.
        query.push(" ORDER BY upload_time DESC, id DESC LIMIT ").push_bind(count(limit) + 1);
        query.push(" OFFSET ").push_bind(count(offset));
        let rows = query.build().fetch_all(connection).await?;
        let more = rows.len() > limit as usize;
        let rows = rows.iter().take(limit as usize).map(call_row).collect::<Result<_, _>>()?;
        Ok(CallPage { rows, total, more })
    }

    async fn count(&self, connection: &mut Connection) -> Result<u64, StoreError> {
        let mut query = QueryBuilder::<Database>::new("SELECT count(*) FROM ");
        query.push(self.source);
        self.push_conditions(&mut query, None);
        let number: i64 = query.build_query_scalar().fetch_one(connection).await?;
        Ok(number.unsigned_abs())
    }

    /// A page of those calls whose texts, looked at one after the other, have the keyword.
    async fn page_by_looking(
        &self,
        connection: &mut Connection,
        keyword: &str,
        paging: &Paging,
    ) -> Result<CallPage, StoreError> {
        let (limit, offset, after, counts) = match *paging {
            Paging::Offset { offset, limit } => (limit, offset, None, true),
            Paging::After { row, limit } => (limit, 0, row, false),
        };
        let mut query = QueryBuilder::<Database>::new("SELECT id, number FROM ");
        query.push(self.source);
        self.push_conditions(&mut query, after);
        query.push(" ORDER BY upload_time DESC, id DESC");
        let candidates = query.build().fetch_all(&mut *connection).await?;
        let mut needle = Needle::new(keyword);
        let (mut looked_at, mut found) = (0, 0);
        let mut page = Vec::new();
        for some in candidates.chunks(LOOKED_AT_ONCE) {
            let texts = texts_of(connection, some).await?;
            for candidate in some {
                looked_at += 1;
                let texts = texts.get(&candidate.number("number")?);
                if texts.is_some_and(|texts| needle.is_in(texts)) {
                    found += 1;
                    if found > offset && page.len() <= limit as usize {
                        page.push(CallId(candidate.uuid("id")?));
                    }
                }
            }
            let full = page.len() > limit as usize;
            if full && (!counts || looked_at >= LOOKED_AT_MOST) {
                break;
            }
        }
        let rest = count(candidates.len()).unsigned_abs() - looked_at;
        // Of those that were not looked at as many have it as of those that were.
        let total = counts.then(|| found + rest * found / looked_at.max(1));
        let more = page.len() > limit as usize;
        page.truncate(limit as usize);
        Ok(CallPage { rows: self.rows_of(connection, &page).await?, total, more })
    }

    /// The rows of these calls in this order.
    async fn rows_of(
        &self,
        connection: &mut Connection,
        ids: &[CallId],
    ) -> Result<Vec<CallRow>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::<Database>::new(concat!(
            "SELECT ",
            call_columns!(),
            " FROM calls WHERE tenant = "
        ));
        query.push_bind(self.tenant.as_str());
        push_list(&mut query, "id", ids.iter().map(|id| id.0));
        query.push(" ORDER BY upload_time DESC, id DESC");
        query.build().fetch_all(connection).await?.iter().map(call_row).collect()
    }

    fn push_conditions(
        &self,
        query: &mut QueryBuilder<Database>,
        after: Option<(Timestamp, CallId)>,
    ) {
        let filter = self.filter;
        query.push(" WHERE tenant = ").push_bind(self.tenant.as_str().to_owned());
        let bounds = [
            (" AND call_time >= ", filter.call_from.map(micros)),
            (" AND call_time <= ", filter.call_to.map(micros)),
            (" AND upload_time >= ", filter.upload_from.map(micros)),
            (" AND upload_time <= ", filter.upload_to.map(micros)),
            (" AND duration_ms >= ", filter.duration_min.map(|length| count(length.0))),
            (" AND duration_ms <= ", filter.duration_max.map(|length| count(length.0))),
            (" AND score_min <= ", filter.score_at_most.map(|score| score.hundredths())),
        ];
        for (condition, bound) in bounds {
            if let Some(bound) = bound {
                query.push(condition).push_bind(bound);
            }
        }
        if let Some(kinds) = &filter.kinds {
            push_list(query, "kind", kinds.iter().map(|kind| kind.name()));
        }
        if let Some(states) = &filter.states {
            push_list(query, "state", states.iter().map(CallState::to_string));
            if !states.contains(&CallState::Done) {
                // Says it in the words of the index of those that are not done.
                query.push(" AND state <> 'done'");
            }
        }
        if let Some(ids) = &filter.ids {
            push_list(query, "id", ids.iter().map(|id| id.0));
        }
        if let Some(batch) = filter.batch {
            query.push(" AND batch = ").push_bind(batch.0);
        }
        if let Some(staff) = &filter.staff_id {
            query.push(" AND staff_id = ").push_bind(staff.clone());
        }
        if let Some(name) = &filter.staff_name {
            query.push(" AND agent_name_folded LIKE ").push_bind(pattern(&name.to_lowercase()));
            query.push(r" ESCAPE '\'");
        }
        if let Some((tenant, words)) = self.words {
            words::push_condition(query, self.tenant, filter, tenant, words);
        }
        if let Some((upload_time, id)) = after {
            query.push(" AND (upload_time, id) < (").push_bind(micros(upload_time));
            query.push(", ").push_bind(id.0).push(")");
        }
    }
}

/// The texts of calls, by their numbers.
async fn texts_of(
    connection: &mut Connection,
    calls: &[Row],
) -> Result<HashMap<i64, Vec<String>>, StoreError> {
    let numbers = calls.iter().map(|row| row.number("number")).collect::<Result<Vec<_>, _>>()?;
    let mut query =
        QueryBuilder::<Database>::new("SELECT call_number, body FROM transcripts WHERE TRUE");
    push_list(&mut query, "call_number", numbers.into_iter());
    query
        .build()
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| Ok((row.number("call_number")?, unpack_texts(&row.bytes("body")?)?)))
        .collect()
}

/// `AND column IN (...)`; without members nobody is in it.
fn push_list<T>(query: &mut QueryBuilder<Database>, column: &str, members: impl Iterator<Item = T>)
where
    T: for<'q> sqlx::Encode<'q, Database> + sqlx::Type<Database> + Send + 'static,
{
    query.push(" AND ").push(column).push(" IN (");
    let mut list = query.separated(", ");
    for member in members {
        list.push_bind(member);
    }
    list.push("NULL");
    query.push(")");
}

/// For `LIKE ... ESCAPE '\'`: contains exactly this.
fn pattern(part: &str) -> String {
    let mut pattern = String::from("%");
    for character in part.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
