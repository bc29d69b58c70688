//! Lists of the calls in which something is said.
//!
//! Where the index gives few calls, these are the list. Where it gives many, fetching them all to find
//! the newest would take long: then the calls are gone through, the newest first, until the page is
//! full, and how many there are in all is told from the part that was gone through.

use std::collections::{HashMap, HashSet};

use fh_model::CallId;
use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::columns::{Columns, count};
use super::list::{Selection, push_list};
use super::{Connection, Database, Row, tenant_number, words};
use crate::packed::unpack_texts;
use crate::search::{Needle, Query};
use crate::{CallFilter, CallPage, Paging, StoreError};

/// So many calls are fetched by what the index gives.
const FEW: usize = 5_000;
/// How many calls the first step of going through them takes; each further one takes twice as many,
/// up to the last of these.
const STEPS: [usize; 2] = [500, 4_000];
/// A counted list looks at so many texts at least, to tell from them how many calls there are.
const LOOKED_ENOUGH: usize = 300;
/// How many texts are fetched at a time.
const LOOKED_AT_ONCE: usize = 100;
/// How many texts are looked at for a single character before the index is asked: most characters are
/// in most calls, and those of which this is not so cost the index little.
const FIRST_LOOK: usize = 600;
/// The index tells which of some calls have the keyword as long as their numbers are not further apart
/// than this; else it would go through many others.
const APART: u64 = 32;

pub(super) async fn list(
    connection: &mut Connection,
    selection: Selection<'_>,
    keyword: &str,
    paging: &Paging,
) -> Result<CallPage, StoreError> {
    let query = Query::new(keyword);
    let (pick, after) = Pick::new(paging);
    let tenant = match (&query, tenant_number(connection, selection.tenant).await) {
        (Query::Nothing, _) | (_, Err(StoreError::NotFound { .. })) => {
            return pick.page(connection, &selection, 0).await;
        }
        (_, number) => number?,
    };
    let is_proof = matches!(query, Query::One(_) | Query::Prefix(_));
    let said = Said { selection, query, needle: Needle::new(keyword), tenant, is_proof, after };
    said.list(connection, pick).await
}

/// The part of the list that is wanted.
#[derive(Debug, Clone)]
struct Pick {
    offset: u64,
    limit: usize,
    counts: bool,
    found: u64,
    /// One more than the limit tells that there are more.
    page: Vec<CallId>,
    /// The place of the page's last call among the rows that it came from.
    last: usize,
}

impl Pick {
    /// With the row after which the list goes on.
    fn new(paging: &Paging) -> (Self, Option<(Timestamp, CallId)>) {
        let (offset, limit, counts, after) = match *paging {
            Paging::Offset { offset, limit } => (offset, limit, true, None),
            Paging::After { row, limit } => (0, limit, false, row),
        };
        let limit = limit as usize;
        (Self { offset, limit, counts, found: 0, page: Vec::new(), last: 0 }, after)
    }

    /// Takes the call of the row `place`.
    fn take(&mut self, id: CallId, place: usize) {
        self.found += 1;
        if self.found > self.offset && !self.is_full() {
            self.page.push(id);
            self.last = place;
        }
    }

    const fn is_full(&self) -> bool {
        self.page.len() > self.limit
    }

    async fn page(
        mut self,
        connection: &mut Connection,
        selection: &Selection<'_>,
        total: u64,
    ) -> Result<CallPage, StoreError> {
        let more = self.is_full();
        self.page.truncate(self.limit);
        let rows = selection.rows_of(connection, &self.page).await?;
        Ok(CallPage { rows, total: self.counts.then_some(total), more })
    }
}

/// What is looked for.
struct Said<'a> {
    selection: Selection<'a>,
    query: Query,
    needle: Needle<'a>,
    /// The tenant's number.
    tenant: i64,
    /// Whether exactly the calls that the index gives have the keyword.
    is_proof: bool,
    /// Where the list goes on.
    after: Option<(Timestamp, CallId)>,
}

