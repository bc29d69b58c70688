use axum::Json;
use axum::extract::State;
use fh_model::{CallId, Evidence, Finding, ScoreCard, Severity, Verdict};
use fh_store::RevisionRow;
use fh_workflow::ReviseFinding;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use super::calls::SpeakerName;
use super::transcript::result_of;
use crate::Problem;
use crate::extract::{self, InPath};
use crate::parts::Api;
use crate::sign_in::SignedIn;

/// What the rules found in a call.
#[derive(Serialize, ToSchema)]
pub(crate) struct Findings {
    /// One for each business scenario that applies.
    scenarios: Vec<Scenario>,
    lineage: LineageWire,
}

/// Which code and data made a result; the same lineage gives the same result.
#[derive(Serialize, ToSchema)]
#[schema(as = Lineage)]
struct LineageWire {
    fairhearing: String,
    decoder: String,
    voice_activity: String,
    normalizer: String,
    /// blake3 of the rule pack, in hex.
    rule_pack_digest: String,
}

/// The score of a call in one business scenario.
#[derive(Serialize, ToSchema)]
struct Scenario {
    id: String,
    name: String,
    /// What it is for; may be empty.
    why: String,
    /// Where the score starts.
    base: f64,
    /// The least it can be.
    lower: f64,
    /// The most it can be.
    upper: f64,
    score: f64,
    ignore_sensitive: bool,
    findings: Vec<FindingWire>,
}

/// What one rule found.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
struct FindingWire {
    /// The finding's name among all calls, for revisions and appeals.
    key: String,
    rule_id: String,
    rule_name: String,
    /// `dialog`, `silence`, `speed`, `interruption` or `sensitive_word`.
    rule_kind: String,
    /// Why the rule exists; may be empty.
    why: String,
    /// `info`, `normal` or `critical`.
    severity: String,
    outcome: Outcome,
    /// Why it could not be evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Points that count towards the score.
    points: f64,
    /// What the verdict rests on, in order of time.
    evidence: Vec<EvidenceWire>,
    /// What would have flagged but for an exception.
    excused: Vec<EvidenceWire>,
    /// What the last person said who judged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<Revision>,
}

/// What a rule says of a call.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Flagged,
    Clear,
    NotEvaluated,
}

/// Why a rule flagged.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = Evidence)]
struct EvidenceWire {
    /// `said`, `absent`, `silence`, `speed` or `interruption`.
    kind: String,
    /// The condition's name in the rule.
    condition: String,
    /// The moment to listen to.
    start_ms: u64,
    end_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<SpeakerName>,
    /// The utterance's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    utterance: Option<u32>,
    /// The words as they stand in the transcript.
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<String>,
    /// First and last (exclusive) character of the quote in the utterance.
    #[serde(skip_serializing_if = "Option::is_none")]
    chars: Option<[u32; 2]>,
    /// What was looked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    phrases: Vec<String>,
    /// What came closest to what was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<NearestWire>,
    /// The limit that was crossed: milliseconds, or units per minute for `speed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    /// Units per minute, for `speed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_minute: Option<f64>,
}

/// The words that came closest.
#[derive(Serialize, ToSchema)]
#[schema(as = NearMiss)]
struct NearestWire {
    phrase: String,
    quote: String,
    utterance: u32,
    start_ms: u64,
    end_ms: u64,
    similarity_percent: u8,
    why_not: String,
}

/// What a person said about a finding.
#[derive(Serialize, ToSchema)]
struct Revision {
    complies: bool,
    remark: String,
    author: String,
    #[schema(format = DateTime)]
    at: String,
}

/// Gives what the rules found in a call. 409 while it is not inspected.
#[utoipa::path(get, path = "/v1/calls/{id}/findings", tag = "calls",
    params(("id" = String, Path, format = Uuid)),
    responses((status = 200, body = Findings), Refusals))]
pub(crate) async fn get_findings(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(id): InPath<CallId>,
) -> Result<Json<Findings>, Problem> {
    let (_, inspection) = result_of(&api, &caller, id).await?;
    let revisions = api.store().scope(&caller.tenant).revisions_of(id).await?;
    let scenarios =
        inspection.score_cards.iter().map(|card| Scenario::of(id, card, &revisions)).collect();
    let lineage = inspection.lineage;
    Ok(Json(Findings {
        scenarios,
        lineage: LineageWire {
            fairhearing: lineage.fairhearing,
            decoder: lineage.decoder,
            voice_activity: lineage.voice_activity_version,
            normalizer: lineage.normalizer,
            rule_pack_digest: lineage.rule_pack_digest,
        },
    }))
}

