//! What came closest to a phrase that was not said.

use std::ops::Range;

use fh_model::{NearMiss, SearchedWindow, Span};

use super::hearing::{Searched, bloom_of};
use super::prepared::PreparedUtterance;
use super::{Hearing, RawHit};
use crate::text::is_word_unit;

/// A phrase that a condition listens for.
#[derive(Debug)]
pub(crate) struct SoughtPhrase {
    /// As the author wrote it.
    pub(crate) text: String,
    /// Folded.
    pub(crate) units: Vec<u16>,
}

/// Below this, words have nothing to do with the phrase.
const LEAST_SIMILARITY_PERCENT: usize = 60;
/// A phrase of two characters is half there wherever one of them is.
const SHORTEST_PHRASE: usize = 3;

impl Searched {
    /// As evidence shows it.
    pub(crate) fn window(&self, hearing: &Hearing<'_>) -> SearchedWindow {
        let id = |index: &u32| hearing.text.utterances[*index as usize].id;
        let bounds = self.utterances.first().zip(self.utterances.last());
        SearchedWindow {
            span: self.span,
            utterances: bounds.map(|(first, last)| (id(first), id(last))),
            role: self.role,
        }
    }

    /// Why the very phrase, said at `span` in `utterance`, is no hit.
    pub(crate) fn why_not(&self, utterance: &PreparedUtterance, span: Span) -> String {
        match self.role {
            Some(role) if utterance.role != role => {
                format!("said by the {}, not by the {role}", utterance.role)
            }
            _ if span.end <= self.span.start => {
                "said before the part of the call that counts".to_owned()
            }
            _ if span.start >= self.span.end => {
                "said after the part of the call that counts".to_owned()
            }
            _ => "said here, but an exception or a missing other phrase keeps it from counting"
                .to_owned(),
        }
    }

    /// How far a moment lies outside.
    fn distance(&self, span: Span) -> u64 {
        let before = self.span.start.saturating_sub(span.end);
        before.max(span.start.saturating_sub(self.span.end)).0
    }
}

/// The very phrase in the wrong place or mouth (`said`), else the words in the right place that
/// are most like one of `phrases`.
pub(crate) fn nearest_phrase(
    hearing: &mut Hearing<'_>,
    phrases: &[SoughtPhrase],
    said: &[RawHit],
    searched: &Searched,
) -> Option<NearMiss> {
    let mut nearest: Option<((u64, bool), RawHit, Span)> = None;
    for hit in said {
        let span = hearing.time_of_words(hit.utterance, &(hit.start..hit.end));
        let role = hearing.text.utterances[hit.utterance as usize].role;
        let other_role = searched.role.is_some_and(|wanted| wanted != role);
        let key = (searched.distance(span), other_role);
        if nearest.as_ref().is_none_or(|(best, _, _)| key < *best) {
            nearest = Some((key, *hit, span));
        }
    }
    if let Some((_, hit, span)) = nearest {
        let why_not = searched.why_not(&hearing.text.utterances[hit.utterance as usize], span);
        let phrase = &phrases[hit.tag as usize].text;
        return Some(near_miss(hearing, phrase, hit.utterance, hit.start..hit.end, 100, why_not));
    }
    let (phrase, utterance, alignment, similarity) = most_similar(hearing, phrases, searched)?;
    let why_not = if similarity == 100 {
        "only as a part of other words".to_owned()
    } else {
        "similar words, but not the phrase".to_owned()
    };
    let units = whole_words(hearing.text.units_of(utterance as usize), alignment);
    Some(near_miss(hearing, phrase, utterance, units, similarity as u8, why_not))
}

