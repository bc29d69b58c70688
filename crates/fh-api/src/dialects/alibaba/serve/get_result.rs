use std::collections::BTreeMap;

use fh_model::Inspection;
use fh_store::{CallRow, CallState, RevisionRow};

use super::super::error::Refusal;
use super::super::operations::get_result::{
    Progress, RecordingFacts, ResultQuery, Review, StoredCall, answer,
};
use super::super::reply::Reply;
use super::result_filter::{file_id, find, place, score};
use super::{Asked, kept, recording_url};

pub(crate) async fn handle(asked: Asked<'_>) -> Result<Reply, Refusal> {
    let settings = &asked.api.settings;
    let offset = settings.time_zone.to_offset(asked.now);
    let query = ResultQuery::read(asked.parameters, &settings.json, offset)?;
    let found = find(asked, &query).await?;
    let mut calls = Vec::with_capacity(found.rows.len());
    for row in &found.rows {
        calls.push(stored(asked, row).await?);
    }
    Ok(Reply::sca_success(&answer(&calls, found.count, &query), asked.context))
}

async fn stored(asked: Asked<'_>, row: &CallRow) -> Result<StoredCall, Refusal> {
    let id = row.call.id;
    let scope = asked.api.store().scope(&asked.caller.tenant);
    let revisions = scope.revisions_of(id).await?;
    let inspected = match row.state {
        CallState::Done => asked.api.workflow.inspection_of(asked.caller, id).await?,
        _ => None,
    };
    let review = inspected.as_ref().and_then(|(row, found)| review(row, found, &revisions));
    let progress = match (row.state, inspected) {
        (_, Some((_, inspection))) => Progress::Done(Box::new(inspection)),
        (CallState::Cancelled, None) => Progress::Failed("cancelled".to_owned()),
        (CallState::Failed(kind), None) => {
            Progress::Failed(row.detail.clone().unwrap_or_else(|| kind.as_str().to_owned()))
        }
        (_, None) => Progress::Running,
    };
    let metadata = &row.call.metadata;
    let attribute = |name| kept::attribute(row, name).map(str::to_owned);
    let recording = RecordingFacts {
        file_id: file_id(row),
        primary_id: id.to_string(),
        name: file_name(row),
        url: row.recording_blob.as_ref().and_then(|_| recording_url(asked, row)),
        call_id: metadata.call_id.clone(),
        call_started_at: Some(row.call.call_time),
        call_type: kept::call_type(row),
        caller: attribute(kept::CALLER),
        callee: attribute(kept::CALLEE),
        business: attribute(kept::BUSINESS),
        customer_name: attribute(kept::CUSTOMER_NAME),
        data_set_name: None,
        task_config: None,
        remarks: kept::remarks(row),
    };
    Ok(StoredCall {
        // A call that came another way is a task of its own.
        task_id: row.call.batch.map_or(id.0, |batch| batch.0),
        task_name: None,
        last_data_id: place(row),
        uploaded_at: row.call.upload_time,
        progress,
        score: score(row),
        assigned: None,
        review,
        recording,
        agent_id: metadata.agent_id.clone(),
        agent_name: metadata.agent_name.clone(),
        skill_group: metadata.skill_group.clone(),
        schemes: Vec::new(),
    })
}

fn file_name(row: &CallRow) -> String {
    let name = row.call.source.get("file_name").and_then(|name| name.as_str());
    name.unwrap_or(&row.call.file_name).to_owned()
}

/// What people said of the findings: whether the machine was right, wrong, or now this and now that.
fn review(row: &CallRow, found: &Inspection, revisions: &[RevisionRow]) -> Option<Review> {
    let last = revisions.last()?;
    // The last word on each finding counts.
    let words: BTreeMap<&str, bool> = revisions
        .iter()
        .map(|row| (row.revision.finding.as_str(), row.revision.complies))
        .collect();
    let (mut right, mut wrong) = (false, false);
    for card in &found.score_cards {
        for finding in card.flagged() {
            let key = finding.key(row.call.id, &card.scenario_id);
            match words.get(key.as_str()) {
                Some(true) => wrong = true,
                Some(false) => right = true,
                None => {}
            }
        }
    }
    // Of a rule that did not flag somebody can only say that it should have.
    let result = match (right, wrong) {
        (true, false) => 1,
        (true, true) => 2,
        (false, _) => 0,
    };
    Some(Review {
        result,
        automatic: false,
        resolver: Some(last.revision.author.clone()),
        at: last.at,
        comments: Some(last.revision.remark.clone()).filter(|remark| !remark.is_empty()),
    })
}
