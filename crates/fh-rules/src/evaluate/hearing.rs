//! One call while it is being inspected.

use std::collections::HashMap;
use std::ops::Range;

use fh_model::{
    CallWarning, ChannelIndex, Evidence, Millis, NotEvaluatedReason, Role, Span, SpeechRate,
    Utterance, VoiceActivity,
};

use super::prepared::{PreparedText, PreparedUtterance};
use super::raw_hits::{RawHit, RawHits};
use super::{Hit, Work};
use crate::measures::{SpeechCounting, count_speech_units, speech_rates};
use crate::model::{Scope, Window};
use crate::text::{OffsetMap, TextRange};
use crate::view::CallView;

/// What an operator asks to find its hits: the call, its folded text, what the scan found, and
/// what has been worked out on the way.
pub(crate) struct Hearing<'a> {
    pub(crate) call: &'a CallView<'a>,
    pub(crate) text: &'a PreparedText,
    pub(crate) raw: &'a RawHits,
    /// What may still be spent.
    pub(crate) work: Work,
    /// Why the words are not known, where they are not.
    words_unknown: Option<NotEvaluatedReason>,
    /// Whether it is known which words are the agent's, and which the customer's.
    agents_words_known: bool,
    customers_words_known: bool,
    conversation: Span,
    maps: HashMap<u32, OffsetMap>,
    folded: HashMap<u32, String>,
    speech_units: Vec<u32>,
    speech_rates: Option<Vec<SpeechRate>>,
    blooms: Vec<u128>,
}

impl<'a> Hearing<'a> {
    /// `scanned` tells whether the scan reached the end of the call within its limit.
    pub(crate) fn new(
        call: &'a CallView<'a>,
        text: &'a PreparedText,
        raw: &'a RawHits,
        work: Work,
        scanned: bool,
    ) -> Self {
        let words_unknown = match call.transcript {
            None => Some(NotEvaluatedReason::NoTranscript),
            Some(_) if !scanned => Some(NotEvaluatedReason::WorkLimit),
            Some(_) => None,
        };
        Self {
            call,
            text,
            raw,
            work,
            words_unknown,
            agents_words_known: words_of_role_known(call, text, Role::Agent),
            customers_words_known: words_of_role_known(call, text, Role::Customer),
            conversation: conversation_of(call, text),
            maps: HashMap::new(),
            folded: HashMap::new(),
            speech_units: Vec::new(),
            speech_rates: None,
            blooms: Vec::new(),
        }
    }

    /// From the start of the first utterance to the end of the last; without words, of the speech.
    pub(crate) const fn conversation(&self) -> Span {
        self.conversation
    }

    // What is known of the call.

    /// That there are words, and that it is known which of them `role` said.
    pub(crate) fn require_words(&self, role: Option<Role>) -> Result<(), NotEvaluatedReason> {
        if let Some(reason) = self.words_unknown {
            return Err(reason);
        }
        match role {
            Some(Role::Agent) if !self.agents_words_known => Err(self.why_roles_unknown()),
            Some(Role::Customer) if !self.customers_words_known => Err(self.why_roles_unknown()),
            _ => Ok(()),
        }
    }

    /// That the parties are on channels of their own, and which is `role`'s.
    pub(crate) fn require_parties(&self, role: Option<Role>) -> Result<(), NotEvaluatedReason> {
        if self.call.measures.channels.len() < 2 {
            return Err(NotEvaluatedReason::MixedParties);
        }
        self.require_channel(role)
    }

    /// That it is known which channel is `role`'s. Words may tell who speaks where the sound does
    /// not: a transcript with names beside a recording with one channel.
    pub(crate) fn require_channel(&self, role: Option<Role>) -> Result<(), NotEvaluatedReason> {
        match role {
            Some(role) if !channel_has_role(self.call, role) => Err(self.why_roles_unknown()),
            _ => Ok(()),
        }
    }

