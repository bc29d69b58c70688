use std::time::Duration;

use fh_model::{BatchId, CallId, CallMetadata};
use fh_store::{
    CallFilter, CallKind, CallState, Erased, FailureKind, IdempotencyKey, NewCall, Paging,
    StepResult, Submission, Submitted, Write,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::fetch::RecordingSource;
use crate::inspection::{ChatLine, GivenTranscript};
use crate::jobs::{self, given};
use crate::permission::Permission;
use crate::recording_key::{digest_in_key, recording_key};
use crate::source::CallSource;
use crate::workflow::call_event;
use crate::{Caller, CommandError, Workflow, event_names};

/// What a call is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallContent {
    /// A recording.
    Recording(RecordingSource),
    /// A chat, in order.
    Chat(Vec<ChatLine>),
}

/// A call that is submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmitCall {
    /// The recording or the chat.
    pub content: CallContent,
    /// What is known of the call.
    pub metadata: CallMetadata,
    /// The calls that belong together; its own identifier where absent.
    pub group: Option<CallId>,
    /// The agent's user identifier, which is not the work number.
    pub staff_id: Option<String>,
    /// The recording's file name with its extension; the source's own where absent.
    pub file_name: Option<String>,
    /// When the conversation took place; the time of submission where absent.
    pub call_time: Option<Timestamp>,
    /// Higher goes first; 0 is usual.
    pub priority: i16,
    /// A transcript that somebody else made: its name, which tells the format where its content
    /// does not, and its bytes.
    pub transcript: Option<(String, Vec<u8>)>,
}

/// Calls that are submitted together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubmitCalls {
    /// 1 to 255 characters: the same key with the same calls gives the first answer again.
    pub idempotency_key: Option<String>,
    /// The batch that they belong to.
    pub batch: Option<BatchId>,
    /// The calls.
    pub calls: Vec<SubmitCall>,
}

/// The longest identifier that calls are found by, in characters: PostgreSQL's indexes hold 2,704
/// bytes, and a character has up to four.
const LONGEST_IDENTIFIER: usize = 255;

impl Workflow {
    /// Accepts calls. When this returns they are kept, with the work that is to be done for them,
    /// whatever happens to this process.
    ///
    /// # Errors
    /// [`CommandError::Invalid`] with the field, [`CommandError::LimitReached`],
    /// [`CommandError::KeyReused`].
    pub async fn submit_calls(
        &self,
        caller: &Caller,
        submit: SubmitCalls,
    ) -> Result<Submitted, CommandError> {
        caller.require(Permission::SubmitCalls)?;
        let idempotency = idempotency(caller, &submit)?;
        let limits = self.settings().limits;
        if submit.calls.is_empty() {
            return Err(CommandError::invalid("calls", "one call at least", "none"));
        }
        if submit.calls.len() > limits.calls_per_submission {
            return Err(CommandError::LimitReached {
                what: "calls in one submission",
                allowed: limits.calls_per_submission as u64,
                found: submit.calls.len() as u64,
            });
        }
        for (index, call) in submit.calls.iter().enumerate() {
            self.check(caller, index, call).await?;
        }
        let now = self.clock().now();
        let left = self.left_today(caller, now).await?;
        let mut submission = Submission {
            idempotency,
            calls: Vec::new(),
            jobs: Vec::new(),
            events: Vec::new(),
            writes: Vec::new(),
        };
        for (index, call) in submit.calls.into_iter().enumerate() {
            let within_limit = left.is_none_or(|left| (index as u64) < left);
            self.add(caller, &mut submission, call, submit.batch, now, within_limit).await?;
        }
        let ids: Vec<String> = submission.calls.iter().map(|call| call.id.to_string()).collect();
        let chats = chats_of(&submission);
        let scope = self.scope(caller);
        let submitted = scope.submit(submission).await?;
        self.wake();
        if submitted.repeated {
            // They are kept from the first time.
            self.delete_blobs(&Erased { blobs: chats, ..Erased::default() }).await;
        } else {
            let object = match ids.as_slice() {
                [only] => only.clone(),
                [first, .., last] => format!("{} calls, {first} to {last}", ids.len()),
                [] => String::new(),
            };
            scope.note(caller.entry("call.submit", object)).await?;
        }
        Ok(submitted)
    }

