//! A recogniser on a server that answers `POST /v1/audio/transcriptions` as OpenAI's does: OpenAI,
//! FunASR, faster-whisper-server, vLLM and others.
//!
//! Each clip goes as a WAV file with 16-bit samples. The call's sound leaves this machine, so the
//! server must be named; no redirect is followed, and neither key nor text is logged or put into an
//! error.

mod reply;
mod request;

use std::fmt;
use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use fh_model::{Language, Millis};
use ureq::Agent;

use crate::SpeechError;
use crate::engine::{Clip, Engine, EngineInfo, EngineSettings, Recognized, check_clip};
use crate::parallel;

/// The engine's id.
pub const ID: &str = "openai-compatible";

/// Of this client; it changes when the same reply would be read differently.
const VERSION: &str = "1";

/// The longest clip: Whisper models work in windows of 30 s.
const LONGEST_CLIP: Millis = Millis::from_secs(30);

/// The largest reply that is read. Half a minute of speech takes some kilobytes.
const LARGEST_REPLY: u64 = 4 << 20;

/// The longest wait before the next attempt, whatever the server asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A key that proves who asks; it never shows in `Debug` output.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(pub String);

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

/// Which server is asked, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteSettings {
    /// Such as `http://127.0.0.1:8000` or `https://api.example.com/v1`.
    pub base_url: String,
    /// Sent as `Authorization: Bearer`.
    pub api_key: Option<ApiKey>,
    /// The model's name on the server.
    pub model: String,
    /// The languages that the model recognises.
    pub languages: Vec<Language>,
    /// Whether to ask for word times (`verbose_json`); some models know `json` only.
    pub word_times: bool,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// How often a clip is tried where the server is busy, failing or unreachable.
    pub attempts: u32,
    /// The wait before the second attempt; it doubles from there.
    pub first_wait: Duration,
    /// How many clips are sent at the same time.
    pub at_once: NonZeroUsize,
    /// A proxy, such as `http://proxy:3128`.
    pub proxy: Option<String>,
}

impl RemoteSettings {
    /// Settings with word times, 2 minutes for an attempt, 4 attempts, 4 clips at once.
    pub fn new(base_url: String, model: String) -> Self {
        Self {
            base_url,
            api_key: None,
            model,
            languages: Language::ALL.to_vec(),
            word_times: true,
            timeout: Duration::from_secs(120),
            attempts: 4,
            first_wait: Duration::from_secs(1),
            at_once: NonZeroUsize::MIN.saturating_add(3),
            proxy: None,
        }
    }
}

/// The engine.
pub struct OpenAiCompatible {
    info: EngineInfo,
    settings: RemoteSettings,
    agent: Agent,
    address: String,
    /// Scheme, host and port, for errors.
    server: String,
}

