use std::ops::Range;

use fh_model::{NearMiss, NotEvaluatedReason};

use super::{Listen, Listener, Needs, Operator, RuleHeard, Shown};
use crate::compile::Compiling;
use crate::evaluate::{
    Excused, Heard, Hearing, Hit, RawHit, Searched, SoughtPhrase, longest_apart, nearest_phrase,
};
use crate::model::{ConditionKind, Needed, Phrase, Scope, Window};
use crate::text::fold_phrase;

pub(super) const OPERATOR: Operator =
    Operator { name: "say", page: include_str!("say.md"), compile };

/// Tags of the exceptions' phrases; those of the phrases looked for are below.
const NOT_PART_OF: u32 = 1 << 30;
const NOT_BESIDE: u32 = 1 << 31;

/// Words are said.
#[derive(Debug)]
struct Say {
    /// A raw hit's tag is the index here.
    phrases: Vec<SoughtPhrase>,
    /// The group of each phrase.
    groups: Vec<u32>,
    /// How many groups must be said for any hit to count.
    needed: usize,
    same_utterance: bool,
    has_exceptions: bool,
}

fn compile(compiling: &mut Compiling<'_>, kind: &ConditionKind) -> Option<Box<dyn Listen>> {
    let ConditionKind::Say(say) = kind else { return None };
    let mut compiled = Say {
        phrases: Vec::new(),
        groups: Vec::new(),
        needed: match say.needed {
            Needed::Any => 1,
            Needed::All => say.groups.len(),
            Needed::AtLeast(count) => count as usize,
        },
        same_utterance: say.same_utterance,
        has_exceptions: !say.not_part_of.is_empty() || !say.not_beside.is_empty(),
    };
    let mut listen_for = |phrase: &Phrase, tag: u32| {
        let units = fold_phrase(&phrase.text);
        if units.is_empty() {
            compiling.phrase_without_words(phrase);
        } else {
            compiling.listen_for(&units, tag, true);
        }
        units
    };
    for (group, phrases) in (0u32..).zip(&say.groups) {
        for phrase in &phrases.phrases {
            let units = listen_for(phrase, compiled.phrases.len() as u32);
            compiled.phrases.push(SoughtPhrase { text: phrase.text.clone(), units });
            compiled.groups.push(group);
        }
    }
    for phrase in &say.not_part_of {
        listen_for(phrase, NOT_PART_OF);
    }
    for phrase in &say.not_beside {
        listen_for(phrase, NOT_BESIDE);
    }
    Some(Box::new(compiled))
}

impl Say {
    /// The raw hits in scope that count, and those that an exception takes away.
    fn sort_out(
        &self,
        hearing: &mut Hearing<'_>,
        listener: &Listener,
        raw: &[RawHit],
    ) -> (Vec<RawHit>, Vec<RawHit>) {
        let scope = &listener.scope;
        let by_time = matches!(scope.window, Window::FirstTime(_) | Window::LastTime(_));
        let (mut counted, mut excused) = (Vec::with_capacity(raw.len()), Vec::new());
        // Raw hits are in order of utterance, so each utterance's are looked at together.
        for said in raw.chunk_by(|one, other| one.utterance == other.utterance) {
            let utterance = said[0].utterance;
            if !hearing.in_utterance_scope(utterance, scope) {
                continue;
            }
            let beside = self.has_exceptions && said.iter().any(|hit| hit.tag == NOT_BESIDE);
            let longer = Covered::by(said.iter().filter(|hit| hit.tag == NOT_PART_OF));
            for hit in said.iter().filter(|hit| hit.tag < NOT_PART_OF) {
                if by_time {
                    let span = hearing.time_of_words(utterance, &(hit.start..hit.end));
                    if !hearing.in_time_scope(span, scope.window) {
                        continue;
                    }
                }
                let list = if beside || longer.touches(hit) { &mut excused } else { &mut counted };
                list.push(*hit);
            }
        }
        (counted, excused)
    }