    async fn check(
        &self,
        caller: &Caller,
        index: usize,
        call: &SubmitCall,
    ) -> Result<(), CommandError> {
        let field = |name: &str| format!("calls[{index}].{name}");
        match &call.content {
            CallContent::Recording(RecordingSource::Upload { blob }) => {
                // What another tenant uploaded does not exist.
                let known = match digest_in_key(&caller.tenant, blob) {
                    Some(_) => self.blobs().size(blob).await?.is_some(),
                    None => false,
                };
                if !known {
                    return Err(CommandError::NotFound { what: "upload" });
                }
            }
            CallContent::Recording(RecordingSource::Path { written }) if written.is_empty() => {
                return Err(CommandError::invalid(field("source"), "a path", "none"));
            }
            CallContent::Recording(RecordingSource::Url { url }) if url.is_empty() => {
                return Err(CommandError::invalid(field("source"), "a URL", "none"));
            }
            CallContent::Recording(_) => {}
            CallContent::Chat(lines) => {
                let limits = self.settings().limits;
                let characters = lines.iter().map(|line| line.text.chars().count()).sum::<usize>();
                if lines.is_empty() || characters == 0 {
                    return Err(CommandError::invalid(field("chat"), "text", "none"));
                }
                let counts = [
                    ("lines in one chat", limits.chat_lines, lines.len()),
                    ("characters in one chat", limits.chat_characters, characters),
                ];
                for (what, allowed, found) in counts {
                    if found > allowed {
                        let (allowed, found) = (allowed as u64, found as u64);
                        return Err(CommandError::LimitReached { what, allowed, found });
                    }
                }
            }
        }
        let metadata = &call.metadata;
        let customer = metadata.attributes.get("customer_id").map(String::as_str);
        for (name, found) in [
            ("staff_id", call.staff_id.as_deref()),
            ("metadata.agent_id", metadata.agent_id.as_deref()),
            ("metadata.attributes.customer_id", customer),
        ] {
            let length = found.map_or(0, |text| text.chars().count());
            if length > LONGEST_IDENTIFIER {
                let expected = format!("at most {LONGEST_IDENTIFIER} characters");
                return Err(CommandError::invalid(field(name), expected, length.to_string()));
            }
        }
        if let Some((_, bytes)) = &call.transcript
            && bytes.len() > fh_speech::importers::MOST_BYTES
        {
            return Err(CommandError::LimitReached {
                what: "bytes of a transcript",
                allowed: fh_speech::importers::MOST_BYTES as u64,
                found: bytes.len() as u64,
            });
        }
        Ok(())
    }

