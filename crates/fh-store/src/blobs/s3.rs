use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use rusty_s3::actions::{
    DeleteObject, GetObject, HeadBucket, HeadObject, ListObjectsV2, PutObject,
};
use rusty_s3::{Bucket, Credentials, S3Action};
use ureq::Agent;
use ureq::http::{Response, StatusCode, header};

use super::s3_place::S3Place;
use super::{BlobInfo, Blobs, LocalFile, S3Access, key};
use crate::StoreError;

/// How long a signed request can be used: as long as it takes to send it, clocks being a little wrong.
const SIGNED_FOR: Duration = Duration::from_secs(300);
/// How long to wait for a connection, and for the next bytes.
const PATIENCE: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(60)];
/// How often a request is sent where the server is busy or the connection breaks off, and how long to
/// wait before the second time; twice as long before each further one.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);
/// The longest list or message that is read.
const LONGEST_ANSWER: u64 = 8 << 20;

/// Objects of a bucket. Every method sends requests on a thread that may wait.
pub(super) struct S3Blobs {
    remote: Arc<Remote>,
}

/// The bucket, for whoever sends requests.
struct Remote {
    agent: Agent,
    bucket: Bucket,
    credentials: Credentials,
    /// Stands before every key: empty, or with a `/` at its end.
    prefix: String,
    access: S3Access,
}

impl S3Blobs {
    pub(super) async fn open(url: &str, access: &S3Access) -> Result<Self, StoreError> {
        let S3Place { bucket, prefix } = S3Place::parse(url, access)?;
        let config = Agent::config_builder()
            // Without this line the environment decides where the connection goes.
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept_encoding("identity")
            .user_agent(concat!("fairhearing/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(PATIENCE[0]))
            .timeout_per_read(Some(PATIENCE[1]))
            .timeout_per_write(Some(PATIENCE[1]))
            .build();
        let credentials = match &access.token {
            Some(token) => Credentials::new_with_token(&access.key, &access.secret, token),
            None => Credentials::new(&access.key, &access.secret),
        };
        let remote = Arc::new(Remote {
            agent: config.into(),
            bucket,
            credentials,
            prefix,
            access: access.clone(),
        });
        let opened = Self { remote };
        opened.send(|remote| remote.check()).await?;
        Ok(opened)
    }

    /// Sends requests where that holds nobody up; again where the same may work later.
    async fn send<T: Send + 'static>(
        &self,
        request: impl Fn(&Remote) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let remote = Arc::clone(&self.remote);
        let sent = tokio::task::spawn_blocking(move || {
            let mut pause = PAUSE;
            for _ in 1..ATTEMPTS {
                match request(&remote) {
                    Err(StoreError::Unavailable(_)) => std::thread::sleep(pause),
                    done => return done,
                }
                pause *= 2;
            }
            request(&remote)
        });
        sent.await.unwrap_or_else(|panic| Err(StoreError::Backend(panic.into())))
    }
}

#[async_trait]
impl Blobs for S3Blobs {
    async fn put_file(&self, key: &str, path: &Path) -> Result<u64, StoreError> {
        let (key, path) = (self.remote.place(key)?, path.to_owned());
        self.send(move |remote| {
            let unreadable = |fault: io::Error| StoreError::Backend(fault.into());
            let file = File::open(&path).map_err(unreadable)?;
            let bytes = file.metadata().map_err(unreadable)?.len();
            remote.put(&key, &file)?;
            Ok(bytes)
        })
        .await
    }

    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), StoreError> {
        let key = self.remote.place(key)?;
        self.send(move |remote| remote.put(&key, &bytes[..])).await
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        let key = self.remote.place(key)?;
        self.send(move |remote| {
            let Some(mut response) = remote.get(&key, None)? else { return Ok(None) };
            read_all(&mut response, u64::MAX).map(|bytes| Some(bytes.into()))
        })
        .await
    }

