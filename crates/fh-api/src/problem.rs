use std::fmt::Display;

use axum::response::{IntoResponse, Response};
use fh_store::StoreError;
use fh_workflow::CommandError;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::BodyError;
use crate::observe;
use crate::sign_in::SignInError;

/// Why a request was not done, as RFC 9457 writes it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// What sort of problem it is: a stable name, as a URI.
    #[serde(rename = "type")]
    #[schema(example = "urn:fairhearing:problem:not_found")]
    kind: String,
    /// The sort of problem in words.
    #[schema(example = "not found")]
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What was expected and what came.
    detail: String,
    /// Finds the lines of the server's log about this request; also in the header `x-request-id`.
    request_id: String,
    /// The field of the request that is meant, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What is wrong with uploaded rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diagnostics: Vec<RuleProblem>,
    #[serde(skip)]
    retry_after_s: Option<u64>,
}

/// What is wrong with a place in a rule file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleProblem {
    /// The stable code with its name.
    #[schema(example = "FH-R012 unknown-field")]
    pub(crate) code: String,
    /// `error`, `warning` or `hint`.
    pub(crate) level: String,
    /// The rule file.
    pub(crate) file: String,
    /// Line, from 1.
    pub(crate) line: u32,
    /// Column in Unicode code points, from 1.
    pub(crate) column: u32,
    /// What is wrong.
    pub(crate) message: String,
    /// What would have been right, where that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected: Option<String>,
    /// What was probably meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) suggestion: Option<String>,
}

/// Writes what the rule compiler says. A macro, since the compiler's crate is not ours to name.
macro_rules! rule_problems {
    ($diagnostics:expr) => {
        $diagnostics
            .iter()
            .map(|diagnostic| $crate::problem::RuleProblem {
                code: diagnostic.code.to_string(),
                level: format!("{:?}", diagnostic.level).to_lowercase(),
                file: diagnostic.file.clone(),
                line: diagnostic.line,
                column: diagnostic.column,
                message: diagnostic.message.clone(),
                expected: diagnostic.expected.clone(),
                suggestion: diagnostic.suggestion.clone(),
            })
            .collect::<Vec<_>>()
    };
}
pub(crate) use rule_problems;

/// The sorts of problem, with their status and words.
macro_rules! sorts {
    ($($(#[$doc:meta])* $name:ident: $status:ident, $title:literal;)+) => {
        impl Problem {
            $($(#[$doc])*
            pub(crate) fn $name(detail: impl Display) -> Self {
                Self::new(stringify!($name), StatusCode::$status, $title, detail)
            })+
        }
    };
}

sorts! {
    bad_request: BAD_REQUEST, "the request is not as expected";
    not_signed_in: UNAUTHORIZED, "not signed in";
    forbidden: FORBIDDEN, "not allowed";
    not_found: NOT_FOUND, "not found";
    method_not_allowed: METHOD_NOT_ALLOWED, "the method does not exist here";
    timeout: REQUEST_TIMEOUT, "the request came too slowly";
    conflict: CONFLICT, "the state does not allow it";
    too_large: PAYLOAD_TOO_LARGE, "more than is allowed";
    wrong_media_type: UNSUPPORTED_MEDIA_TYPE, "another type of content is expected";
    range_not_satisfiable: RANGE_NOT_SATISFIABLE, "there are no such bytes";
    unprocessable: UNPROCESSABLE_ENTITY, "the request cannot be done";
    locked: TOO_MANY_REQUESTS, "too many failed attempts";
    internal: INTERNAL_SERVER_ERROR, "internal error";
    unavailable: SERVICE_UNAVAILABLE, "not available at present";
    out_of_room: INSUFFICIENT_STORAGE, "no room left";
    overdue: GATEWAY_TIMEOUT, "took too long";
}

impl Problem {
    fn new(kind: &str, status: StatusCode, title: &str, detail: impl Display) -> Self {
        Self {
            kind: format!("urn:fairhearing:problem:{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.to_string(),
            request_id: observe::request_id(),
            field: None,
            diagnostics: Vec::new(),
            retry_after_s: None,
        }
    }

    /// The problem of a request in which `field` is not as expected.
    pub(crate) fn field(field: &str, expected: impl Display, found: impl Display) -> Self {
        let mut problem =
            Self::bad_request(format!("expected {expected} in `{field}`, found {found}"));
        problem.field = Some(field.to_owned());
        problem
    }

    /// A handler panicked.
    pub(crate) fn panicked() -> Self {
        Self::internal("a fault of the server; its log has more under the request id")
    }

    /// What went wrong inside; it is logged, and told to nobody.
    pub(crate) fn fault(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %chain(error), "a request failed");
        Self::panicked()
    }
}

pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        let problem = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, problem);
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        CommandError::from(error).into()
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match &error {
            CommandError::Forbidden => Self::forbidden(error),
            CommandError::NotFound { .. } => Self::not_found(error),
            CommandError::Invalid { field, expected, found } => Self::field(field, expected, found),
            CommandError::Conflict { .. } => Self::conflict(error),
            CommandError::KeyReused => Self::unprocessable(error),
            CommandError::Diagnostics(diagnostics) => {
                let mut problem = Self::unprocessable(&error);
                problem.diagnostics = rule_problems!(diagnostics);
                problem
            }
            CommandError::LimitReached { .. } => Self::too_large(error),
            CommandError::Full(_) => Self::out_of_room(error),
            CommandError::Unavailable(_) => {
                Self { retry_after_s: Some(5), ..Self::unavailable(error) }
            }
            other => Self::fault(other),
        }
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::WrongType { .. } => Self::wrong_media_type(error),
            BodyError::TooLarge { .. } => Self::too_large(error),
            BodyError::TooSlow(_) => Self::timeout(error),
            BodyError::Broken | BodyError::Json(_) => Self::bad_request(error),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::NoToken | SignInError::BadToken | SignInError::WrongSecret => {
                Self::not_signed_in(error)
            }
            SignInError::NoCsrfToken => Self::forbidden(error),
            SignInError::Locked(wait) => {
                Self { retry_after_s: Some(wait.as_secs().max(1)), ..Self::locked(error) }
            }
            SignInError::Store(error) => error.into(),
            SignInError::Fault(error) => Self::fault(error.as_ref()),
        }
    }
}
