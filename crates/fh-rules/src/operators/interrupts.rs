use fh_model::{Evidence, Millis, NotEvaluatedReason, Role, TalkOver};

use super::{Listen, Listener, Needs, Operator, RuleHeard, Shown, Wake};
use crate::compile::Compiling;
use crate::evaluate::{Heard, Hearing, Hit};
use crate::model::{ConditionKind, Scope};

pub(super) const OPERATOR: Operator =
    Operator { name: "interrupts", page: include_str!("interrupts.md"), compile };

/// Somebody begins to speak while the other still does.
#[derive(Debug)]
struct Interrupts {
    overlap: Millis,
    other_spoke_for: Millis,
    backchannel: Millis,
}

fn compile(_compiling: &mut Compiling<'_>, kind: &ConditionKind) -> Option<Box<dyn Listen>> {
    let ConditionKind::Interrupts(condition) = kind else { return None };
    Some(Box::new(Interrupts {
        overlap: condition.overlap,
        other_spoke_for: condition.other_spoke_for,
        backchannel: condition.backchannel,
    }))
}

impl Interrupts {
    fn counts(&self, talk_over: &TalkOver, scope: &Scope) -> bool {
        // Speech wholly inside the other's is as long as the overlap.
        let backchannel = talk_over.inside_other && talk_over.span.length() <= self.backchannel;
        scope.by.is_none_or(|role| talk_over.by == role)
            && talk_over.span.length() >= self.overlap
            && talk_over.other_spoke_for >= self.other_spoke_for
            && !backchannel
    }
}

impl Listen for Interrupts {
    fn listen(
        &self,
        hearing: &mut Hearing<'_>,
        listener: &Listener,
        _above: &[Heard],
        heard: &mut Heard,
    ) -> Result<(), NotEvaluatedReason> {
        hearing.require_parties(listener.scope.by)?;
        hearing.require_voice_activity()?;
        for (index, talk_over) in (0u32..).zip(&hearing.call.measures.talk_overs) {
            hearing.work.spend(1)?;
            if !self.counts(talk_over, &listener.scope) {
                continue;
            }
            let (first_utterance, last_utterance) = hearing.utterances_beside(talk_over.span);
            let hit = Hit {
                span: talk_over.span,
                first_utterance,
                last_utterance,
                units: None,
                detail: index,
            };
            if hearing.in_window(&hit, &listener.scope)? {
                heard.hits.push(hit);
            }
        }
        heard.hits.sort_by_cached_key(Hit::order);
        Ok(())
    }

    fn show(&self, hearing: &mut Hearing<'_>, rule: RuleHeard<'_>, shown: Shown<'_>) {
        let Some(talk_over) = hearing.call.measures.talk_overs.get(shown.hit.detail as usize)
        else {
            return;
        };
        shown.evidence.push(Evidence::Interruption {
            condition: rule.listeners[shown.condition].name.clone(),
            span: talk_over.span,
            channel: talk_over.by_channel,
            role: talk_over.by,
            limit: self.overlap,
        });
    }

    fn needs(&self, scope: &Scope) -> Needs {
        let needs = Needs::PARTIES.and(Needs::VOICE_ACTIVITY);
        match scope.by {
            None => needs,
            Some(Role::Agent) => needs.and(Needs::AGENTS_CHANNEL),
            Some(_) => needs.and(Needs::CUSTOMERS_CHANNEL),
        }
    }

    fn wakes(&self) -> Wake {
        Wake::TalkOver(self.overlap)
    }
}
