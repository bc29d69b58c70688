use fh_rules::Diagnostic;
use fh_store::StoreError;

/// Why a command was not done. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The caller's role does not allow it.
    #[error("the role does not allow this")]
    Forbidden,
    /// There is no such thing, or the caller may not know of it.
    #[error("expected a `{what}` of that identifier, found none")]
    NotFound {
        /// The noun, such as `call`.
        what: &'static str,
    },
    /// Something that was asked is not as it should be.
    #[error("expected {expected} in `{field}`, found {found}")]
    Invalid {
        /// The field, such as `calls[0].chat`.
        field: String,
        /// What would have been right.
        expected: String,
        /// What came; never what was said in a call.
        found: String,
    },
    /// It exists already, or is in a state that does not allow this.
    #[error("expected {expected}, found {found}")]
    Conflict {
        /// Which state would have allowed it.
        expected: String,
        /// Which state there is.
        found: String,
    },
    /// The idempotency key came earlier with another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The rules do not compile.
    #[error("the rule pack has {} errors", .0.iter().filter(|d| d.level == fh_rules::Level::Error).count())]
    Diagnostics(Vec<Diagnostic>),
    /// More was asked than is allowed.
    #[error("at most {allowed} {what} allowed, found {found}")]
    LimitReached {
        /// What is counted, such as `calls in one submission`.
        what: &'static str,
        /// How many are allowed.
        allowed: u64,
        /// How many came.
        found: u64,
    },
    /// There is no room left to keep it; reading still works.
    #[error("no room is left")]
    Full(#[source] StoreError),
    /// The database or the object store does not answer; the same may work later.
    #[error("what is kept cannot be reached")]
    Unavailable(#[source] StoreError),
    /// A fault of ours.
    #[error("a fault of the program")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl CommandError {
    pub(crate) fn invalid(
        field: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Invalid { field: field.into(), expected: expected.into(), found: found.into() }
    }

    pub(crate) fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { what } => Self::NotFound { what },
            StoreError::Conflict { what } => Self::Conflict {
                expected: format!("no `{what}` of that name or state"),
                found: "one".to_owned(),
            },
            StoreError::KeyReused => Self::KeyReused,
            StoreError::Unavailable(_) => Self::Unavailable(error),
            StoreError::Full(_) => Self::Full(error),
            other => Self::internal(other),
        }
    }
}
