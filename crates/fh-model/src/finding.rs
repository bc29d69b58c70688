use std::ops::Range;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{CallId, ChannelIndex, Millis, Points, Role, Span};

/// How grave a rule is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing, seldom worth points.
    Info,
    /// The usual case; Huawei's `normal`.
    #[default]
    Normal,
    /// A person should look at the call.
    Critical,
}

/// What a rule says of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Verdict {
    /// The rule's condition holds; its points count.
    Flagged,
    /// It does not hold.
    Clear,
    /// It cannot be told from what is known of the call; no points count.
    NotEvaluated {
        /// What is lacking.
        reason: NotEvaluatedReason,
    },
}

/// Why a rule could not be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NotEvaluatedReason {
    /// The rule needs words and the call has no transcript.
    NoTranscript,
    /// The rule asks for a role and nobody knows who speaks.
    RolesUnknown,
    /// The rule needs one channel per party and the parties are mixed.
    MixedParties,
    /// The rule needs trustworthy voice activity.
    NoVoiceActivity,
    /// The rule does not apply to this call.
    NotApplicable,
    /// The work limit for one call was reached.
    WorkLimit,
}

/// A part of the call that was searched in vain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchedWindow {
    /// The time searched.
    pub span: Span,
    /// First and last utterance searched, where any was.
    pub utterances: Option<(u32, u32)>,
    /// The role that was listened to; `None` for everybody.
    pub role: Option<Role>,
}

/// The words that came closest to what was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearMiss {
    /// The phrase that was looked for.
    pub phrase: String,
    /// What was said instead.
    pub quote: String,
    /// In which utterance.
    pub utterance: u32,
    /// Where in its text, in Unicode code points.
    pub chars: Range<u32>,
    /// When.
    pub span: Span,
    /// Who said it.
    pub role: Role,
    /// 0 to 100; 100 means the very phrase, said in the wrong place or by the wrong party.
    pub similarity_percent: u8,
    /// Why it does not count.
    pub why_not: String,
}

/// Why a rule flagged, or what excused it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence {
    /// Something was said.
    Said {
        /// The condition's name in the rule.
        condition: String,
        /// The phrase or regular expression that matched.
        phrase: String,
        /// The words as they stand in the transcript.
        quote: String,
        /// The utterance's id.
        utterance: u32,
        /// Where in its text, in Unicode code points.
        chars: Range<u32>,
        /// When: from word times where the transcript has them, else interpolated.
        span: Span,
        /// On which channel.
        channel: ChannelIndex,
        /// By whom.
        role: Role,
    },
    /// Something was not said.
    Absent {
        /// The condition's name in the rule.
        condition: String,
        /// What was looked for.
        phrases: Vec<String>,
        /// Where it was looked for.
        searched: SearchedWindow,
        /// What came closest.
        nearest: Option<NearMiss>,
    },
    /// Nobody spoke.
    Silence {
        /// The condition's name in the rule.
        condition: String,
        /// When.
        span: Span,
        /// From which length on a silence counts.
        limit: Millis,
    },
    /// Somebody spoke too fast or too slowly.
    Speed {
        /// The condition's name in the rule.
        condition: String,
        /// The utterance; `None` for the whole call.
        utterance: Option<u32>,
        /// When.
        span: Span,
        /// On which channel.
        channel: ChannelIndex,
        /// By whom.
        role: Role,
        /// Characters or words per minute, in thousandths.
        per_minute_thousandths: u64,
        /// The limit that was crossed, in units per minute.
        limit_per_minute: u32,
        /// Above the limit, or below it.
        above: bool,
    },
    /// Somebody cut in.
    Interruption {
        /// The condition's name in the rule.
        condition: String,
        /// When both spoke.
        span: Span,
        /// On which channel the one who cut in speaks.
        channel: ChannelIndex,
        /// Who cut in.
        role: Role,
        /// From which length of overlap on it counts.
        limit: Millis,
    },
}

impl Evidence {
    /// The moment to listen to.
    pub const fn span(&self) -> Span {
        match self {
            Self::Said { span, .. }
            | Self::Silence { span, .. }
            | Self::Speed { span, .. }
            | Self::Interruption { span, .. } => *span,
            Self::Absent { searched, .. } => searched.span,
        }
    }