fn near_miss(
    hearing: &mut Hearing<'_>,
    phrase: &str,
    utterance: u32,
    units: Range<u32>,
    similarity_percent: u8,
    why_not: String,
) -> NearMiss {
    let span = hearing.time_of_words(utterance, &units);
    let (quote, chars) = hearing.quote(utterance, &units);
    let said = &hearing.text.utterances[utterance as usize];
    NearMiss {
        phrase: phrase.to_owned(),
        quote,
        utterance: said.id,
        chars,
        span,
        role: said.role,
        similarity_percent,
        why_not,
    }
}

/// The phrase and the stretch of a searched utterance that are most alike; the first of equals.
fn most_similar<'p>(
    hearing: &mut Hearing<'_>,
    phrases: &'p [SoughtPhrase],
    searched: &Searched,
) -> Option<(&'p str, u32, Range<u32>, usize)> {
    let mut best: Option<(&'p str, u32, Range<u32>, usize)> = None;
    for phrase in phrases.iter().filter(|phrase| phrase.units.len() >= SHORTEST_PHRASE) {
        let length = phrase.units.len();
        let masks = UnitMasks::of(&phrase.units);
        for &utterance in &searched.utterances {
            let least = best.as_ref().map_or(LEAST_SIMILARITY_PERCENT, |best| best.3 + 1);
            let allowed = length * (100 - least.min(100)) / 100;
            if missing_units(&phrase.units, hearing.bloom(utterance)) > allowed {
                continue;
            }
            let units = hearing.text.units_of(utterance as usize);
            // What was found so far is better than nothing where the work runs out.
            if hearing.work.spend(units.len()).is_err() {
                return best;
            }
            if masks.as_ref().is_some_and(|masks| masks.least_distance(units) > allowed) {
                continue;
            }
            if hearing.work.spend(units.len() * length).is_err() {
                return best;
            }
            let Some((distance, at)) = closest(&phrase.units, units) else { continue };
            if distance <= allowed {
                let similarity = (length - distance) * 100 / length;
                best = Some((&phrase.text, utterance, at, similarity));
            }
            if best.as_ref().is_some_and(|best| best.3 == 100) {
                return best;
            }
        }
    }
    best
}

/// At least how many of the phrase's units the utterance with this bloom lacks.
fn missing_units(phrase: &[u16], bloom: u128) -> usize {
    phrase.iter().filter(|&&unit| bloom_of(&[unit]) & bloom == 0).count()
}

/// A phrase of at most 64 units as bit masks, for a quick look at how near a text comes.
struct UnitMasks {
    /// For each unit, by its low seven bits, where in the phrase it stands. Units that share those
    /// bits share a mask, so that distances come out too small at worst, never too large.
    masks: [u64; 128],
    length: usize,
}

impl UnitMasks {
    fn of(phrase: &[u16]) -> Option<Self> {
        if phrase.len() > 64 {
            return None;
        }
        let mut masks = [0; 128];
        for (at, &unit) in phrase.iter().enumerate() {
            masks[usize::from(unit & 127)] |= 1 << at;
        }
        Some(Self { masks, length: phrase.len() })
    }

    /// At most the smallest edit distance of the phrase to any stretch of `text`: Myers' algorithm
    /// (1999), which keeps a whole column of differences in two words of 64 bits.
    fn least_distance(&self, text: &[u16]) -> usize {
        let last = 1u64 << (self.length - 1);
        let (mut rises, mut falls) = (u64::MAX, 0u64);
        let mut distance = self.length;
        let mut least = distance;
        for &unit in text {
            let equal = self.masks[usize::from(unit & 127)];
            let diagonal = ((equal & rises).wrapping_add(rises) ^ rises) | equal | falls;
            let mut row_rises = falls | !(diagonal | rises);
            let mut row_falls = rises & diagonal;
            distance += usize::from(row_rises & last != 0);
            distance -= usize::from(row_falls & last != 0);
            least = least.min(distance);
            // A match may begin anywhere, so no difference comes in from above.
            row_rises <<= 1;
            row_falls <<= 1;
            rises = row_falls | !(diagonal | row_rises);
            falls = row_rises & diagonal;
        }
        least
    }
}

/// The stretch of `text` with the smallest edit distance to `phrase`, and that distance
/// (Sellers' algorithm: one column a unit of text, carrying along where the alignment began).
fn closest(phrase: &[u16], text: &[u16]) -> Option<(usize, Range<u32>)> {
    // For each prefix of the phrase: its distance to the text that ends here, and where that
    // began.
    let mut column: Vec<(usize, u32)> = (0..=phrase.len()).map(|edits| (edits, 0)).collect();
    // Of equally close stretches the one as long as the phrase reads best.
    let mut best: Option<((usize, usize), Range<u32>)> = None;
    for (end, &unit) in (1u32..).zip(text) {
        let mut diagonal = column[0];
        column[0] = (0, end);
        for (row, &wanted) in phrase.iter().enumerate() {
            let substituted = (diagonal.0 + usize::from(wanted != unit), diagonal.1);
            let left_out = (column[row].0 + 1, column[row].1);
            let put_in = (column[row + 1].0 + 1, column[row + 1].1);
            diagonal = column[row + 1];
            // Of equal distances the one that began earlier keeps more of what was said.
            column[row + 1] = [substituted, left_out, put_in]
                .into_iter()
                .min_by_key(|&(edits, start)| (edits, start))
                .unwrap_or(substituted);
        }
        let (distance, start) = column[phrase.len()];
        let key = (distance, phrase.len().abs_diff((end - start) as usize));
        if start < end && best.as_ref().is_none_or(|(least, _)| key < *least) {
            best = Some((key, start..end));
        }
    }
    best.map(|((distance, _), at)| (distance, at))
}

/// Widened to the borders of the words it begins and ends in, and cut free of spaces.
fn whole_words(text: &[u16], alignment: Range<u32>) -> Range<u32> {
    let (mut start, mut end) = (alignment.start as usize, alignment.end as usize);
    let is_word = |index: usize| text.get(index).is_some_and(|&unit| is_word_unit(unit));
    while start > 0 && is_word(start) && is_word(start - 1) {
        start -= 1;
    }
    while end > 0 && is_word(end - 1) && is_word(end) {
        end += 1;
    }
    let space = u16::from(b' ');
    while start < end && text[start] == space {
        start += 1;
    }
    while end > start && text[end - 1] == space {
        end -= 1;
    }
    start as u32..end as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold_phrase;

    #[test]
    fn masks_give_the_distance_where_units_do_not_share_bits() {
        // Letters differ in their low seven bits, so here the two must agree.
        let text = fold_phrase("thank me for calling you today about the thing");
        for phrase in ["thank you for calling", "you", "banking", "zzz", "today abut the", "t"] {
            let phrase = fold_phrase(phrase);
            let (distance, _) = closest(&phrase, &text).unwrap();
            assert_eq!(UnitMasks::of(&phrase).unwrap().least_distance(&text), distance);
        }
    }

    #[test]
    fn the_closest_stretch_is_found_with_its_distance() {
        let check = |phrase: &str, text: &str, distance, stretch: &str| {
            let (phrase, text) = (fold_phrase(phrase), fold_phrase(text));
            let (found, at) = closest(&phrase, &text).unwrap();
            let masks = UnitMasks::of(&phrase).unwrap();
            assert!(masks.least_distance(&text) <= found);
            let at = whole_words(&text, at);
            let quote = String::from_utf16(&text[at.start as usize..at.end as usize]).unwrap();
            assert_eq!((found, quote.as_str()), (distance, stretch));
        };
        check("保证收益", "这款产品保证收意您放心", 1, "保证收意");
        check("请稍等一下", "好的请您稍等一下", 1, "请您稍等一下");
        // y, o, u go and s comes: "thank |you| for" against "thank|s| for" is 4 edits with the space.
        check("thank you for calling", "hello thanks for calling us", 4, "thanks for calling");
    }
}
