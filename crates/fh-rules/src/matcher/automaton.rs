use std::ops::ControlFlow;

use daachorse::CharwiseDoubleArrayAhoCorasick;

use super::Occurrence;

/// An Aho-Corasick automaton, for packs that the pair scan does not suit.
pub(super) struct Automaton {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    /// Length of each pattern in units.
    lengths: Vec<u32>,
}

impl std::fmt::Debug for Automaton {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Automaton").field("patterns", &self.lengths.len()).finish_non_exhaustive()
    }
}

/// The automaton reads characters: a unit becomes one, halves of surrogate pairs in a plane that
/// is for private use.
fn character_of(unit: u16) -> char {
    char::from_u32(u32::from(unit))
        .or_else(|| char::from_u32(0xF_0000 + u32::from(unit)))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

impl Automaton {
    /// `None` where the patterns are too many or too long for it.
    pub(super) fn new(patterns: &[Vec<u16>]) -> Option<Self> {
        let texts = patterns
            .iter()
            .map(|pattern| pattern.iter().copied().map(character_of).collect::<String>());
        let automaton = CharwiseDoubleArrayAhoCorasick::with_values(texts.zip(0u32..)).ok()?;
        Some(Self { automaton, lengths: patterns.iter().map(|p| p.len() as u32).collect() })
    }

    pub(super) fn scan(
        &self,
        text: &[u16],
        work: &mut u64,
        mut found: impl FnMut(Occurrence) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut characters = String::with_capacity(text.len() * 3);
        // For each byte at which a character ends, how many units lie before it.
        let mut units_before = vec![0u32; text.len() * 4 + 1];
        for (count, &unit) in (1u32..).zip(text) {
            characters.push(character_of(unit));
            units_before[characters.len()] = count;
        }
        for hit in self.automaton.find_overlapping_iter(&characters) {
            if *work == 0 {
                return ControlFlow::Break(());
            }
            *work -= 1;
            let end = units_before[hit.end()];
            let start = end - self.lengths[hit.value() as usize];
            found(Occurrence { pattern: hit.value(), start, end })?;
        }
        ControlFlow::Continue(())
    }
}
