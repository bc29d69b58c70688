use std::error::Error;

/// What can go wrong with what is kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database cannot be reached or does not answer in time; the same may work later.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// There is no room left; reading still works.
    #[error("no room is left where the database or the recordings lie")]
    Full(#[source] Box<dyn Error + Send + Sync>),
    /// Somebody else changed it first, or such a thing exists already.
    #[error("expected no `{what}` of that name or state, found one")]
    Conflict {
        /// The noun, such as `rule pack`.
        what: &'static str,
    },
    /// What was named does not exist (for this tenant).
    #[error("expected a `{what}` of that identifier, found none")]
    NotFound {
        /// The noun, such as `call`.
        what: &'static str,
    },
    /// The job was meanwhile given to another worker, or was cancelled: nothing was written.
    #[error("the lease on the job was lost; nothing was written")]
    Fenced,
    /// The same idempotency key came with another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// A URL, a version or a stored value is not what it should be.
    #[error("expected {expected}, found {found}")]
    Unfit {
        /// What was expected.
        expected: String,
        /// What came.
        found: String,
    },
    /// Anything else that the backend says.
    #[error("the database refused")]
    Backend(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// Whether the same may work later without anybody changing anything.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full(_))
    }
}
