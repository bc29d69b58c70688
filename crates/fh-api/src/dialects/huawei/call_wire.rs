use fh_model::Role;
use fh_store::{AppealState, CallKind, CallRow, ChannelSummary};
use serde::Serialize;

use super::number::{ratio, seconds, speed};
use super::status::status_of;

/// A call in the answer of `details`. What is not known is left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CallWire {
    pub(crate) call_id: String,
    pub(crate) call_uuid: String,
    pub(crate) call_type: i64,
    pub(crate) status: i64,
    pub(crate) file_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) staff_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) staff_name: Option<String>,
    /// Unix seconds, as all three.
    pub(crate) create_time: i64,
    pub(crate) call_time: i64,
    pub(crate) upload_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration: Option<f64>,
    #[serde(flatten)]
    pub(crate) channels: ChannelsWire,
    /// Whether the business was concluded, where the call's attribute `deal` says so as a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deal: Option<i64>,
    pub(crate) inspect_status: i64,
    pub(crate) review_status: i64,
    pub(crate) complain_status: i64,
}

/// The figures of both channels.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(crate) struct ChannelsWire {
    #[serde(skip_serializing_if = "Option::is_none")]
    left_channel: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_silence_time: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_speech_ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_speed: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    right_channel: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    right_silence_time: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    right_speech_ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    right_speed: Option<f64>,
}

/// Calls that belong together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct GroupWire {
    pub(crate) calls: Vec<CallWire>,
    pub(crate) call_group_id: String,
}

/// How many there are in all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct PagingWire {
    pub(crate) total: u64,
}

/// The answer of `details`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct DetailsWire {
    pub(crate) data: Vec<GroupWire>,
    pub(crate) paging: PagingWire,
}

/// `customer` or `staff`; the documents have no word for nobody knows.
pub(crate) const fn speaker(role: Role) -> Option<&'static str> {
    match role {
        Role::Agent => Some("staff"),
        Role::Customer => Some("customer"),
        Role::Unknown => None,
    }
}

/// The codes are those of the appeals' own operations
/// (<https://support.huaweicloud.com/intl/en-us/api-cec/cec_07_2519.html>, `taskStatus`); -1 is what
/// the published rows show where there is none.
const fn complain_status(appeal: Option<AppealState>) -> i64 {
    match appeal {
        None => -1,
        Some(AppealState::Reviewing) => 21,
        Some(AppealState::Completed) => 22,
        Some(AppealState::Handling) => 24,
        Some(AppealState::Verifying) => 27,
        // A state that this dialect does not know yet is under way.
        Some(_) => 24,
    }
}

impl CallWire {
    /// The row as Huawei's API shows it.
    pub(crate) fn new(row: &CallRow) -> Self {
        let (call, id) = (&row.call, row.call.id.to_string());
        let upload_time = call.upload_time.as_second();
        let summary = row.summary.as_ref();
        Self {
            call_id: id.clone(),
            call_uuid: id,
            call_type: match call.kind {
                CallKind::Voice => 0,
                CallKind::Text => 2,
            },
            status: status_of(row.state),
            file_name: call.file_name.clone(),
            staff_id: call.staff_id.clone(),
            staff_name: call.metadata.agent_name.clone(),
            create_time: upload_time,
            call_time: call.call_time.as_second(),
            upload_time,
            duration: summary.map(|summary| seconds(summary.duration)),
            channels: summary.map_or_else(ChannelsWire::default, |summary| {
                ChannelsWire::new(summary.duration, &summary.channels)
            }),
            deal: call.metadata.attributes.get("deal").and_then(|deal| deal.parse().ok()),
            inspect_status: 0,
            review_status: -1,
            complain_status: complain_status(row.appeal),
        }
    }
}

impl ChannelsWire {
    fn new(duration: fh_model::Millis, channels: &[ChannelSummary]) -> Self {
        let silence = |channel: &ChannelSummary| seconds(duration.saturating_sub(channel.speech));
        let share = |channel: &ChannelSummary| ratio(channel.speech, duration);
        let pace = |channel: &ChannelSummary| speed(channel.spoken_units, channel.speech);
        let (left, right) = (channels.first(), channels.get(1));
        Self {
            left_channel: left.and_then(|channel| speaker(channel.role)),
            left_silence_time: left.map(silence),
            left_speech_ratio: left.map(share),
            left_speed: left.map(pace),
            right_channel: right.and_then(|channel| speaker(channel.role)),
            right_silence_time: right.map(silence),
            right_speech_ratio: right.map(share),
            right_speed: right.map(pace),
        }
    }
}

