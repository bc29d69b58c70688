use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ConditionKind, Phrase, RuleSet};
use crate::text::fold_phrase;

/// A single Han character hits inside words that mean something else (退 in 退休), a single letter
/// in every abbreviation.
pub(super) fn check(rule_set: &RuleSet, report: &mut dyn FnMut(Diagnostic)) {
    let in_lists = rule_set.phrase_lists.iter().flat_map(|list| &list.phrases);
    let in_conditions = rule_set
        .rules
        .iter()
        .flat_map(|rule| &rule.conditions)
        .filter_map(|condition| match &condition.kind {
            ConditionKind::Say(say) => Some(say),
            _ => None,
        })
        .flat_map(|say| &say.groups)
        .filter(|group| group.list.is_none())
        .flat_map(|group| &group.phrases);
    for phrase in in_lists.chain(in_conditions) {
        if is_short(phrase) {
            report(
                Diagnostic::new(
                    Code::SHORT_PHRASE,
                    phrase.place,
                    format!("`{}` is so short that it hits by chance", phrase.text),
                )
                .expecting("two characters at least"),
            );
        }
    }
}

/// One unit: a Han character, a letter or a digit.
fn is_short(phrase: &Phrase) -> bool {
    fold_phrase(&phrase.text).len() == 1
}
