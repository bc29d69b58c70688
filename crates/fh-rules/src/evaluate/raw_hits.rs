/// What the scan found for a condition: an occurrence of one of its phrases, before anything is
/// asked about who said it and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RawHit {
    /// Which utterance, by position.
    pub(crate) utterance: u32,
    /// First folded unit in the utterance.
    pub(crate) start: u32,
    /// First folded unit after.
    pub(crate) end: u32,
    /// Which of its phrases, in the operator's own count.
    pub(crate) tag: u32,
    /// The condition's hit before this one, plus one; 0 for none.
    before: u32,
}

/// Lists of raw hits, one a condition, all empty again at no cost when the next call comes.
#[derive(Debug, Default)]
pub(crate) struct RawHits {
    hits: Vec<RawHit>,
    /// For each condition the generation in which it last had a hit, and its last hit.
    heads: Vec<(u32, u32)>,
    generation: u32,
}

impl RawHits {
    /// Forgets all hits, and makes room for conditions `0..slots`.
    pub(crate) fn start_call(&mut self, slots: usize) {
        self.hits.clear();
        if self.heads.len() != slots || self.generation == u32::MAX {
            self.heads.clear();
            self.heads.resize(slots, (0, 0));
            self.generation = 0;
        }
        self.generation += 1;
    }

    /// How many hits there are.
    pub(crate) const fn len(&self) -> usize {
        self.hits.len()
    }

    /// Adds a hit for the condition in `slot`.
    pub(crate) fn push(&mut self, slot: u32, utterance: u32, start: u32, end: u32, tag: u32) {
        let head = &mut self.heads[slot as usize];
        let before = if head.0 == self.generation { head.1 + 1 } else { 0 };
        *head = (self.generation, self.hits.len() as u32);
        self.hits.push(RawHit { utterance, start, end, tag, before });
    }

    /// The hits of the condition in `slot`, the last first.
    pub(crate) fn of(&self, slot: u32) -> impl Iterator<Item = &RawHit> {
        let head = self.heads.get(slot as usize).copied().unwrap_or_default();
        let first = (head.0 == self.generation).then(|| self.hits.get(head.1 as usize)).flatten();
        std::iter::successors(first, |hit| self.hits.get((hit.before as usize).wrapping_sub(1)))
    }
}
