use fh_model::{Evidence, Millis, NotEvaluatedReason};

use super::{Listen, Listener, Needs, Operator, RuleHeard, Shown, Wake};
use crate::compile::Compiling;
use crate::evaluate::{Excused, Heard, Hearing, Hit};
use crate::model::{ConditionIndex, ConditionKind, Reach, Scope};

pub(super) const OPERATOR: Operator =
    Operator { name: "silence", page: include_str!("silence.md"), compile };

/// Nobody speaks for a while.
#[derive(Debug)]
struct Silence {
    at_least_long: Millis,
    unless_before: Vec<usize>,
    unless_after: Vec<usize>,
    within: Reach,
}

fn compile(_compiling: &mut Compiling<'_>, kind: &ConditionKind) -> Option<Box<dyn Listen>> {
    let ConditionKind::Silence(silence) = kind else { return None };
    let positions = |list: &[ConditionIndex]| list.iter().map(|index| index.0).collect();
    Some(Box::new(Silence {
        at_least_long: silence.at_least_long,
        unless_before: positions(&silence.unless_before),
        unless_after: positions(&silence.unless_after),
        within: silence.within,
    }))
}

impl Silence {
    /// Said before the silence, or in it where it had not ended yet.
    fn excused_before(&self, silence: &Hit, excuse: &Hit) -> bool {
        excuse.span.end <= silence.span.end
            && match self.within {
                Reach::Unlimited => true,
                Reach::Time(limit) => silence.span.start.saturating_sub(excuse.span.end) <= limit,
                Reach::Utterances(limit) => {
                    silence.first_utterance.saturating_sub(excuse.last_utterance) <= limit
                }
            }
    }

    /// Said after the silence, or in it.
    fn excused_after(&self, silence: &Hit, excuse: &Hit) -> bool {
        excuse.span.start >= silence.span.start
            && match self.within {
                Reach::Unlimited => true,
                Reach::Time(limit) => excuse.span.start.saturating_sub(silence.span.end) <= limit,
                Reach::Utterances(limit) => {
                    excuse.first_utterance.saturating_sub(silence.last_utterance) <= limit
                }
            }
    }

    /// The condition and the hit that excuse `silence`, the first that does.
    fn excuse(
        &self,
        hearing: &mut Hearing<'_>,
        silence: &Hit,
        above: &[Heard],
    ) -> Result<Option<(usize, usize)>, NotEvaluatedReason> {
        let before = self.unless_before.iter().map(|&condition| (condition, true));
        let after = self.unless_after.iter().map(|&condition| (condition, false));
        let mut unknown = None;
        for (condition, is_before) in before.chain(after) {
            let excuses = &above[condition];
            hearing.work.spend(excuses.hits.len() + 1)?;
            let found = excuses.hits.iter().position(|excuse| {
                if is_before {
                    self.excused_before(silence, excuse)
                } else {
                    self.excused_after(silence, excuse)
                }
            });
            if let Some(hit) = found {
                return Ok(Some((condition, hit)));
            }
            unknown = unknown.or(excuses.unknown);
        }
        unknown.map_or(Ok(None), Err)
    }
}

impl Listen for Silence {
    fn listen(
        &self,
        hearing: &mut Hearing<'_>,
        listener: &Listener,
        above: &[Heard],
        heard: &mut Heard,
    ) -> Result<(), NotEvaluatedReason> {
        let silences = &hearing.call.measures.mutual_silences;
        for (index, &span) in (0u32..).zip(silences) {
            if span.length() < self.at_least_long {
                continue;
            }
            let (first_utterance, last_utterance) = hearing.utterances_beside(span);
            let hit = Hit { span, first_utterance, last_utterance, units: None, detail: index };
            if !hearing.in_window(&hit, &listener.scope)? {
                continue;
            }
            match self.excuse(hearing, &hit, above)? {
                Some(by) => heard.excused.push(Excused { hit, by: Some(by) }),
                None => heard.hits.push(hit),
            }
        }
        heard.hits.sort_by_cached_key(Hit::order);
        Ok(())
    }

    fn show(&self, _hearing: &mut Hearing<'_>, rule: RuleHeard<'_>, shown: Shown<'_>) {
        shown.evidence.push(Evidence::Silence {
            condition: rule.listeners[shown.condition].name.clone(),
            span: shown.hit.span,
            limit: self.at_least_long,
        });
    }

    fn needs(&self, _scope: &Scope) -> Needs {
        Needs::default()
    }

    fn wakes(&self) -> Wake {
        Wake::Silence(self.at_least_long)
    }
}
