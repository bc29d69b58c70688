use fh_model::{Evidence, NotEvaluatedReason, Span};

use super::{Listen, Listener, Needs, Operator, RuleHeard, Shown};
use crate::compile::Compiling;
use crate::evaluate::{Heard, Hearing, Hit, Searched, near, within};
use crate::model::{AnchorHits, ConditionKind, Reach, Scope, Side};

pub(super) const OPERATOR: Operator =
    Operator { name: "missing", page: include_str!("missing.md"), compile };

/// A condition does not hit beside another's hit.
#[derive(Debug)]
struct Missing {
    wanted: usize,
    anchor: usize,
    side: Side,
    within: Reach,
    which: AnchorHits,
}

fn compile(_compiling: &mut Compiling<'_>, kind: &ConditionKind) -> Option<Box<dyn Listen>> {
    let ConditionKind::Missing(condition) = kind else { return None };
    Some(Box::new(Missing {
        wanted: condition.wanted.0,
        anchor: condition.anchor.0,
        side: condition.side,
        within: condition.within,
        which: condition.which,
    }))
}

impl Missing {
    fn is_there(&self, anchor: &Hit, wanted: &Hit) -> bool {
        match self.side {
            Side::Before => anchor.follows(wanted) && within(self.within, wanted, anchor),
            Side::After => wanted.follows(anchor) && within(self.within, anchor, wanted),
            Side::Around => near(self.within, anchor, wanted),
        }
    }

    /// The time and the utterances beside `anchor` in which the wanted was looked for.
    fn searched(&self, hearing: &Hearing<'_>, anchor: &Hit, scope: &Scope) -> Searched {
        let whole = hearing.conversation();
        let utterances = &hearing.text.utterances;
        let last = utterances.len().saturating_sub(1);
        let (before, after) = match self.within {
            Reach::Unlimited => (whole.start, whole.end),
            Reach::Time(reach) => (
                anchor.span.start.saturating_sub(reach).max(whole.start),
                (anchor.span.end + reach).min(whole.end),
            ),
            Reach::Utterances(count) => {
                let first = anchor.first_utterance.saturating_sub(count) as usize;
                let end = (anchor.last_utterance.saturating_add(count) as usize).min(last);
                let at = |index: usize| utterances.get(index).map_or(whole, |u| u.span);
                (at(first).start, at(end).end)
            }
        };
        let span = match self.side {
            Side::Before => Span::new(before.min(anchor.span.start), anchor.span.start),
            Side::After => Span::new(anchor.span.end, after),
            Side::Around => Span::new(before, after),
        };
        let utterances = (0..utterances.len() as u32)
            .filter(|&index| {
                let said = utterances[index as usize].span;
                hearing.in_utterance_scope(index, scope)
                    && said.start < span.end
                    && said.end > span.start
            })
            .collect();
        Searched { span, utterances, role: scope.by }
    }
}

impl Listen for Missing {
    fn listen(
        &self,
        hearing: &mut Hearing<'_>,
        listener: &Listener,
        above: &[Heard],
        heard: &mut Heard,
    ) -> Result<(), NotEvaluatedReason> {
        let (anchors, wanted) = (&above[self.anchor], &above[self.wanted]);
        if let Some(reason) = anchors.unknown {
            return Err(reason);
        }
        let range = match self.which {
            AnchorHits::Each => 0..anchors.hits.len(),
            AnchorHits::First => 0..anchors.hits.len().min(1),
            AnchorHits::Last => anchors.hits.len().saturating_sub(1)..anchors.hits.len(),
        };
        for index in range {
            let anchor = &anchors.hits[index];
            if !hearing.in_window(anchor, &listener.scope)? {
                continue;
            }
            if let Some(reason) = wanted.unknown {
                return Err(reason);
            }
            hearing.work.spend(wanted.hits.len() + 1)?;
            if !wanted.hits.iter().any(|wanted| self.is_there(anchor, wanted)) {
                heard.hits.push(Hit { detail: index as u32, ..anchor.clone() });
            }
        }
        Ok(())
    }

    fn show(&self, hearing: &mut Hearing<'_>, rule: RuleHeard<'_>, shown: Shown<'_>) {
        let anchor = &rule.heard[self.anchor].hits[shown.hit.detail as usize];
        let wanted = &rule.listeners[self.wanted];
        let searched = self.searched(hearing, anchor, &wanted.scope);
        shown.evidence.push(Evidence::Absent {
            condition: rule.listeners[shown.condition].name.clone(),
            phrases: wanted.operator.looked_for(rule.listeners),
            nearest: wanted.operator.nearest(hearing, wanted, &searched),
            searched: searched.window(hearing),
        });
        rule.show(hearing, self.anchor, anchor, shown.evidence);
    }

    fn needs(&self, _scope: &Scope) -> Needs {
        Needs::default()
    }
}