    /// The condition's name in the rule.
    pub fn condition(&self) -> &str {
        match self {
            Self::Said { condition, .. }
            | Self::Absent { condition, .. }
            | Self::Silence { condition, .. }
            | Self::Speed { condition, .. }
            | Self::Interruption { condition, .. } => condition,
        }
    }
}

/// What a rule listens to: the kinds that Huawei lists apart in its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// Words, or words together with sounds.
    #[default]
    Dialog,
    /// Silence alone.
    Silence,
    /// The pace of speech alone.
    Speed,
    /// Interruptions alone.
    Interruption,
    /// Sensitive words, which some scenarios ignore.
    SensitiveWord,
}

impl RuleKind {
    /// Its stable name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::Silence => "silence",
            Self::Speed => "speed",
            Self::Interruption => "interruption",
            Self::SensitiveWord => "sensitive_word",
        }
    }
}

/// What one rule found in one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id.
    pub rule_id: String,
    /// What the rule listens to.
    #[serde(default)]
    pub rule_kind: RuleKind,
    /// The rule's name, for people.
    pub rule_name: String,
    /// Why the rule exists, for people; empty where the rule does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// blake3 of the rule's meaning, in hex.
    pub rule_digest: String,
    /// How grave it is.
    pub severity: Severity,
    /// Flagged, clear or not evaluated.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Points that count towards the score: zero unless flagged.
    pub points: Points,
    /// Points that the rule would give if it flagged.
    pub rule_points: Points,
    /// What the verdict rests on, in order of time.
    pub evidence: Vec<Evidence>,
    /// What would have flagged but for an exception, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excused: Vec<Evidence>,
}

impl Finding {
    /// The name of this finding among all calls, by which people revise it or object to it: the
    /// same whenever the call is inspected. Huawei's `revise_id`: the rule's kind and a UUID, here
    /// made of call, scenario and rule.
    ///
    /// ```
    /// # use fh_model::{CallId, Finding, RuleKind};
    /// let call = CallId(uuid::Uuid::nil());
    /// let key = Finding::key_of(RuleKind::Silence, call, "standard", "too-long-silence");
    /// assert!(key.starts_with("silenceRule"));
    /// assert_eq!(key.len(), "silenceRule".len() + 36);
    /// ```
    pub fn key_of(kind: RuleKind, call: CallId, scenario_id: &str, rule_id: &str) -> String {
        let prefix = match kind {
            RuleKind::Dialog => "dialogRule",
            RuleKind::Silence => "silenceRule",
            RuleKind::Speed => "speedRule",
            RuleKind::Interruption => "interposalRule",
            RuleKind::SensitiveWord => "sensitiveWord",
        };
        let mut hasher = blake3::Hasher::new_derive_key("fairhearing finding 1");
        hasher.update(call.0.as_bytes());
        // Ids hold no zero byte: no two pairs give the same bytes.
        hasher.update(scenario_id.as_bytes()).update(&[0]).update(rule_id.as_bytes());
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        let uuid: Uuid = uuid::Builder::from_custom_bytes(bytes).into_uuid();
        format!("{prefix}{uuid}")
    }

    /// [`key_of`](Self::key_of) this finding.
    pub fn key(&self, call: CallId, scenario_id: &str) -> String {
        Self::key_of(self.rule_kind, call, scenario_id, &self.rule_id)
    }
}

/// The score of a call in one business scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreCard {
    /// The scenario's id.
    pub scenario_id: String,
    /// The scenario's name, for people.
    pub scenario_name: String,
    /// What the scenario is for, for people; empty where it does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scenario_why: String,
    /// Whether sensitive-word rules are left out.
    #[serde(default)]
    pub ignore_sensitive: bool,
    /// Where the score starts.
    pub base: Points,
    /// The least it can be.
    pub lower: Points,
    /// The most it can be.
    pub upper: Points,
    /// Base and findings together, held between the bounds.
    pub score: Points,
    /// One finding a rule, in the order of the rules.
    pub findings: Vec<Finding>,
}

impl ScoreCard {
    /// The findings that flagged.
    pub fn flagged(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.verdict == Verdict::Flagged)
    }
}
