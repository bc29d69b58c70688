//! Which results: the request's filters, order and page.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::Offset;
use uuid::Uuid;

use super::super::super::error::{ScaCode, ScaError};
use super::super::super::fields::{FieldError, Fields};
use super::super::super::parameters::Parameters;
use super::super::super::time::parse_local;
use super::Projection;
use crate::strict_json::JsonLimits;

/// Rows that may be reached by page numbers alone.
const ROWS_BY_PAGE_NUMBER: u64 = 10_000;

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskStatus {
    /// Not finished: 0.
    Running,
    /// Finished: 1.
    Done,
    /// Given up: 6.
    Failed,
}

impl TaskStatus {
    /// The number that stands for it.
    pub const fn number(self) -> i64 {
        match self {
            Self::Running => 0,
            Self::Done => 1,
            Self::Failed => 6,
        }
    }

    const fn of(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Running),
            1 => Some(Self::Done),
            6 => Some(Self::Failed),
            _ => None,
        }
    }
}

/// How far the review of a call has come: `reviewStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReviewFilter {
    /// Nobody looked: 0.
    NotReviewed,
    /// Somebody looked: 1.
    Reviewed,
    /// The agent objects: 3.
    Appealed,
    /// The objection was upheld: 4.
    AppealUpheld,
    /// The objection was rejected: 5.
    AppealRejected,
}

/// What kind of data was inspected: `sourceDataType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceData {
    /// Recordings that were uploaded: 1.
    OfflineVoice,
    /// Texts that were uploaded: 2.
    OfflineText,
    /// Speech as it is spoken: 3.
    RealtimeVoice,
    /// Text as it is typed: 4.
    RealtimeText,
    /// A second inspection: 5.
    SecondCheck,
    /// A second inspection of speech: 51.
    SecondCheckVoice,
    /// A second inspection of text: 52.
    SecondCheckText,
    /// A data set of recordings: 11.
    DataSetVoice,
    /// A data set of texts: 12.
    DataSetText,
}

/// Both ends belong to the range; an end that is absent does not restrict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub to: Option<Timestamp>,
}

/// A number that a field is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFilter {
    /// Equal to it: 1.
    Equal(i64),
    /// Greater than it: 3.
    Greater(i64),
    /// Less than it: 5.
    Less(i64),
    /// From the first to the second, both included: 7.
    Between(i64, i64),
}

/// What one of the 25 remarks is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemarkFilter {
    /// Equal to this, as text.
    Is(String),
    /// A number in a range.
    Number(NumberFilter),
    /// Equal to any of these, as text.
    AnyOf(Vec<String>),
}

/// What results are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// The score.
    Score,
    /// A remark, 1 to 5.
    Remark(u8),
}

