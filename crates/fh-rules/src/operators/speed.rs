use std::collections::BTreeMap;

use fh_model::{Evidence, Language, Millis, NotEvaluatedReason, Span, SpeechRate};

use super::{Listen, Listener, Needs, Operator, RuleHeard, Shown, Wake};
use crate::compile::Compiling;
use crate::evaluate::{Excused, Heard, Hearing, Hit, near};
use crate::model::{ConditionKind, Reach, Scope, SpeedLimit, SpeedPer};

pub(super) const OPERATOR: Operator =
    Operator { name: "speed", page: include_str!("speed.md"), compile };

/// Somebody speaks too fast or too slowly.
#[derive(Debug)]
struct Speed {
    above: bool,
    per_minute: BTreeMap<Language, u32>,
    per: SpeedPer,
    min_length: u32,
    unless: Vec<usize>,
    within: Reach,
}

fn compile(_compiling: &mut Compiling<'_>, kind: &ConditionKind) -> Option<Box<dyn Listen>> {
    let ConditionKind::Speed(speed) = kind else { return None };
    Some(Box::new(Speed {
        above: speed.direction == SpeedLimit::FasterThan,
        per_minute: speed.per_minute.clone(),
        per: speed.per,
        min_length: speed.min_length,
        unless: speed.unless.iter().map(|index| index.0).collect(),
        within: speed.within,
    }))
}

impl Speed {
    /// The limit for the call's language.
    fn limit(&self, hearing: &Hearing<'_>) -> Result<u32, NotEvaluatedReason> {
        let language = hearing.call.transcript.map(|transcript| transcript.language);
        language
            .and_then(|language| self.per_minute.get(&language).copied())
            .ok_or(NotEvaluatedReason::NotApplicable)
    }

    /// Whether so many units in so much time are beyond the limit: compared crosswise, so that
    /// nothing is rounded.
    fn is_beyond(&self, units: u32, time: Millis, limit: u32) -> bool {
        if units < self.min_length || time == Millis::ZERO {
            return false;
        }
        let said = u128::from(units) * 60_000;
        let allowed = u128::from(limit) * u128::from(time.0);
        if self.above { said > allowed } else { said < allowed }
    }

    /// Utterances beyond the limit; a hit's detail is the utterance's position.
    fn fast_utterances(&self, hearing: &mut Hearing<'_>, scope: &Scope, limit: u32) -> Vec<Hit> {
        let mut hits = Vec::new();
        for index in 0..hearing.text.utterances.len() as u32 {
            let span = hearing.text.utterances[index as usize].span;
            if hearing.in_utterance_scope(index, scope)
                && hearing.in_time_scope(span, scope.window)
                && self.is_beyond(hearing.speech_units(index), span.length(), limit)
            {
                hits.push(Hit {
                    span,
                    first_utterance: index,
                    last_utterance: index,
                    units: None,
                    detail: index,
                });
            }
        }
        hits
    }

    /// Channels beyond the limit; a hit's detail is the channel's position in the measures.
    fn fast_channels(&self, hearing: &mut Hearing<'_>, scope: &Scope, limit: u32) -> Vec<Hit> {
        let rates: Vec<SpeechRate> = hearing.speech_rates().to_vec();
        let last_utterance = hearing.text.utterances.len().saturating_sub(1) as u32;
        let span = hearing.conversation();
        (0u32..)
            .zip(rates)
            .filter(|(_, rate)| scope.by.is_none_or(|role| rate.role == role))
            .filter(|(_, rate)| self.is_beyond(rate.units, rate.speech_time, limit))
            .map(|(detail, _)| Hit {
                span,
                first_utterance: 0,
                last_utterance,
                units: None,
                detail,
            })
            .collect()
    }

    fn excuse(
        &self,
        hearing: &mut Hearing<'_>,
        fast: &Hit,
        above: &[Heard],
    ) -> Result<Option<(usize, usize)>, NotEvaluatedReason> {
        let mut unknown = None;
        for &condition in &self.unless {
            let excuses = &above[condition];
            hearing.work.spend(excuses.hits.len() + 1)?;
            let near = |excuse: &Hit| near(self.within, fast, excuse);
            if let Some(hit) = excuses.hits.iter().position(near) {
                return Ok(Some((condition, hit)));
            }
            unknown = unknown.or(excuses.unknown);
        }
        unknown.map_or(Ok(None), Err)
    }
}

impl Listen for Speed {
    fn listen(
        &self,
        hearing: &mut Hearing<'_>,
        listener: &Listener,
        above: &[Heard],
        heard: &mut Heard,
    ) -> Result<(), NotEvaluatedReason> {
        hearing.require_words(listener.scope.by)?;
        let limit = self.limit(hearing)?;
        let beyond = match self.per {
            SpeedPer::Utterance => self.fast_utterances(hearing, &listener.scope, limit),
            SpeedPer::Call => {
                hearing.require_channel(listener.scope.by)?;
                self.fast_channels(hearing, &listener.scope, limit)
            }
        };
        for hit in beyond {
            match self.excuse(hearing, &hit, above)? {
                Some(by) => heard.excused.push(Excused { hit, by: Some(by) }),
                None => heard.hits.push(hit),
            }
        }
        heard.hits.sort_by_cached_key(Hit::order);
        Ok(())
    }

    fn show(&self, hearing: &mut Hearing<'_>, rule: RuleHeard<'_>, shown: Shown<'_>) {
        let index = shown.hit.detail;
        let rate = match self.per {
            SpeedPer::Utterance => {
                let units = hearing.speech_units(index);
                let said = &hearing.text.utterances[index as usize];
                let thousandths = SpeechRate::thousandths_per_minute(units, said.span.length());
                (Some(said.id), said.span, said.channel, said.role, thousandths)
            }
            SpeedPer::Call => {
                let Some(&rate) = hearing.speech_rates().get(index as usize) else { return };
                let span = channel_span(hearing, &rate);
                (None, span, rate.channel, rate.role, rate.per_minute_thousandths)
            }
        };
        let (utterance, span, channel, role, per_minute_thousandths) = rate;
        shown.evidence.push(Evidence::Speed {
            condition: rule.listeners[shown.condition].name.clone(),
            utterance,
            span,
            channel,
            role,
            per_minute_thousandths,
            limit_per_minute: self.limit(hearing).unwrap_or_default(),
            above: self.above,
        });
    }

    fn needs(&self, scope: &Scope) -> Needs {
        Needs::words_of(scope)
    }

    fn wakes(&self) -> Wake {
        Wake::Always
    }
}

/// From the channel's first word to its last.
fn channel_span(hearing: &Hearing<'_>, rate: &SpeechRate) -> Span {
    let said = || hearing.text.utterances.iter().filter(|u| u.channel == rate.channel);
    let start = said().map(|utterance| utterance.span.start).min();
    let end = said().map(|utterance| utterance.span.end).max();
    match (start, end) {
        (Some(start), Some(end)) => Span::new(start, end),
        _ => hearing.conversation(),
    }
}
