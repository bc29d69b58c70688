use std::ops::Range;

use fh_model::{Millis, NotEvaluatedReason, Span};

/// How far the time of a word and the edge of a sound may be apart for one and the same moment:
/// the one comes from a recogniser, the other from voice activity. "Thank you for waiting" that
/// ends a silence would otherwise, every second time, begin a hundredth of a second before its end.
const BLUR: Millis = Millis(300);

/// One thing that a condition listened for, found in the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    /// When. Of words: exact only where the condition is [`timed`](super::Listener::timed),
    /// otherwise the utterance's; evidence asks again.
    pub(crate) span: Span,
    /// The first utterance it touches, by position in the transcript. For what has no words: the
    /// last that began before it.
    pub(crate) first_utterance: u32,
    /// The last utterance it touches. For what has no words: the first that begins after it.
    pub(crate) last_utterance: u32,
    /// For words, which folded units of the utterance.
    pub(crate) units: Option<Range<u32>>,
    /// What the operator wants to know of it later; each says what.
    pub(crate) detail: u32,
}

impl Hit {
    /// The order of hits: by time, then by place in the transcript.
    pub(crate) fn order(&self) -> impl Ord + use<> {
        let unit = self.units.as_ref().map_or(0, |units| units.start);
        (self.span.start, self.first_utterance, unit, self.span.end, self.detail)
    }

    /// Whether it begins at or after the end of `earlier`.
    ///
    /// Within one utterance words are compared by their place: their times may be interpolated.
    /// Between words and a sound the [`BLUR`] of their clocks is forgiven.
    pub(crate) fn follows(&self, earlier: &Self) -> bool {
        match (&earlier.units, &self.units) {
            (Some(before), Some(after))
                if earlier.first_utterance == earlier.last_utterance
                    && self.first_utterance == self.last_utterance
                    && earlier.first_utterance == self.first_utterance =>
            {
                after.start >= before.end
            }
            (None, Some(_)) | (Some(_), None) => {
                self.span.start >= earlier.span.start && self.span.start + BLUR >= earlier.span.end
            }
            _ => self.span.start >= earlier.span.end,
        }
    }
}

/// A hit that does not count because of an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excused {
    pub(crate) hit: Hit,
    /// The condition of the rule whose hit excuses it, and which of its hits; `None` where the
    /// exception lies in the words themselves.
    pub(crate) by: Option<(usize, usize)>,
}

/// What one condition found in one call. Kept from call to call to save allocations.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// In order of [`Hit::order`].
    pub(crate) hits: Vec<Hit>,
    pub(crate) excused: Vec<Excused>,
    /// For hits made of several: which hit of each step, one run of steps after another.
    pub(crate) parts: Vec<u32>,
    /// Why it cannot be told what there is; then the lists are empty.
    pub(crate) unknown: Option<NotEvaluatedReason>,
}

impl Heard {
    pub(crate) fn clear(&mut self) {
        self.hits.clear();
        self.excused.clear();
        self.parts.clear();
        self.unknown = None;
    }
}