impl Said<'_> {
    async fn list(
        mut self,
        connection: &mut Connection,
        pick: Pick,
    ) -> Result<CallPage, StoreError> {
        // These have indexes of their own that give less.
        if self.selection.filter.ids.is_some() || self.selection.filter.batch.is_some() {
            return self.go_through(connection, pick).await;
        }
        if matches!(self.query, Query::Prefix(_))
            && let Some(page) = self.look_through(connection, pick.clone()).await?
        {
            return Ok(page);
        }
        let mut filter = self.selection.filter.clone();
        if let Some((moment, _)) = self.after {
            filter.upload_to = Some(filter.upload_to.map_or(moment, |to| to.min(moment)));
        }
        let Some(first) = self.edge(connection, " DESC").await? else {
            return pick.page(connection, &self.selection, 0).await;
        };
        // The index tells times by the day alone: without this number it may begin with calls of hours
        // after the time that is asked for.
        let mut newest = self.newest(connection, &filter, Some(first)).await?;
        if newest.len() <= FEW {
            // So few are counted: now those with a greater number than the newest call, too.
            newest = self.newest(connection, &filter, None).await?;
            if newest.len() <= FEW {
                return self.fetch(connection, pick, &newest).await;
            }
            newest.retain(|&number| number <= first);
        }
        match self.fetch_newest(connection, &pick, &newest, first).await? {
            Some(page) => Ok(page),
            None => self.go_through(connection, pick).await,
        }
    }

    async fn newest(
        &self,
        connection: &mut Connection,
        filter: &CallFilter,
        greatest: Option<i64>,
    ) -> Result<Vec<i64>, StoreError> {
        let asked = words::Asked {
            tenant: self.selection.tenant,
            number: self.tenant,
            words: &self.query,
            from: filter.upload_from,
            to: filter.upload_to,
            greatest,
        };
        words::newest(connection, &asked, FEW + 1).await
    }

    /// The list out of all that the index gave.
    async fn fetch(
        &mut self,
        connection: &mut Connection,
        mut pick: Pick,
        numbers: &[i64],
    ) -> Result<CallPage, StoreError> {
        let candidates = self.rows(connection, numbers).await?;
        let candidates: Vec<&Row> = candidates.iter().collect();
        let decided = self.pick(connection, &mut pick, &candidates, self.is_proof).await?;
        let [all, decided] = [candidates.len(), decided].map(|rows| count(rows).unsigned_abs());
        // Of those that were not looked at as many have it as of those that were.
        let total = pick.found + (all - decided) * pick.found / decided.max(1);
        pick.page(connection, &self.selection, total).await
    }

    /// The page out of the greatest of the numbers that the index gave, none of them greater than
    /// `first`, the greatest first; nothing where they do not fill it or where others may belong on it.
    async fn fetch_newest(
        &mut self,
        connection: &mut Connection,
        wanted: &Pick,
        newest: &[i64],
        first: i64,
    ) -> Result<Option<CallPage>, StoreError> {
        let mut part = usize::try_from(wanted.offset).unwrap_or(usize::MAX);
        part = part.saturating_add(wanted.limit).saturating_mul(4).max(STEPS[0]);
        loop {
            let numbers = &newest[..part.min(newest.len())];
            let candidates = self.rows(connection, numbers).await?;
            let candidates: Vec<&Row> = candidates.iter().collect();
            let mut pick = wanted.clone();
            let decided = self.pick(connection, &mut pick, &candidates, self.is_proof).await?;
            let row = decided.checked_sub(1).and_then(|last| candidates.get(last));
            if let (true, Some(row), Some(&least)) = (pick.is_full(), row, numbers.last()) {
                // Numbers are given in the order of submission, but for moments.
                let since = candidates.get(pick.last).unwrap_or(row).moment("upload_time")?;
                if !self.lies_between(connection, since, least, first).await? {
                    return Ok(None);
                }
                let last = if self.is_proof { least } else { row.number("number")? };
                return self.ended_early(connection, pick, first, last).await.map(Some);
            }
            if part >= newest.len() {
                return Ok(None);
            }
            part = part.saturating_mul(4);
        }
    }

    /// The list by going through the calls, asking the index about some at a time.
    async fn go_through(
        &mut self,
        connection: &mut Connection,
        mut pick: Pick,
    ) -> Result<CallPage, StoreError> {
        let mut walk = Walk::new(self.after);
        while let Some(rows) = walk.step(connection, &self.selection).await? {
            let (candidates, is_proof) = self.candidates(connection, &rows).await?;
            let decided = self.pick(connection, &mut pick, &candidates, is_proof).await?;
            if pick.is_full() && (decided < candidates.len() || !walk.has_ended) {
                let last = match candidates.get(decided.saturating_sub(1)) {
                    Some(row) if decided < candidates.len() => row.number("number")?,
                    _ => walk.last,
                };
                return self.ended_early(connection, pick, walk.first, last).await;
            }
        }
        let total = pick.found;
        pick.page(connection, &self.selection, total).await
    }

    /// The same by looking at the texts alone; nothing where the page is not full after some.
    async fn look_through(
        &mut self,
        connection: &mut Connection,
        mut pick: Pick,
    ) -> Result<Option<CallPage>, StoreError> {
        let mut walk = Walk::new(self.after);
        let mut looked_at = 0;
        while let Some(rows) = walk.step(connection, &self.selection).await? {
            let rows: Vec<&Row> = rows.iter().collect();
            let decided = self.pick(connection, &mut pick, &rows, false).await?;
            if pick.is_full() && (decided < rows.len() || !walk.has_ended) {
                let last = match rows.get(decided.saturating_sub(1)) {
                    Some(row) => row.number("number")?,
                    None => walk.last,
                };
                return self.ended_early(connection, pick, walk.first, last).await.map(Some);
            }
            looked_at += decided;
            if looked_at >= FIRST_LOOK && !walk.has_ended {
                return Ok(None);
            }
        }
        let total = pick.found;
        pick.page(connection, &self.selection, total).await.map(Some)
    }

    /// Takes those of `rows` that have the keyword, until the page is full and, for a counted list,
    /// enough is known to tell how many there are. Returns how many rows were decided on.
    async fn pick(
        &mut self,
        connection: &mut Connection,
        pick: &mut Pick,
        rows: &[&Row],
        is_proof: bool,
    ) -> Result<usize, StoreError> {
        let enough = match (pick.counts, is_proof) {
            (true, true) => usize::MAX,
            (true, false) => LOOKED_ENOUGH,
            (false, _) => 0,
        };
        let mut decided = 0;
        for some in rows.chunks(LOOKED_AT_ONCE) {
            let said = match is_proof {
                true => vec![true; some.len()],
                false => self.look_at(connection, some).await?,
            };
            for (row, is_said) in some.iter().zip(said) {
                if is_said {
                    pick.take(CallId(row.uuid("id")?), decided);
                }
                decided += 1;
            }
            if pick.is_full() && decided >= enough {
                break;
            }
        }
        Ok(decided)
    }

    /// The page where not all calls were gone through: from the number `first` to the number `last`.
    async fn ended_early(
        &self,
        connection: &mut Connection,
        pick: Pick,
        first: i64,
        last: i64,
    ) -> Result<CallPage, StoreError> {
        let mut total = pick.found;
        if pick.counts {
            // Numbers are given in the order of submission: they tell how much is left.
            let oldest = self.edge(connection, "").await?.unwrap_or(last);
            let [all, part] = [oldest, last].map(|number| u128::from(first.abs_diff(number)) + 1);
            let share = u128::from(pick.found) * all / part;
            // At least as many as the pages up to here have, and one.
            let least = pick.offset + count(pick.page.len()).unsigned_abs();
            total = u64::try_from(share).unwrap_or(u64::MAX).max(pick.found).max(least);
        }
        pick.page(connection, &self.selection, total).await
    }

    /// The calls with these numbers that fit, the newest first.
    async fn rows(
        &self,
        connection: &mut Connection,
        numbers: &[i64],
    ) -> Result<Vec<Row>, StoreError> {
        let mut query = QueryBuilder::<Database>::new("SELECT id, number, upload_time FROM ");
        words::push_calls(&mut query, numbers);
        self.selection.push_conditions(&mut query, self.after);
        query.push(" ORDER BY upload_time DESC, id DESC");
        Ok(query.build().persistent(false).fetch_all(connection).await?)
    }

    /// Whether all calls that fit and were submitted at or after a moment have numbers between these.
    async fn lies_between(
        &self,
        connection: &mut Connection,
        moment: Timestamp,
        least: i64,
        greatest: i64,
    ) -> Result<bool, StoreError> {
        let filter = CallFilter { upload_from: Some(moment), ..self.selection.filter.clone() };
        let mut query = QueryBuilder::<Database>::new("SELECT count(*) FROM calls");
        Selection { filter: &filter, ..self.selection }.push_conditions(&mut query, self.after);
        query.push(" AND NOT number BETWEEN ").push_bind(least);
        query.push(" AND ").push_bind(greatest);
        let others: i64 = query.build_query_scalar().fetch_one(connection).await?;
        Ok(others == 0)
    }

    /// The number of the newest or the oldest call that fits.
    async fn edge(
        &self,
        connection: &mut Connection,
        order: &'static str,
    ) -> Result<Option<i64>, StoreError> {
        let mut query = QueryBuilder::<Database>::new("SELECT number FROM calls");
        self.selection.push_conditions(&mut query, self.after);
        query.push(" ORDER BY upload_time").push(order).push(", id").push(order).push(" LIMIT 1");
        Ok(query.build_query_scalar().fetch_optional(connection).await?)
    }

    /// Those of `rows` that may have the keyword, and whether they surely have it.
    async fn candidates<'r>(
        &self,
        connection: &mut Connection,
        rows: &'r [Row],
    ) -> Result<(Vec<&'r Row>, bool), StoreError> {
        let numbers = rows.iter().map(|row| row.number("number")).collect::<Result<Vec<_>, _>>()?;
        let (Some(&least), Some(&greatest)) = (numbers.iter().min(), numbers.iter().max()) else {
            return Ok((Vec::new(), true));
        };
        let is_apart = greatest.abs_diff(least) > APART * count(numbers.len()).unsigned_abs();
        if is_apart || matches!(self.query, Query::Prefix(_)) {
            return Ok((rows.iter().collect(), false));
        }
        let found: HashSet<i64> =
            words::within(connection, self.tenant, &self.query, least, greatest)
                .await?
                .into_iter()
                .collect();
        let candidates = rows.iter().zip(numbers).filter(|(_, number)| found.contains(number));
        Ok((candidates.map(|(row, _)| row).collect(), self.is_proof))
    }

    /// Which of these calls have the keyword in their texts.
    async fn look_at(
        &mut self,
        connection: &mut Connection,
        rows: &[&Row],
    ) -> Result<Vec<bool>, StoreError> {
        let numbers = rows.iter().map(|row| row.number("number")).collect::<Result<Vec<_>, _>>()?;
        let mut query =
            QueryBuilder::<Database>::new("SELECT call_number, body FROM transcripts WHERE TRUE");
        push_list(&mut query, "call_number", numbers.iter().copied());
        let mut said = HashMap::new();
        for row in query.build().fetch_all(connection).await? {
            let texts = unpack_texts(&row.bytes("body")?)?;
            said.insert(row.number("call_number")?, self.needle.is_in(&texts));
        }
        Ok(numbers.iter().map(|number| said.get(number).copied().unwrap_or(false)).collect())
    }
}

