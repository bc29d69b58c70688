//! The kinds of condition, one file each: what it says, and what the engine must do with it.
//!
//! A new operator is one file here and one line in [`condition_kinds!`] below.

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

/// Makes [`ConditionKind`] from one line a kind.
macro_rules! condition_kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident($module:ident::$struct:ident),)+) => {
        /// What a condition listens for.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum ConditionKind {
            $($(#[doc = $doc])+ $variant($module::$struct),)+
        }
    };
}

condition_kinds! {
    /// `say`: words are said.
    Say(say::Say),
    /// `regex`: a regular expression matches what is said.
    Regex(regex::Regex),
    /// `first`/`then`: conditions hit in an order, or near one another.
    FirstThen(first_then::FirstThen),
    /// `missing`: a condition does not hit near another.
    Missing(missing::Missing),
    /// `silence`: nobody speaks for a while.
    Silence(silence::Silence),
    /// `faster_than`, `slower_than`: how fast somebody speaks.
    Speed(speed::Speed),
    /// `interrupts`: somebody cuts in.
    Interrupts(interrupts::Interrupts),
}
