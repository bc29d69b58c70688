//! A call is held against a compiled pack.
//!
//! The words are scanned once for all phrases of all rules. Only rules that something woke are
//! then looked at: one of their phrases was said, there was a silence or a talk-over as long as
//! they ask for, something is not known that they need, or they flag when nothing is said. Every
//! other rule is clear, which was known when the pack was compiled.

mod applies;
mod hearing;
mod hit;
mod longest_apart;
mod near_miss;
mod prepared;
mod raw_hits;
mod reach;
mod truth;
mod work;

use std::ops::ControlFlow;

use fh_model::{Evidence, Millis, NotEvaluatedReason, Role, Verdict};

pub(crate) use applies::{CallFacts, CompiledFilter};
pub(crate) use hearing::{Hearing, Searched};
pub(crate) use hit::{Excused, Heard, Hit};
pub(crate) use longest_apart::longest_apart;
pub(crate) use near_miss::{SoughtPhrase, nearest_phrase};
pub use prepared::PreparedText;
pub(crate) use raw_hits::{RawHit, RawHits};
pub(crate) use reach::{near, within};
pub(crate) use truth::{Truth, grounds_of, value_of};
pub(crate) use work::{Work, WorkLimits};

use crate::compile::{CompiledRule, Program};
use crate::operators::{Listener, Needs, RuleHeard, Shown};
use crate::view::CallView;

/// Evidence that one finding shows; beyond it hits count, but are not listed.
const MOST_EVIDENCE: usize = 1_000;

/// What a rule says of a call, where that is more than "clear".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleOutcome {
    pub(crate) rule: u32,
    pub(crate) verdict: Verdict,
    /// Hits of the conditions that the flag rests on.
    pub(crate) hits: u32,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) excused: Vec<Evidence>,
}

/// Room that is used again from call to call.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    raw: RawHits,
    /// One bit a rule: whether it has to be looked at.
    woken: Vec<u64>,
    heard: Vec<Heard>,
    truths: Vec<Truth>,
}

/// The outcomes of all rules that are not simply clear, in the order of the rules.
///
/// With `only`, of that one rule.
pub(crate) fn evaluate(
    program: &Program,
    call: &CallView<'_>,
    text: &PreparedText,
    only: Option<u32>,
    scratch: &mut Scratch,
) -> Vec<RuleOutcome> {
    let Scratch { raw, woken, heard, truths } = scratch;
    raw.start_call(program.slots());
    woken.clear();
    woken.extend_from_slice(&program.always_woken);
    let scanned = scan(program, text, raw, woken);
    let mut hearing = Hearing::new(call, text, raw, Work::new(program.limits), scanned);
    wake_by_sound(program, call, woken);
    wake_by_what_is_not_known(program, &hearing, woken);
    if let Some(only) = only {
        woken.fill(0);
        woken[only as usize / 64] = 1 << (only % 64);
    }
    let facts = CallFacts::new(call);
    let mut outcomes = Vec::new();
    for (word, &bits) in woken.iter().enumerate() {
        let mut bits = bits;
        while bits != 0 {
            let rule = word as u32 * 64 + bits.trailing_zeros();
            bits &= bits - 1;
            let compiled = &program.rules[rule as usize];
            let outcome = if compiled.applies_to.lets_through(&facts) {
                evaluate_rule(rule, compiled, &mut hearing, heard, truths)
            } else {
                Some(RuleOutcome::not_evaluated(rule, NotEvaluatedReason::NotApplicable))
            };
            outcomes.extend(outcome);
        }
    }
    outcomes
}

impl RuleOutcome {
    const fn not_evaluated(rule: u32, reason: NotEvaluatedReason) -> Self {
        Self {
            rule,
            verdict: Verdict::NotEvaluated { reason },
            hits: 0,
            evidence: Vec::new(),
            excused: Vec::new(),
        }
    }
}