    /// How many more calls may be submitted now; `None` for any number.
    async fn left_today(
        &self,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Option<u64>, CommandError> {
        let Some(most) = self.settings().limits.calls_per_day else { return Ok(None) };
        let day = Duration::from_secs(24 * 60 * 60);
        let filter = CallFilter { upload_from: now.checked_sub(day).ok(), ..CallFilter::default() };
        let paging = Paging::Offset { offset: 0, limit: 1 };
        let page = self.scope(caller).list_calls(&filter, &paging).await?;
        Ok(Some(most.saturating_sub(page.total.unwrap_or(0))))
    }

    async fn add(
        &self,
        caller: &Caller,
        submission: &mut Submission,
        call: SubmitCall,
        batch: Option<BatchId>,
        now: Timestamp,
        within_limit: bool,
    ) -> Result<(), CommandError> {
        let id = CallId(self.random().uuid());
        let SubmitCall { content, metadata, group, staff_id, file_name, call_time, .. } = call;
        let (kind, first_job, source) = match content {
            CallContent::Recording(recording) => {
                let source = CallSource::new(recording, file_name);
                (CallKind::Voice, jobs::FETCH_RECORDING, source)
            }
            CallContent::Chat(lines) => {
                let bytes = serde_json::to_vec(&lines).map_err(CommandError::internal)?;
                let digest = blake3::hash(&bytes).to_hex().to_string();
                let blob = recording_key(&caller.tenant, &digest, &id.to_string());
                self.blobs().put(&blob, bytes.into()).await?;
                let file_name = file_name.unwrap_or_else(|| "chat.json".to_owned());
                let source = CallSource::new(RecordingSource::Upload { blob }, Some(file_name));
                (CallKind::Text, jobs::INSPECT_CHAT, source)
            }
        };
        if let RecordingSource::Upload { blob } = &source.recording
            && let Some(digest) = digest_in_key(&caller.tenant, blob)
        {
            let (digest, blob) = (digest.to_owned(), blob.clone());
            submission.writes.push(Write::Recording { call: id, digest, blob });
        }
        if let Some((name, bytes)) = call.transcript {
            let transcript = GivenTranscript::new(name, bytes);
            let (key, body) = (transcript.digest(), given::to_body(&transcript));
            let result = StepResult { step: given::STEP.to_owned(), key, body };
            submission.writes.push(Write::Step { call: id, result });
        }
        if within_limit {
            submission.jobs.push(self.new_job(first_job, id, call.priority));
            let event = call_event(event_names::CALL_QUEUED, id, batch, json!({}));
            submission.events.push(event);
        } else {
            let state = CallState::Failed(FailureKind::DailyLimit);
            let detail = Some("the limit of calls per day is reached".to_owned());
            submission.writes.push(Write::State { call: id, state, detail });
            let payload = json!({ "failure": FailureKind::DailyLimit.as_str() });
            submission.events.push(call_event(event_names::CALL_FAILED, id, batch, payload));
        }
        submission.calls.push(NewCall {
            id,
            group: group.unwrap_or(id),
            batch,
            kind,
            file_name: source.stem().to_owned(),
            source: serde_json::to_value(&source).map_err(CommandError::internal)?,
            metadata,
            staff_id,
            call_time: call_time.unwrap_or(now),
            upload_time: now,
        });
        Ok(())
    }
}

/// Where the chats lie that were put down for this submission.
fn chats_of(submission: &Submission) -> Vec<String> {
    let is_chat = |id: &CallId| {
        submission.calls.iter().any(|call| call.id == *id && call.kind == CallKind::Text)
    };
    let blob_of = |write: &Write| match write {
        Write::Recording { call, blob, .. } if is_chat(call) => Some(blob.clone()),
        _ => None,
    };
    submission.writes.iter().filter_map(blob_of).collect()
}

/// The key with the digest of what was asked. An upload counts by its content: who repeats a
/// request uploads it again.
fn idempotency(
    caller: &Caller,
    submit: &SubmitCalls,
) -> Result<Option<IdempotencyKey>, CommandError> {
    let Some(key) = &submit.idempotency_key else { return Ok(None) };
    let length = key.chars().count();
    if !(1..=255).contains(&length) {
        return Err(CommandError::invalid(
            "idempotency_key",
            "1 to 255 characters",
            format!("{length}"),
        ));
    }
    let calls: Vec<_> = submit
        .calls
        .iter()
        .map(|call| {
            let (source, chat) = match &call.content {
                CallContent::Recording(RecordingSource::Upload { blob }) => {
                    (json!({ "digest": digest_in_key(&caller.tenant, blob) }), None)
                }
                CallContent::Recording(recording) => (json!(recording), None),
                CallContent::Chat(lines) => (json!(null), Some(lines)),
            };
            Asked {
                source,
                chat,
                metadata: &call.metadata,
                group: call.group,
                staff_id: call.staff_id.as_deref(),
                file_name: call.file_name.as_deref(),
                call_time: call.call_time,
                priority: call.priority,
                transcript: call
                    .transcript
                    .as_ref()
                    .map(|(name, bytes)| (name.as_str(), blake3::hash(bytes).to_hex().to_string())),
            }
        })
        .collect();
    let text = serde_json::to_vec(&(submit.batch, calls)).map_err(CommandError::internal)?;
    let request_digest = blake3::hash(&text).to_hex().to_string();
    Ok(Some(IdempotencyKey { key: key.clone(), request_digest }))
}

#[derive(Serialize)]
struct Asked<'a> {
    source: serde_json::Value,
    chat: Option<&'a Vec<ChatLine>>,
    metadata: &'a CallMetadata,
    group: Option<CallId>,
    staff_id: Option<&'a str>,
    file_name: Option<&'a str>,
    call_time: Option<Timestamp>,
    priority: i16,
    transcript: Option<(&'a str, String)>,
}