    /// Takes away the hits whose utterance, or whose call, does not say enough of the groups.
    fn keep_where_enough_groups(&self, counted: &mut Vec<RawHit>) {
        if self.needed <= 1 {
            return;
        }
        let enough = |hits: &[RawHit]| {
            let mut groups: Vec<u32> =
                hits.iter().map(|hit| self.groups[hit.tag as usize]).collect();
            groups.sort_unstable();
            groups.dedup();
            groups.len() >= self.needed
        };
        if self.same_utterance {
            *counted = counted
                .chunk_by(|one, other| one.utterance == other.utterance)
                .filter(|hits| enough(hits))
                .flatten()
                .copied()
                .collect();
        } else if !enough(counted) {
            counted.clear();
        }
    }
}

/// The stretches of an utterance that longer expressions cover.
struct Covered(Vec<Range<u32>>);

impl Covered {
    fn by<'h>(hits: impl Iterator<Item = &'h RawHit>) -> Self {
        // In order of start; joined where they overlap, so that both ends are in order.
        let mut joined: Vec<Range<u32>> = Vec::new();
        for hit in hits {
            match joined.last_mut() {
                Some(last) if hit.start < last.end => last.end = last.end.max(hit.end),
                _ => joined.push(hit.start..hit.end),
            }
        }
        Self(joined)
    }

    fn touches(&self, hit: &RawHit) -> bool {
        let first = self.0.partition_point(|stretch| stretch.end <= hit.start);
        self.0.get(first).is_some_and(|stretch| stretch.start < hit.end)
    }
}

fn hit_of(hearing: &mut Hearing<'_>, listener: &Listener, raw: RawHit) -> Hit {
    let units = raw.start..raw.end;
    let span = if listener.timed {
        hearing.time_of_words(raw.utterance, &units)
    } else {
        hearing.text.utterances[raw.utterance as usize].span
    };
    Hit {
        span,
        first_utterance: raw.utterance,
        last_utterance: raw.utterance,
        units: Some(units),
        detail: raw.tag,
    }
}

impl Listen for Say {
    fn listen(
        &self,
        hearing: &mut Hearing<'_>,
        listener: &Listener,
        _above: &[Heard],
        heard: &mut Heard,
    ) -> Result<(), NotEvaluatedReason> {
        hearing.require_words(listener.scope.by)?;
        let raw = hearing.raw_hits(listener.slot);
        if raw.is_empty() {
            return Ok(());
        }
        hearing.work.spend(raw.len())?;
        let (mut counted, excused) = self.sort_out(hearing, listener, &raw);
        self.keep_where_enough_groups(&mut counted);
        heard
            .hits
            .extend(longest_apart(&counted).into_iter().map(|raw| hit_of(hearing, listener, raw)));
        heard.hits.sort_by_cached_key(Hit::order);
        heard.excused.extend(
            longest_apart(&excused)
                .into_iter()
                .map(|raw| Excused { hit: hit_of(hearing, listener, raw), by: None }),
        );
        Ok(())
    }

    fn show(&self, hearing: &mut Hearing<'_>, rule: RuleHeard<'_>, shown: Shown<'_>) {
        let name = &rule.listeners[shown.condition].name;
        let phrase = &self.phrases[shown.hit.detail as usize].text;
        shown.evidence.push(hearing.said(name, phrase, shown.hit));
    }

    fn needs(&self, scope: &Scope) -> Needs {
        Needs::words_of(scope)
    }

    fn looked_for(&self, _rule: &[Listener]) -> Vec<String> {
        self.phrases.iter().map(|phrase| phrase.text.clone()).collect()
    }

    fn nearest(
        &self,
        hearing: &mut Hearing<'_>,
        listener: &Listener,
        searched: &Searched,
    ) -> Option<NearMiss> {
        let said: Vec<RawHit> =
            hearing.raw_hits(listener.slot).into_iter().filter(|h| h.tag < NOT_PART_OF).collect();
        nearest_phrase(hearing, &self.phrases, &said, searched)
    }
}
