//! A request in RPC style, as far as it can be read before anybody is believed.

use http::{HeaderMap, Method, header};

use super::error::GatewayError;
use super::parameters::Parameters;
use super::reply::Format;

/// How much of a request is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimits {
    /// Length of the request target in bytes; 500 calls in one `UploadAudioData` need some 110,000.
    pub max_target_bytes: usize,
    /// Length of the body in bytes.
    pub max_body_bytes: usize,
    /// Parameters in query and form together.
    pub max_parameters: usize,
}

impl Default for RequestLimits {
    /// 4 MiB of target, 16 MiB of body, 1,000 parameters.
    fn default() -> Self {
        Self { max_target_bytes: 4 << 20, max_body_bytes: 16 << 20, max_parameters: 1000 }
    }
}

/// A request: what was asked, not yet by whom.
#[derive(Debug, Clone)]
pub struct RpcRequest<'r> {
    /// GET or POST.
    pub method: &'r Method,
    /// The headers as they came.
    pub headers: &'r HeaderMap,
    /// The body as it came.
    pub body: &'r [u8],
    /// Query and form, decoded.
    pub parameters: Parameters,
}

impl<'r> RpcRequest<'r> {
    /// Reads a request; `target` is the raw request target, path and query, such as `/?Action=x`.
    ///
    /// A body must be a form: no operation takes another, and RPC v1 signs only forms.
    pub fn read(
        method: &'r Method,
        target: &str,
        headers: &'r HeaderMap,
        body: &'r [u8],
        limits: &RequestLimits,
    ) -> Result<Self, GatewayError> {
        if method != Method::GET && method != Method::POST {
            return Err(GatewayError::UnsupportedHttpMethod);
        }
        let within = |what, limit: usize, found: usize| {
            if found > limit {
                let expected = format!("expected at most {limit} bytes, found {found}");
                return Err(GatewayError::invalid(what, expected));
            }
            Ok(())
        };
        within("RequestTarget", limits.max_target_bytes, target.len())?;
        within("RequestBody", limits.max_body_bytes, body.len())?;
        let (path, query) = path_and_query(target);
        if path != "/" {
            return Err(GatewayError::ApiNotFound { found: format!("path {path}") });
        }
        let form = match (body.is_empty(), is_form(headers)) {
            (true, _) => "",
            (false, true) => std::str::from_utf8(body)
                .map_err(|_| GatewayError::invalid("Parameter", "expected a form in UTF-8"))?,
            (false, false) => {
                return Err(GatewayError::invalid(
                    "ContentType",
                    "expected a body of `application/x-www-form-urlencoded`",
                ));
            }
        };
        let parameters = Parameters::read(query, form, limits.max_parameters)?;
        let request = Self { method, headers, body, parameters };
        for (header, name) in [("x-acs-action", "Action"), ("x-acs-version", "Version")] {
            if let (Some(in_header), Some(in_parameter)) =
                (request.header(header)?, request.parameters.get(name))
                && in_header != in_parameter
            {
                return Err(GatewayError::invalid(
                    name,
                    format!("expected the same value in header `{header}` and in the parameter"),
                ));
            }
        }
        Ok(request)
    }

    /// The action, such as `GetResult`, from the header `x-acs-action` or the parameter `Action`.
    pub fn action(&self) -> Result<&str, GatewayError> {
        self.named("x-acs-action", "Action")
    }

    /// The version, such as `2019-01-15`, from the header `x-acs-version` or the parameter `Version`.
    pub fn version(&self) -> Result<&str, GatewayError> {
        self.named("x-acs-version", "Version")
    }

    /// The format that the answer is asked in.
    pub fn format(&self) -> Format {
        self.parameters.get("Format").map_or(Format::Json, Format::of)
    }

    /// The value of a header; `None` where it is absent.
    ///
    /// One that comes twice or is not text is refused: what was signed could not be told.
    pub fn header(&self, name: &str) -> Result<Option<&'r str>, GatewayError> {
        let mut values = self.headers.get_all(name).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(GatewayError::invalid("Header", format!("`{name}` comes twice")));
        }
        let text = std::str::from_utf8(value.as_bytes())
            .map_err(|_| GatewayError::invalid("Header", format!("expected UTF-8 in `{name}`")))?;
        Ok(Some(text.trim()))
    }

    fn named(&self, header: &str, name: &'static str) -> Result<&str, GatewayError> {
        self.header(header)?
            .or_else(|| self.parameters.get(name))
            .filter(|value| !value.is_empty())
            .ok_or(GatewayError::Missing { parameter: name })
    }
}

