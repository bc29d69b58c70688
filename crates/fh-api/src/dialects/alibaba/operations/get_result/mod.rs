//! Qualitycheck `GetResult`: what was found in uploaded calls.
//!
//! `https://help.aliyun.com/document_detail/456533.html`. The request filters and pages, and names
//! the fields that it wants; the answer wraps each list in an object of its own.
//!
//! Definitions of ours, where Alibaba gives none:
//!
//! - `EmotionValue`, documented as a level in dB over ten, 0 to 10: the mean level of the seconds
//!   that the sentence touches, in dB relative to full scale, plus 100, over ten, rounded.
//! - `SpeechRate`: Chinese characters and words of other scripts in the sentence, per minute of it.
//! - `Val` of an interruption, `m：n`: `m` in seconds with at most one decimal.

mod answer;
mod projection;
mod query;
mod sentence;

use super::super::serve;
use super::{Effect, Operation, Product};

pub use answer::{Answer, Page, Progress, RecordingFacts, Review, StoredCall, answer};
pub use projection::Projection;
pub use query::{
    NumberFilter, RemarkFilter, ResultQuery, ReviewFilter, SortKey, SourceData, TaskStatus,
    TimeRange,
};

/// The operation's line in the list.
pub const OPERATION: Operation = Operation {
    product: Product::Qualitycheck,
    name: "GetResult",
    effect: Effect::Read,
    bearer: false,
    required: &["JsonStr"],
    handler: |asked| Box::pin(serve::get_result::handle(asked)),
};
