use std::collections::HashSet;

use fh_model::{CallId, Millis, Span};
use fh_store::{CallFilter, CallKind, CallRow};

use super::super::call_type::CallType;
use super::super::error::{CccError, GatewayError, Refusal};
use super::super::operations::get_upload_audio_data_params::{Request, StoredLeg, answer};
use super::super::reply::Reply;
use super::result_filter::scan;
use super::{Asked, kept, recording_url};

/// The rate of telephones, where nobody has looked at the recording.
const TELEPHONE_HZ: u32 = 8_000;

pub(crate) async fn handle(asked: Asked<'_>) -> Result<Reply, Refusal> {
    let request = Request::read(asked.parameters)?;
    let mut rows = legs(asked, &request.contact_id).await?;
    if rows.is_empty() {
        return Err(CccError::ContactNotFound(request.contact_id).into());
    }
    if let Some(instance) = &request.instance_id {
        rows.retain(|row| instance_of(asked, row) == instance);
        if rows.is_empty() {
            return Err(CccError::InstanceNotFound(instance.clone()).into());
        }
    }
    rows.sort_by_key(|row| (row.call.call_time, row.call.id));
    let mut sample_rate_hz = TELEPHONE_HZ;
    let account = account(asked);
    let mut legs = Vec::with_capacity(rows.len());
    for row in &rows {
        let inspected = asked.api.workflow.inspection_of(asked.caller, row.call.id).await?;
        let recording = inspected.map(|(_, inspection)| inspection.recording);
        sample_rate_hz =
            recording.as_ref().map_or(sample_rate_hz, |recording| recording.sample_rate_hz);
        let length = recording
            .map(|recording| recording.duration)
            .or_else(|| row.call.metadata.expected_duration());
        let voice_file_url = recording_url(asked, row).ok_or_else(|| {
            let expected = "expected the address of this server, which stands in front of the \
                            recording's, or `public_url` in the server's configuration";
            GatewayError::invalid("Host", expected)
        })?;
        legs.push(leg(asked, row, length, account, voice_file_url));
    }
    Ok(Reply::ccc_success(&answer(&legs, sample_rate_hz, account), asked.context))
}

/// The calls of that name whose recording is here: the one with this identifier, or all that came
/// with it as their own.
async fn legs(asked: Asked<'_>, contact_id: &str) -> Result<Vec<CallRow>, Refusal> {
    let has_recording =
        |row: &CallRow| row.call.kind == CallKind::Voice && row.recording_blob.is_some();
    if let Ok(id) = contact_id.parse::<CallId>()
        && let Some(row) = asked.api.workflow.call(asked.caller, id).await?
    {
        return Ok(if has_recording(&row) { vec![row] } else { Vec::new() });
    }
    let filter = CallFilter { kinds: Some(vec![CallKind::Voice]), ..CallFilter::default() };
    let filter = asked.api.workflow.visible(asked.caller, filter)?;
    let is_leg = |row: &CallRow| {
        row.call.metadata.call_id.as_deref() == Some(contact_id) && has_recording(row)
    };
    let mut rows = scan(asked, &filter, is_leg).await?;
    // What was uploaded by these parameters has the same recording: it is no further leg, or each
    // time that somebody asks and uploads there would be twice as many.
    rows.sort_by_key(|row| (row.call.upload_time, row.call.id));
    let mut seen = HashSet::new();
    rows.retain(|row| seen.insert(row.recording_blob.clone()));
    Ok(rows)
}

fn leg(
    asked: Asked<'_>,
    row: &CallRow,
    length: Option<Millis>,
    account: i64,
    voice_file_url: String,
) -> StoredLeg {
    let metadata = &row.call.metadata;
    let attribute = |name| kept::attribute(row, name).unwrap_or_default().to_owned();
    let skill_group_name = metadata.skill_group.clone().unwrap_or_default();
    let skill_group = match kept::attribute(row, kept::SKILL_GROUP_ID) {
        Some(id) => id.to_owned(),
        None => skill_group_name.clone(),
    };
    StoredLeg {
        contact_id: metadata.call_id.clone().unwrap_or_else(|| row.call.id.to_string()),
        leg_id: row.call.id.0,
        instance: instance_of(asked, row).to_owned(),
        account_uid: kept::attribute(row, kept::ACCOUNT)
            .and_then(|text| text.parse().ok())
            .unwrap_or(account),
        call_type: kept::call_type(row).unwrap_or(CallType::Inbound),
        caller: attribute(kept::CALLER),
        callee: attribute(kept::CALLEE),
        call_started_at: row.call.call_time,
        // When the channel was opened is not known.
        channel_opened_at: row.call.call_time,
        agent_id: metadata.agent_id.clone().unwrap_or_default(),
        agent_name: metadata.agent_name.clone().unwrap_or_default(),
        agent_phone: attribute(kept::AGENT_PHONE),
        skill_group,
        skill_group_name,
        agent_spans: length.map(|length| Span::new(Millis(0), length)).into_iter().collect(),
        voice_file_url,
    }
}

fn instance_of<'a>(asked: Asked<'a>, row: &'a CallRow) -> &'a str {
    kept::attribute(row, kept::INSTANCE).unwrap_or_else(|| asked.caller.tenant.as_str())
}

/// A number for the tenant, which has none: always the same, and one that JavaScript can hold.
fn account(asked: Asked<'_>) -> i64 {
    let digest = blake3::hash(asked.caller.tenant.as_str().as_bytes());
    let bytes: [u8; 6] = std::array::from_fn(|at| digest.as_bytes()[at]);
    bytes.iter().fold(0, |number, &byte| (number << 8) | i64::from(byte))
}
