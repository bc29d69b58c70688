//! The nouns of Fairhearing.
//!
//! What goes in: nothing. What comes out: the types that the other crates hand one another, from
//! the [`Recording`] that was decoded to the [`Inspection`] that people read. This crate does no
//! I/O, starts no task and names no sibling.
//!
//! Times are whole milliseconds from the start of the recording ([`Millis`]); levels and points
//! are whole hundredths ([`Decibels`], [`Points`]). Vendors' decimals are made in the vendor's
//! dialect only.
//!
//! ```
//! use fh_model::{Millis, Span};
//! let hold = Span::new(Millis(12_400), Millis(24_900));
//! assert_eq!(hold.length(), Millis(12_500));
//! assert_eq!(hold.to_string(), "00:12.400-00:24.900");
//! ```

mod call;
mod clock;
mod finding;
mod ids;
mod inspection;
mod language;
mod measures;
mod quantity;
mod recording;
mod time;
mod transcript;
mod warning;

pub use call::{CallMetadata, Role, RoleMap};
pub use clock::{Clock, FixedClock};
pub use finding::{
    Evidence, Finding, NearMiss, NotEvaluatedReason, RuleKind, ScoreCard, SearchedWindow, Severity,
    Verdict,
};
pub use ids::{AppealId, BatchId, CallId, JobId, RandomSource, TenantId, UserId, WebhookId};
pub use inspection::{INSPECTION_SCHEMA, Inspection, Lineage, TranscriptState};
pub use language::{Language, UnknownLanguage};
pub use measures::{
    AcousticMeasures, ChannelMeasures, Distribution, Loudness, SpeechRate, TalkOver,
};
pub use quantity::{Decibels, Points};
pub use recording::{ChannelIndex, Completeness, DecoderPath, Recording, VoiceActivity};
pub use time::{Millis, Span};
pub use transcript::{Transcript, TranscriptSource, Utterance, Word};
pub use warning::CallWarning;
