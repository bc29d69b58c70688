use fh_model::{NotEvaluatedReason, Span};

use super::{Listen, Listener, Needs, Operator, RuleHeard, Shown};
use crate::compile::Compiling;
use crate::evaluate::{Heard, Hearing, Hit, within};
use crate::model::{ConditionKind, Reach, Scope};

pub(super) const OPERATOR: Operator =
    Operator { name: "first_then", page: include_str!("first_then.md"), compile };

/// Conditions hit one after another, or near one another.
#[derive(Debug)]
struct FirstThen {
    steps: Vec<usize>,
    in_order: bool,
    within: Reach,
}

fn compile(_compiling: &mut Compiling<'_>, kind: &ConditionKind) -> Option<Box<dyn Listen>> {
    let ConditionKind::FirstThen(condition) = kind else { return None };
    Some(Box::new(FirstThen {
        steps: condition.steps.iter().map(|step| step.0).collect(),
        in_order: condition.in_order,
        within: condition.within,
    }))
}

/// For each hit of the first step: which hit of each step completes it earliest, if any does.
type Completions = Vec<Option<Vec<usize>>>;

impl FirstThen {
    /// From the last step backwards: for each hit, the earliest end that can be reached from it
    /// and the next step's hit on the way. Going forwards and always taking the next hit would
    /// miss chains where only a later one leads on.
    fn complete_in_order(
        &self,
        hearing: &mut Hearing<'_>,
        steps: &[&[Hit]],
    ) -> Result<Completions, NotEvaluatedReason> {
        let Some((last, earlier)) = steps.split_last() else { return Ok(Vec::new()) };
        // One entry a hit of the step at hand: its chain's end, and the chain.
        let mut chains: Vec<Option<(fh_model::Millis, Vec<usize>)>> =
            last.iter().enumerate().map(|(index, hit)| Some((hit.span.end, vec![index]))).collect();
        let mut next_hits = *last;
        for hits in earlier.iter().rev() {
            hearing.work.spend(hits.len() * next_hits.len() + 1)?;
            chains = (hits.iter().enumerate())
                .map(|(index, hit)| {
                    let reachable = next_hits
                        .iter()
                        .zip(&chains)
                        .filter(|(next, _)| next.follows(hit) && within(self.within, hit, next));
                    let (end, chain) =
                        reachable.filter_map(|(_, chain)| chain.as_ref()).min_by_key(|c| c.0)?;
                    // The latest step is first in the list; turned round at the end.
                    let mut chain = chain.clone();
                    chain.push(index);
                    Some((*end, chain))
                })
                .collect();
            next_hits = hits;
        }
        Ok(chains
            .into_iter()
            .map(|chain| {
                chain.map(|(_, mut chain)| {
                    chain.reverse();
                    chain
                })
            })
            .collect())
    }

    /// For each hit of the first step: whichever hit comes first in time, every other step's must
    /// begin no earlier, within reach of it; of those the one that ends first is taken.
    fn complete_in_any_order(
        &self,
        hearing: &mut Hearing<'_>,
        steps: &[&[Hit]],
    ) -> Result<Completions, NotEvaluatedReason> {
        let all: usize = steps.iter().map(|hits| hits.len()).sum();
        let mut completions = Vec::with_capacity(steps[0].len());
        for anchor in 0..steps[0].len() {
            hearing.work.spend(all * all + 1)?;
            let mut best: Option<(fh_model::Millis, Vec<usize>)> = None;
            let firsts = steps
                .iter()
                .enumerate()
                .flat_map(|(step, hits)| (0..hits.len()).map(move |hit| (step, hit)));
            for (first_step, first) in firsts.filter(|&(step, hit)| step != 0 || hit == anchor) {
                let begins = &steps[first_step][first];
                let chosen: Option<Vec<usize>> = (steps.iter().enumerate())
                    .map(|(step, hits)| {
                        let fits = |index: &usize| {
                            let hit = &hits[*index];
                            hit.order() >= begins.order() && within(self.within, begins, hit)
                        };
                        match step {
                            _ if step == first_step => Some(first),
                            0 => Some(anchor).filter(fits),
                            _ => (0..hits.len())
                                .filter(fits)
                                .min_by_key(|&index| (hits[index].span.end, index)),
                        }
                    })
                    .collect();
                let Some(chosen) = chosen else { continue };
                let end = chosen.iter().zip(steps).map(|(&hit, hits)| hits[hit].span.end).max();
                let end = end.unwrap_or(begins.span.end);
                if best.as_ref().is_none_or(|(earliest, _)| end < *earliest) {
                    best = Some((end, chosen));
                }
            }
            completions.push(best.map(|(_, chosen)| chosen));
        }
        Ok(completions)
    }
}

