//! Lists of calls.

use fh_model::{CallId, TenantId};
use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::calls::call_row;
use super::columns::{count, micros};
use super::{Connection, Database, Pools, said};
use crate::names::Named;
use crate::{CallFilter, CallPage, CallRow, CallState, Paging, StoreError};

pub(super) async fn list(
    pools: &Pools,
    tenant: &TenantId,
    filter: &CallFilter,
    paging: &Paging,
) -> Result<CallPage, StoreError> {
    let mut reader = pools.read().await?;
    let selection = Selection { tenant, filter };
    match &filter.keyword {
        None => selection.page(&mut reader, paging).await,
        Some(keyword) => said::list(&mut reader, selection, keyword, paging).await,
    }
}

/// Which calls, as conditions of a statement; but for the keyword.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selection<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) filter: &'a CallFilter,
}

impl Selection<'_> {
    /// A page where nothing is to be said in the calls.
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
            QueryBuilder::<Database>::new(concat!("SELECT ", call_columns!(), " FROM calls"));
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
        let mut query = QueryBuilder::<Database>::new("SELECT count(*) FROM calls");
        self.push_conditions(&mut query, None);
        let number: i64 = query.build_query_scalar().fetch_one(connection).await?;
        Ok(number.unsigned_abs())
    }

    /// The rows of these calls in this order.
    pub(super) async fn rows_of(
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
        // Not ordered by the statement: SQLite would go through all calls in that order.
        let rows = query.build().fetch_all(connection).await?;
        let mut rows = rows.iter().map(call_row).collect::<Result<Vec<_>, _>>()?;
        rows.sort_by_key(|row| std::cmp::Reverse((row.call.upload_time, row.call.id)));
        Ok(rows)
    }

    pub(super) fn push_conditions(
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
        if let Some((upload_time, id)) = after {
            query.push(" AND (upload_time, id) < (").push_bind(micros(upload_time));
            query.push(", ").push_bind(id.0).push(")");
        }
    }
}

/// `AND column IN (...)`; without members nobody is in it.
pub(super) fn push_list<T>(
    query: &mut QueryBuilder<Database>,
    column: &str,
    members: impl Iterator<Item = T>,
) where
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