    async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Option<Bytes>, StoreError> {
        if range.is_empty() {
            return Ok(self.size(key).await?.map(|_| Bytes::new()));
        }
        let key = self.remote.place(key)?;
        self.send(move |remote| {
            let Some(mut response) = remote.get(&key, Some(&range))? else { return Ok(None) };
            match response.status() {
                // It begins after the object's end.
                StatusCode::RANGE_NOT_SATISFIABLE => Ok(Some(Bytes::new())),
                StatusCode::PARTIAL_CONTENT => {
                    read_all(&mut response, range.end - range.start).map(|bytes| Some(bytes.into()))
                }
                // A server that knows no ranges: its answer is the whole.
                _ => {
                    let whole = Bytes::from(read_all(&mut response, range.end)?);
                    let start = usize::try_from(range.start).unwrap_or(usize::MAX);
                    Ok(Some(whole.slice(start.min(whole.len())..)))
                }
            }
        })
        .await
    }

    async fn size(&self, key: &str) -> Result<Option<u64>, StoreError> {
        let key = self.remote.place(key)?;
        self.send(move |remote| remote.size(&key)).await
    }

    async fn local_file(&self, key: &str) -> Result<Option<LocalFile>, StoreError> {
        let key = self.remote.place(key)?;
        self.send(move |remote| {
            let Some(mut response) = remote.get(&key, None)? else { return Ok(None) };
            remote.copy(&mut response).map(|copy| Some(LocalFile::copy(copy)))
        })
        .await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let key = self.remote.place(key)?;
        self.send(move |remote| {
            let action = DeleteObject::new(&remote.bucket, Some(&remote.credentials), &key);
            let url = action.sign(SIGNED_FOR).to_string();
            remote.judge(remote.agent.delete(url).call()).map(drop)
        })
        .await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<BlobInfo>, StoreError> {
        key::check_prefix(prefix)?;
        let prefix = format!("{}{prefix}", self.remote.prefix);
        let mut infos = self.send(move |remote| remote.list(&prefix)).await?;
        infos.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(infos)
    }
}

impl Remote {
    fn place(&self, key: &str) -> Result<String, StoreError> {
        key::check(key)?;
        Ok(format!("{}{key}", self.prefix))
    }

    /// Refuses a bucket that is not there, so that a wrong name is found when the server starts.
    fn check(&self) -> Result<(), StoreError> {
        let action = HeadBucket::new(&self.bucket, Some(&self.credentials));
        let url = action.sign(SIGNED_FOR).to_string();
        match self.judge(self.agent.head(url).call())? {
            Some(_) => Ok(()),
            None => Err(StoreError::Unfit {
                expected: format!("an S3 bucket `{}`", self.bucket.name()),
                found: "none of that name".to_owned(),
            }),
        }
    }

    fn put(&self, key: &str, body: impl ureq::AsSendBody) -> Result<(), StoreError> {
        let action = PutObject::new(&self.bucket, Some(&self.credentials), key);
        let url = action.sign(SIGNED_FOR).to_string();
        match self.judge(self.agent.put(url).send(body))? {
            Some(_) => Ok(()),
            None => Err(refused("404, the bucket is gone")),
        }
    }

    fn get(
        &self,
        key: &str,
        range: Option<&Range<u64>>,
    ) -> Result<Option<Response<ureq::Body>>, StoreError> {
        let action = GetObject::new(&self.bucket, Some(&self.credentials), key);
        let mut request = self.agent.get(action.sign(SIGNED_FOR).to_string());
        if let Some(range) = range {
            let (first, last) = (range.start, range.end - 1);
            request = request.header(header::RANGE, format!("bytes={first}-{last}"));
        }
        self.judge(request.call())
    }

    fn size(&self, key: &str) -> Result<Option<u64>, StoreError> {
        let action = HeadObject::new(&self.bucket, Some(&self.credentials), key);
        let url = action.sign(SIGNED_FOR).to_string();
        let Some(response) = self.judge(self.agent.head(url).call())? else { return Ok(None) };
        let length = response.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        length.map(Some).ok_or_else(|| refused("an answer without the object's length"))
    }