    /// That speech was told from silence by more than level.
    pub(crate) fn require_voice_activity(&self) -> Result<(), NotEvaluatedReason> {
        match self.call.voice_activity {
            VoiceActivity::EnergyOnly => Err(NotEvaluatedReason::NoVoiceActivity),
            _ => Ok(()),
        }
    }

    fn why_roles_unknown(&self) -> NotEvaluatedReason {
        let mixed = self.call.warnings.iter().any(|warning| {
            matches!(warning, CallWarning::MixedParties | CallWarning::IdenticalChannels)
        });
        if mixed { NotEvaluatedReason::MixedParties } else { NotEvaluatedReason::RolesUnknown }
    }

    // Utterances and their words.

    /// The transcript's utterance at `index`. Only to be asked for where there are words.
    pub(crate) fn utterance(&self, index: u32) -> Option<&'a Utterance> {
        self.call.transcript?.utterances.get(index as usize)
    }

    /// What the scan found for the condition in `slot`, sorted by place.
    pub(crate) fn raw_hits(&self, slot: u32) -> Vec<RawHit> {
        let mut hits: Vec<RawHit> = self.raw.of(slot).copied().collect();
        hits.sort_unstable_by_key(|hit| (hit.utterance, hit.start, hit.end, hit.tag));
        hits
    }

    /// The way back from folded text to the utterance's own.
    pub(crate) fn offsets(&mut self, utterance: u32) -> &OffsetMap {
        let text = self.utterance(utterance).map_or("", |u| u.text.as_str());
        self.maps.entry(utterance).or_insert_with(|| OffsetMap::new(text))
    }

    /// The utterance's folded text, for regular expressions.
    pub(crate) fn folded(&mut self, utterance: u32) -> &str {
        let text = self.text;
        self.folded
            .entry(utterance)
            .or_insert_with(|| String::from_utf16_lossy(text.units_of(utterance as usize)))
    }

    /// Units of speech in the utterance.
    pub(crate) fn speech_units(&mut self, utterance: u32) -> u32 {
        if self.speech_units.is_empty() {
            let utterances = self.call.transcript.map_or(&[][..], |t| &t.utterances);
            self.speech_units = utterances.iter().map(|u| count_speech_units(&u.text)).collect();
        }
        self.speech_units.get(utterance as usize).copied().unwrap_or(0)
    }

    /// How fast each channel speaks over the call.
    pub(crate) fn speech_rates(&mut self) -> &[SpeechRate] {
        let call = self.call;
        self.speech_rates.get_or_insert_with(|| {
            call.transcript.map_or_else(Vec::new, |transcript| {
                speech_rates(transcript, call.measures, SpeechCounting::Units)
            })
        })
    }

    /// Which units occur in an utterance, hashed to 128 bits: tells quickly that a phrase cannot
    /// be nearly there.
    pub(crate) fn bloom(&mut self, utterance: u32) -> u128 {
        if self.blooms.is_empty() {
            self.blooms = (0..self.text.utterances.len())
                .map(|index| bloom_of(self.text.units_of(index)))
                .collect();
        }
        self.blooms[utterance as usize]
    }

    // Time.

    /// When the folded units `units` of an utterance were said: by word times where the
    /// transcript has them, else interpolated over the utterance.
    pub(crate) fn time_of_words(&mut self, utterance: u32, units: &Range<u32>) -> Span {
        let Some(said) = self.utterance(utterance) else { return Span::new(Millis(0), Millis(0)) };
        if !said.words.is_empty() {
            let range = self.offsets(utterance).original(units.start as usize..units.end as usize);
            if let Some(span) = time_by_word_times(said, &range) {
                return span;
            }
        }
        let length = u64::from(self.text.utterances[utterance as usize].length()).max(1);
        let time = said.span.length().0;
        // 128 bits: an utterance may be hours long by a mistake in an imported file.
        let at = |unit: u32| {
            let share = u128::from(time) * u128::from(unit) / u128::from(length);
            said.span.start + Millis(share as u64)
        };
        Span::new(at(units.start), at(units.end).min(said.span.end))
    }

    /// The utterances beside a moment without words: the last that began before `span`, and the
    /// first that begins at its end or later.
    pub(crate) fn utterances_beside(&self, span: Span) -> (u32, u32) {
        let utterances = &self.text.utterances;
        let before = utterances.partition_point(|u| u.span.start < span.start).saturating_sub(1);
        let after = utterances.partition_point(|u| u.span.start < span.end);
        let last = utterances.len().saturating_sub(1);
        (before as u32, after.min(last).max(before) as u32)
    }

    // Scope.

    /// Whether the utterance at `index` is by the wanted role and in the part of the call that is
    /// given by counting utterances.
    pub(crate) fn in_utterance_scope(&self, index: u32, scope: &Scope) -> bool {
        let utterance = &self.text.utterances[index as usize];
        if scope.by.is_some_and(|role| utterance.role != role) {
            return false;
        }
        let last = self.text.utterances.len() as u32 - 1;
        let (before, after) = match scope.by {
            Some(_) => (utterance.of_role_before, utterance.of_role_after),
            None => (index, last - index),
        };
        match scope.window {
            Window::FirstUtterances(count) => before < count,
            Window::LastUtterances(count) => after < count,
            _ => true,
        }
    }

    /// Whether `span` is in the part of the call that is given by time.
    pub(crate) fn in_time_scope(&self, span: Span, window: Window) -> bool {
        match window {
            Window::FirstTime(limit) => span.start.saturating_sub(self.conversation.start) < limit,
            Window::LastTime(limit) => self.conversation.end.saturating_sub(span.end) < limit,
            _ => true,
        }
    }

    /// Whether a hit that is more than words of one utterance is in the part of the call given.
    pub(crate) fn in_window(&self, hit: &Hit, scope: &Scope) -> Result<bool, NotEvaluatedReason> {
        let (Window::FirstUtterances(count) | Window::LastUtterances(count)) = scope.window else {
            return Ok(self.in_time_scope(hit.span, scope.window));
        };
        self.require_words(scope.by)?;
        let of_role = |u: &&PreparedUtterance| scope.by.is_none_or(|role| u.role == role);
        let nth = (count as usize).saturating_sub(1);
        let mut counted = self.text.utterances.iter().filter(of_role);
        Ok(if matches!(scope.window, Window::FirstUtterances(_)) {
            counted.nth(nth).is_none_or(|u| hit.span.start < u.span.end)
        } else {
            counted.rev().nth(nth).is_none_or(|u| hit.span.end > u.span.start)
        })
    }

    /// The part of the call that `scope` speaks of: the time, and the utterances of its role.
    pub(crate) fn searched(&mut self, scope: &Scope) -> Searched {
        let whole = self.conversation;
        let span = match scope.window {
            Window::FirstTime(limit) => {
                Span::new(whole.start, (whole.start + limit).min(whole.end))
            }
            Window::LastTime(limit) => {
                Span::new(whole.start.max(whole.end.saturating_sub(limit)), whole.end)
            }
            _ => whole,
        };
        let all = 0..self.text.utterances.len() as u32;
        let utterances: Vec<u32> = all
            .filter(|&index| {
                let said = self.text.utterances[index as usize].span;
                self.in_utterance_scope(index, scope)
                    && said.start <= span.end
                    && said.end >= span.start
            })
            .collect();
        let span = match (scope.window, utterances.first(), utterances.last()) {
            (Window::FirstUtterances(_), _, Some(&last)) => {
                Span::new(whole.start, self.text.utterances[last as usize].span.end)
            }
            (Window::LastUtterances(_), Some(&first), _) => {
                Span::new(self.text.utterances[first as usize].span.start, whole.end)
            }
            _ => span,
        };
        Searched { span, utterances, role: scope.by }
    }

    // Evidence.

    /// Evidence for words that were said.
    pub(crate) fn said(&mut self, condition: &str, phrase: &str, hit: &Hit) -> Evidence {
        let index = hit.first_utterance;
        let units = hit.units.clone().unwrap_or(0..0);
        let (quote, chars) = self.quote(index, &units);
        let span = self.time_of_words(index, &units);
        let utterance = &self.text.utterances[index as usize];
        Evidence::Said {
            condition: condition.to_owned(),
            phrase: phrase.to_owned(),
            quote,
            utterance: utterance.id,
            chars,
            span,
            channel: utterance.channel,
            role: utterance.role,
        }
    }

    /// The words as they stand in the transcript, and where, in code points.
    pub(crate) fn quote(&mut self, utterance: u32, units: &Range<u32>) -> (String, Range<u32>) {
        let range = self.offsets(utterance).original(units.start as usize..units.end as usize);
        let bytes = range.bytes.start as usize..range.bytes.end as usize;
        let text = self.utterance(utterance).map_or("", |u| u.text.as_str());
        (text.get(bytes).unwrap_or_default().to_owned(), range.chars)
    }
}