/// Which results, and what of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultQuery {
    /// The newer generation, with schemes: `isSchemeData`.
    pub is_scheme_data: bool,
    /// The page, from 1.
    pub page_number: u32,
    /// Results on a page, 1 to 100.
    pub page_size: u32,
    /// The last result of the page before: `lastDataId`.
    pub last_data_id: Option<String>,
    /// The fields that are wanted.
    pub projection: Projection,
    /// The task. One that is no UUID finds nothing, as in the original.
    pub task_id: Option<String>,
    /// The file: `callId` or whatever was made up in its place.
    pub file_id: Option<String>,
    /// The call.
    pub call_id: Option<String>,
    /// The recording's name, whole.
    pub file_name: Option<String>,
    /// When it was uploaded: `startTime`, `endTime`.
    pub uploaded: TimeRange,
    /// When the call began: `callStartTime`, `callEndTime`.
    pub called: TimeRange,
    /// When it was given to a reviewer.
    pub assigned: TimeRange,
    /// When it was last reviewed.
    pub reviewed: TimeRange,
    /// Data set, `datasetId`.
    pub data_set_id: Option<i64>,
    /// From a data set (`sourceType` 3) or not (0).
    pub from_data_set: Option<bool>,
    /// A recording (`dataType` 1) or a text (0).
    pub is_audio: Option<bool>,
    /// The kind of data.
    pub source_data: Option<SourceData>,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// The customer's identifier.
    pub customer_id: Option<String>,
    /// The group of conversations.
    pub session_group_id: Option<String>,
    /// In any group of conversations, or in none.
    pub session_group_exists: Option<bool>,
    /// The agent's name.
    pub agent_name: Option<String>,
    /// The agent's identifier.
    pub agent_id: Option<String>,
    /// The skill group's name.
    pub skill_group_name: Option<String>,
    /// The number that called.
    pub caller: Option<String>,
    /// The number that was called.
    pub callee: Option<String>,
    /// Any of these rules flagged; empty does not restrict.
    pub rule_ids: Vec<String>,
    /// Any of these schemes; empty does not restrict.
    pub scheme_ids: Vec<i64>,
    /// The scheme task.
    pub scheme_task_config_id: Option<String>,
    /// Who reviewed it.
    pub resolver: Option<String>,
    /// Who is to review it.
    pub reviewer: Option<String>,
    /// How far it has come.
    pub status: Option<TaskStatus>,
    /// Whether any rule flagged.
    pub hit: Option<bool>,
    /// How far its review has come.
    pub review_status: Option<ReviewFilter>,
    /// Whether the agent objected.
    pub complained: Option<bool>,
    /// The score.
    pub score: Option<NumberFilter>,
    /// The length in seconds.
    pub duration_s: Option<NumberFilter>,
    /// The number of sentences.
    pub dialogue_size: Option<NumberFilter>,
    /// The remarks, by number.
    pub remarks: BTreeMap<u8, RemarkFilter>,
    /// The order; `true` for the greatest first. `None` is the newest upload first.
    pub sort: Option<(SortKey, bool)>,
}

impl ResultQuery {
    /// Reads `JsonStr`. Times in it are on clocks that are `offset` ahead of UTC (Alibaba: 8 hours).
    pub fn read(
        parameters: &Parameters,
        limits: &JsonLimits,
        offset: Offset,
    ) -> Result<Self, ScaError> {
        let json = parameters.get("JsonStr").unwrap_or_default();
        let mut fields = Fields::read(json, limits)?;
        let fields = &mut fields;
        let (page_number, page_size, last_data_id) = page(fields)?;
        let last_row = u64::from(page_number) * u64::from(page_size);
        if last_row > ROWS_BY_PAGE_NUMBER && last_data_id.is_none() {
            return Err(ScaError::new(
                ScaCode::InvalidField,
                format!(
                    "expected `lastDataId` beyond {ROWS_BY_PAGE_NUMBER} results, found none with \
                     `pageNumber` {page_number} and `pageSize` {page_size}"
                ),
            ));
        }
        let mut range = |from: &str, to: &str| -> Result<TimeRange, FieldError> {
            Ok(TimeRange { from: time(fields, from, offset)?, to: time(fields, to, offset)? })
        };
        let uploaded = range("startTime", "endTime")?;
        let called = range("callStartTime", "callEndTime")?;
        let assigned = range("assignmentStartTime", "assignmentEndTime")?;
        let reviewed = range("reviewStartTime", "reviewEndTime")?;
        Ok(Self {
            is_scheme_data: fields.flag("isSchemeData")?.unwrap_or(false),
            page_number,
            page_size,
            last_data_id,
            projection: Projection::read(
                fields.text("requiredFields")?.as_deref(),
                fields.text("excludeFields")?.as_deref(),
            ),
            task_id: fields.text("taskId")?,
            file_id: fields.text("fileId")?,
            call_id: fields.text("callId")?,
            file_name: fields.text("fileName")?,
            uploaded,
            called,
            assigned,
            reviewed,
            data_set_id: fields.integer("datasetId")?,
            from_data_set: fields.choice("sourceType", "0 or 3", |number| match number {
                0 => Some(false),
                3 => Some(true),
                _ => None,
            })?,
            is_audio: fields.flag("dataType")?,
            source_data: fields.choice(
                "sourceDataType",
                "1 to 5, 11, 12, 51 or 52",
                source_data,
            )?,
            customer_name: fields.text("customerName")?,
            customer_id: fields.text("customerId")?,
            session_group_id: fields.text("sessionGroupId")?,
            session_group_exists: fields.flag("sessionGroupExists")?,
            agent_name: fields.text("customerServiceName")?,
            agent_id: fields.text("customerServiceId")?,
            skill_group_name: fields.text("skillGroupName")?,
            caller: fields.text("caller")?,
            callee: fields.text("callee")?,
            rule_ids: fields.texts("ruleIds")?.unwrap_or_default(),
            scheme_ids: fields.integers("schemeIdList")?.unwrap_or_default(),
            scheme_task_config_id: fields.text("schemeTaskConfigId")?,
            resolver: fields.text("resolver")?,
            reviewer: fields.text("reviewer")?,
            status: fields.choice("status", "0, 1 or 6", TaskStatus::of)?,
            hit: fields.flag("hitStatus")?,
            review_status: fields.choice("reviewStatus", "0, 1, 3, 4 or 5", review_filter)?,
            complained: fields.flag("complainStatus")?,
            score: number_filter(fields, "totalScore", "scoreType", None)?,
            duration_s: number_filter(fields, "duration", "durationType", Some("endDuration"))?,
            dialogue_size: number_filter(
                fields,
                "dialogueSize",
                "dialogueSizeType",
                Some("endDialogueSize"),
            )?,
            remarks: remarks(fields)?,
            sort: sort(fields)?,
        })
    }

