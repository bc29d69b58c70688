use std::fmt;

use fh_model::{CallId, TenantId};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;

use super::super::recording_url::{UrlKey, UrlRefused};

/// For how long an address is good: as long as in the published example.
const VALID: SignedDuration = SignedDuration::from_hours(24);

/// Whose recording of which call an address is of, and what the file is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordingAddress {
    pub(super) tenant: TenantId,
    pub(super) call: CallId,
    pub(super) file_name: String,
}

impl fmt::Display for RecordingAddress {
    /// The path, not yet percent-encoded.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/recordings/{}/{}/{}", self.tenant, self.call, self.file_name)
    }
}

impl RecordingAddress {
    /// The whole address below `base`, good from `now` on for a day.
    pub(super) fn signed(&self, key: &UrlKey, base: &str, now: Timestamp) -> String {
        let expires = now.checked_add(VALID).unwrap_or(Timestamp::MAX);
        key.sign(base, &self.to_string(), expires)
    }

    /// Reads path and query of a request, where they are signed by us and still good.
    pub(super) fn read(
        path: &str,
        query: &str,
        key: &UrlKey,
        now: Timestamp,
    ) -> Result<Self, UrlRefused> {
        let path = percent_decode_str(path).decode_utf8().map_err(|_| UrlRefused::NotOurs)?;
        key.check(&path, query, now)?;
        let names = path.strip_prefix("/recordings/").ok_or(UrlRefused::NotOurs)?;
        let mut names = names.splitn(3, '/');
        let mut name = || names.next().ok_or(UrlRefused::NotOurs);
        Ok(Self {
            tenant: name()?.parse().map_err(|_| UrlRefused::NotOurs)?,
            call: name()?.parse().map_err(|_| UrlRefused::NotOurs)?,
            file_name: name()?.to_owned(),
        })
    }

    /// Reads a whole address. Whatever host it names: nobody else can have signed it.
    pub(super) fn read_url(url: &str, key: &UrlKey, now: Timestamp) -> Result<Self, UrlRefused> {
        let (_, rest) = url.split_once("://").ok_or(UrlRefused::NotOurs)?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (before, query) = rest.split_once('?').ok_or(UrlRefused::NotOurs)?;
        let path = before.find('/').map(|slash| &before[slash..]).ok_or(UrlRefused::NotOurs)?;
        Self::read(path, query, key, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_back_from_any_host_until_it_expires() {
        let key = UrlKey { id: "k".to_owned(), secret: vec![7; 32] };
        let now = Timestamp::from_second(1_704_870_035).unwrap();
        let address = RecordingAddress {
            tenant: "north".parse().unwrap(),
            call: CallId(uuid::Uuid::from_u128(5)),
            file_name: "王 a+b%.wav".to_owned(),
        };
        let url = address.signed(&key, "http://qa.example:8080", now);
        assert!(url.starts_with("http://qa.example:8080/recordings/north/00000000-"), "{url}");
        assert!(url.contains("?Expires=1704956435&"), "{url}");
        let read = |url: &str, now| RecordingAddress::read_url(url, &key, now);
        assert_eq!(read(&url, now), Ok(address.clone()));
        assert_eq!(read(&url.replace("qa.example", "other"), now), Ok(address));
        let later = now.checked_add(SignedDuration::from_hours(25)).unwrap();
        assert_eq!(read(&url, later), Err(UrlRefused::Expired));
        assert_eq!(read(&url.replace("/north/", "/south/"), now), Err(UrlRefused::NotOurs));
        assert_eq!(read("http://qa.example:8080/a.wav", now), Err(UrlRefused::NotOurs));
    }
}