/// Splits a request target; one in absolute form (`http://host/?a=b`) loses its scheme and host.
fn path_and_query(target: &str) -> (&str, &str) {
    let (before, query) = target.split_once('?').unwrap_or((target, ""));
    let path = match before.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => before,
    };
    (path, query)
}

fn is_form(headers: &HeaderMap) -> bool {
    let essence = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    essence
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[track_caller]
    fn refused(
        method: Method,
        target: &str,
        lines: &[(&'static str, &'static str)],
        body: &[u8],
        code: &str,
    ) {
        let headers = headers(lines);
        let error = RpcRequest::read(&method, target, &headers, body, &RequestLimits::default());
        assert_eq!(error.unwrap_err().code(), code);
    }

    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=UTF-8");

    #[test]
    fn action_and_version_come_from_header_or_parameter() {
        let lines = headers(&[("x-acs-action", "GetResult"), ("x-acs-version", "2019-01-15")]);
        for (target, headers) in [
            ("/?Action=GetResult&Version=2019-01-15", &HeaderMap::new()),
            ("/", &lines),
            ("http://127.0.0.1:1/?Action=GetResult", &lines),
            ("http://127.0.0.1:1?Version=2019-01-15", &lines),
        ] {
            let request =
                RpcRequest::read(&Method::GET, target, headers, b"", &RequestLimits::default())
                    .unwrap();
            assert_eq!(request.action().unwrap(), "GetResult", "{target}");
            assert_eq!(request.version().unwrap(), "2019-01-15", "{target}");
            assert_eq!(request.format(), Format::Json);
        }
        let request =
            RpcRequest::read(&Method::POST, "/?Format=xml", &lines, b"", &RequestLimits::default());
        assert_eq!(request.unwrap().format(), Format::Xml);
        let lines = headers(&[FORM]);
        let request = RpcRequest::read(
            &Method::POST,
            "/?Version=2019-01-15",
            &lines,
            b"Action=AddRuleV4",
            &RequestLimits::default(),
        );
        assert_eq!(request.unwrap().action().unwrap(), "AddRuleV4");
    }

    #[test]
    fn what_is_no_rpc_request_is_refused() {
        refused(Method::DELETE, "/", &[], b"", "UnsupportedHTTPMethod");
        refused(Method::GET, "/x", &[], b"", "InvalidApi.NotFound");
        refused(Method::GET, "//", &[], b"", "InvalidApi.NotFound");
        refused(
            Method::POST,
            "/",
            &[("content-type", "application/json")],
            b"{}",
            "InvalidContentType",
        );
        refused(Method::POST, "/", &[], b"a=1", "InvalidContentType");
        refused(Method::POST, "/", &[FORM], b"a=\xff", "InvalidParameter");
        refused(Method::POST, "/?a=1", &[FORM], b"a=1", "InvalidParameter");
        refused(Method::GET, "/?Action=A", &[("x-acs-action", "B")], b"", "InvalidAction");
        let twice = [("x-acs-action", "A"), ("x-acs-action", "B")];
        let mut headers = HeaderMap::new();
        for (name, value) in twice {
            headers.append(name, value.parse().unwrap());
        }
        let error = RpcRequest::read(&Method::GET, "/", &headers, b"", &RequestLimits::default());
        assert_eq!(error.unwrap_err().code(), "InvalidHeader");
        let small = RequestLimits { max_target_bytes: 4, max_body_bytes: 2, max_parameters: 9 };
        for (target, body, code) in
            [("/?a=1", &b""[..], "InvalidRequestTarget"), ("/", b"a=1", "InvalidRequestBody")]
        {
            let headers = HeaderMap::new();
            let error = RpcRequest::read(&Method::POST, target, &headers, body, &small);
            assert_eq!(error.unwrap_err().code(), code);
        }
    }

    #[test]
    fn a_request_without_action_or_version_says_so() {
        let headers = HeaderMap::new();
        let request =
            RpcRequest::read(&Method::GET, "/?Action=", &headers, b"", &RequestLimits::default());
        let request = request.unwrap();
        assert_eq!(request.action().unwrap_err().code(), "MissingAction");
        assert_eq!(request.version().unwrap_err().code(), "MissingVersion");
    }
}
