use super::units_of;
use crate::Hit;

/// Where `keyword` is in `texts`. Hits do not overlap.
pub(crate) fn find(texts: &[String], keyword: &str) -> Vec<Hit> {
    let wanted = units_of(keyword);
    let mut hits = Vec::new();
    if wanted.is_empty() {
        return hits;
    }
    for (utterance, text) in (0..).zip(texts) {
        let units = units_of(text);
        let mut rest = units.as_slice();
        while rest.len() >= wanted.len() {
            let (here, after) = rest.split_at(wanted.len());
            if here.iter().zip(&wanted).all(|(unit, wanted)| unit.what == wanted.what) {
                hits.push(Hit { utterance, start: here[0].start, end: here[here.len() - 1].end });
                rest = after;
            } else {
                rest = &rest[1..];
            }
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], keyword: &str, expected: &[(u32, u32, u32)]) {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        let hits: Vec<(u32, u32, u32)> = find(&texts, keyword)
            .into_iter()
            .map(|hit| (hit.utterance, hit.start, hit.end))
            .collect();
        assert_eq!(hits, expected, "{keyword}");
    }

    #[test]
    fn hits_are_in_characters_of_the_text() {
        check(&["我要退款，退，款！"], "退款", &[(0, 2, 4), (0, 5, 8)]);
        check(&["您好", "要退款"], "款", &[(1, 2, 3)]);
        check(&["My Refund, please: refunds"], "refund", &[(0, 3, 9)]);
        check(&["单号 138 0013 8000"], "0013", &[(0, 7, 11)]);
        check(&["单号 138 0013 8000"], "8001", &[(0, 5, 10)]);
        check(&["好好好"], "好好", &[(0, 0, 2)]);
        check(&["ＶＩＰ客户"], "vip客", &[(0, 0, 4)]);
        check(&["要退", "款"], "退款", &[]);
        check(&["什么"], "？", &[]);
    }
}
