//! All phrases of all rules, found in one pass over a call.

mod automaton;
mod pair_scan;

use std::ops::ControlFlow;

use automaton::Automaton;
use pair_scan::PairScan;

/// Finds every occurrence, overlapping ones too, of many patterns in a folded text.
#[derive(Debug)]
pub(crate) struct Matcher {
    finder: Finder,
}

#[derive(Debug)]
enum Finder {
    Pairs(PairScan),
    Automaton(Box<Automaton>),
}

/// One occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Occurrence {
    /// The pattern's index in the list that the matcher was made from.
    pub(crate) pattern: u32,
    /// The first unit.
    pub(crate) start: u32,
    /// The first unit after.
    pub(crate) end: u32,
}

impl Matcher {
    /// Patterns that share their rarest pair are compared one by one; beyond this many of them the
    /// automaton is the safer choice.
    const LARGEST_BUCKET: usize = 96;
    /// Measured: from about here on the automaton is faster anyway.
    const MOST_PAIR_PATTERNS: usize = 50_000;

    /// A matcher of `patterns`, which are not empty and differ from one another.
    pub(crate) fn new(patterns: &[Vec<u16>]) -> Self {
        let pairs = PairScan::new(patterns);
        let crowded = pairs.largest_bucket() > Self::LARGEST_BUCKET
            || patterns.len() > Self::MOST_PAIR_PATTERNS;
        // Where the automaton cannot be built for its size, the work limit still bounds the scan.
        let automaton = if crowded { Automaton::new(patterns) } else { None };
        let finder = match automaton {
            Some(automaton) => Finder::Automaton(Box::new(automaton)),
            None => Finder::Pairs(pairs),
        };
        Self { finder }
    }

    /// Calls `found` with every occurrence in `text`, in no particular order.
    ///
    /// `work` goes down by one for every comparison; at zero the scan ends early with `Break`, as
    /// it does when `found` says so.
    pub(crate) fn scan(
        &self,
        text: &[u16],
        work: &mut u64,
        found: impl FnMut(Occurrence) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match &self.finder {
            Finder::Pairs(pairs) => pairs.scan(text, work, found),
            Finder::Automaton(automaton) => automaton.scan(text, work, found),
        }
    }
}

#[cfg(test)]
mod tests;
