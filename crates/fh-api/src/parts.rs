use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fh_model::{Clock, RandomSource, TenantId};
use fh_store::Store;
use fh_workflow::Workflow;
use fh_workflow::fetch::Network;
use jiff::tz::TimeZone;
use tokio_util::sync::CancellationToken;

use crate::PublicUrl;
use crate::dialects::alibaba::recording_url::{RecordingUrlSecret, UrlKey};
use crate::observe::Requests;
use crate::sign_in::Passwords;
use crate::strict_json::JsonLimits;

/// What the API works with.
pub struct ApiParts {
    /// What the system does.
    pub workflow: Workflow,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where tokens come from.
    pub random: Arc<dyn RandomSource>,
    /// What is configured.
    pub settings: ApiSettings,
    /// Cancelled when the server stops, so that answers without an end (progress) end.
    pub stop: CancellationToken,
}

/// What is configured of the API.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// The tenant of people who sign in without naming one.
    pub tenant: TenantId,
    /// Where the contact centre is: vendors' times without a zone are meant there.
    pub time_zone: TimeZone,
    /// How much JSON a request may hold.
    pub json: JsonLimits,
    /// The largest recording that may be uploaded, in bytes.
    pub upload_bytes: u64,
    /// How long a request may take, uploads and progress left out.
    pub request_timeout: Duration,
    /// How long a person stays signed in.
    pub session: Duration,
    /// Whether cookies are sent over TLS only: right wherever TLS is spoken, here or in front.
    pub secure_cookies: bool,
    /// Which dialects are served.
    pub dialects: Dialects,
    /// Signs the addresses of recordings that are given out; made up at the start where absent, and
    /// then addresses end with the process.
    pub recording_url_secret: Option<RecordingUrlSecret>,
    /// Under which address clients reach the server, which stands before those of recordings; where
    /// absent, the one that each client itself used (its header `Host`).
    pub public_url: Option<PublicUrl>,
    /// The proxies in front: what they say of who asks is believed.
    pub proxies: Vec<Network>,
    /// Folders of which `/metrics` says how much room there is.
    pub watched: Vec<WatchedFolder>,
    /// Program and version, for `/v1/health` and the OpenAPI document.
    pub version: String,
}

/// A folder that grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedFolder {
    /// What lies there, such as `objects`.
    pub place: &'static str,
    /// Where it is.
    pub folder: PathBuf,
}

impl ApiSettings {
    /// 2 GiB for an upload, 30 s for a request, 12 hours for a session; UTC; every dialect.
    pub fn new(tenant: TenantId, version: impl Into<String>) -> Self {
        Self {
            tenant,
            time_zone: TimeZone::UTC,
            json: JsonLimits::default(),
            upload_bytes: 2 << 30,
            request_timeout: Duration::from_secs(30),
            session: Duration::from_secs(12 * 60 * 60),
            secure_cookies: false,
            dialects: Dialects::default(),
            recording_url_secret: None,
            public_url: None,
            proxies: Vec::new(),
            watched: Vec::new(),
            version: version.into(),
        }
    }
}

/// Which dialects are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialects {
    /// Huawei's inspection API.
    pub huawei: bool,
    /// Alibaba's Qualitycheck.
    pub alibaba: bool,
}

impl Default for Dialects {
    fn default() -> Self {
        Self { huawei: true, alibaba: true }
    }
}

/// What every handler gets. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api(Arc<Inner>);

pub(crate) struct Inner {
    parts: ApiParts,
    pub(crate) passwords: Passwords,
    pub(crate) requests: Requests,
    url_key: UrlKey,
}

impl Api {
    pub(crate) fn new(parts: ApiParts) -> Self {
        let passwords = Passwords::new(parts.random.as_ref());
        let secret = parts.settings.recording_url_secret.unwrap_or_else(|| {
            let mut secret = [0; 32];
            parts.random.fill(&mut secret);
            RecordingUrlSecret(secret)
        });
        let (requests, url_key) = (Requests::default(), secret.url_key());
        Self(Arc::new(Inner { parts, passwords, requests, url_key }))
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.0.parts.workflow.store().as_ref()
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// Signs the addresses of recordings.
    pub(crate) fn url_key(&self) -> &UrlKey {
        &self.0.url_key
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.0.requests
    }
}

impl Deref for Api {
    type Target = ApiParts;
    fn deref(&self) -> &ApiParts {
        &self.0.parts
    }
}
