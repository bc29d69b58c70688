use super::RawHit;

/// Of hits that overlap only the longest: `hits`, in order of place, less those that share a unit
/// with a longer one (of equally long ones: with the first) that is kept.
pub(crate) fn longest_apart(hits: &[RawHit]) -> Vec<RawHit> {
    let mut kept = Vec::with_capacity(hits.len());
    for said in hits.chunk_by(|one, other| one.utterance == other.utterance) {
        if let [only] = said {
            kept.push(*only);
            continue;
        }
        let mut by_length: Vec<&RawHit> = said.iter().collect();
        by_length.sort_by_key(|hit| (u32::MAX - (hit.end - hit.start), hit.start, hit.tag));
        let end = said.iter().map(|hit| hit.end).max().unwrap_or(0);
        let mut taken = vec![false; end as usize];
        let first = kept.len();
        for hit in by_length {
            // Whatever is taken already is no shorter, so where it overlaps it covers an end.
            if taken[hit.start as usize] || taken[hit.end as usize - 1] {
                continue;
            }
            taken[hit.start as usize..hit.end as usize].fill(true);
            kept.push(*hit);
        }
        kept[first..].sort_by_key(|hit| hit.start);
    }
    kept
}
