//! The answer: what is stored of a call, in Alibaba's words.

use std::collections::BTreeMap;

use fh_model::{Inspection, Points};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::super::call_type::CallType;
use super::super::super::reply::upper_uuid;
use super::super::super::time::format_minute;
use super::super::super::wrapped::wrapped_lists;
use super::super::upload_audio_data::Remark;
use super::sentence::{Hit, Sentences, hits, sentences, utterances};
use super::{Projection, ResultQuery, TaskStatus};

/// Remarks that an answer has; the others can be filtered by only.
const REMARKS_IN_ANSWERS: std::ops::RangeInclusive<u8> = 1..=13;

/// How far a call has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Something is still to be done.
    Running,
    /// The result stands.
    Done(Box<Inspection>),
    /// Given up; why, in a sentence for the tenant.
    Failed(String),
}

/// What a person, or a rule that reviews by itself, said of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// 0 wrong, 1 right, 2 partly right, 3 pending.
    pub result: u8,
    /// Nobody looked: the rules review by themselves.
    pub automatic: bool,
    /// Who reviewed it.
    pub resolver: Option<String>,
    /// When.
    pub at: Timestamp,
    /// What was remarked.
    pub comments: Option<String>,
}

/// What is known of a recording besides what was found in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordingFacts {
    /// The file: the uploaded `callId`, or what was made up in its place.
    pub file_id: String,
    /// The server's own identifier of it.
    pub primary_id: String,
    /// The file's name.
    pub name: String,
    /// Where it can be fetched.
    pub url: Option<String>,
    /// The uploaded `callId`.
    pub call_id: Option<String>,
    /// When the call began.
    pub call_started_at: Option<Timestamp>,
    /// Who called whom.
    pub call_type: Option<CallType>,
    /// The number that called.
    pub caller: Option<String>,
    /// The number that was called.
    pub callee: Option<String>,
    /// The line of business.
    pub business: Option<String>,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// The data set that it is of.
    pub data_set_name: Option<String>,
    /// The scheme task, by number and name.
    pub task_config: Option<(i64, String)>,
    /// The uploaded remarks, by number.
    pub remarks: BTreeMap<u8, Remark>,
}

/// A call as it is stored: what the answer is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCall {
    /// The upload that it came in.
    pub task_id: Uuid,
    /// The task's name.
    pub task_name: Option<String>,
    /// By which the next page goes on.
    pub last_data_id: String,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
    /// How far it has come.
    pub progress: Progress,
    /// The score of the call; `None` while there is none.
    pub score: Option<Points>,
    /// Who is to review it, and since when.
    pub assigned: Option<(String, Timestamp)>,
    /// The latest review.
    pub review: Option<Review>,
    /// The recording.
    pub recording: RecordingFacts,
    /// The agent's identifier.
    pub agent_id: Option<String>,
    /// The agent's name.
    pub agent_name: Option<String>,
    /// The skill group's name.
    pub skill_group: Option<String>,
    /// The schemes that it was inspected by, by number and name.
    pub schemes: Vec<(i64, String)>,
}

/// One page of results.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// Results that the filters leave, on all pages together.
    pub count: u64,
    /// This page, from 1.
    pub page_number: u32,
    /// The most that a page has.
    pub page_size: u32,
    /// The results.
    pub data: Page,
}

/// The results of a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Page {
    /// One object for each call, with the fields that were asked for.
    pub result_info: Vec<Map<String, Value>>,
}

/// The answer to `query`: the `calls` of its page, of `count` in all.
pub fn answer(calls: &[StoredCall], count: u64, query: &ResultQuery) -> Answer {
    let result_info = calls.iter().map(|call| projected(call, &query.projection)).collect();
    Answer {
        count,
        page_number: query.page_number,
        page_size: query.page_size,
        data: Page { result_info },
    }
}

fn projected(call: &StoredCall, projection: &Projection) -> Map<String, Value> {
    let result = serde_json::to_value(ResultInfo::of(call, projection));
    match result.expect("a struct with string keys is always JSON") {
        Value::Object(fields) => projection.apply(fields),
        _ => Map::new(),
    }
}

wrapped_lists! {
    /// `{"HitResult": [...]}`
    RuleHits("HitResult", RuleHit);
    /// `{"Hit": [...]}`
    Hits("Hit", Hit);
    /// `{"HitScore": [...]}`
    ScoreItems("HitScore", ScoreItem);
    /// `{"SchemeIdList": [...]}`
    SchemeIds("SchemeIdList", i64);
    /// `{"SchemeNameList": [...]}`
    SchemeNames("SchemeNameList", String);
}

/// All fields of one result, before the client's choice.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResultInfo {
    status: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    task_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_name: Option<String>,
    vid: String,
    last_data_id: String,
    create_time: String,
    create_time_long: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignment_time: Option<String>,
    review_status: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_result: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_time_long: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolver: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asr_result: Option<Sentences>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hit_result: Option<RuleHits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hit_score: Option<ScoreItems>,
    recording: Recording,
    agent: Agent,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme_id_list: Option<SchemeIds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme_name_list: Option<SchemeNames>,
}

/// A rule that flagged.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RuleHit {
    rid: String,
    name: String,
    r#type: String,
    hits: Hits,
}

