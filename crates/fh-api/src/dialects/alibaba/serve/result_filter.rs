//! Which calls a query of `GetResult` means: what the store can tell by itself goes into its filter,
//! the rest is looked at call by call, up to a limit.

use std::cmp::Ordering;

use fh_model::{BatchId, CallId, Inspection, Points};
use fh_store::{AppealState, CallFilter, CallKind, CallRow, CallState, FailureKind, Paging};
use jiff::{SignedDuration, Timestamp};

use super::super::error::{Refusal, ScaCode, ScaError};
use super::super::operations::get_result::{
    NumberFilter, RemarkFilter, ResultQuery, ReviewFilter, SortKey, SourceData, TaskStatus,
};
use super::{Asked, kept};

/// Calls that are looked at one by one for one request.
const MOST_LOOKED_AT: usize = 20_000;

/// Calls that are read at once.
const PIECE: u32 = 500;

/// One page of calls, and how many there are on all pages.
pub(super) struct Found {
    pub(super) rows: Vec<CallRow>,
    pub(super) count: u64,
}

/// Finds the calls that a query means, in its order, on its page.
pub(super) async fn find(asked: Asked<'_>, query: &ResultQuery) -> Result<Found, Refusal> {
    let Some(filter) = store_filter(query) else {
        return Ok(Found { rows: Vec::new(), count: 0 });
    };
    let filter = asked.api.workflow.visible(asked.caller, filter)?;
    let after = query.last_data_id.as_deref().map(read_place).transpose()?;
    if store_knows_all(query) {
        return page_of_store(asked, query, &filter, after).await;
    }
    let mut rows = scan(asked, &filter, |row| fits(row, query)).await?;
    if needs_inspection(query) || query.review_status.is_some() {
        let mut left = Vec::new();
        for row in rows {
            if fits_within(asked, &row, query).await? {
                left.push(row);
            }
        }
        rows = left;
    }
    if let Some((key, descending)) = query.sort {
        // Stable: calls that are equal stay in order, the newest first.
        rows.sort_by(|left, right| {
            let order = compare(left, right, key);
            if descending { order.reverse() } else { order }
        });
    }
    let count = rows.len() as u64;
    let skip = match after {
        Some((_, id)) => rows.iter().position(|row| row.call.id == id).map_or(0, |at| at + 1),
        None => usize::try_from(offset(query)).unwrap_or(usize::MAX),
    };
    let rows = rows.into_iter().skip(skip).take(query.page_size as usize).collect();
    Ok(Found { rows, count })
}

async fn page_of_store(
    asked: Asked<'_>,
    query: &ResultQuery,
    filter: &CallFilter,
    after: Option<(Timestamp, CallId)>,
) -> Result<Found, Refusal> {
    let scope = asked.api.store().scope(&asked.caller.tenant);
    let limit = query.page_size;
    let by_number = Paging::Offset { offset: offset(query), limit };
    if after.is_none() {
        let page = scope.list_calls(filter, &by_number).await?;
        return Ok(Found { rows: page.rows, count: page.total.unwrap_or_default() });
    }
    let counted = scope.list_calls(filter, &Paging::Offset { offset: 0, limit: 1 }).await?;
    let page = scope.list_calls(filter, &Paging::After { row: after, limit }).await?;
    Ok(Found { rows: page.rows, count: counted.total.unwrap_or_default() })
}

fn offset(query: &ResultQuery) -> u64 {
    u64::from(query.page_number - 1) * u64::from(query.page_size)
}

