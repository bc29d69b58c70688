/// Words of other products, and our own earlier ones, with what they are called here. Offered
/// only where the word is one of the candidates.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("says", "say"),
    ("keyword", "say"),
    ("keywords", "say"),
    ("phrase", "say"),
    ("any", "say"),
    ("pattern", "regex"),
    ("regexp", "regex"),
    ("not_regex", "not_matching"),
    ("role", "by"),
    ("who", "by"),
    ("speaker", "by"),
    ("staff", "agent"),
    ("operator", "agent"),
    ("seat", "agent"),
    ("坐席", "agent"),
    ("客服", "agent"),
    ("caller", "customer"),
    ("客户", "customer"),
    ("client", "customer"),
    ("user", "customer"),
    ("when", "listen_for"),
    ("conditions", "listen_for"),
    ("detection", "listen_for"),
    ("strings", "listen_for"),
    ("condition", "flag_if"),
    ("lambda", "flag_if"),
    ("expression", "flag_if"),
    ("score", "points"),
    ("level", "severity"),
    ("description", "why"),
    ("title", "name"),
    ("full_score", "base"),
    ("ruleset", "pack"),
    ("turn", "utterance"),
    ("turns", "utterances"),
    ("sentence", "utterance"),
    ("sentences", "utterances"),
    ("speed_over", "faster_than"),
    ("speed_under", "slower_than"),
    ("times", "at_least"),
    ("min", "at_least"),
    ("count", "at_least"),
    ("exception", "unless"),
    ("exceptions", "unless"),
    ("window", "in"),
    ("range", "in"),
    ("position", "in"),
    ("interruption", "interrupts"),
    ("dead_air", "silence"),
    ("major", "critical"),
    ("error", "critical"),
    ("high", "critical"),
    ("warning", "normal"),
    ("medium", "normal"),
    ("low", "info"),
    ("hit", "flagged"),
    ("violation", "flagged"),
    ("fail", "flagged"),
    ("pass", "clear"),
    ("passed", "clear"),
    ("failed", "flagged"),
    ("ok", "clear"),
    ("compliant", "clear"),
    ("yes", "true"),
    ("on", "true"),
    ("no", "false"),
    ("off", "false"),
    ("chinese", "zh"),
    ("zh-CN", "zh"),
    ("cn", "zh"),
    ("english", "en"),
    ("dialogue", "call"),
];

/// The candidate that `word` was probably meant to be: the same but for case, a word that other
/// products use for it, or one that is a third of its letters away at most.
pub(crate) fn closest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let lower = word.to_lowercase();
    if let Some(same) = candidates.iter().find(|candidate| candidate.to_lowercase() == lower) {
        return Some(same);
    }
    let dashed = lower.replace(['-', ' '], "_");
    if let Some(same) = candidates.iter().find(|candidate| candidate.replace('-', "_") == dashed) {
        return Some(same);
    }
    let ours = OTHER_WORDS.iter().filter(|(other, _)| *other == lower);
    for (_, ours) in ours {
        if let Some(candidate) = candidates.iter().find(|candidate| *candidate == ours) {
            return Some(candidate);
        }
    }
    let length = lower.chars().count();
    let reach = (length / 3).clamp(1, 4);
    if length > 64 {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (edits(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(edits, candidate)| {
            *edits <= reach && *edits < candidate.chars().count().max(length)
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `left` into `right`.
fn edits(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, &from) in left.iter().enumerate() {
        let mut current = Vec::with_capacity(right.len() + 1);
        current.push(row + 1);
        for (column, &to) in right.iter().enumerate() {
            let mut best = (last[column] + usize::from(from != to))
                .min(last[column + 1] + 1)
                .min(current[column] + 1);
            let swapped = row > 0
                && column > 0
                && from == right[column - 1]
                && left[row - 1] == to
                && from != to;
            if swapped {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_count_swaps_once() {
        assert_eq!(edits("agent", "agetn"), 1);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "ab"), 2);
    }

    #[test]
    fn the_closest_word_is_offered() {
        let check = |word, expected| {
            let candidates = ["say", "regex", "silence", "by", "at_least", "agent"];
            assert_eq!(closest(word, candidates), expected, "{word}");
        };
        check("sya", Some("say"));
        check("silense", Some("silence"));
        check("Agent", Some("agent"));
        check("at-least", Some("at_least"));
        check("staff", Some("agent"));
        check("keywords", Some("say"));
        check("loudness", None);
        check("b", Some("by"));
        check("q", None);
    }
}