impl OpenAiCompatible {
    /// An engine that asks the server of these settings. Nothing is sent yet.
    pub fn new(settings: RemoteSettings) -> Result<Self, SpeechError> {
        let wrong = |what: &str, remedy: &str| SpeechError::NotConfigured {
            engine: ID,
            what: what.to_owned(),
            remedy: remedy.to_owned(),
        };
        let base = settings.base_url.trim_end_matches('/');
        let address = match base.ends_with("/v1") {
            true => format!("{base}/audio/transcriptions"),
            false => format!("{base}/v1/audio/transcriptions"),
        };
        let uri: ureq::http::Uri = address
            .parse()
            .map_err(|_| wrong("the server's address", "write it as `http://host:port`"))?;
        let (Some(scheme @ ("http" | "https")), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return Err(wrong("the server's address", "write it as `http://host:port`"));
        };
        let server = match uri.port_u16() {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        let proxy = settings.proxy.as_deref().map(ureq::Proxy::new).transpose();
        let proxy = proxy.map_err(|_| wrong("a proxy", "write it as `http://host:port`"))?;
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(proxy)
            .timeout_global(Some(settings.timeout))
            .user_agent(concat!("fairhearing/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        let info = EngineInfo {
            id: ID.to_owned(),
            version: VERSION.to_owned(),
            model: settings.model.clone(),
            model_digest: String::new(),
            languages: settings.languages.clone(),
            word_times: settings.word_times,
            emotions: false,
            try_out: false,
            remote: true,
            parallel_clips: settings.at_once.get(),
            longest_clip: LONGEST_CLIP,
        };
        Ok(Self { info, settings, agent, address, server })
    }

    /// Tries until it works, the server refuses, or the attempts are used up.
    fn ask(&self, clip: &Clip<'_>) -> Result<Recognized, SpeechError> {
        check_clip(clip, LONGEST_CLIP)?;
        if clip.is_silent() {
            return Ok(Recognized::default());
        }
        let request = request::body(clip, &self.settings);
        let attempts = self.settings.attempts.max(1);
        let mut wait = self.settings.first_wait;
        let mut attempt = 1;
        loop {
            match self.ask_once(&request, clip) {
                Ok(heard) => return Ok(heard),
                Err(Refusal { again: Some(after), .. }) if attempt < attempts => {
                    thread::sleep(after.unwrap_or(wait).min(LONGEST_WAIT));
                    wait = wait.saturating_mul(2);
                    attempt += 1;
                }
                Err(Refusal { detail, answered, .. }) => {
                    let server = self.server.clone();
                    let attempts = attempt;
                    return Err(SpeechError::Remote { server, detail, attempts, answered });
                }
            }
        }
    }

    fn ask_once(&self, request: &request::Body, clip: &Clip<'_>) -> Result<Recognized, Refusal> {
        let mut post = self.agent.post(&self.address).header("Content-Type", &request.content_type);
        if let Some(ApiKey(key)) = &self.settings.api_key {
            post = post.header("Authorization", format!("Bearer {key}"));
        }
        let mut response =
            post.send(&request.bytes).map_err(|error| Refusal::unreachable(&error))?;
        let status = response.status().as_u16();
        if status != 200 {
            let asked_wait = response
                .headers()
                .get("Retry-After")
                .and_then(|value| value.to_str().ok()?.trim().parse().ok())
                .map(Duration::from_secs);
            return Err(Refusal::by_status(status, asked_wait));
        }
        let bytes = response
            .body_mut()
            .with_config()
            .limit(LARGEST_REPLY)
            .read_to_vec()
            .map_err(|error| Refusal::unreachable(&error))?;
        reply::read(&bytes, clip.length()).map_err(Refusal::for_good)
    }
}

/// Why an attempt failed.
struct Refusal {
    detail: String,
    /// Whether another attempt may help, and the wait that the server asks for.
    again: Option<Option<Duration>>,
    /// Whether the server answered at all.
    answered: bool,
}

impl Refusal {
    fn for_good(detail: String) -> Self {
        Self { detail, again: None, answered: true }
    }

    fn unreachable(error: &ureq::Error) -> Self {
        let (what, again) = match error {
            ureq::Error::Timeout(_) => ("did not answer in time", true),
            ureq::Error::HostNotFound => ("has a name that nobody knows", false),
            ureq::Error::BodyExceedsLimit(_) => ("sent a reply over the limit", false),
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => ("cannot be trusted (TLS)", false),
            _ => ("cannot be reached", true),
        };
        Self { detail: what.to_owned(), again: again.then_some(None), answered: false }
    }

    fn by_status(status: u16, asked_wait: Option<Duration>) -> Self {
        let (what, again) = match status {
            300..=399 => ("redirects elsewhere, which is not followed", false),
            401 | 403 => ("refuses the key", false),
            404 => ("has no `/v1/audio/transcriptions`", false),
            408 | 425 | 429 => ("is busy", true),
            500..=599 => ("fails", true),
            _ => ("refuses the request", false),
        };
        let detail = format!("{what} (status {status})");
        Self { detail, again: again.then_some(asked_wait), answered: true }
    }
}

impl Engine for OpenAiCompatible {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn recognize(&mut self, clip: &Clip<'_>) -> Result<Recognized, SpeechError> {
        self.ask(clip)
    }

    fn recognize_all(&mut self, clips: &[Clip<'_>]) -> Result<Vec<Recognized>, SpeechError> {
        let this = &*self;
        let mut workers = vec![this; this.settings.at_once.get().min(clips.len()).max(1)];
        parallel::share(&mut workers, clips, |worker, clip| worker.ask(clip))
    }
}

pub(crate) fn ready(settings: &EngineSettings, language: Language) -> Result<(), String> {
    match &settings.remote {
        // A server is a choice that needs no advertising where none is set up.
        None => Err(String::new()),
        Some(remote) if !remote.languages.contains(&language) => {
            Err(format!("the model `{}` on the server does not recognise {language}", remote.model))
        }
        Some(_) => Ok(()),
    }
}

pub(crate) fn open(
    settings: &EngineSettings,
    _: Option<Language>,
) -> Result<Box<dyn Engine>, SpeechError> {
    let remote = settings.remote.clone().ok_or_else(|| SpeechError::NotConfigured {
        engine: ID,
        what: "a server".to_owned(),
        remedy: "give its address and its model's name".to_owned(),
    })?;
    Ok(Box::new(OpenAiCompatible::new(remote)?))
}