    /// The task as an identifier; `Some(None)` where it is one that we never gave out.
    pub fn task(&self) -> Option<Option<Uuid>> {
        self.task_id.as_deref().map(|text| Uuid::parse_str(text).ok())
    }
}

fn page(fields: &mut Fields) -> Result<(u32, u32, Option<String>), FieldError> {
    let within = |least: u32, most: u32| {
        move |number| u32::try_from(number).ok().filter(|number| (least..=most).contains(number))
    };
    let number = fields.choice("pageNumber", "a page from 1 on", within(1, u32::MAX))?;
    // The page says "less than 100" and speaks of 100 on each page elsewhere.
    let size = fields.choice("pageSize", "1 to 100", within(1, 100))?;
    Ok((number.unwrap_or(1), size.unwrap_or(10), fields.text("lastDataId")?))
}

fn time(fields: &mut Fields, name: &str, offset: Offset) -> Result<Option<Timestamp>, FieldError> {
    let Some(text) = fields.text(name)? else { return Ok(None) };
    let moment = parse_local(&text, offset);
    let fault = || fields.fault(name, "a time such as `2020-06-25 00:00:00`", format!("`{text}`"));
    moment.map(Some).ok_or_else(fault)
}

/// A number, how to compare with it, and where a range ends.
fn number_filter(
    fields: &mut Fields,
    value: &str,
    kind: &str,
    end: Option<&str>,
) -> Result<Option<NumberFilter>, FieldError> {
    let expected = if end.is_some() { "1, 3, 5 or 7" } else { "1, 3 or 5" };
    let known = |number| match number {
        1 | 3 | 5 => Some(number),
        7 if end.is_some() => Some(number),
        _ => None,
    };
    let kind = fields.choice(kind, expected, known)?;
    let until = end.map(|end| fields.integer(end)).transpose()?.flatten();
    let Some(number) = fields.integer(value)? else { return Ok(None) };
    Ok(Some(match kind {
        Some(3) => NumberFilter::Greater(number),
        Some(5) => NumberFilter::Less(number),
        Some(7) => {
            let name = end.unwrap_or_default();
            let until =
                until.ok_or_else(|| fields.fault(name, "the end of the range", "nothing"))?;
            NumberFilter::Between(number, until)
        }
        _ => NumberFilter::Equal(number),
    }))
}