/// Reads the calls of `filter`, the newest first, and keeps those that fit.
pub(super) async fn scan(
    asked: Asked<'_>,
    filter: &CallFilter,
    fits: impl Fn(&CallRow) -> bool,
) -> Result<Vec<CallRow>, Refusal> {
    let scope = asked.api.store().scope(&asked.caller.tenant);
    let (mut kept, mut looked_at, mut after) = (Vec::new(), 0, None);
    loop {
        let paging = Paging::After { row: after, limit: PIECE };
        let page = scope.list_calls(filter, &paging).await?;
        looked_at += page.rows.len();
        after = page.rows.last().map(|row| (row.call.upload_time, row.call.id));
        kept.extend(page.rows.into_iter().filter(|row| fits(row)));
        if !page.more || after.is_none() {
            return Ok(kept);
        }
        if looked_at >= MOST_LOOKED_AT {
            let message = format!(
                "expected a `taskId` or times that leave at most {MOST_LOOKED_AT} calls to look \
                 through, found more"
            );
            return Err(ScaError::new(ScaCode::TooMany, message).into());
        }
    }
}

/// The place of a call in a list, as `LastDataId` writes it.
pub(super) fn place(row: &CallRow) -> String {
    format!("{}-{}", row.call.upload_time.as_nanosecond(), row.call.id.0.simple())
}

fn read_place(text: &str) -> Result<(Timestamp, CallId), ScaError> {
    let read = || {
        let (moment, id) = text.split_once('-')?;
        let moment = Timestamp::from_nanosecond(moment.parse().ok()?).ok()?;
        Some((moment, id.parse().ok()?))
    };
    read().ok_or_else(|| {
        let message =
            "expected the `LastDataId` of an earlier answer at `lastDataId`, found another";
        ScaError::new(ScaCode::InvalidField, message)
    })
}

/// What the store can tell by itself; `None` where no call can fit.
fn store_filter(query: &ResultQuery) -> Option<CallFilter> {
    let batch = match query.task() {
        Some(None) => return None,
        Some(Some(id)) => Some(BatchId(id)),
        None => None,
    };
    let no_such_things = query.data_set_id.is_some()
        || query.from_data_set == Some(true)
        || query.reviewer.is_some()
        || query.assigned.from.is_some()
        || query.assigned.to.is_some()
        || !query.scheme_ids.is_empty();
    if no_such_things {
        return None;
    }
    let by_data = match query.is_audio {
        Some(true) => Some(CallKind::Voice),
        Some(false) => Some(CallKind::Text),
        None => None,
    };
    let by_source = match query.source_data {
        Some(SourceData::OfflineVoice) => Some(CallKind::Voice),
        Some(SourceData::OfflineText) => Some(CallKind::Text),
        Some(_) => return None,
        None => None,
    };
    let kinds = match (by_data, by_source) {
        (Some(data), Some(source)) if data != source => return None,
        (data, source) => data.or(source).map(|kind| vec![kind]),
    };
    Some(CallFilter {
        call_from: query.called.from,
        call_to: query.called.to.map(whole_second),
        upload_from: query.uploaded.from,
        upload_to: query.uploaded.to.map(whole_second),
        kinds,
        states: query.status.map(states),
        batch,
        staff_name: query.agent_name.clone(),
        ..CallFilter::default()
    })
}

/// The last second belongs to a range as a whole.
fn whole_second(moment: Timestamp) -> Timestamp {
    moment.checked_add(SignedDuration::from_nanos(999_999_999)).unwrap_or(moment)
}

fn states(status: TaskStatus) -> Vec<CallState> {
    match status {
        TaskStatus::Running => vec![
            CallState::Queued,
            CallState::Fetching,
            CallState::Measuring,
            CallState::Recognizing,
            CallState::Inspecting,
        ],
        TaskStatus::Done => vec![CallState::Done],
        TaskStatus::Failed => {
            let failed = FailureKind::ALL.into_iter().map(CallState::Failed);
            failed.chain([CallState::Cancelled]).collect()
        }
    }
}