/// Going through calls, the newest first.
#[derive(Debug)]
struct Walk {
    after: Option<(Timestamp, CallId)>,
    step: usize,
    has_ended: bool,
    /// The number of the first call.
    first: i64,
    /// The number of the last call.
    last: i64,
}

impl Walk {
    const fn new(after: Option<(Timestamp, CallId)>) -> Self {
        Self { after, step: STEPS[0], has_ended: false, first: 0, last: 0 }
    }

    /// The next calls.
    async fn step(
        &mut self,
        connection: &mut Connection,
        selection: &Selection<'_>,
    ) -> Result<Option<Vec<Row>>, StoreError> {
        if self.has_ended {
            return Ok(None);
        }
        let mut query = QueryBuilder::<Database>::new("SELECT id, number, upload_time FROM calls");
        selection.push_conditions(&mut query, self.after);
        query.push(" ORDER BY upload_time DESC, id DESC LIMIT ").push_bind(count(self.step));
        let rows = query.build().fetch_all(connection).await?;
        self.has_ended = rows.len() < self.step;
        if let (Some(first), 0) = (rows.first(), self.first) {
            self.first = first.number("number")?;
        }
        if let Some(last) = rows.last() {
            self.last = last.number("number")?;
            self.after = Some((last.moment("upload_time")?, CallId(last.uuid("id")?)));
        }
        self.step = (self.step * 2).min(STEPS[1]);
        Ok(Some(rows))
    }
}