impl Scenario {
    fn of(call: CallId, card: &ScoreCard, revisions: &[RevisionRow]) -> Self {
        let finding = |finding| FindingWire::of(call, card, finding, revisions);
        Self {
            id: card.scenario_id.clone(),
            name: card.scenario_name.clone(),
            why: card.scenario_why.clone(),
            base: card.base.as_f64(),
            lower: card.lower.as_f64(),
            upper: card.upper.as_f64(),
            score: card.score.as_f64(),
            ignore_sensitive: card.ignore_sensitive,
            findings: card.findings.iter().map(finding).collect(),
        }
    }
}

impl FindingWire {
    fn of(call: CallId, card: &ScoreCard, finding: &Finding, revisions: &[RevisionRow]) -> Self {
        let key = finding.key(call, &card.scenario_id);
        let (outcome, reason) = match finding.verdict {
            Verdict::Flagged => (Outcome::Flagged, None),
            Verdict::Clear => (Outcome::Clear, None),
            Verdict::NotEvaluated { reason } => {
                // Its name in JSON is the stable one.
                let reason = serde_json::to_value(reason).ok();
                let reason = reason.and_then(|value| value.as_str().map(str::to_owned));
                (Outcome::NotEvaluated, reason)
            }
        };
        let revision = revisions.iter().rev().find(|row| row.revision.finding == key);
        Self {
            rule_id: finding.rule_id.clone(),
            rule_name: finding.rule_name.clone(),
            rule_kind: finding.rule_kind.as_str().to_owned(),
            why: finding.why.clone(),
            severity: match finding.severity {
                Severity::Info => "info",
                Severity::Normal => "normal",
                Severity::Critical => "critical",
            }
            .to_owned(),
            outcome,
            reason,
            points: finding.points.as_f64(),
            evidence: finding.evidence.iter().map(EvidenceWire::of).collect(),
            excused: finding.excused.iter().map(EvidenceWire::of).collect(),
            revision: revision.map(|row| Revision {
                complies: row.revision.complies,
                remark: row.revision.remark.clone(),
                author: row.revision.author.clone(),
                at: row.at.to_string(),
            }),
            key,
        }
    }
}

impl EvidenceWire {
    fn of(evidence: &Evidence) -> Self {
        let span = evidence.span();
        let base = |kind: &str| Self {
            kind: kind.to_owned(),
            condition: evidence.condition().to_owned(),
            start_ms: span.start.0,
            end_ms: span.end.0,
            ..Self::default()
        };
        match evidence {
            Evidence::Said { phrase, quote, utterance, chars, channel, role, .. } => Self {
                phrases: vec![phrase.clone()],
                quote: Some(quote.clone()),
                utterance: Some(*utterance),
                chars: Some([chars.start, chars.end]),
                channel: Some(channel.0),
                role: Some((*role).into()),
                ..base("said")
            },
            Evidence::Absent { phrases, searched, nearest, .. } => Self {
                phrases: phrases.clone(),
                role: searched.role.map(Into::into),
                nearest: nearest.as_ref().map(|near| NearestWire {
                    phrase: near.phrase.clone(),
                    quote: near.quote.clone(),
                    utterance: near.utterance,
                    start_ms: near.span.start.0,
                    end_ms: near.span.end.0,
                    similarity_percent: near.similarity_percent,
                    why_not: near.why_not.clone(),
                }),
                ..base("absent")
            },
            Evidence::Silence { limit, .. } => Self { limit: Some(limit.0), ..base("silence") },
            Evidence::Speed {
                utterance,
                channel,
                role,
                per_minute_thousandths,
                limit_per_minute,
                ..
            } => Self {
                utterance: *utterance,
                channel: Some(channel.0),
                role: Some((*role).into()),
                limit: Some(u64::from(*limit_per_minute)),
                per_minute: Some(*per_minute_thousandths as f64 / 1e3),
                ..base("speed")
            },
            Evidence::Interruption { channel, role, limit, .. } => Self {
                channel: Some(channel.0),
                role: Some((*role).into()),
                limit: Some(limit.0),
                ..base("interruption")
            },
            _ => base("other"),
        }
    }
}

/// What a person says about a finding.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRevision {
    /// The scenario's identifier.
    scenario: String,
    /// The finding's key.
    finding: String,
    /// Whether the call complies after all.
    complies: bool,
    /// Why.
    remark: String,
}

/// Keeps what a person says about a finding, beside the machine's verdict.
#[utoipa::path(post, path = "/v1/calls/{id}/revisions", tag = "calls",
    params(("id" = String, Path, format = Uuid)),
    request_body = NewRevision,
    responses((status = 204), Refusals))]
pub(crate) async fn revise_finding(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    InPath(call): InPath<CallId>,
    extract::Json(asked): extract::Json<NewRevision>,
) -> Result<StatusCode, Problem> {
    let NewRevision { scenario, finding, complies, remark } = asked;
    let revise = ReviseFinding { call, scenario, finding, complies, remark };
    api.workflow.revise_finding(&caller, revise).await?;
    Ok(StatusCode::NO_CONTENT)
}
