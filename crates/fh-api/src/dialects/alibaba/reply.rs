//! The answer to a request, in JSON or XML.

use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::xml;

/// The format of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// JSON; what every SDK asks for.
    #[default]
    Json,
    /// XML, for `Format=XML`.
    Xml,
}

impl Format {
    /// Reads the parameter `Format` in any letter case; what is not XML is JSON.
    pub fn of(text: &str) -> Self {
        if text.eq_ignore_ascii_case("xml") { Self::Xml } else { Self::Json }
    }
}

/// What every answer to one request shares.
#[derive(Debug, Clone, Copy)]
pub struct ReplyContext<'a> {
    /// The request's identifier, which stands in the log too.
    pub request_id: Uuid,
    /// Where the request was sent: the `Host` header.
    pub host_id: &'a str,
    /// The action, such as `GetResult`; empty where there was none.
    pub action: &'a str,
    /// JSON or XML.
    pub format: Format,
}

impl ReplyContext<'_> {
    /// The request's identifier as Alibaba writes it: upper case with hyphens.
    pub fn request_id_text(&self) -> String {
        upper_uuid(self.request_id)
    }

    /// The root element of an answer in XML, such as `GetResultResponse`.
    pub(crate) fn response_element(&self) -> String {
        format!("{}Response", self.action)
    }
}

/// A UUID as Alibaba writes its identifiers: upper case with hyphens.
pub(crate) fn upper_uuid(id: Uuid) -> String {
    id.hyphenated().to_string().to_uppercase()
}

/// An answer, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The `Content-Type`. The SDKs compare the one of XML literally.
    pub content_type: &'static str,
    /// The header `x-acs-request-id`.
    pub request_id: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// An answer with `body`; in XML its root element is `root`.
    pub(crate) fn new(
        status: StatusCode,
        root: &str,
        body: &Value,
        context: &ReplyContext<'_>,
    ) -> Self {
        let (content_type, body) = match context.format {
            Format::Json => ("application/json;charset=utf-8", body.to_string()),
            Format::Xml => ("text/xml;charset=utf-8", xml::document(root, body)),
        };
        let request_id = context.request_id_text();
        Self { status, content_type, request_id, body: body.into_bytes() }
    }

    /// Qualitycheck's answer to what was done: `answer` beside `Code` "200" and `Success` true.
    pub fn sca_success(answer: &impl Serialize, context: &ReplyContext<'_>) -> Self {
        let envelope = json!({
            "RequestId": context.request_id_text(),
            "Success": true,
            "Code": "200",
            "Message": "successful",
        });
        Self::success(envelope, answer, context)
    }

    /// CCC's answer to what was done: `answer` beside `Code` "OK" and `HttpStatusCode` 200.
    pub fn ccc_success(answer: &impl Serialize, context: &ReplyContext<'_>) -> Self {
        let envelope = json!({
            "RequestId": context.request_id_text(),
            "HttpStatusCode": 200,
            "Code": "OK",
            "Message": "无",
        });
        Self::success(envelope, answer, context)
    }

    fn success(mut body: Value, answer: &impl Serialize, context: &ReplyContext<'_>) -> Self {
        let answer = serde_json::to_value(answer).expect("answers are structs with string keys");
        if let (Value::Object(body), Value::Object(answer)) = (&mut body, answer) {
            body.extend(answer);
        }
        Self::new(StatusCode::OK, &context.response_element(), &body, context)
    }
}

impl From<Reply> for http::Response<Vec<u8>> {
    fn from(reply: Reply) -> Self {
        let mut response = Self::new(reply.body);
        *response.status_mut() = reply.status;
        let headers = response.headers_mut();
        headers
            .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(reply.content_type));
        if let Ok(id) = http::HeaderValue::from_str(&reply.request_id) {
            headers.insert("x-acs-request-id", id);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: ReplyContext<'_> = ReplyContext {
        request_id: Uuid::from_u128(0xabcd),
        host_id: "h",
        action: "UploadAudioData",
        format: Format::Json,
    };

    #[test]
    fn qualitycheck_says_200_in_a_string() {
        let reply = Reply::sca_success(&json!({"Data": "T"}), &CONTEXT);
        assert_eq!(
            serde_json::from_slice::<Value>(&reply.body).unwrap(),
            json!({
                "RequestId": "00000000-0000-0000-0000-00000000ABCD",
                "Success": true,
                "Code": "200",
                "Message": "successful",
                "Data": "T",
            })
        );
        let response = http::Response::from(reply);
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json;charset=utf-8");
        assert_eq!(response.headers()["x-acs-request-id"], "00000000-0000-0000-0000-00000000ABCD");
    }

    #[test]
    fn ccc_says_ok_in_xml_too() {
        let context = ReplyContext { format: Format::Xml, ..CONTEXT };
        let reply = Reply::ccc_success(&json!({"Data": {"Item": ["a", "b"]}}), &context);
        assert_eq!(
            String::from_utf8(reply.body).unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><UploadAudioDataResponse><Code>OK</Code>\
             <Data><Item>a</Item><Item>b</Item></Data><HttpStatusCode>200</HttpStatusCode>\
             <Message>无</Message><RequestId>00000000-0000-0000-0000-00000000ABCD</RequestId>\
             </UploadAudioDataResponse>"
        );
    }
}
