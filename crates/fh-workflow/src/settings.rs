use std::path::PathBuf;
use std::time::Duration;

use fh_model::TenantId;
use fh_rules::RuleSource;

use crate::InspectionSettings;
use crate::fetch::{AddressPolicy, DownloadLimits, MappedRoots};

/// From where recordings are fetched.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// The folders that paths may lead to.
    pub roots: MappedRoots,
    /// The addresses that recordings may be downloaded from, and events posted to.
    pub addresses: AddressPolicy,
    /// How much a download may cost.
    pub limits: DownloadLimits,
}

/// How long a job that failed waits for its next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackoffSettings {
    /// Before the second attempt; doubles with each further one.
    pub first: Duration,
    /// At most.
    pub longest: Duration,
}

impl Default for BackoffSettings {
    /// From 5 seconds to 15 minutes.
    fn default() -> Self {
        Self { first: Duration::from_secs(5), longest: Duration::from_secs(15 * 60) }
    }
}

/// How receivers of events are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSettings {
    /// How long one attempt may take in all.
    pub timeout: Duration,
    /// After how many attempts an event is given up.
    pub max_attempts: u16,
    /// Between attempts.
    pub backoff: BackoffSettings,
}

impl Default for WebhookSettings {
    /// 10 seconds; 12 attempts over about 7 hours.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            max_attempts: 12,
            backoff: BackoffSettings {
                first: Duration::from_secs(10),
                longest: Duration::from_secs(60 * 60),
            },
        }
    }
}

/// How much a tenant may submit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantLimits {
    /// Calls in one submission.
    pub calls_per_submission: usize,
    /// Calls in 24 hours; those beyond fail with [`fh_store::FailureKind::DailyLimit`]. No limit
    /// where absent.
    pub calls_per_day: Option<u64>,
    /// Lines in one chat.
    pub chat_lines: usize,
    /// Characters in one chat, all lines together.
    pub chat_characters: usize,
}

impl Default for TenantLimits {
    fn default() -> Self {
        Self {
            calls_per_submission: 1_000,
            calls_per_day: None,
            chat_lines: 10_000,
            chat_characters: 1 << 20,
        }
    }
}

/// Everything about the workflow that is configured.
#[derive(Debug, Clone)]
pub struct WorkflowSettings {
    /// From where recordings are fetched.
    pub fetch: FetchSettings,
    /// How calls are listened to, recognised and inspected.
    pub inspection: InspectionSettings,
    /// The rules of a tenant without an active pack.
    pub default_pack: Vec<RuleSource>,
    /// After how many attempts a job is given up.
    pub max_attempts: u16,
    /// For how long a worker has a job without a sign of life.
    pub lease: Duration,
    /// Between attempts.
    pub backoff: BackoffSettings,
    /// Where recordings lie while they are fetched; made where it does not exist.
    pub temp_dir: PathBuf,
    /// How receivers of events are told.
    pub webhooks: WebhookSettings,
    /// How much a tenant may submit.
    pub limits: TenantLimits,
    /// The tenant whose administrators may make tenants.
    pub operator: TenantId,
}

impl WorkflowSettings {
    /// Five attempts, leases of a minute, everything else as its own defaults say; `default` is the
    /// operator's tenant.
    pub fn new(
        fetch: FetchSettings,
        inspection: InspectionSettings,
        default_pack: Vec<RuleSource>,
        temp_dir: PathBuf,
    ) -> Self {
        Self {
            fetch,
            inspection,
            default_pack,
            max_attempts: 5,
            lease: Duration::from_secs(60),
            backoff: BackoffSettings::default(),
            temp_dir,
            webhooks: WebhookSettings::default(),
            limits: TenantLimits::default(),
            operator: "default".parse().expect("`default` is a tenant's name"),
        }
    }
}