fn remarks(fields: &mut Fields) -> Result<BTreeMap<u8, RemarkFilter>, FieldError> {
    let mut remarks = BTreeMap::new();
    for number in 1..=25 {
        let (name, kind) = (format!("remark{number}"), format!("remark{number}Type"));
        let any_of = fields.texts(&format!("{name}List"))?;
        let end = format!("endRemark{number}");
        // Without a kind, and for all but three of them, equality is meant, and as text it serves
        // numbers too.
        let filter = if matches!(number, 5 | 13 | 14) && fields.has(&kind) {
            number_filter(fields, &name, &kind, Some(&end))?.map(RemarkFilter::Number)
        } else {
            fields.text(&name)?.map(RemarkFilter::Is)
        };
        let filter = filter.or(any_of.map(RemarkFilter::AnyOf));
        remarks.extend(filter.map(|filter| (number, filter)));
    }
    Ok(remarks)
}

fn sort(fields: &mut Fields) -> Result<Option<(SortKey, bool)>, FieldError> {
    let (key, direction) = (fields.text("sortField")?, fields.text("sortType")?);
    let descending = match direction.as_deref() {
        None | Some("desc") => true,
        Some("asc") => false,
        Some(other) => {
            return Err(fields.fault("sortType", "`asc` or `desc`", format!("`{other}`")));
        }
    };
    let Some(key) = key else { return Ok(None) };
    let remark = key.strip_prefix("remark").and_then(|number| number.parse::<u8>().ok());
    match (key.as_str(), remark) {
        ("score", _) => Ok(Some((SortKey::Score, descending))),
        (_, Some(number @ 1..=5)) => Ok(Some((SortKey::Remark(number), descending))),
        _ => {
            Err(fields.fault("sortField", "`score` or `remark1` to `remark5`", format!("`{key}`")))
        }
    }
}

const fn review_filter(number: i64) -> Option<ReviewFilter> {
    Some(match number {
        0 => ReviewFilter::NotReviewed,
        1 => ReviewFilter::Reviewed,
        3 => ReviewFilter::Appealed,
        4 => ReviewFilter::AppealUpheld,
        5 => ReviewFilter::AppealRejected,
        _ => return None,
    })
}