/// Finds all phrases, and wakes the rules that listen for them. Tells whether it reached the end.
fn scan(program: &Program, text: &PreparedText, raw: &mut RawHits, woken: &mut [u64]) -> bool {
    let mut work = program.limits.scan;
    let mut guess = 0;
    let end = program.matcher.scan(&text.units, &mut work, |occurrence| {
        let at = text.utterance_at(occurrence.start, guess);
        guess = at;
        let utterance = &text.utterances[at];
        let start = occurrence.start - utterance.first_unit;
        let end = occurrence.end - utterance.first_unit;
        let whole_words = program.stands_as_words(occurrence, &text.units);
        for listening in program.listening_for(occurrence.pattern) {
            if listening.whole_words && !whole_words {
                continue;
            }
            raw.push(listening.slot, at as u32, start, end, listening.tag);
            woken[listening.rule as usize / 64] |= 1 << (listening.rule % 64);
        }
        if raw.len() < program.limits.hits {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    end.is_continue()
}

fn wake_by_sound(program: &Program, call: &CallView<'_>, woken: &mut [u64]) {
    let longest = |lengths: &mut dyn Iterator<Item = Millis>| lengths.max().unwrap_or_default();
    let measures = call.measures;
    let silence = longest(&mut measures.mutual_silences.iter().map(|span| span.length()));
    let talk_over = longest(&mut measures.talk_overs.iter().map(|t| t.span.length()));
    let by_silence = program.woken_by_silence.iter().map(|woken| (silence, woken));
    let by_talk_over = program.woken_by_talk_over.iter().map(|woken| (talk_over, woken));
    for (longest, &(rule, limit)) in by_silence.chain(by_talk_over) {
        if longest >= limit {
            woken[rule as usize / 64] |= 1 << (rule % 64);
        }
    }
}

fn wake_by_what_is_not_known(program: &Program, hearing: &Hearing<'_>, woken: &mut [u64]) {
    let (agent, customer) = (Some(Role::Agent), Some(Role::Customer));
    let mut lacking = Needs::default();
    let mut lack = |known: Result<(), NotEvaluatedReason>, needs: Needs| {
        if known.is_err() {
            lacking = lacking.and(needs);
        }
    };
    lack(hearing.require_words(None), Needs::WORDS);
    lack(hearing.require_words(agent), Needs::AGENTS_WORDS);
    lack(hearing.require_words(customer), Needs::CUSTOMERS_WORDS);
    lack(hearing.require_parties(None), Needs::PARTIES);
    lack(hearing.require_parties(agent), Needs::AGENTS_CHANNEL);
    lack(hearing.require_parties(customer), Needs::CUSTOMERS_CHANNEL);
    lack(hearing.require_voice_activity(), Needs::VOICE_ACTIVITY);
    if lacking == Needs::default() {
        return;
    }
    for (rule, compiled) in program.rules.iter().enumerate() {
        if compiled.needs.any_of(lacking) {
            woken[rule / 64] |= 1 << (rule % 64);
        }
    }
}

/// `None` where the rule is clear and nothing was excused.
fn evaluate_rule(
    rule: u32,
    compiled: &CompiledRule,
    hearing: &mut Hearing<'_>,
    heard: &mut Vec<Heard>,
    truths: &mut Vec<Truth>,
) -> Option<RuleOutcome> {
    let listeners = &compiled.listeners;
    hearing.work.start_rule();
    heard.resize_with(heard.len().max(listeners.len()), Heard::default);
    truths.clear();
    for (index, listener) in listeners.iter().enumerate() {
        let (above, rest) = heard.split_at_mut(index);
        let own = &mut rest[0];
        own.clear();
        if let Err(reason) = listener.operator.listen(hearing, listener, above, own) {
            own.clear();
            own.unknown = Some(reason);
        }
        truths.push(match own.unknown {
            Some(reason) => Truth::Unknown(reason),
            None => Truth::from(own.hits.len() >= listener.scope.at_least as usize),
        });
    }
    let heard = RuleHeard { listeners, heard: &heard[..listeners.len()] };
    let value = value_of(&compiled.flag_if, truths);
    if let Truth::Unknown(reason) = value {
        return Some(RuleOutcome::not_evaluated(rule, reason));
    }
    let excused = excused_of(hearing, heard);
    let mut outcome =
        RuleOutcome { rule, verdict: Verdict::Clear, hits: 0, evidence: Vec::new(), excused };
    if value == Truth::True {
        outcome.verdict = Verdict::Flagged;
        (outcome.evidence, outcome.hits) = evidence_of(compiled, hearing, heard, truths);
    } else if outcome.excused.is_empty() {
        return None;
    }
    Some(outcome)
}

/// What the flag rests on, and how many hits that is.
fn evidence_of(
    compiled: &CompiledRule,
    hearing: &mut Hearing<'_>,
    rule: RuleHeard<'_>,
    truths: &[Truth],
) -> (Vec<Evidence>, u32) {
    let mut grounds = Vec::new();
    grounds_of(&compiled.flag_if, true, truths, &mut |condition, holds| {
        if !grounds.contains(&(condition, holds)) {
            grounds.push((condition, holds));
        }
    });
    let (mut evidence, mut hits) = (Vec::new(), 0u32);
    for (condition, holds) in grounds {
        if holds {
            let own = &rule.heard[condition].hits;
            hits = hits.saturating_add(u32::try_from(own.len()).unwrap_or(u32::MAX));
            for hit in own.iter().take(MOST_EVIDENCE) {
                rule.show(hearing, condition, hit, &mut evidence);
            }
        } else {
            evidence.extend(absence_of(hearing, rule.listeners, &rule.listeners[condition]));
        }
    }
    (in_order_of_time(evidence), hits)
}

/// That a condition's words were not said, where it is about words.
fn absence_of(
    hearing: &mut Hearing<'_>,
    listeners: &[Listener],
    listener: &Listener,
) -> Option<Evidence> {
    let phrases = listener.operator.looked_for(listeners);
    if phrases.is_empty() {
        return None;
    }
    let searched = hearing.searched(&listener.scope);
    let nearest = listener.operator.nearest(hearing, listener, &searched);
    Some(Evidence::Absent {
        condition: listener.name.clone(),
        phrases,
        searched: searched.window(hearing),
        nearest,
    })
}

/// What exceptions took away, each beside what excuses it.
fn excused_of(hearing: &mut Hearing<'_>, rule: RuleHeard<'_>) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for (condition, heard) in rule.heard.iter().enumerate() {
        for excused in heard.excused.iter().take(MOST_EVIDENCE) {
            let listener = &rule.listeners[condition];
            let shown = Shown { condition, hit: &excused.hit, evidence: &mut evidence };
            listener.operator.show(hearing, rule, shown);
            if let Some((excusing, hit)) = excused.by {
                rule.show(hearing, excusing, &rule.heard[excusing].hits[hit], &mut evidence);
            }
        }
    }
    in_order_of_time(evidence)
}

/// Sorted by when it was, without repetition: two hits may rest on the same words.
fn in_order_of_time(mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    evidence.sort_by_key(|one| (one.span().start, one.span().end));
    let mut apart: Vec<Evidence> = Vec::with_capacity(evidence.len());
    for one in evidence {
        // What is equal lies at the same time, so only the last few need comparing.
        let same_time = apart.iter().rev().take_while(|other| other.span() == one.span());
        if !same_time.into_iter().any(|other| *other == one) {
            apart.push(one);
        }
    }
    apart.truncate(MOST_EVIDENCE);
    apart
}
