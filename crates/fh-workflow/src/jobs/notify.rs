use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fh_model::{CallId, TenantId, WebhookId};
use fh_store::{DeliveryRow, DeliveryState, EventRow, FailureKind, NewJob, StoreError, WebhookRow};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use super::{Done, Failure, Job, JobResult, NOTIFY, Work};
use crate::backoff::Backoff;
use crate::fetch::{Post, post};
use crate::{Workflow, event_names};

/// The largest body that is sent or read, in bytes.
const LARGEST_BODY: usize = 64 * 1024;

/// Tells a receiver of a call's events, in order. Each is told at least once.
pub(super) struct Notify;

/// What a job of this kind is to do.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    webhook: WebhookId,
    call: CallId,
}

#[async_trait]
impl Job for Notify {
    async fn run(&self, work: &Work) -> JobResult {
        let job = &work.claim.job;
        let Payload { webhook, call } = serde_json::from_value(job.job.payload.clone())
            .map_err(|error| Failure::lasting(FailureKind::WorkFailed, error.to_string()))?;
        let scope = work.scope();
        let receivers = scope.list_webhooks().await?;
        let receiver = receivers.into_iter().find(|row| row.webhook.id == webhook);
        // Switched off or deleted meanwhile: nobody wants to hear it any more.
        let Some(receiver) = receiver.filter(|row| row.is_enabled) else {
            return Ok(Done::default());
        };
        let settled = scope.settled_deliveries(webhook, call).await?;
        let events = scope.events_of(call).await?;
        let due = events.into_iter().filter(|event| {
            wants(&receiver, &event.event.name) && !settled.contains(&event.sequence)
        });
        for event in due {
            if work.stop.is_cancelled() {
                return Err(Failure::Stopped);
            }
            tell(work, &receiver, &event).await?;
            work.middle();
        }
        Ok(Done::default())
    }
}

/// One attempt, which is noted. An event that is given up stands in nobody's way.
async fn tell(work: &Work, receiver: &WebhookRow, event: &EventRow) -> Result<(), Failure> {
    let job = &work.claim.job;
    let outcome = deliver(work, receiver, event).await?;
    let is_last = job.attempts >= job.job.max_attempts;
    let (state, status, error) = match &outcome {
        Ok(status) => (DeliveryState::Delivered, Some(*status), None),
        Err(refusal) => {
            let given_up = is_last || !refusal.passes;
            let state = if given_up { DeliveryState::GivenUp } else { DeliveryState::Failed };
            (state, refusal.status, Some(refusal.detail.clone()))
        }
    };
    let delivery = DeliveryRow {
        webhook: receiver.webhook.id,
        event: event.sequence,
        attempt: job.attempts,
        state,
        status,
        error,
        at: work.workflow.clock().now(),
    };
    work.scope().log_delivery(delivery).await?;
    match outcome {
        Ok(_) => Ok(()),
        Err(Refusal { detail, passes: true, after, .. }) if !is_last => {
            Err(Failure::Passing { kind: FailureKind::WorkFailed, detail, after })
        }
        Err(Refusal { detail, .. }) => Err(Failure::lasting(FailureKind::WorkFailed, detail)),
    }
}

struct Refusal {
    detail: String,
    status: Option<u16>,
    passes: bool,
    after: Option<Duration>,
}

async fn deliver(
    work: &Work,
    receiver: &WebhookRow,
    event: &EventRow,
) -> Result<Result<u16, Refusal>, Failure> {
    let body = body(&work.claim.job.tenant, event);
    if body.len() > LARGEST_BODY {
        let detail = format!("the event has more than {LARGEST_BODY} bytes");
        return Ok(Err(Refusal { detail, status: None, passes: false, after: None }));
    }
    let id = format!("{}.{}", receiver.webhook.id, event.sequence);
    let headers = headers(&receiver.webhook.secret, &id, work.workflow.clock().now(), &body);
    let (workflow, url) = (work.workflow.clone(), receiver.webhook.url.clone());
    let posting = move || {
        let settings = workflow.settings();
        let timeout = settings.webhooks.timeout;
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = Post { url: &url, headers, body: &body, timeout, most_read: LARGEST_BODY };
        post(&request, &settings.fetch.addresses)
    };
    let answer = work.blocking(posting).await?;
    Ok(match answer {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(answer.status),
        Ok(answer) => Err(Refusal {
            detail: format!("the receiver answers with status {}", answer.status),
            status: Some(answer.status),
            // "Gone" is the receiver's own wish; all else may be a fault that somebody mends.
            passes: answer.status != 410,
            after: answer.retry_after,
        }),
        Err(error) => {
            Err(Refusal { detail: error.to_string(), status: None, passes: true, after: None })
        }
    })
}