    fn copy(&self, response: &mut Response<ureq::Body>) -> Result<tempfile::TempPath, StoreError> {
        let unwritable = |fault: io::Error| match fault.kind() {
            io::ErrorKind::StorageFull => StoreError::Full(fault.into()),
            _ => StoreError::Backend(fault.into()),
        };
        let mut copy = tempfile::Builder::new()
            .prefix("object")
            .tempfile_in(&self.access.temp_dir)
            .map_err(unwritable)?;
        let mut body = response.body_mut().as_reader();
        let mut block = vec![0; 1 << 16];
        loop {
            // Reading and writing fail for different reasons.
            let read =
                body.read(&mut block).map_err(|fault| StoreError::Unavailable(fault.into()))?;
            if read == 0 {
                return Ok(copy.into_temp_path());
            }
            io::Write::write_all(copy.as_file_mut(), &block[..read]).map_err(unwritable)?;
        }
    }

    fn list(&self, prefix: &str) -> Result<Vec<BlobInfo>, StoreError> {
        let (mut infos, mut token) = (Vec::new(), None::<String>);
        loop {
            let mut action = ListObjectsV2::new(&self.bucket, Some(&self.credentials));
            action.with_prefix(prefix);
            if let Some(token) = token {
                action.with_continuation_token(token);
            }
            let url = action.sign(SIGNED_FOR).to_string();
            let mut response = self
                .judge(self.agent.get(url).call())?
                .ok_or_else(|| refused("404, the bucket is gone"))?;
            let text = String::from_utf8(read_all(&mut response, LONGEST_ANSWER)?)
                .map_err(|_| refused("a list that is not UTF-8"))?;
            let part = ListObjectsV2::parse_response(&with_usual_namespace(&text))
                .map_err(|fault| refused(&format!("a list that cannot be read: {fault}")))?;
            for object in part.contents {
                let Some(key) = object.key.strip_prefix(&self.prefix) else { continue };
                // Folders that some consoles make, and what others keep here.
                if key::check(key).is_err() {
                    continue;
                }
                let written_at: Option<Timestamp> =
                    object.last_modified.and_then(|moment| moment.parse().ok());
                let (Some(bytes), Some(written_at)) = (object.size, written_at) else {
                    return Err(refused("a list without sizes or moments"));
                };
                infos.push(BlobInfo { key: key.to_owned(), bytes, written_at });
            }
            token = part.next_continuation_token;
            if token.is_none() {
                return Ok(infos);
            }
        }
    }

    /// What an answer means: `None` where there is no such object. Nothing of the request is told: its
    /// address is as good as a key for some minutes.
    fn judge(
        &self,
        answer: Result<Response<ureq::Body>, ureq::Error>,
    ) -> Result<Option<Response<ureq::Body>>, StoreError> {
        let mut response = answer.map_err(|fault| match fault {
            ureq::Error::BadUri(_) | ureq::Error::InvalidProxyUrl => {
                refused("an address that cannot be requested")
            }
            other => StoreError::Unavailable(other.to_string().into()),
        })?;
        let status = response.status();
        if status.is_success() || status == StatusCode::RANGE_NOT_SATISFIABLE {
            return Ok(Some(response));
        }
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let text = read_all(&mut response, LONGEST_ANSWER).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
        let code = code.map_or("", |(code, _)| code);
        let said = format!("{} {code}", status.as_u16());
        Err(match status.as_u16() {
            507 => StoreError::Full(said.into()),
            408 | 429 | 500..=599 => StoreError::Unavailable(said.into()),
            _ => refused(said.trim()),
        })
    }
}

fn refused(said: &str) -> StoreError {
    StoreError::Backend(format!("the S3 server answered {said}").into())
}

fn read_all(response: &mut Response<ureq::Body>, limit: u64) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let mut body = response.body_mut().as_reader().take(limit);
    body.read_to_end(&mut bytes).map_err(|fault| StoreError::Unavailable(fault.into()))?;
    Ok(bytes)
}

/// Servers do not agree on the name of their XML's namespace; the reader knows Amazon's.
fn with_usual_namespace(text: &str) -> String {
    const USUAL: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
    match text.split_once(" xmlns=\"") {
        Some((before, rest)) => match rest.split_once('"') {
            Some((_, after)) => format!("{before} xmlns=\"{USUAL}\"{after}"),
            None => text.to_owned(),
        },
        None => {
            text.replacen("<ListBucketResult", &format!("<ListBucketResult xmlns=\"{USUAL}\""), 1)
        }
    }
}
