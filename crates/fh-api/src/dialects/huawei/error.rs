//! The two shapes of an error that the family's documents show, and nothing else.
//!
//! `{"resultCode":"1010404","resultDesc":"..."}` with strings is the family's usual answer;
//! `{"errorCode":1010404,"errorMessage":"..."}` with a number is what the sample of
//! `getTextByTaskId` prints. The documents name two codes, 1010200 and 1010404: the module's number
//! with the HTTP status behind it, and so are the others made.

use axum::response::{IntoResponse, Response};
use fh_store::StoreError;
use fh_workflow::CommandError;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::extract::BodyError;
use crate::observe::Fault;
use crate::problem::chain;
use crate::sign_in::SignInError;

/// The code of success.
pub(crate) const SUCCESS: &str = "1010200";

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HuaweiError {
    status: StatusCode,
    message: String,
    by_number: bool,
}

impl HuaweiError {
    pub(crate) fn new(status: StatusCode, message: impl ToString) -> Self {
        Self { status, message: message.to_string(), by_number: false }
    }

    pub(crate) fn bad_request(message: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn not_found(message: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// The same in the other shape.
    pub(crate) fn by_number(self) -> Self {
        Self { by_number: true, ..self }
    }

    fn fault(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %chain(error), "a request failed");
        Self::internal()
    }

    fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal error; the server's log has more under the id in the header `x-request-id`",
        )
    }
}

impl IntoResponse for HuaweiError {
    fn into_response(self) -> Response {
        let code = 1_010_000 + u32::from(self.status.as_u16());
        let body = if self.by_number {
            json!({ "errorCode": code, "errorMessage": self.message })
        } else {
            json!({ "resultCode": code.to_string(), "resultDesc": self.message })
        };
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, json);
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<BodyError> for HuaweiError {
    fn from(error: BodyError) -> Self {
        let status = match error {
            BodyError::WrongType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            BodyError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            BodyError::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            BodyError::Broken | BodyError::Json(_) => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error)
    }
}

impl From<SignInError> for HuaweiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Locked(_) => Self::new(StatusCode::TOO_MANY_REQUESTS, error),
            SignInError::NoCsrfToken => Self::new(StatusCode::FORBIDDEN, error),
            SignInError::NoToken | SignInError::BadToken | SignInError::WrongSecret => {
                Self::new(StatusCode::UNAUTHORIZED, error)
            }
            SignInError::Store(error) => error.into(),
            SignInError::Fault(error) => Self::fault(error.as_ref()),
        }
    }
}

impl From<StoreError> for HuaweiError {
    fn from(error: StoreError) -> Self {
        CommandError::from(error).into()
    }
}

impl From<CommandError> for HuaweiError {
    fn from(error: CommandError) -> Self {
        let status = match &error {
            CommandError::Forbidden => StatusCode::FORBIDDEN,
            CommandError::NotFound { .. } => StatusCode::NOT_FOUND,
            CommandError::Invalid { .. } | CommandError::KeyReused => StatusCode::BAD_REQUEST,
            CommandError::Conflict { .. } => StatusCode::CONFLICT,
            CommandError::LimitReached { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            CommandError::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
            CommandError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            other => return Self::fault(other),
        };
        Self::new(status, error)
    }
}

impl From<Fault> for HuaweiError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Overdue => {
                Self::new(StatusCode::GATEWAY_TIMEOUT, "not done within the time allowed")
            }
            Fault::Panicked => Self::internal(),
        }
    }
}
