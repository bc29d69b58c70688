use std::ops::Range;
use std::sync::Arc;

use fh_model::{NearMiss, NotEvaluatedReason};

use super::{Listen, Listener, Needs, Operator, RuleHeard, Shown, Wake};
use crate::compile::Compiling;
use crate::evaluate::{Excused, Heard, Hearing, Hit, Searched};
use crate::model::{ConditionKind, Scope};

pub(super) const OPERATOR: Operator =
    Operator { name: "regex", page: include_str!("regex.md"), compile };

/// A regular expression matches within one utterance.
#[derive(Debug)]
struct Pattern {
    /// As the author wrote it.
    written: String,
    regex: Arc<regex::Regex>,
    not_matching: Option<Arc<regex::Regex>>,
    /// Whether every match holds one of the literals that the scan listens for.
    has_literals: bool,
}

fn compile(compiling: &mut Compiling<'_>, kind: &ConditionKind) -> Option<Box<dyn Listen>> {
    let ConditionKind::Regex(condition) = kind else { return None };
    let regex = compiling.regex(&condition.pattern, condition.pattern_place);
    let not_matching = condition
        .not_matching
        .as_ref()
        .map(|pattern| compiling.regex(pattern, condition.not_matching_place));
    let literals = compiling.required_literals(&condition.pattern, condition.pattern_place);
    for literal in literals.iter().flatten() {
        compiling.listen_for(literal, 0, false);
    }
    Some(Box::new(Pattern {
        written: condition.pattern.clone(),
        regex: regex?,
        // An expression that does not compile has been reported; there will be no pack.
        not_matching: not_matching.flatten(),
        has_literals: literals.is_some(),
    }))
}

/// Bytes that a regular expression searches in one step of work.
const BYTES_A_STEP: usize = 8;
/// Bytes ahead of a match that are charged as one step: a search may read to the end before it
/// settles for a match near by, but seldom does.
const BYTES_AHEAD_A_STEP: usize = 64;

impl Pattern {
    /// The utterances that may match, by position.
    fn candidates(&self, hearing: &Hearing<'_>, listener: &Listener) -> Vec<u32> {
        if !self.has_literals {
            return (0..hearing.text.utterances.len() as u32).collect();
        }
        let mut candidates: Vec<u32> =
            hearing.raw.of(listener.slot).map(|hit| hit.utterance).collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    /// The folded units of an utterance's matches, and whether `not_matching` takes them away.
    fn matches(
        &self,
        hearing: &mut Hearing<'_>,
        utterance: u32,
    ) -> Result<(Vec<Range<u32>>, bool), NotEvaluatedReason> {
        let mut work = hearing.work;
        let text = hearing.folded(utterance);
        work.spend(1 + text.len() / BYTES_A_STEP)?;
        let mut matches = Vec::new();
        let (mut at, mut units) = (0, 0);
        while let Some(found) = self.regex.find_at(text, at) {
            let next = match text[found.end()..].chars().next() {
                // Nothing was said; the next character is where to go on.
                Some(next) if found.is_empty() => found.end() + next.len_utf8(),
                None if found.is_empty() => break,
                _ => found.end(),
            };
            let start = units + units_in(&text[at..found.start()]);
            let end = start + units_in(found.as_str());
            if !found.is_empty() {
                matches.push(start..end);
            }
            units = end + units_in(&text[found.end()..next]);
            at = next;
            work.spend(1 + (text.len() - at) / BYTES_AHEAD_A_STEP)?;
        }
        let mut excused = false;
        if let Some(excluded) = self.not_matching.as_ref().filter(|_| !matches.is_empty()) {
            work.spend(1 + text.len() / BYTES_A_STEP)?;
            excused = excluded.is_match(text);
        }
        hearing.work = work;
        Ok((matches, excused))
    }
}

/// How many UTF-16 units a text is.
fn units_in(text: &str) -> u32 {
    text.encode_utf16().count() as u32
}

impl Listen for Pattern {
    fn listen(
        &self,
        hearing: &mut Hearing<'_>,
        listener: &Listener,
        _above: &[Heard],
        heard: &mut Heard,
    ) -> Result<(), NotEvaluatedReason> {
        hearing.require_words(listener.scope.by)?;
        for utterance in self.candidates(hearing, listener) {
            if !hearing.in_utterance_scope(utterance, &listener.scope) {
                continue;
            }
            let (matches, excused) = self.matches(hearing, utterance)?;
            for units in matches {
                let span = hearing.time_of_words(utterance, &units);
                if !hearing.in_time_scope(span, listener.scope.window) {
                    continue;
                }
                let hit = Hit {
                    span,
                    first_utterance: utterance,
                    last_utterance: utterance,
                    units: Some(units),
                    detail: 0,
                };
                if excused {
                    heard.excused.push(Excused { hit, by: None });
                } else {
                    heard.hits.push(hit);
                }
            }
        }
        heard.hits.sort_by_cached_key(Hit::order);
        Ok(())
    }

    fn show(&self, hearing: &mut Hearing<'_>, rule: RuleHeard<'_>, shown: Shown<'_>) {
        let name = &rule.listeners[shown.condition].name;
        shown.evidence.push(hearing.said(name, &self.written, shown.hit));
    }

    fn needs(&self, scope: &Scope) -> Needs {
        Needs::words_of(scope)
    }

    fn wakes(&self) -> Wake {
        if self.has_literals { Wake::Words } else { Wake::Always }
    }

    fn looked_for(&self, _rule: &[Listener]) -> Vec<String> {
        vec![self.written.clone()]
    }

    /// The first match outside of what was searched.
    fn nearest(
        &self,
        hearing: &mut Hearing<'_>,
        listener: &Listener,
        searched: &Searched,
    ) -> Option<NearMiss> {
        for utterance in self.candidates(hearing, listener) {
            let (matches, excused) = self.matches(hearing, utterance).ok()?;
            let Some(units) = matches.first().cloned() else { continue };
            let span = hearing.time_of_words(utterance, &units);
            let why_not = if excused {
                "an exception matches in the same utterance".to_owned()
            } else {
                searched.why_not(&hearing.text.utterances[utterance as usize], span)
            };
            let (quote, chars) = hearing.quote(utterance, &units);
            let said = &hearing.text.utterances[utterance as usize];
            return Some(NearMiss {
                phrase: self.written.clone(),
                quote,
                utterance: said.id,
                chars,
                span,
                role: said.role,
                similarity_percent: 100,
                why_not,
            });
        }
        None
    }
}
