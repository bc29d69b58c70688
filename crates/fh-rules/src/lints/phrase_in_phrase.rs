use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{PhraseList, RuleSet};
use crate::text::{fold_phrase, is_word_unit};

/// Parts of phrases that are looked up before a list is left unchecked.
const MAX_PARTS: usize = 5_000_000;

/// With 请稍等 in a list, 请您稍等 adds something and 请稍等一下 does not: wherever the longer one is
/// said, the shorter one is a hit already.
pub(super) fn check(rule_set: &RuleSet, report: &mut dyn FnMut(Diagnostic)) {
    let mut parts = MAX_PARTS;
    for list in &rule_set.phrase_lists {
        check_list(list, &mut parts, report);
    }
}

fn check_list(list: &PhraseList, parts: &mut usize, report: &mut dyn FnMut(Diagnostic)) {
    let folded: Vec<Vec<u16>> =
        list.phrases.iter().map(|phrase| fold_phrase(&phrase.text)).collect();
    let by_units: HashMap<&[u16], usize> =
        folded.iter().enumerate().rev().map(|(index, units)| (units.as_slice(), index)).collect();
    let shortest = folded.iter().map(Vec::len).filter(|&length| length > 0).min().unwrap_or(1);
    for (index, units) in folded.iter().enumerate() {
        let length = units.len();
        let count = length * length / 2;
        let Some(left) = parts.checked_sub(count) else { return };
        *parts = left;
        let found = (shortest..=length)
            .flat_map(|part| (0..=length - part).map(move |start| start..start + part))
            .filter(|range| stands_alone(units, range.start, range.end))
            .find_map(|range| by_units.get(&units[range]).filter(|&&other| other != index));
        let Some(&other) = found else { continue };
        let (long, short) = (&list.phrases[index], &list.phrases[other]);
        let message = if folded[other] == *units {
            format!("`{}` reads the same as `{}` to the engine", long.text, short.text)
        } else {
            format!("`{}` is always hit by `{}` of the same list", long.text, short.text)
        };
        report(
            Diagnostic::new(Code::PHRASE_IN_PHRASE, long.place, message)
                .expecting("one of the two"),
        );
    }
}

/// Whether the part begins and ends where a Latin word does: `art` is no part of `start`.
fn stands_alone(units: &[u16], start: usize, end: usize) -> bool {
    let cuts_word = |left: Option<&u16>, right: Option<&u16>| matches!((left, right), (Some(&left), Some(&right)) if is_word_unit(left) && is_word_unit(right));
    let before = start.checked_sub(1).and_then(|index| units.get(index));
    !cuts_word(before, units.get(start)) && !cuts_word(units.get(end - 1), units.get(end))
}