/// Rows in their order, those of a group together where the first of them stands.
pub(crate) fn groups(rows: &[CallRow]) -> Vec<GroupWire> {
    let mut groups: Vec<GroupWire> = Vec::new();
    for row in rows {
        let id = row.call.group.to_string();
        let call = CallWire::new(row);
        match groups.iter_mut().find(|group| group.call_group_id == id) {
            Some(group) => group.calls.push(call),
            None => groups.push(GroupWire { calls: vec![call], call_group_id: id }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use fh_model::{CallMetadata, Millis};
    use fh_store::{CallState, CallSummary, NewCall};
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;

    fn row(id: &str, at: i64) -> CallRow {
        let id = id.parse().unwrap();
        let at = Timestamp::from_second(at).unwrap();
        CallRow {
            call: NewCall {
                id,
                group: id,
                batch: None,
                kind: CallKind::Voice,
                source: Value::Null,
                metadata: CallMetadata {
                    agent_name: Some("*****".to_owned()),
                    ..CallMetadata::default()
                },
                file_name: "Consultant".to_owned(),
                staff_id: Some("1600226440112042215".to_owned()),
                call_time: at,
                upload_time: at,
            },
            state: CallState::Done,
            detail: None,
            recording_digest: None,
            recording_blob: None,
            summary: None,
            inspected_at: Some(at),
            appeal: None,
        }
    }

    fn channel(role: Role, speech: u64, spoken_units: u64) -> ChannelSummary {
        ChannelSummary { role, speech: Millis(speech), spoken_units }
    }

    #[test]
    fn the_first_published_row_is_made_of_its_counts() {
        let mut row = row("3b9cd7a9-d38c-4aa0-a35d-77f6abb9f497", 1_622_633_782);
        row.summary = Some(CallSummary {
            duration: Millis(164_220),
            // 164.22 less 88.46 and 110.82 s of silence; the characters are those by which the
            // published speeds come out whole.
            channels: vec![channel(Role::Customer, 75_760, 305), channel(Role::Agent, 53_400, 147)],
            scores: Vec::new(),
            warnings: 0,
        });
        let answer = DetailsWire { data: groups(&[row]), paging: PagingWire { total: 1 } };
        let expected = json!({
            "data": [{
                "calls": [{
                    "staff_name": "*****",
                    "create_time": 1622633782,
                    "left_speed": 241.552,
                    "left_speech_ratio": 0.4613,
                    "file_name": "Consultant",
                    "left_channel": "customer",
                    "right_speech_ratio": 0.3252,
                    "call_time": 1622633782,
                    "inspect_status": 0,
                    "right_channel": "staff",
                    "complain_status": -1,
                    "call_id": "3b9cd7a9-d38c-4aa0-a35d-77f6abb9f497",
                    "left_silence_time": 88.46,
                    "duration": 164.22,
                    "upload_time": 1622633782,
                    "right_silence_time": 110.82,
                    "right_speed": 165.169,
                    "staff_id": "1600226440112042215",
                    "call_uuid": "3b9cd7a9-d38c-4aa0-a35d-77f6abb9f497",
                    "review_status": -1,
                    "call_type": 0,
                    "status": 2
                }],
                "call_group_id": "3b9cd7a9-d38c-4aa0-a35d-77f6abb9f497"
            }],
            "paging": { "total": 1 }
        });
        assert_eq!(serde_json::to_value(answer).unwrap(), expected);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let mut row = row("3b9cd7a9-d38c-4aa0-a35d-77f6abb9f497", 1_622_633_782);
        row.state = CallState::Queued;
        row.call.staff_id = None;
        row.call.metadata.agent_name = None;
        let wire = serde_json::to_value(CallWire::new(&row)).unwrap();
        let keys: Vec<&str> = wire.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "call_id",
                "call_time",
                "call_type",
                "call_uuid",
                "complain_status",
                "create_time",
                "file_name",
                "inspect_status",
                "review_status",
                "status",
                "upload_time"
            ]
        );
        assert_eq!(wire["status"], 0);
    }

    #[test]
    fn calls_that_belong_together_are_one_entry() {
        let first = row("00000000-0000-4000-8000-000000000001", 3);
        let other = row("00000000-0000-4000-8000-000000000002", 2);
        let mut second = row("00000000-0000-4000-8000-000000000003", 1);
        second.call.group = first.call.group;
        let groups = groups(&[first, other, second]);
        let shape: Vec<_> = groups.iter().map(|group| group.calls.len()).collect();
        assert_eq!(shape, [2, 1]);
    }
}