/// Points that a rule gave or took.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScoreItem {
    score_id: String,
    score_name: String,
    score_number: String,
    rule_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Recording {
    id: String,
    primary_id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_type: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialogue_size: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    business: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_set_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_config_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_config_name: Option<String>,
    #[serde(flatten)]
    remarks: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Agent {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skill_group: Option<String>,
}

impl ResultInfo {
    /// All of a call, but for large parts that nobody asked for.
    fn of(call: &StoredCall, projection: &Projection) -> Self {
        let inspection = match &call.progress {
            Progress::Done(inspection) => Some(&**inspection),
            Progress::Running | Progress::Failed(_) => None,
        };
        let wanted = |field| inspection.filter(|_| projection.wants(field));
        let (status, error_message) = match &call.progress {
            Progress::Running => (TaskStatus::Running, None),
            Progress::Done(_) => (TaskStatus::Done, None),
            Progress::Failed(why) => (TaskStatus::Failed, Some(why.clone())),
        };
        let review = call.review.as_ref();
        let (ids, names): (Vec<i64>, Vec<String>) = call.schemes.iter().cloned().unzip();
        Self {
            status: status.number(),
            error_message,
            task_id: upper_uuid(call.task_id),
            task_name: call.task_name.clone(),
            vid: call.recording.file_id.clone(),
            last_data_id: call.last_data_id.clone(),
            create_time: format_minute(call.uploaded_at),
            create_time_long: call.uploaded_at.as_second().to_string(),
            score: call.score.map(whole),
            reviewer: call.assigned.as_ref().map(|(reviewer, _)| reviewer.clone()),
            assignment_time: call.assigned.as_ref().map(|(_, at)| format_minute(*at)),
            review_status: u8::from(review.is_some()),
            review_result: review.map(|review| review.result),
            review_type: review.map(|review| if review.automatic { 1 } else { 2 }),
            review_time: review.map(|review| format_minute(review.at)),
            review_time_long: review.map(|review| review.at.as_second().to_string()),
            resolver: review.and_then(|review| review.resolver.clone()),
            comments: review.and_then(|review| review.comments.clone()),
            asr_result: wanted("asrResult").map(|inspection| sentences(inspection).into()),
            hit_result: wanted("hitResult").map(|inspection| rule_hits(inspection).into()),
            hit_score: wanted("hitScore").map(|inspection| score_items(inspection).into()),
            recording: Recording::of(&call.recording, inspection),
            agent: Agent {
                id: call.agent_id.clone(),
                name: call.agent_name.clone(),
                skill_group: call.skill_group.clone(),
            },
            scheme_id_list: (!ids.is_empty()).then(|| ids.into()),
            scheme_name_list: (!names.is_empty()).then(|| names.into()),
        }
    }
}

impl Recording {
    fn of(facts: &RecordingFacts, inspection: Option<&Inspection>) -> Self {
        let remark = |(number, remark): (&u8, &Remark)| {
            let value = match remark {
                Remark::Text(text) => Value::from(text.clone()),
                Remark::Number(number) => Value::from(*number),
            };
            (format!("Remark{number}"), value)
        };
        Self {
            id: facts.file_id.clone(),
            primary_id: facts.primary_id.clone(),
            name: facts.name.clone(),
            url: facts.url.clone(),
            call_id: facts.call_id.clone(),
            call_time: facts.call_started_at.map(|at| at.as_millisecond().to_string()),
            call_type: facts.call_type.map(CallType::number),
            caller: facts.caller.clone(),
            callee: facts.callee.clone(),
            duration: inspection.map(|found| (found.recording.duration.0 + 500) / 1000),
            dialogue_size: inspection.map(|found| utterances(found).len()),
            business: facts.business.clone(),
            customer_name: facts.customer_name.clone(),
            data_set_name: facts.data_set_name.clone(),
            task_config_id: facts.task_config.as_ref().map(|(id, _)| *id),
            task_config_name: facts.task_config.as_ref().map(|(_, name)| name.clone()),
            remarks: facts.remarks.range(REMARKS_IN_ANSWERS).map(remark).collect(),
        }
    }
}

/// The rules that flagged, in the order of the score cards; their category is the scenario.
fn rule_hits(inspection: &Inspection) -> Vec<RuleHit> {
    let cards = inspection.score_cards.iter();
    let flagged = cards.flat_map(|card| card.flagged().map(move |finding| (card, finding)));
    flagged
        .map(|(card, finding)| RuleHit {
            rid: finding.rule_id.clone(),
            name: finding.rule_name.clone(),
            r#type: card.scenario_name.clone(),
            hits: hits(&finding.evidence, inspection).into(),
        })
        .collect()
}

fn score_items(inspection: &Inspection) -> Vec<ScoreItem> {
    let flagged = inspection.score_cards.iter().flat_map(|card| card.flagged());
    flagged
        .filter(|finding| finding.points != Points::default())
        .map(|finding| ScoreItem {
            score_id: finding.rule_id.clone(),
            score_name: finding.rule_name.clone(),
            score_number: finding.points.to_string(),
            rule_id: finding.rule_id.clone(),
        })
        .collect()
}

/// Points rounded to the nearest whole number, halves upwards.
const fn whole(points: Points) -> i64 {
    points.hundredths().saturating_add(50).div_euclid(100)
}
