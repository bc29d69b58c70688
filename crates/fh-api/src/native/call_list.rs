use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fh_model::{CallId, Millis, Points};
use fh_store::{CallFilter, CallState, FailureKind, Paging};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Refusals;
use super::calls::{Call, KindName, StateName};
use crate::Problem;
use crate::extract::InQuery;
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// Which calls, and how many of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListCalls {
    /// The conversation took place at or after.
    #[param(value_type = Option<String>, format = DateTime)]
    call_from: Option<Timestamp>,
    /// The conversation took place at or before.
    #[param(value_type = Option<String>, format = DateTime)]
    call_to: Option<Timestamp>,
    /// Submitted at or after.
    #[param(value_type = Option<String>, format = DateTime)]
    upload_from: Option<Timestamp>,
    /// Submitted at or before.
    #[param(value_type = Option<String>, format = DateTime)]
    upload_to: Option<Timestamp>,
    /// A recording or a chat.
    #[param(inline)]
    kind: Option<KindName>,
    /// How far the call has come.
    #[param(inline)]
    state: Option<StateName>,
    /// In this batch.
    #[param(format = Uuid)]
    batch: Option<String>,
    /// Somebody says this: Chinese from one character up, or English words.
    #[param(max_length = 200)]
    keyword: Option<String>,
    /// The agent's user identifier.
    staff_id: Option<String>,
    /// The agent's name contains this.
    staff_name: Option<String>,
    /// The recording is at least so long.
    #[param(maximum = 9007199254740991_i64)]
    duration_min_ms: Option<u64>,
    /// The recording is at most so long.
    #[param(maximum = 9007199254740991_i64)]
    duration_max_ms: Option<u64>,
    /// Any scenario's score is at most this.
    score_at_most: Option<f64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, 50 where absent.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// A page of calls.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallPage {
    /// The newest submission first.
    calls: Vec<Call>,
    /// Asks for the page after this one; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Lists calls.
#[utoipa::path(get, path = "/v1/calls", tag = "calls", params(ListCalls),
    responses((status = 200, body = CallPage), Refusals))]
pub(crate) async fn list_calls(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InQuery(asked): InQuery<ListCalls>,
) -> Result<Json<CallPage>, Problem> {
    let (filter, paging) = asked.read()?;
    let filter = api.workflow.visible(&caller, filter)?;
    let page = api.store().scope(&caller.tenant).list_calls(&filter, &paging).await?;
    let last = page.rows.last().filter(|_| page.more);
    Ok(Json(CallPage {
        next_cursor: last.map(|row| write_cursor(row.call.upload_time, row.call.id)),
        calls: page.rows.iter().map(Call::of).collect(),
    }))
}

/// The largest whole number that every reader of JSON can hold: RFC 8259, 6.
const MOST_MS: u64 = (1 << 53) - 1;

impl ListCalls {
    fn read(self) -> Result<(CallFilter, Paging), Problem> {
        let limit = self.limit.unwrap_or(50);
        if !(1..=1_000).contains(&limit) {
            return Err(Problem::field("limit", "1 to 1000", limit));
        }
        let row = match &self.cursor {
            None => None,
            Some(text) => Some(read_cursor(text).ok_or_else(|| {
                Problem::field("cursor", "the `next_cursor` of a page", "another text")
            })?),
        };
        let batch = match &self.batch {
            None => None,
            Some(text) => {
                Some(text.parse().map_err(|_| Problem::field("batch", "a UUID", "another text"))?)
            }
        };
        let score_at_most = match self.score_at_most {
            None => None,
            Some(score) => Some(
                Points::from_f64(score)
                    .ok_or_else(|| Problem::field("score_at_most", "points", "another number"))?,
            ),
        };
        for (field, found) in
            [("duration_min_ms", self.duration_min_ms), ("duration_max_ms", self.duration_max_ms)]
        {
            if let Some(found) = found.filter(|&found| found > MOST_MS) {
                return Err(Problem::field(field, format!("at most {MOST_MS}"), found));
            }
        }
        if self.keyword.as_ref().is_some_and(|keyword| keyword.chars().count() > 200) {
            return Err(Problem::field("keyword", "at most 200 characters", "more"));
        }
        let filter = CallFilter {
            call_from: self.call_from,
            call_to: self.call_to,
            upload_from: self.upload_from,
            upload_to: self.upload_to,
            kinds: self.kind.map(|kind| vec![kind.into()]),
            states: self.state.map(states),
            ids: None,
            batch,
            keyword: self.keyword.filter(|text| !text.trim().is_empty()),
            staff_id: self.staff_id,
            staff_name: self.staff_name.filter(|text| !text.is_empty()),
            duration_min: self.duration_min_ms.map(Millis),
            duration_max: self.duration_max_ms.map(Millis),
            score_at_most,
        };
        Ok((filter, Paging::After { row, limit }))
    }
}

fn states(name: StateName) -> Vec<CallState> {
    match name {
        StateName::Queued => vec![CallState::Queued],
        StateName::Fetching => vec![CallState::Fetching],
        StateName::Measuring => vec![CallState::Measuring],
        StateName::Recognizing => vec![CallState::Recognizing],
        StateName::Inspecting => vec![CallState::Inspecting],
        StateName::Done => vec![CallState::Done],
        StateName::Cancelled => vec![CallState::Cancelled],
        StateName::Failed => FailureKind::ALL.map(CallState::Failed).to_vec(),
    }
}

/// The place after a row, written so that nobody thinks it means anything.
fn write_cursor(at: Timestamp, id: CallId) -> String {
    let mut bytes = at.as_nanosecond().to_be_bytes().to_vec();
    bytes.extend(id.0.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read_cursor(text: &str) -> Option<(Timestamp, CallId)> {
    // 16 bytes of time and 16 of identifier are 43 characters.
    let bytes = (text.len() == 43).then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten()?;
    let (at, id) = bytes.split_first_chunk::<16>()?;
    let at = Timestamp::from_nanosecond(i128::from_be_bytes(*at)).ok()?;
    Some((at, CallId(uuid::Uuid::from_slice(id).ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let at: Timestamp = "2026-11-21T15:00:00.123456789Z".parse().unwrap();
        let id: CallId = "822bbf4d-c4f8-473a-9144-199058375be8".parse().unwrap();
        assert_eq!(read_cursor(&write_cursor(at, id)), Some((at, id)));
        for wrong in ["", "x", &"A".repeat(42), &"_".repeat(43), &"\u{4e2d}".repeat(43)] {
            assert_eq!(read_cursor(wrong), None, "{wrong}");
        }
    }
}
