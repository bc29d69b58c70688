//! A bitmap over pairs of neighbouring units, and behind it the patterns anchored on each pair.
//!
//! Every pattern is anchored on the rarest pair of units in it. The scan looks at each pair of the
//! text once: one multiplication and one bit tell nearly always that no pattern has its anchor
//! there. Only behind a set bit are patterns compared. Automata take a dependent memory access for
//! every unit; this takes none, which is why it is faster at the sizes that rule packs have.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::Occurrence;

#[derive(Debug)]
pub(super) struct PairScan {
    /// One bit for each hash of a pair that some pattern is anchored on.
    filter: Vec<u64>,
    /// Right shift that leaves a bit's index of a hash.
    filter_shift: u32,
    /// For each bucket the first of its anchors; the next bucket's first is one past its last.
    buckets: Vec<u32>,
    /// Right shift that leaves a bucket's index of a hash.
    bucket_shift: u32,
    /// Sorted by bucket, then by pair.
    anchors: Vec<Anchor>,
    /// All patterns' units, one after another.
    units: Vec<u16>,
    /// Patterns of one unit: sorted pairs of unit and pattern, with a bitmap before them.
    singles: Vec<(u16, u32)>,
    singles_filter: Vec<u64>,
    largest_bucket: usize,
}

/// A pattern and the place of its rarest pair in it.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    pair: u32,
    pattern: u32,
    /// Units before the pair.
    before: u32,
    /// Where the pattern's units begin, and how many they are.
    first: u32,
    length: u32,
}

const fn pair_of(first: u16, second: u16) -> u32 {
    (first as u32) << 16 | second as u32
}

/// Multiplicative hashing (Knuth): the high bits of the product by 2^32 / golden ratio.
const fn hash(pair: u32) -> u32 {
    pair.wrapping_mul(0x9E37_79B1)
}

/// How often a unit occurs in calls, roughly: 0 for rare to 40 for the commonest.
///
/// Only speed depends on it. Latin letters by their share of English text in tenths of a percent
/// over three; the commonest characters of spoken Chinese.
fn commonness(unit: u16) -> u32 {
    match char::from_u32(u32::from(unit)).unwrap_or('\0') {
        ' ' => 60,
        'e' => 42,
        't' => 30,
        'a' | 'o' | 'i' | 'n' => 25,
        's' | 'h' | 'r' => 20,
        'd' | 'l' => 14,
        'u' | 'c' | 'm' | 'w' | 'f' | 'g' | 'y' => 9,
        'p' | 'b' => 6,
        'v' | 'k' => 4,
        'a'..='z' => 1,
        '0'..='9' => 6,
        '的' | '是' | '我' | '你' | '您' | '这' | '个' | '一' | '不' => 12,
        '了' | '有' | '在' | '那' | '么' | '就' | '好' | '们' | '说' => 9,
        '可' | '以' | '要' | '会' | '吗' | '呢' | '没' | '到' | '来' | '请' => 6,
        _ => 2,
    }
}

impl PairScan {
    pub(super) fn new(patterns: &[Vec<u16>]) -> Self {
        let mut scan = Self {
            filter: Vec::new(),
            filter_shift: 0,
            buckets: Vec::new(),
            bucket_shift: 0,
            anchors: Vec::with_capacity(patterns.len()),
            units: Vec::with_capacity(patterns.iter().map(Vec::len).sum()),
            singles: Vec::new(),
            singles_filter: Vec::new(),
            largest_bucket: 0,
        };
        let mut load: HashMap<u32, u32> = HashMap::with_capacity(patterns.len());
        for (index, pattern) in (0u32..).zip(patterns) {
            let first = scan.units.len() as u32;
            scan.units.extend_from_slice(pattern);
            if let [single] = pattern[..] {
                scan.singles.push((single, index));
                continue;
            }
            // A pair that others are anchored on already costs a comparison at each occurrence.
            let rarest = pattern.windows(2).enumerate().min_by_key(|(_, pair)| {
                let taken = load.get(&pair_of(pair[0], pair[1])).copied().unwrap_or(0);
                (commonness(pair[0]) + 1) * (commonness(pair[1]) + 1) * (taken + 1)
            });
            let Some((before, pair)) = rarest else { continue };
            let pair = pair_of(pair[0], pair[1]);
            *load.entry(pair).or_default() += 1;
            scan.anchors.push(Anchor {
                pair,
                pattern: index,
                before: before as u32,
                first,
                length: pattern.len() as u32,
            });
        }
        scan.index_anchors();
        scan.index_singles();
        scan
    }