/// Whether the store's filter says all that the query says.
fn store_knows_all(query: &ResultQuery) -> bool {
    let texts = [
        &query.file_id,
        &query.call_id,
        &query.file_name,
        &query.customer_name,
        &query.customer_id,
        &query.session_group_id,
        &query.agent_name,
        &query.agent_id,
        &query.skill_group_name,
        &query.caller,
        &query.callee,
        &query.scheme_task_config_id,
    ];
    let numbers = [query.score, query.duration_s, query.dialogue_size];
    let flags = [query.session_group_exists, query.hit, query.complained];
    texts.iter().all(|text| text.is_none())
        && numbers.iter().all(Option::is_none)
        && flags.iter().all(Option::is_none)
        && query.review_status.is_none()
        && query.remarks.is_empty()
        && query.sort.is_none()
        && !needs_inspection(query)
}

/// Whether the query asks for what only a whole result, or what people said of it, can tell.
fn needs_inspection(query: &ResultQuery) -> bool {
    !query.rule_ids.is_empty()
        || query.dialogue_size.is_some()
        || query.resolver.is_some()
        || query.reviewed.from.is_some()
        || query.reviewed.to.is_some()
}

/// The file of a call: its own name for it, or ours.
pub(super) fn file_id(row: &CallRow) -> String {
    row.call.metadata.call_id.clone().unwrap_or_else(|| row.call.id.to_string())
}

/// The score of a call: the lowest of all scenarios.
pub(super) fn score(row: &CallRow) -> Option<Points> {
    row.summary.as_ref()?.scores.iter().map(|score| score.score).min()
}

/// Whether a call fits as far as its row tells.
fn fits(row: &CallRow, query: &ResultQuery) -> bool {
    let metadata = &row.call.metadata;
    let attribute = |name| kept::attribute(row, name);
    let own_file_id = file_id(row);
    let file_name = row.call.source.get("file_name").and_then(|name| name.as_str());
    let texts = [
        (&query.file_id, Some(own_file_id.as_str())),
        (&query.call_id, metadata.call_id.as_deref()),
        (&query.file_name, file_name),
        (&query.customer_name, attribute(kept::CUSTOMER_NAME)),
        (&query.customer_id, attribute(kept::CUSTOMER_ID)),
        (&query.session_group_id, attribute(kept::SESSION_GROUP)),
        (&query.agent_name, metadata.agent_name.as_deref()),
        (&query.agent_id, metadata.agent_id.as_deref()),
        (&query.skill_group_name, metadata.skill_group.as_deref()),
        (&query.caller, attribute(kept::CALLER)),
        (&query.callee, attribute(kept::CALLEE)),
        (&query.scheme_task_config_id, attribute(kept::SCHEME_TASK)),
    ];
    let seconds = |row: &CallRow| {
        let duration = row.summary.as_ref()?.duration;
        i64::try_from((duration.0 + 500) / 1000).ok()
    };
    let flagged = |row: &CallRow| {
        row.summary.as_ref().is_some_and(|summary| summary.scores.iter().any(|s| s.flags > 0))
    };
    let same = |asked: Option<bool>, found: bool| asked.is_none_or(|asked| asked == found);
    texts.iter().all(|(asked, found)| asked.is_none() || asked.as_deref() == *found)
        && same(query.session_group_exists, attribute(kept::SESSION_GROUP).is_some())
        && same(query.hit, flagged(row))
        && same(query.complained, row.appeal.is_some())
        && query.score.is_none_or(|asked| {
            // Compared in hundredths: 59.5 is less than 60.
            score(row).is_some_and(|score| compare_number(asked, score.hundredths(), 100))
        })
        && query
            .duration_s
            .is_none_or(|asked| seconds(row).is_some_and(|found| compare_number(asked, found, 1)))
        && query.remarks.iter().all(|(number, asked)| {
            kept::remark(row, *number).is_some_and(|found| remark_fits(asked, found))
        })
}

