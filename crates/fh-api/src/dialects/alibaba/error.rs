//! The three shapes in which something is refused: the gateway's, Qualitycheck's and CCC's.

use http::StatusCode;
use serde_json::{Value, json};

use super::fields::FieldError;
use super::reply::{Reply, ReplyContext};
use crate::strict_json::JsonError;

/// Why the gateway refused a request, before any operation saw it.
///
/// Codes and statuses: `https://help.aliyun.com/en/document_detail/434846.html`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// The signature is not the one that the secret gives.
    #[error(
        "The specified signature does not match our calculation. Signed headers: {signed}. A proxy that changes one of them breaks the signature."
    )]
    SignatureDoesNotMatch {
        /// The headers that were signed; `none` for RPC v1.
        signed: String,
    },
    /// Something that a signature needs is not there.
    #[error("The request signature does not conform to Alibaba Cloud standards: {missing}.")]
    IncompleteSignature {
        /// What is missing or not understood.
        missing: String,
    },
    /// Nobody has this access key.
    #[error("The specified AccessKey ID does not exist.")]
    AccessKeyNotFound,
    /// The access key was switched off.
    #[error("The specified AccessKey is inactive.")]
    AccessKeyInactive,
    /// The time of signing cannot be read.
    #[error("The specified time stamp is not well formed: expected `YYYY-MM-DDThh:mm:ssZ`.")]
    TimeStampFormat,
    /// The time of signing is too far from our clock.
    #[error(
        "The specified time stamp has expired: it is more than {minutes} minutes away from the server's clock."
    )]
    TimeStampExpired {
        /// How far it may be.
        minutes: i64,
    },
    /// The same nonce came before.
    #[error("The specified signature nonce was used already.")]
    SignatureNonceUsed,
    /// There is no such action in such a version.
    #[error(
        "The specified API is not found: {found}. Check its name, its letter case and its version."
    )]
    ApiNotFound {
        /// What was asked for.
        found: String,
    },
    /// A parameter is missing.
    #[error("{parameter} is mandatory for this action.")]
    Missing {
        /// Its name.
        parameter: &'static str,
    },
    /// A parameter, or the request itself, is not what it must be.
    #[error("The specified {parameter} is not valid: {expected}.")]
    Invalid {
        /// Its name.
        parameter: &'static str,
        /// What was expected, and what came where that helps.
        expected: String,
    },
    /// Neither GET nor POST.
    #[error("The HTTP method is not supported: expected GET or POST.")]
    UnsupportedHttpMethod,
    /// This caller asks too often.
    #[error("The request was denied due to user flow control.")]
    ThrottlingUser,
    /// Everybody together asks this operation too often.
    #[error("The request was denied due to API flow control.")]
    ThrottlingApi,
    /// The caller may not do this.
    #[error("You are not authorized to perform this action.")]
    Forbidden,
    /// A fault of ours; the log has the request's id.
    #[error("The request failed due to an internal error.")]
    Internal,
    /// A part of ours cannot be reached for the moment.
    #[error("The service is unavailable for the moment; try again.")]
    Unavailable,
}

impl GatewayError {
    /// A parameter that is not what it must be.
    pub fn invalid(parameter: &'static str, expected: impl Into<String>) -> Self {
        Self::Invalid { parameter, expected: expected.into() }
    }

    /// A signature that lacks something.
    pub(crate) fn incomplete(missing: impl Into<String>) -> Self {
        Self::IncompleteSignature { missing: missing.into() }
    }

