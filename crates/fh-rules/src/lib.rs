//! Rule text becomes a compiled pack; a pack and a call become findings and scores.
//!
//! In go rule files (YAML), then the words and the acoustic measures of a call; out come score
//! cards with a reason for every point. The crate is pure: it reads no file, no clock and no
//! network, and the same input gives the same bytes.

pub mod diagnostic;
mod explain;
mod lints;
mod matcher;
pub mod model;
pub mod syntax;
pub mod text;

pub use diagnostic::{Code, Diagnostic, Level};
pub use explain::{explain, explain_in};
pub use syntax::RuleSource;
pub use text::NORMALIZER_VERSION;
