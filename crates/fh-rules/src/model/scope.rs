use fh_model::{Millis, Role};
use serde::Serialize;

/// What every condition may say besides its own words: who, where in the call, how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// Whose words or whose doing; `None` for anybody's.
    pub by: Option<Role>,
    /// Where in the call.
    pub window: Window,
    /// How many hits the condition needs to hold. At least 1.
    pub at_least: u32,
}

impl Default for Scope {
    fn default() -> Self {
        Self { by: None, window: Window::Whole, at_least: 1 }
    }
}

/// The part of a call in which a hit counts.
///
/// The conversation begins with the first utterance (without a transcript: the first speech) and
/// ends with the end of the last, so that ringing and music before it do not use up the window.
/// Utterances are those of the role in [`Scope::by`], or everybody's where that is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Window {
    /// Anywhere.
    #[default]
    Whole,
    /// `first 2 utterances`: at least 1.
    FirstUtterances(u32),
    /// `last 2 utterances`: at least 1.
    LastUtterances(u32),
    /// `first 30s`: the hit starts less than this after the conversation began. More than zero.
    FirstTime(Millis),
    /// `last 30s`: the hit ends less than this before the conversation ended. More than zero.
    LastTime(Millis),
}

/// How far apart two hits may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reach {
    /// As far as the call goes.
    #[default]
    Unlimited,
    /// `within: 30s`: between the end of the earlier and the start of the later; overlapping hits
    /// are zero apart.
    Time(Millis),
    /// `within: 3 utterances`: counted over all roles; 0 is the same utterance, 1 the next one.
    Utterances(u32),
}
