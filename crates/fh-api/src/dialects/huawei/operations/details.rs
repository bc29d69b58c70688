use axum::Json;
use axum::extract::State;
use fh_model::Millis;
use fh_store::{CallFilter, CallKind, CallState, Paging};
use jiff::Timestamp;
use serde::Deserialize;

use crate::dialects::huawei::call_wire::{DetailsWire, PagingWire, groups};
use crate::dialects::huawei::status::states_of;
use crate::dialects::huawei::{Asked, HuaweiError};
use crate::parts::Api;

/// The most rows on one page; the documents name no limit, other operations take 10,000.
const MOST_ROWS: u32 = 10_000;

/// A field that is absent or null does not restrict.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DetailsRequest {
    call_from: Option<i64>,
    call_to: Option<i64>,
    upload_from: Option<i64>,
    upload_to: Option<i64>,
    call_types: Vec<i64>,
    status: Vec<i64>,
    limit: u32,
    page: u64,
    keyword: Option<String>,
    staff_id: Option<String>,
    staff_name: Option<String>,
    duration_min: Option<u64>,
    duration_max: Option<u64>,
}

/// <https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_2492.html>.
///
/// The documents' table asks for `upload_from` and `upload_to`, their sample sends null there and
/// `call_from` and `call_to` instead: at least one complete range it must be.
pub(crate) async fn details(
    State(api): State<Api>,
    asked: Asked<DetailsRequest>,
) -> Result<Json<DetailsWire>, HuaweiError> {
    let (filter, paging) = asked.body.read()?;
    let filter = api.workflow.visible(&asked.caller, filter)?;
    let page = api.store().scope(&asked.caller.tenant).list_calls(&filter, &paging).await?;
    let total = page.total.unwrap_or_default();
    Ok(Json(DetailsWire { data: groups(&page.rows), paging: PagingWire { total } }))
}

impl DetailsRequest {
    fn read(self) -> Result<(CallFilter, Paging), HuaweiError> {
        let (call_from, call_to) = range(("call_from", self.call_from), ("call_to", self.call_to))?;
        let (upload_from, upload_to) =
            range(("upload_from", self.upload_from), ("upload_to", self.upload_to))?;
        let has_call_range = call_from.is_some() && call_to.is_some();
        let has_upload_range = upload_from.is_some() && upload_to.is_some();
        if !has_call_range && !has_upload_range {
            return Err(HuaweiError::bad_request(missing(&self)));
        }
        let within = |field, found: u64, least: u64, most: u64| {
            if (least..=most).contains(&found) {
                return Ok(());
            }
            Err(HuaweiError::bad_request(format!(
                "expected {least} to {most} in `{field}`, found {found}"
            )))
        };
        within("limit", u64::from(self.limit), 1, u64::from(MOST_ROWS))?;
        // So far that their product is still a number of rows that a database can skip.
        within("page", self.page, 1, u64::from(u32::MAX))?;
        let filter = CallFilter {
            call_from,
            call_to,
            upload_from,
            upload_to,
            kinds: Some(kinds(&self.call_types)?),
            states: Some(states(&self.status)?),
            keyword: self.keyword.filter(|text| !text.trim().is_empty()),
            staff_id: self.staff_id.filter(|text| !text.is_empty()),
            staff_name: self.staff_name.filter(|text| !text.is_empty()),
            duration_min: self.duration_min.map(Millis::from_secs),
            duration_max: self.duration_max.map(Millis::from_secs),
            ..CallFilter::default()
        };
        let offset = (self.page - 1) * u64::from(self.limit);
        Ok((filter, Paging::Offset { offset, limit: self.limit }))
    }
}