    fn index_anchors(&mut self) {
        // 32 bits and 2 buckets a pattern; small packs still get a filter that fits the cache.
        let bits_for = |wanted: usize| wanted.next_power_of_two().ilog2();
        let filter_bits = bits_for(self.anchors.len() * 32).clamp(10, 24);
        let bucket_bits = bits_for(self.anchors.len() * 2).clamp(4, 20);
        self.filter_shift = 32 - filter_bits;
        self.bucket_shift = 32 - bucket_bits;
        self.filter = vec![0; 1 << (filter_bits - 6)];
        self.buckets = vec![0; (1 << bucket_bits) + 1];
        let bucket_shift = self.bucket_shift;
        let bucket_of = |anchor: &Anchor| (hash(anchor.pair) >> bucket_shift) as usize;
        self.anchors.sort_by_key(|anchor| (bucket_of(anchor), anchor.pair, anchor.pattern));
        for anchor in &self.anchors {
            let bit = hash(anchor.pair) >> self.filter_shift;
            self.filter[(bit >> 6) as usize] |= 1 << (bit & 63);
            self.buckets[bucket_of(anchor) + 1] += 1;
        }
        let mut total = 0;
        for bucket in &mut self.buckets {
            self.largest_bucket = self.largest_bucket.max(*bucket as usize);
            total += *bucket;
            *bucket = total;
        }
    }

    fn index_singles(&mut self) {
        if self.singles.is_empty() {
            return;
        }
        self.singles.sort_unstable();
        self.singles_filter = vec![0; 1 << 10];
        for &(unit, _) in &self.singles {
            self.singles_filter[usize::from(unit >> 6)] |= 1 << (unit & 63);
        }
    }

    /// How many patterns have to be compared at the worst pair.
    pub(super) const fn largest_bucket(&self) -> usize {
        self.largest_bucket
    }

    pub(super) fn scan(
        &self,
        text: &[u16],
        work: &mut u64,
        mut found: impl FnMut(Occurrence) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if !self.anchors.is_empty() {
            for (at, pair) in text.windows(2).enumerate() {
                let pair = pair_of(pair[0], pair[1]);
                let hash = hash(pair);
                let bit = hash >> self.filter_shift;
                if self.filter[(bit >> 6) as usize] >> (bit & 63) & 1 != 0 {
                    self.compare_at(text, at, pair, hash, work, &mut found)?;
                }
            }
        }
        if !self.singles.is_empty() {
            for (at, &unit) in text.iter().enumerate() {
                if self.singles_filter[usize::from(unit >> 6)] >> (unit & 63) & 1 != 0 {
                    let first = self.singles.partition_point(|&(single, _)| single < unit);
                    for &(_, pattern) in
                        self.singles[first..].iter().take_while(|&&(single, _)| single == unit)
                    {
                        if *work == 0 {
                            return ControlFlow::Break(());
                        }
                        *work -= 1;
                        found(Occurrence { pattern, start: at as u32, end: at as u32 + 1 })?;
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Compares the patterns anchored on the `pair` that stands at `at`.
    fn compare_at(
        &self,
        text: &[u16],
        at: usize,
        pair: u32,
        hash: u32,
        work: &mut u64,
        found: &mut impl FnMut(Occurrence) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let bucket = (hash >> self.bucket_shift) as usize;
        let (first, after) = (self.buckets[bucket] as usize, self.buckets[bucket + 1] as usize);
        for anchor in &self.anchors[first..after] {
            if anchor.pair != pair {
                continue;
            }
            // A comparison may run over the whole pattern, so long ones are charged for it.
            let cost = 1 + u64::from(anchor.length / 16);
            if *work < cost {
                *work = 0;
                return ControlFlow::Break(());
            }
            *work -= cost;
            let length = anchor.length as usize;
            let pattern = &self.units[anchor.first as usize..][..length];
            let Some(start) = at.checked_sub(anchor.before as usize) else { continue };
            if text.get(start..start + length) == Some(pattern) {
                let (start, end) = (start as u32, (start + length) as u32);
                found(Occurrence { pattern: anchor.pattern, start, end })?;
            }
        }
        ControlFlow::Continue(())
    }
}