/// Where something was looked for.
#[derive(Debug, Clone)]
pub(crate) struct Searched {
    pub(crate) span: Span,
    /// By position, in order.
    pub(crate) utterances: Vec<u32>,
    pub(crate) role: Option<Role>,
}

/// One bit for each unit of `units`, by the low seven bits of its number.
pub(crate) fn bloom_of(units: &[u16]) -> u128 {
    units.iter().fold(0, |bloom, unit| bloom | 1 << (unit & 127))
}

/// From the start of the first word's time to the end of the last's; `None` where no word with a
/// time is in `range`.
fn time_by_word_times(utterance: &Utterance, range: &TextRange) -> Option<Span> {
    let mut inside = utterance
        .words
        .iter()
        .filter(|word| word.bytes.start < range.bytes.end && range.bytes.start < word.bytes.end)
        .map(|word| word.span);
    let first = inside.next()?;
    let all = inside.fold(first, |all, span| Span {
        start: all.start.min(span.start),
        end: all.end.max(span.end),
    });
    Some(all)
}

fn channel_has_role(call: &CallView<'_>, role: Role) -> bool {
    call.measures.channels.iter().any(|channel| channel.role == role)
}

/// Whether it is known which words are `role`'s: the role is on the call, and no utterance of
/// nobody's stands on a channel that a party speaks on.
fn words_of_role_known(call: &CallView<'_>, text: &PreparedText, role: Role) -> bool {
    let utterances = &text.utterances;
    if utterances.iter().all(|utterance| utterance.role != Role::Unknown) {
        return !utterances.is_empty() || channel_has_role(call, role);
    }
    let party_on = |channel: ChannelIndex| {
        call.measures.channels.iter().any(|c| c.channel == channel && c.role != Role::Unknown)
            || utterances.iter().any(|u| u.channel == channel && u.role != Role::Unknown)
    };
    (channel_has_role(call, role) || utterances.iter().any(|u| u.role == role))
        && utterances.iter().all(|u| u.role != Role::Unknown || !party_on(u.channel))
}

fn conversation_of(call: &CallView<'_>, text: &PreparedText) -> Span {
    let utterances = || text.utterances.iter().map(|utterance| utterance.span);
    let speech = || call.measures.channels.iter().flat_map(|c| c.speech.iter().copied());
    let bounds = |spans: &mut dyn Iterator<Item = Span>| {
        spans.fold(None, |all: Option<Span>, span| {
            let all = all.unwrap_or(span);
            Some(Span { start: all.start.min(span.start), end: all.end.max(span.end) })
        })
    };
    bounds(&mut utterances())
        .or_else(|| bounds(&mut speech()))
        .unwrap_or_else(|| Span::new(Millis::ZERO, call.measures.duration))
}