impl Listen for FirstThen {
    fn listen(
        &self,
        hearing: &mut Hearing<'_>,
        listener: &Listener,
        above: &[Heard],
        heard: &mut Heard,
    ) -> Result<(), NotEvaluatedReason> {
        let steps: Vec<&Heard> = self.steps.iter().map(|&step| &above[step]).collect();
        // A step that is known never to come settles it, whatever is not known of the others.
        if steps.iter().any(|step| step.unknown.is_none() && step.hits.is_empty()) {
            return Ok(());
        }
        if let Some(reason) = steps.iter().find_map(|step| step.unknown) {
            return Err(reason);
        }
        let hits: Vec<&[Hit]> = steps.iter().map(|step| &step.hits[..]).collect();
        let completions = if self.in_order {
            self.complete_in_order(hearing, &hits)?
        } else {
            self.complete_in_any_order(hearing, &hits)?
        };
        for chosen in completions.into_iter().flatten() {
            let parts: Vec<&Hit> = chosen.iter().zip(&hits).map(|(&i, hits)| &hits[i]).collect();
            let Some(mut whole) = whole_of(&parts) else { continue };
            whole.detail = heard.parts.len() as u32;
            if hearing.in_window(&whole, &listener.scope)? {
                heard.parts.extend(chosen.iter().map(|&index| index as u32));
                heard.hits.push(whole);
            }
        }
        heard.hits.sort_by_cached_key(Hit::order);
        Ok(())
    }

    fn show(&self, hearing: &mut Hearing<'_>, rule: RuleHeard<'_>, shown: Shown<'_>) {
        let first = shown.hit.detail as usize;
        let parts = &rule.heard[shown.condition].parts[first..first + self.steps.len()];
        for (&step, &part) in self.steps.iter().zip(parts) {
            let hit = &rule.heard[step].hits[part as usize];
            rule.show(hearing, step, hit, shown.evidence);
        }
    }

    fn needs(&self, _scope: &Scope) -> Needs {
        Needs::default()
    }

    fn looked_for(&self, rule: &[Listener]) -> Vec<String> {
        self.steps.iter().flat_map(|&step| rule[step].operator.looked_for(rule)).collect()
    }
}

/// One hit that spans them all.
fn whole_of(parts: &[&Hit]) -> Option<Hit> {
    let (first, rest) = parts.split_first()?;
    let mut whole = Hit::clone(first);
    for part in rest {
        whole.span = Span {
            start: whole.span.start.min(part.span.start),
            end: whole.span.end.max(part.span.end),
        };
        whole.units = match (whole.units, &part.units) {
            (Some(units), Some(more))
                if whole.first_utterance == part.first_utterance
                    && whole.last_utterance == part.last_utterance =>
            {
                Some(units.start.min(more.start)..units.end.max(more.end))
            }
            _ => None,
        };
        whole.first_utterance = whole.first_utterance.min(part.first_utterance);
        whole.last_utterance = whole.last_utterance.max(part.last_utterance);
    }
    Some(whole)
}