const fn source_data(number: i64) -> Option<SourceData> {
    Some(match number {
        1 => SourceData::OfflineVoice,
        2 => SourceData::OfflineText,
        3 => SourceData::RealtimeVoice,
        4 => SourceData::RealtimeText,
        5 => SourceData::SecondCheck,
        51 => SourceData::SecondCheckVoice,
        52 => SourceData::SecondCheckText,
        11 => SourceData::DataSetVoice,
        12 => SourceData::DataSetText,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::super::encoding::percent_encode;
    use super::*;

    fn read(value: Value) -> Result<ResultQuery, ScaError> {
        let query = format!("JsonStr={}", percent_encode(&value.to_string()));
        let parameters = Parameters::read(&query, "", 9).unwrap();
        ResultQuery::read(&parameters, &JsonLimits::default(), Offset::constant(8))
    }

    #[track_caller]
    fn refused(value: Value, message: &str) {
        let error = read(value).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (ScaCode::InvalidField, message));
    }

    #[test]
    fn nothing_said_is_the_first_ten() {
        let query = read(json!({})).unwrap();
        assert_eq!((query.page_number, query.page_size), (1, 10));
        assert_eq!(query.projection, Projection::read(None, None));
        assert_eq!((query.task(), query.status, query.sort), (None, None, None));
        assert_eq!(query.uploaded, TimeRange::default());
    }

    #[test]
    fn every_kind_of_filter() {
        let query = read(json!({
            "pageNumber": "2", "pageSize": 100, "isSchemeData": 1,
            "taskId": "00000000-0000-0000-0000-0000000000AB", "fileId": 5,
            "startTime": "2020-06-25 00:00:00", "endTime": "2020-07-01 23:59:59",
            "sourceType": 0, "dataType": 1, "sourceDataType": 51,
            "sessionGroupExists": "True", "ruleIds": [7, "x"], "schemeIdList": "[1,2]",
            "status": 6, "hitStatus": 1, "reviewStatus": 4, "complainStatus": 0,
            "totalScore": 60, "scoreType": 5,
            "duration": 10, "durationType": 7, "endDuration": 20,
            "dialogueSize": 3,
            "remark1": 12, "remark5": 1, "remark5Type": 3, "remark13": "x", "remark2List": [1, "2"],
            "sortField": "remark3", "sortType": "asc",
            "unknown": 1,
        }));
        let query = query.unwrap();
        assert_eq!((query.page_number, query.page_size), (2, 100));
        assert_eq!(query.task(), Some(Some(Uuid::from_u128(0xab))));
        assert_eq!(query.file_id.as_deref(), Some("5"));
        // Midnight in Beijing is four in the afternoon before, in Greenwich.
        assert_eq!(query.uploaded.from.unwrap().to_string(), "2020-06-24T16:00:00Z");
        assert_eq!(query.uploaded.to.unwrap().to_string(), "2020-07-01T15:59:59Z");
        assert_eq!((query.from_data_set, query.is_audio), (Some(false), Some(true)));
        assert_eq!(query.source_data, Some(SourceData::SecondCheckVoice));
        assert_eq!(query.session_group_exists, Some(true));
        assert_eq!(query.rule_ids, ["7", "x"]);
        assert_eq!(query.scheme_ids, [1, 2]);
        assert_eq!(query.status, Some(TaskStatus::Failed));
        assert_eq!((query.hit, query.complained), (Some(true), Some(false)));
        assert_eq!(query.review_status, Some(ReviewFilter::AppealUpheld));
        assert_eq!(query.score, Some(NumberFilter::Less(60)));
        assert_eq!(query.duration_s, Some(NumberFilter::Between(10, 20)));
        assert_eq!(query.dialogue_size, Some(NumberFilter::Equal(3)));
        assert_eq!(
            query.remarks,
            BTreeMap::from([
                (1, RemarkFilter::Is("12".to_owned())),
                (2, RemarkFilter::AnyOf(vec!["1".to_owned(), "2".to_owned()])),
                (5, RemarkFilter::Number(NumberFilter::Greater(1))),
                (13, RemarkFilter::Is("x".to_owned())),
            ])
        );
        assert_eq!(query.sort, Some((SortKey::Remark(3), false)));
    }

    #[test]
    fn a_task_that_we_never_gave_out_is_no_error() {
        assert_eq!(read(json!({"taskId": "x y"})).unwrap().task(), Some(None));
    }

    #[test]
    fn what_is_wrong_is_named() {
        refused(json!({"pageSize": 0}), "expected 1 to 100 at `pageSize`, found `0`");
        refused(json!({"pageSize": 101}), "expected 1 to 100 at `pageSize`, found `101`");
        refused(json!({"pageNumber": 0}), "expected a page from 1 on at `pageNumber`, found `0`");
        refused(json!({"status": 2}), "expected 0, 1 or 6 at `status`, found `2`");
        refused(
            json!({"startTime": "2020-06-25"}),
            "expected a time such as `2020-06-25 00:00:00` at `startTime`, found `2020-06-25`",
        );
        refused(
            json!({"duration": 1, "durationType": 7}),
            "expected the end of the range at `endDuration`, found nothing",
        );
        refused(json!({"scoreType": 7}), "expected 1, 3 or 5 at `scoreType`, found `7`");
        refused(
            json!({"sortField": "remark6"}),
            "expected `score` or `remark1` to `remark5` at `sortField`, found `remark6`",
        );
        refused(json!({"ruleIds": 5}), "expected a list at `ruleIds`, found `5`");
    }

    #[test]
    fn beyond_ten_thousand_only_from_row_to_row() {
        assert!(read(json!({"pageNumber": 100, "pageSize": 100})).is_ok());
        refused(
            json!({"pageNumber": 101, "pageSize": 100}),
            "expected `lastDataId` beyond 10000 results, found none with `pageNumber` 101 and `pageSize` 100",
        );
        assert!(read(json!({"pageNumber": 101, "pageSize": 100, "lastDataId": "x"})).is_ok());
    }
}