    /// The code, such as `SignatureDoesNotMatch`.
    pub fn code(&self) -> String {
        match self {
            Self::SignatureDoesNotMatch { .. } => "SignatureDoesNotMatch".to_owned(),
            Self::IncompleteSignature { .. } => "IncompleteSignature".to_owned(),
            Self::AccessKeyNotFound => "InvalidAccessKeyId.NotFound".to_owned(),
            Self::AccessKeyInactive => "InvalidAccessKeyId.Inactive".to_owned(),
            Self::TimeStampFormat => "InvalidTimeStamp.Format".to_owned(),
            Self::TimeStampExpired { .. } => "InvalidTimeStamp.Expired".to_owned(),
            Self::SignatureNonceUsed => "SignatureNonceUsed".to_owned(),
            Self::ApiNotFound { .. } => "InvalidApi.NotFound".to_owned(),
            Self::Missing { parameter } => format!("Missing{parameter}"),
            Self::Invalid { parameter, .. } => format!("Invalid{parameter}"),
            Self::UnsupportedHttpMethod => "UnsupportedHTTPMethod".to_owned(),
            Self::ThrottlingUser => "Throttling.User".to_owned(),
            Self::ThrottlingApi => "Throttling.Api".to_owned(),
            Self::Forbidden => "Forbidden.RAM".to_owned(),
            Self::Internal => "InternalError".to_owned(),
            Self::Unavailable => "ServiceUnavailable".to_owned(),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::AccessKeyNotFound | Self::ApiNotFound { .. } => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::UnsupportedHttpMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The answer: `RequestId`, `HostId`, `Code`, `Message`, `Recommend`.
    pub fn reply(&self, context: &ReplyContext<'_>) -> Reply {
        let body = json!({
            "RequestId": context.request_id_text(),
            "HostId": context.host_id,
            "Code": self.code(),
            "Message": self.to_string(),
            "Recommend": "",
        });
        Reply::new(self.status(), "Error", &body, context)
    }
}

/// Why Qualitycheck refused: the `Code` of an answer whose HTTP status is 200 nevertheless.
///
/// Alibaba publishes that `"200"` means success and no other code. These are ours; they read like
/// HTTP statuses and are never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScaCode {
    /// `JsonStr` is not JSON, or has a key twice, or is too deep or too large.
    InvalidJson,
    /// What is asked for does not exist.
    NotFound,
    /// The same thing was submitted before.
    Duplicate,
    /// More was sent at once than is taken at once.
    TooMany,
    /// A field is missing, of the wrong type or out of its range.
    InvalidField,
    /// The tenant's limit is reached.
    LimitReached,
    /// A fault of ours; the log has the request's id.
    Internal,
    /// A part of ours cannot be reached for the moment.
    Unavailable,
}

impl ScaCode {
    /// The code as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "400",
            Self::NotFound => "404",
            Self::Duplicate => "409",
            Self::TooMany => "413",
            Self::InvalidField => "422",
            Self::LimitReached => "429",
            Self::Internal => "500",
            Self::Unavailable => "503",
        }
    }
}

/// A refusal by Qualitycheck: HTTP 200 with `Success` false.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScaError {
    /// Why.
    pub code: ScaCode,
    /// A sentence for the client; may quote what it sent, so it is never logged.
    pub message: String,
}

impl ScaError {
    /// A refusal.
    pub fn new(code: ScaCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<JsonError> for ScaError {
    fn from(error: JsonError) -> Self {
        let code = match error {
            JsonError::Shape { .. } => ScaCode::InvalidField,
            _ => ScaCode::InvalidJson,
        };
        Self::new(code, format!("`JsonStr`: {error}"))
    }
}

impl From<FieldError> for ScaError {
    fn from(error: FieldError) -> Self {
        Self::new(ScaCode::InvalidField, error.to_string())
    }
}

/// A refusal by CCC; the HTTP status says so too.
///
/// The codes are those that the metadata of CCC's recording operations lists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CccError {
    /// A parameter is there and empty.
    #[error("The parameter {0} may not be null or blank.")]
    ParameterBlank(&'static str),
    /// There is no such instance, or it is another tenant's.
    #[error("The specified instance {0} does not exist.")]
    InstanceNotFound(String),
    /// There is no such call, or it is another tenant's. The code follows `NotExists.InstanceId`.
    #[error("The specified contact {0} does not exist.")]
    ContactNotFound(String),
}

impl CccError {
    /// The code, such as `NotExists.InstanceId`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ParameterBlank(_) => "Parameter.Blank",
            Self::InstanceNotFound(_) => "NotExists.InstanceId",
            Self::ContactNotFound(_) => "NotExists.ContactId",
        }
    }

    /// The HTTP status.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::ParameterBlank(_) => StatusCode::BAD_REQUEST,
            Self::InstanceNotFound(_) | Self::ContactNotFound(_) => StatusCode::NOT_FOUND,
        }
    }
}

