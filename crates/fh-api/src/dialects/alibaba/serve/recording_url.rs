use fh_store::CallRow;
use http::uri::Authority;

use super::{Asked, RecordingAddress};

/// The signed address of a stored recording, good for a day; `None` where nobody knows under which
/// address the server is reached.
pub(super) fn recording_url(asked: Asked<'_>, row: &CallRow) -> Option<String> {
    let settings = &asked.api.settings;
    let base = match &settings.public_url {
        Some(url) => url.to_string(),
        None => own_base(asked.context.host_id, settings.secure_cookies)?,
    };
    let file_name = row.call.source.get("file_name").and_then(|name| name.as_str());
    let address = RecordingAddress {
        tenant: asked.caller.tenant.clone(),
        call: row.call.id,
        file_name: file_name.unwrap_or(&row.call.file_name).to_owned(),
    };
    Some(address.signed(asked.api.url_key(), &base, asked.now))
}

/// The address that the client itself used, by its header `Host`: whatever stands between, it reaches
/// us there. The address that we listen on may be every one of this machine (`0.0.0.0`), which is
/// nobody's.
fn own_base(host: &str, is_tls: bool) -> Option<String> {
    // An SDK whose endpoint was given with a scheme writes it into `Host`, too.
    let host = host.split_once("://").map_or(host, |(_, host)| host);
    let authority: Authority = host.parse().ok()?;
    let scheme = if is_tls { "https" } else { "http" };
    (!host.contains('@')).then(|| format!("{scheme}://{authority}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_one_that_the_client_used() {
        let check = |host, base: Option<&str>| {
            assert_eq!(own_base(host, false).as_deref(), base, "{host}");
        };
        check("127.0.0.1:8080", Some("http://127.0.0.1:8080"));
        check("[::1]:8080", Some("http://[::1]:8080"));
        check("http://127.0.0.1:8080", Some("http://127.0.0.1:8080"));
        check("", None);
        check("user@host", None);
        check("host/path", None);
        check("a b", None);
        assert_eq!(own_base("qa.example.com", true).unwrap(), "https://qa.example.com");
    }
}