type Named = (&'static str, Option<i64>);

fn range(from: Named, to: Named) -> Result<(Option<Timestamp>, Option<Timestamp>), HuaweiError> {
    let moment = |(field, second): Named, nanosecond| match second {
        None => Ok(None),
        Some(second) => Timestamp::new(second, nanosecond).map(Some).map_err(|_| {
            HuaweiError::bad_request(format!(
                "expected seconds since 1970 in `{field}`, found {second}"
            ))
        }),
    };
    if let (Some(begin), Some(end)) = (from.1, to.1)
        && begin > end
    {
        return Err(HuaweiError::bad_request(format!(
            "expected `{}` at or before `{}`, found {begin} and {end}",
            from.0, to.0
        )));
    }
    // The last second belongs to the range as a whole: rows are shown in whole seconds.
    Ok((moment(from, 0)?, moment(to, 999_999_999)?))
}

fn missing(request: &DetailsRequest) -> String {
    let fields = [
        ("call_from", request.call_from),
        ("call_to", request.call_to),
        ("upload_from", request.upload_from),
        ("upload_to", request.upload_to),
    ];
    let lacking: Vec<String> = fields
        .iter()
        .filter(|(_, value)| value.is_none())
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    format!(
        "expected a complete range of time, `call_from` with `call_to` or `upload_from` with \
         `upload_to`; missing: {}",
        lacking.join(", ")
    )
}

fn kinds(types: &[i64]) -> Result<Vec<CallKind>, HuaweiError> {
    if types.is_empty() {
        return Err(HuaweiError::bad_request("expected 0 or 2 in `call_types`, found none"));
    }
    types
        .iter()
        .map(|&number| match number {
            0 => Ok(CallKind::Voice),
            2 => Ok(CallKind::Text),
            _ => Err(HuaweiError::bad_request(format!(
                "expected 0 or 2 in `call_types`, found {number}"
            ))),
        })
        .collect()
}

fn states(statuses: &[i64]) -> Result<Vec<CallState>, HuaweiError> {
    if statuses.is_empty() {
        return Err(HuaweiError::bad_request(
            "expected one status at least in `status`, found none",
        ));
    }
    let mut states = Vec::new();
    for &number in statuses {
        let these = states_of(number).ok_or_else(|| {
            HuaweiError::bad_request(format!(
                "expected a documented status such as 2 in `status`, found {number}"
            ))
        })?;
        states.extend_from_slice(these);
    }
    states.sort_unstable();
    states.dedup();
    Ok(states)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use serde_json::{Value, json};

    use super::*;

    fn read(changes: Value) -> Result<(CallFilter, Paging), HuaweiError> {
        let mut request = json!({
            "limit": 10, "page": 1, "call_types": [0, 2], "call_from": 1621333149,
            "call_to": 1623925149, "staff_id": null, "upload_from": null, "upload_to": null,
            "status": [2]
        });
        for (key, value) in changes.as_object().unwrap() {
            request[key] = value.clone();
        }
        serde_json::from_value::<DetailsRequest>(request).unwrap().read()
    }

    fn refused(changes: Value, message: &str) {
        let error = read(changes).unwrap_err();
        assert!(format!("{error:?}").contains(message), "{error:?}");
        assert_eq!(error.into_response().status(), 400);
    }

    #[test]
    fn the_published_request_is_read() {
        let (filter, paging) = read(json!({})).unwrap();
        assert_eq!(paging, Paging::Offset { offset: 0, limit: 10 });
        assert_eq!(filter.call_from.unwrap().as_second(), 1_621_333_149);
        assert_eq!(filter.call_to.unwrap().as_second(), 1_623_925_149);
        assert_eq!((filter.upload_from, filter.upload_to), (None, None));
        assert_eq!(filter.states, Some(vec![CallState::Done]));
        assert_eq!(filter.kinds, Some(vec![CallKind::Voice, CallKind::Text]));
        assert_eq!((filter.staff_id, filter.keyword), (None, None));
    }

    #[test]
    fn one_complete_range_is_enough_and_needed() {
        let only_upload = json!({
            "call_from": null, "call_to": null, "upload_from": 1621333149, "upload_to": 1623925149
        });
        assert!(read(only_upload).is_ok());
        refused(json!({ "call_to": null }), "missing: `call_to`, `upload_from`, `upload_to`");
        refused(
            json!({ "call_from": null, "upload_to": 5 }),
            "missing: `call_from`, `upload_from`",
        );
        refused(json!({ "call_from": 1623925150 }), "expected `call_from` at or before `call_to`");
        refused(json!({ "call_to": i64::MAX }), "expected seconds since 1970 in `call_to`");
    }

    #[test]
    fn numbers_outside_the_documents_are_refused() {
        refused(json!({ "page": 0 }), "expected 1 to");
        refused(json!({ "limit": 0 }), "expected 1 to 10000 in `limit`, found 0");
        refused(json!({ "limit": 10001 }), "found 10001");
        refused(json!({ "call_types": [1] }), "expected 0 or 2 in `call_types`, found 1");
        refused(json!({ "call_types": [] }), "found none");
        refused(json!({ "status": [2, 4] }), "in `status`, found 4");
        refused(json!({ "status": [] }), "found none");
    }

    #[test]
    fn pages_follow_one_another() {
        let (_, paging) = read(json!({ "page": 3, "limit": 25 })).unwrap();
        assert_eq!(paging, Paging::Offset { offset: 50, limit: 25 });
        assert!(read(json!({ "page": u32::MAX, "limit": 10_000 })).is_ok());
    }
}
