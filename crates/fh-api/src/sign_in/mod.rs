//! Who is asking: programs by access key and secret, people by name and password; both get an opaque
//! token for some time, of which the store knows the hash only.

mod caller;
mod password;
mod secret;
mod session;
mod token;

use std::time::Duration;

use fh_store::StoreError;

pub(crate) use caller::{Session, SignedIn, identify, peer};
pub(crate) use password::Passwords;
pub use password::hash_password;
pub(crate) use secret::equal;
pub(crate) use session::{COOKIE, csrf_token, ended_cookie, session_cookie};
pub(crate) use token::{sign_in_key, sign_in_person, token_hash};

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    /// Nothing says who is asking.
    #[error("expected a header `Authorization: Bearer TOKEN` or a session cookie, found neither")]
    NoToken,
    /// The token is none of ours, or it expired or was revoked.
    #[error("expected a token that is good, found one that is not, or not any more")]
    BadToken,
    /// A change by cookie came without proof that our own pages asked for it.
    #[error("expected the session's token in the header `x-csrf-token`, found another or none")]
    NoCsrfToken,
    /// The name, the key, the secret or the password is wrong; which one is not told.
    #[error("expected a known name with its secret, found another")]
    WrongSecret,
    /// Too many wrong ones came.
    #[error("expected no further attempt for another {} s, found one", .0.as_secs().max(1))]
    Locked(Duration),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A fault of ours.
    #[error("a fault of the program")]
    Fault(#[source] Box<dyn std::error::Error + Send + Sync>),
}