fn body(tenant: &TenantId, row: &EventRow) -> Vec<u8> {
    let event = &row.event;
    let body = json!({
        "type": event.name,
        "timestamp": row.at.to_string(),
        "data": {
            "tenant": tenant,
            "sequence": row.sequence,
            "call": event.call,
            "batch": event.batch,
            "details": event.payload,
        },
    });
    body.to_string().into_bytes()
}

/// The headers of <https://www.standardwebhooks.com>, so that receivers can use its libraries: the
/// signature covers identifier, time and body, which also guards against replaying.
fn headers(secret: &str, id: &str, now: Timestamp, body: &[u8]) -> Vec<(&'static str, String)> {
    let seconds = now.as_second().to_string();
    vec![
        ("Content-Type", "application/json".to_owned()),
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", seconds.clone()),
        ("webhook-signature", format!("v1,{}", signature(secret, id, &seconds, body))),
    ]
}

/// HMAC-SHA256 over `id.timestamp.body` with the secret's decoded bytes, in Base64.
fn signature(secret: &str, id: &str, seconds: &str, body: &[u8]) -> String {
    let encoded = secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret);
    let key = STANDARD.decode(encoded).unwrap_or_else(|_| secret.as_bytes().to_vec());
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of every length");
    for part in [id.as_bytes(), b".", seconds.as_bytes(), b".", body] {
        mac.update(part);
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

/// What secrets begin with, so that they are recognised where they do not belong.
const SECRET_PREFIX: &str = "whsec_";

/// A secret of these random bytes.
pub(crate) fn webhook_secret(bytes: &[u8]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes))
}

fn wants(receiver: &WebhookRow, name: &str) -> bool {
    let wanted = &receiver.webhook.events;
    event_names::TOLD.contains(&name)
        && (wanted.is_empty() || wanted.iter().any(|wanted| wanted == name))
}

impl Workflow {
    /// The jobs that tell the receivers of a call's event.
    pub(crate) async fn jobs_for_receivers(
        &self,
        tenant: &TenantId,
        call: CallId,
        name: &str,
    ) -> Result<Vec<NewJob>, StoreError> {
        let receivers = self.store().scope(tenant).list_webhooks().await?;
        let wanted = receivers.iter().filter(|row| row.is_enabled && wants(row, name));
        Ok(wanted
            .map(|row| NewJob {
                // The call has its own state: what becomes of a delivery does not touch it.
                call: None,
                payload: json!(Payload { webhook: row.webhook.id, call }),
                max_attempts: self.settings().webhooks.max_attempts,
                ..self.new_job(NOTIFY, call, 0)
            })
            .collect())
    }

    /// Enqueues those jobs by themselves, for events that no job made.
    pub(crate) async fn tell_receivers(
        &self,
        tenant: &TenantId,
        call: CallId,
        name: &str,
    ) -> Result<(), StoreError> {
        let scope = self.store().scope(tenant);
        for job in self.jobs_for_receivers(tenant, call, name).await? {
            scope.enqueue(job).await?;
        }
        self.wake();
        Ok(())
    }

    /// The waits between two attempts at a delivery.
    pub(crate) fn delivery_backoff(&self) -> Backoff<'_> {
        Backoff::new(self.settings().webhooks.backoff, self.random())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // The worked example of the specification's reference libraries.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = br#"{"test": 2432232314}"#;
        assert_eq!(
            signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body),
            "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }
}
