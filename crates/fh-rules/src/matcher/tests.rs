use std::collections::HashSet;

use super::*;
use crate::text::fold_phrase;

/// A small seeded generator (xorshift), so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as u32 % sides
    }

    /// Text over few units, so that patterns overlap and repeat.
    fn units(&mut self, length: u32, alphabet: &[u16]) -> Vec<u16> {
        (0..length).map(|_| alphabet[self.roll(alphabet.len() as u32) as usize]).collect()
    }
}

fn occurrences(finder: &Finder, text: &[u16]) -> Vec<Occurrence> {
    let mut all = Vec::new();
    let mut push = |occurrence| {
        all.push(occurrence);
        ControlFlow::Continue(())
    };
    let mut work = u64::MAX;
    let end = match finder {
        Finder::Pairs(pairs) => pairs.scan(text, &mut work, &mut push),
        Finder::Automaton(automaton) => automaton.scan(text, &mut work, &mut push),
    };
    assert_eq!(end, ControlFlow::Continue(()));
    all.sort_unstable();
    all
}

/// Every pattern held against every place.
fn slowly(patterns: &[Vec<u16>], text: &[u16]) -> Vec<Occurrence> {
    let mut all = Vec::new();
    for (pattern, units) in (0u32..).zip(patterns) {
        for start in 0..text.len() {
            if text[start..].starts_with(units) {
                let end = (start + units.len()) as u32;
                all.push(Occurrence { pattern, start: start as u32, end });
            }
        }
    }
    all.sort_unstable();
    all
}

#[test]
fn pairs_automaton_and_slow_search_agree() {
    let mut dice = Dice(0x5EED);
    let alphabet = fold_phrase("你好您请稍等abc𠮷");
    for round in 0..3_000 {
        let letters = &alphabet[..2 + dice.roll(alphabet.len() as u32 - 2) as usize];
        let count = 1 + dice.roll(40);
        let patterns: HashSet<Vec<u16>> = (0..count)
            .map(|_| {
                let length = 1 + dice.roll(5);
                dice.units(length, letters)
            })
            .collect();
        let mut patterns: Vec<_> = patterns.into_iter().collect();
        patterns.sort();
        let length = dice.roll(120);
        let text = dice.units(length, letters);
        let expected = slowly(&patterns, &text);
        let pairs = Finder::Pairs(PairScan::new(&patterns));
        assert_eq!(occurrences(&pairs, &text), expected, "round {round}");
        let automaton = Finder::Automaton(Box::new(Automaton::new(&patterns).unwrap()));
        assert_eq!(occurrences(&automaton, &text), expected, "round {round}");
    }
}

#[test]
fn crowded_patterns_go_to_the_automaton() {
    // All share every pair, so no choice of anchor keeps them apart.
    let crowded: Vec<Vec<u16>> = (2..200).map(|length| vec![0x4F60; length]).collect();
    assert!(matches!(Matcher::new(&crowded).finder, Finder::Automaton(_)));
    let apart: Vec<Vec<u16>> = (0x4E00..0x5000).map(|unit| vec![unit, unit + 1]).collect();
    assert!(matches!(Matcher::new(&apart).finder, Finder::Pairs(_)));
}

#[test]
fn the_scan_stops_when_the_work_is_used_up() {
    let matcher = Matcher::new(&[vec![7, 7]]);
    let mut work = 10;
    let mut count = 0;
    let end = matcher.scan(&[7; 1000], &mut work, |_| {
        count += 1;
        ControlFlow::Continue(())
    });
    assert_eq!((end, count), (ControlFlow::Break(()), 10));
}
