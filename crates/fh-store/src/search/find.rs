use super::units::{What, is_break, unit_character};
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

/// A keyword that many texts are looked at for.
#[derive(Debug)]
pub(crate) struct Needle<'a> {
    keyword: &'a str,
    /// The keyword's characters where it has no words, else nothing.
    characters: Vec<char>,
    /// The characters of the text that is being looked at.
    text: Vec<char>,
}

impl<'a> Needle<'a> {
    pub(crate) fn new(keyword: &'a str) -> Self {
        let characters = units_of(keyword)
            .iter()
            .map(|unit| match unit.what {
                What::Character(character) => Some(character),
                What::Word(_) => None,
            })
            .collect::<Option<Vec<char>>>()
            .unwrap_or_default();
        Self { keyword, characters, text: Vec::new() }
    }

    /// Whether the keyword is in one of `texts`: the same as that [`find`] finds it.
    pub(crate) fn is_in(&mut self, texts: &[String]) -> bool {
        if self.characters.is_empty() {
            return !find(texts, self.keyword).is_empty();
        }
        self.text.clear();
        for text in texts {
            for raw in text.chars() {
                if let Some(character) = unit_character(raw) {
                    self.text.push(character);
                } else if is_break(raw) {
                    self.text.push(BREAK);
                }
            }
            self.text.push(BREAK);
        }
        self.text.windows(self.characters.len()).any(|here| here == self.characters)
    }
}

/// Stands for a word or the end of a text: no keyword goes over it.
const BREAK: char = '\0';

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
        assert_eq!(Needle::new(keyword).is_in(&texts), !hits.is_empty(), "{keyword}");
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
        check(&["要退 ok 款"], "退款", &[]);
        check(&["８ 0"], "80", &[(0, 0, 3)]);
        check(&["什么"], "？", &[]);
    }
}