/// Why a request was refused, by whomever.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// By the gateway.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// By Qualitycheck.
    #[error(transparent)]
    Sca(#[from] ScaError),
    /// By CCC.
    #[error(transparent)]
    Ccc(#[from] CccError),
}

impl Refusal {
    /// The answer, in the shape of whoever refused.
    pub fn reply(&self, context: &ReplyContext<'_>) -> Reply {
        let (status, body): (StatusCode, Value) = match self {
            Self::Gateway(error) => return error.reply(context),
            Self::Sca(error) => (
                StatusCode::OK,
                json!({
                    "RequestId": context.request_id_text(),
                    "Success": false,
                    "Code": error.code.as_str(),
                    "Message": error.message,
                }),
            ),
            Self::Ccc(error) => (
                error.status(),
                json!({
                    "RequestId": context.request_id_text(),
                    "HttpStatusCode": error.status().as_u16(),
                    "Code": error.code(),
                    "Message": error.to_string(),
                }),
            ),
        };
        Reply::new(status, &context.response_element(), &body, context)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::reply::Format;
    use super::*;

    fn context(format: Format) -> ReplyContext<'static> {
        ReplyContext {
            request_id: Uuid::from_u128(0x03C6_7DAD_EB26_41D8_949D_9B0C_470F_B716),
            host_id: "127.0.0.1:8080",
            action: "GetResult",
            format,
        }
    }

    fn body(refusal: impl Into<Refusal>) -> (u16, Value) {
        let reply = refusal.into().reply(&context(Format::Json));
        (reply.status.as_u16(), serde_json::from_slice(&reply.body).unwrap())
    }

    #[test]
    fn the_gateway_answers_in_five_fields() {
        assert_eq!(
            body(GatewayError::Missing { parameter: "JsonStr" }),
            (
                400,
                json!({
                    "RequestId": "03C67DAD-EB26-41D8-949D-9B0C470FB716",
                    "HostId": "127.0.0.1:8080",
                    "Code": "MissingJsonStr",
                    "Message": "JsonStr is mandatory for this action.",
                    "Recommend": "",
                })
            )
        );
    }

    #[test]
    fn the_gateway_answers_in_xml_where_asked() {
        let reply =
            GatewayError::ApiNotFound { found: "<a> & b".to_owned() }.reply(&context(Format::Xml));
        assert_eq!(reply.content_type, "text/xml;charset=utf-8");
        assert_eq!(
            String::from_utf8(reply.body).unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <Error><Code>InvalidApi.NotFound</Code><HostId>127.0.0.1:8080</HostId>\
             <Message>The specified API is not found: &lt;a&gt; &amp; b. Check its name, its letter case \
             and its version.</Message><Recommend></Recommend>\
             <RequestId>03C67DAD-EB26-41D8-949D-9B0C470FB716</RequestId></Error>"
        );
    }

    #[test]
    fn each_gateway_error_has_its_documented_code_and_status() {
        let check = |error: GatewayError, code: &str, status: u16| {
            assert_eq!((error.code().as_str(), error.status().as_u16()), (code, status));
        };
        let signed = "host".to_owned();
        check(GatewayError::SignatureDoesNotMatch { signed }, "SignatureDoesNotMatch", 400);
        check(GatewayError::incomplete("x"), "IncompleteSignature", 400);
        check(GatewayError::AccessKeyNotFound, "InvalidAccessKeyId.NotFound", 404);
        check(GatewayError::AccessKeyInactive, "InvalidAccessKeyId.Inactive", 400);
        check(GatewayError::TimeStampFormat, "InvalidTimeStamp.Format", 400);
        check(GatewayError::TimeStampExpired { minutes: 15 }, "InvalidTimeStamp.Expired", 400);
        check(GatewayError::SignatureNonceUsed, "SignatureNonceUsed", 400);
        check(GatewayError::ApiNotFound { found: String::new() }, "InvalidApi.NotFound", 404);
        check(GatewayError::Missing { parameter: "ContactId" }, "MissingContactId", 400);
        check(GatewayError::invalid("BaseMeAgentId", ""), "InvalidBaseMeAgentId", 400);
        check(GatewayError::ThrottlingUser, "Throttling.User", 400);
        check(GatewayError::ThrottlingApi, "Throttling.Api", 400);
        check(GatewayError::Forbidden, "Forbidden.RAM", 403);
        check(GatewayError::Internal, "InternalError", 500);
        check(GatewayError::Unavailable, "ServiceUnavailable", 503);
    }

    #[test]
    fn qualitycheck_refuses_with_status_200() {
        assert_eq!(
            body(ScaError::new(ScaCode::Duplicate, "expected a new `callUuid`")),
            (
                200,
                json!({
                    "RequestId": "03C67DAD-EB26-41D8-949D-9B0C470FB716",
                    "Success": false,
                    "Code": "409",
                    "Message": "expected a new `callUuid`",
                })
            )
        );
    }

    #[test]
    fn ccc_refuses_with_its_own_status() {
        assert_eq!(
            body(CccError::InstanceNotFound("ccc-test".to_owned())),
            (
                404,
                json!({
                    "RequestId": "03C67DAD-EB26-41D8-949D-9B0C470FB716",
                    "HttpStatusCode": 404,
                    "Code": "NotExists.InstanceId",
                    "Message": "The specified instance ccc-test does not exist.",
                })
            )
        );
    }
}