/// Compares a number that is counted in parts of the unit of those asked for.
fn compare_number(asked: NumberFilter, found: i64, parts: i64) -> bool {
    let of = |number: i64| number.saturating_mul(parts);
    match asked {
        NumberFilter::Equal(number) => found == of(number),
        NumberFilter::Greater(number) => found > of(number),
        NumberFilter::Less(number) => found < of(number),
        NumberFilter::Between(from, to) => (of(from)..=of(to)).contains(&found),
    }
}

fn remark_fits(asked: &RemarkFilter, found: &str) -> bool {
    match asked {
        RemarkFilter::Is(text) => found == text,
        RemarkFilter::AnyOf(texts) => texts.iter().any(|text| text == found),
        RemarkFilter::Number(number) => {
            found.parse().is_ok_and(|found| compare_number(*number, found, 1))
        }
    }
}

/// Whether a call fits as far as its result and its reviews tell.
async fn fits_within(
    asked: Asked<'_>,
    row: &CallRow,
    query: &ResultQuery,
) -> Result<bool, Refusal> {
    if !query.rule_ids.is_empty() || query.dialogue_size.is_some() {
        let inspected = asked.api.workflow.inspection_of(asked.caller, row.call.id).await?;
        let Some((_, inspection)) = inspected else { return Ok(false) };
        if !fits_inspection(&inspection, query) {
            return Ok(false);
        }
    }
    let scope = asked.api.store().scope(&asked.caller.tenant);
    let revisions = scope.revisions_of(row.call.id).await?;
    let last = revisions.last();
    let appealed = row.appeal;
    let closed = appealed == Some(AppealState::Completed);
    let status_fits = query.review_status.is_none_or(|status| match status {
        ReviewFilter::NotReviewed => last.is_none(),
        ReviewFilter::Reviewed => last.is_some(),
        ReviewFilter::Appealed => appealed.is_some() && !closed,
        // Whoever upholds an objection says so of a finding.
        ReviewFilter::AppealUpheld => closed && last.is_some(),
        ReviewFilter::AppealRejected => closed && last.is_none(),
    });
    let at = last.map(|last| last.at);
    let from_fits = query.reviewed.from.is_none_or(|from| at.is_some_and(|at| at >= from));
    let to_fits = query.reviewed.to.is_none_or(|to| at.is_some_and(|at| at <= whole_second(to)));
    let resolver_fits = query
        .resolver
        .as_ref()
        .is_none_or(|name| last.is_some_and(|last| last.revision.author == *name));
    Ok(status_fits && from_fits && to_fits && resolver_fits)
}

fn fits_inspection(inspection: &Inspection, query: &ResultQuery) -> bool {
    let rules_fit = query.rule_ids.is_empty()
        || inspection
            .score_cards
            .iter()
            .flat_map(|card| card.flagged())
            .any(|finding| query.rule_ids.contains(&finding.rule_id));
    let sentences =
        inspection.transcript.as_ref().map_or(0, |transcript| transcript.utterances.len());
    let size_fits = query
        .dialogue_size
        .is_none_or(|asked| compare_number(asked, i64::try_from(sentences).unwrap_or(i64::MAX), 1));
    rules_fit && size_fits
}

/// Numbers by value and before texts; what is absent comes first.
fn compare(left: &CallRow, right: &CallRow, key: SortKey) -> Ordering {
    match key {
        SortKey::Score => score(left).cmp(&score(right)),
        SortKey::Remark(number) => {
            let value = |row| {
                let text = kept::remark(row, number);
                (text.is_some(), text.map(|text| (text.parse::<i64>().ok(), text.to_owned())))
            };
            let ((left_is, left), (right_is, right)) = (value(left), value(right));
            left_is.cmp(&right_is).then_with(|| match (&left, &right) {
                (Some((Some(left), _)), Some((Some(right), _))) => left.cmp(right),
                (Some((None, _)), Some((Some(_), _))) => Ordering::Greater,
                (Some((Some(_), _)), Some((None, _))) => Ordering::Less,
                _ => left.cmp(&right),
            })
        }
    }
}
