use std::fmt;
use std::str::FromStr;

use http::Uri;

/// Under which address clients reach the server: scheme and host, such as `https://qa.example.com`.
///
/// ```
/// use fh_api::PublicUrl;
///
/// assert_eq!("https://qa.example.com:8443/".parse::<PublicUrl>()?.as_str(), "https://qa.example.com:8443");
/// assert!("qa.example.com".parse::<PublicUrl>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// As it was written, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    /// A path is refused: Alibaba's clients ask for `/` and nothing else, so that the server cannot
    /// stand below one.
    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let uri: Uri = text.parse().ok()?;
            let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
            let is_bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
            let authority = uri.authority().filter(|_| is_http && is_bare)?;
            let is_host = !authority.host().is_empty() && !authority.as_str().contains('@');
            is_host.then(|| Self(text.trim_end_matches('/').to_owned()))
        };
        // A name and password in it would end up wherever the error does.
        let shown = if text.contains('@') { "one with a name before the host" } else { text };
        read().ok_or_else(|| {
            format!("expected an address such as `https://qa.example.com`, found `{shown}`")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_a_host_and_nothing_else() {
        for text in ["http://127.0.0.1:8080", "https://qa.example.com", "http://[::1]:80"] {
            assert_eq!(text.parse(), Ok(PublicUrl(text.to_owned())));
        }
        for text in [
            "",
            "qa.example.com",
            "//qa.example.com",
            "ftp://qa.example.com",
            "https://",
            "https://:80",
            "https://qa.example.com/inspection",
            "https://qa.example.com?a=1",
            "https://me:secret@qa.example.com",
            "https://qa example.com",
        ] {
            let error = text.parse::<PublicUrl>().unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
