//! Folding and finding, held against a slow and obvious reference on random text.

mod engine_support;
#[path = "engine_support/slow_text.rs"]
mod slow_text;

use engine_support::{Dice, call, pack};
use fh_model::{Evidence, Role};
use fh_rules::text::OffsetMap;
use slow_text::{slow_find, slow_fold};

const PIECES: &[&str] = &[
    "你好", "妳", "投訴", "投诉", "為", "为", "高興", "乾", "干", "著急", "着", "的", "請", "ＡＢ",
    "ab", "Ab", "a", "é", "e", "art", "part", "don't", "dont", "12", "3", "3.5", "％", "%", " ",
    " ", "  ", ",", "，", "。", "-", "!", "’", "１", "ﬁ", "…", "É", "é",
];

fn random_text(dice: &mut Dice, most: usize) -> String {
    (0..1 + dice.roll(most)).map(|_| *dice.pick(PIECES)).collect()
}

#[test]
fn normalise_then_match_equals_the_slow_reference() {
    let mut dice = Dice(0x7E87);
    let mut hits = 0;
    for round in 0..1_500 {
        let phrases: Vec<String> = (0..8)
            .map(|_| random_text(&mut dice, 3))
            .filter(|phrase| !slow_fold(phrase).is_empty())
            .collect();
        if phrases.is_empty() {
            continue;
        }
        // One rule a phrase, so that no hit hides another.
        let mut rules = "pack: random\nscenarios: [{ id: s, rules: all }]\nrules:\n".to_owned();
        for (index, phrase) in phrases.iter().enumerate() {
            let quoted = serde_json::to_string(phrase).unwrap();
            rules += &format!(
                "  - {{ id: r{index}, listen_for: {{ a: {{ say: [{quoted}] }} }}, flag_if: a }}\n"
            );
        }
        let pack = pack(&rules);
        for _ in 0..4 {
            let text = random_text(&mut dice, 14);
            let call = call(&[(Role::Agent, 0, 10_000, &text)], &[], &[]);
            let outcome = pack.inspect(&call.view(), None);
            let folded = slow_fold(&text);
            for (phrase, finding) in phrases.iter().zip(&outcome.score_cards[0].findings) {
                let expected: Vec<(u32, u32)> =
                    longest_first(slow_find(&folded, &slow_fold(phrase)))
                        .into_iter()
                        .map(|(start, end)| (folded[start].1 as u32, folded[end - 1].1 as u32))
                        .collect();
                let found: Vec<(u32, u32)> = finding
                    .evidence
                    .iter()
                    .map(|evidence| match evidence {
                        Evidence::Said { chars, quote, .. } => {
                            let by_chars: String =
                                text.chars().skip(chars.start as usize).take(chars.len()).collect();
                            assert_eq!(*quote, by_chars);
                            // A trailing accent belongs to the quote and to no folded unit.
                            let last = by_chars.trim_end_matches('\u{301}').chars().count() as u32;
                            (chars.start, chars.start + last - 1)
                        }
                        other => panic!("{other:?}"),
                    })
                    .collect();
                assert_eq!(found, expected, "round {round}: {phrase:?} in {text:?}");
                hits += found.len();
            }
        }
    }
    assert!(hits > 3_000, "the random texts hardly ever match: {hits}");
}

/// Overlapping occurrences of one phrase: equally long, so the first of them stays.
fn longest_first(found: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut kept: Vec<(usize, usize)> = Vec::new();
    for one in found {
        if kept.last().is_none_or(|last| last.1 <= one.0) {
            kept.push(one);
        }
    }
    kept
}

#[test]
fn offsets_are_counted_in_three_ways() {
    // Folded: 你好𠮷 — the last is two units, as in UTF-16, and four bytes.
    let range = OffsetMap::new("妳，好𠮷!").original(1..4);
    assert_eq!((range.chars, range.bytes, range.utf16), (2..4, 6..13, 2..5));
}
