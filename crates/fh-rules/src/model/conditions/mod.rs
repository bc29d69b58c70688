//! The kinds of condition, one file each: what it means, how it is written, how it is told.
//!
//! A new operator is one file here and one line in the list below (and its evaluation in the
//! engine's list).

mod first_then;
mod interrupts;
mod missing;
mod regex;
mod say;
mod silence;
mod speed;

use serde::Serialize;

pub use first_then::FirstThen;
pub use interrupts::Interrupts;
pub use missing::{AnchorHits, Missing, Side};
pub use regex::Regex;
pub use say::{Needed, Say};
pub use silence::Silence;
pub use speed::{Speed, SpeedLimit, SpeedPer};

use super::{ConditionIndex, Scope};
use crate::explain::Teller;
use crate::syntax::Surface;

/// Makes [`ConditionKind`] from one line a kind.
macro_rules! condition_kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident($module:ident),)+) => {
        /// What a condition listens for.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum ConditionKind {
            $($(#[doc = $doc])+ $variant($variant),)+
        }

        impl ConditionKind {
            /// How each kind is written, in the order of the reference.
            pub const SURFACES: &'static [&'static Surface] = &[$(&$module::SURFACE,)+];

            /// The kind in plain words, without its place and count.
            pub(crate) fn tell(&self, scope: &Scope, teller: &Teller<'_>) -> String {
                match self {
                    $(Self::$variant(kind) => kind.tell(scope, teller),)+
                }
            }

            /// The conditions that this one refers to, all above it.
            pub fn refers_to(&self) -> Vec<ConditionIndex> {
                match self {
                    $(Self::$variant(kind) => kind.refers_to(),)+
                }
            }

            /// The phrase lists that this one refers to, by name.
            pub fn phrase_lists(&self) -> Vec<&str> {
                match self {
                    $(Self::$variant(kind) => kind.phrase_lists(),)+
                }
            }
        }
    };
}

condition_kinds! {
    /// `say`: words are said.
    Say(say),
    /// `regex`: a regular expression matches what is said.
    Regex(regex),
    /// `first`/`then`, `together`: conditions hit in an order, or near one another.
    FirstThen(first_then),
    /// `missing`: a condition does not hit near another.
    Missing(missing),
    /// `silence`: nobody speaks for a while.
    Silence(silence),
    /// `faster_than`, `slower_than`: how fast somebody speaks.
    Speed(speed),
    /// `interrupts`: somebody cuts in.
    Interrupts(interrupts),
}
