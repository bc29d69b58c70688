//! Sentences and what was found in them, in Alibaba's units.

use fh_model::{Evidence, Inspection, Role, Utterance};
use serde::Serialize;

use super::super::super::wrapped::wrapped_lists;

wrapped_lists! {
    /// `{"AsrResult": [...]}`
    pub(super) Sentences("AsrResult", Sentence);
    /// `{"Cid": [...]}`
    pub(super) ConditionIds("Cid", String);
    /// `{"KeyWord": [...]}`
    pub(super) KeyWords("KeyWord", KeyWord);
}

/// One sentence of the conversation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sentence {
    /// Who said it; absent where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    /// What was said.
    pub(super) words: String,
    /// From when, in milliseconds from the start of the recording.
    pub(super) begin: u64,
    /// Until when, in milliseconds.
    pub(super) end: u64,
    /// Characters and words in a minute; absent for a sentence without length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) speech_rate: Option<u64>,
    /// How loud it was, 0 to 10; absent where it was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) emotion_value: Option<u8>,
}

/// The sentence that something was found in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Phrase {
    /// Who said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    /// What was said.
    pub(super) words: String,
    /// From when, in milliseconds.
    pub(super) begin: u64,
    /// Until when, in milliseconds.
    pub(super) end: u64,
    /// How loud it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) emotion_value: Option<u8>,
}

/// What was found in a sentence.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyWord {
    /// The words, or the value that crossed a limit.
    pub(super) val: String,
    /// The condition.
    pub(super) cid: String,
    /// First character of it in the sentence, in UTF-16 units as Java counts.
    pub(super) from: u32,
    /// The character after it.
    pub(super) to: u32,
}

/// One hit of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Hit {
    /// The conditions that it is a hit of.
    pub(super) cid: ConditionIds,
    /// What was found; empty where something was missed.
    pub(super) key_words: KeyWords,
    /// The sentence; absent where something was missed in the whole conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phrase: Option<Phrase>,
}

/// All sentences of a call, in order of time.
pub(super) fn sentences(inspection: &Inspection) -> Vec<Sentence> {
    utterances(inspection).iter().map(|utterance| sentence(utterance, inspection)).collect()
}

/// What a rule rests on, as hits.
pub(super) fn hits(evidence: &[Evidence], inspection: &Inspection) -> Vec<Hit> {
    evidence.iter().map(|evidence| hit(evidence, inspection)).collect()
}

pub(super) fn utterances(inspection: &Inspection) -> &[Utterance] {
    inspection.transcript.as_ref().map_or(&[], |transcript| &transcript.utterances)
}

fn hit(evidence: &Evidence, inspection: &Inspection) -> Hit {
    let all = utterances(inspection);
    let by_id = |id: u32| all.iter().find(|utterance| utterance.id == id);
    let (utterance, value) = match evidence {
        Evidence::Said { utterance, quote, .. } => (by_id(*utterance), Some(quote.clone())),
        // The sentence that ends the silence: the one whose distance to the one before is too great.
        Evidence::Silence { span, .. } => (
            all.iter().find(|utterance| utterance.span.start >= span.end),
            Some(span.length().0.to_string()),
        ),
        Evidence::Speed { utterance, per_minute_thousandths, .. } => {
            (utterance.and_then(by_id), Some(((per_minute_thousandths + 500) / 1000).to_string()))
        }
        Evidence::Interruption { span, channel, .. } => {
            let cut_in = all.iter().find(|utterance| {
                utterance.channel == *channel && utterance.span.overlap(*span).is_some()
            });
            let units = cut_in.map_or(0, |utterance| spoken_units(&utterance.text));
            (cut_in, Some(format!("{}：{units}", seconds(span.length().0))))
        }
        _ => (None, None),
    };
    let (from, to) = match (evidence, utterance) {
        (Evidence::Said { chars, .. }, Some(utterance)) => {
            (utf16_offset(&utterance.text, chars.start), utf16_offset(&utterance.text, chars.end))
        }
        (_, Some(utterance)) => (0, utf16_offset(&utterance.text, u32::MAX)),
        (_, None) => (0, 0),
    };
    let cid = evidence.condition().to_owned();
    let key_words: Vec<KeyWord> =
        value.map(|val| KeyWord { val, cid: cid.clone(), from, to }).into_iter().collect();
    Hit {
        cid: vec![cid].into(),
        key_words: key_words.into(),
        phrase: utterance.map(|utterance| {
            let Sentence { role, words, begin, end, emotion_value, .. } =
                sentence(utterance, inspection);
            Phrase { role, words, begin, end, emotion_value }
        }),
    }
}

fn sentence(utterance: &Utterance, inspection: &Inspection) -> Sentence {
    let length = utterance.span.length().0;
    let units = u64::from(spoken_units(&utterance.text));
    Sentence {
        role: match utterance.role {
            Role::Agent => Some("客服"),
            Role::Customer => Some("客户"),
            Role::Unknown => None,
        },
        words: utterance.text.clone(),
        begin: utterance.span.start.0,
        end: utterance.span.end.0,
        speech_rate: (units * 60_000 + length / 2).checked_div(length),
        emotion_value: emotion_value(utterance, inspection),
    }
}

/// The mean level of the seconds that a sentence touches: -100 dB and below is 0, full scale is 10.
fn emotion_value(utterance: &Utterance, inspection: &Inspection) -> Option<u8> {
    let channels = &inspection.measures.channels;
    let channel = channels.iter().find(|channel| channel.channel == utterance.channel)?;
    let levels = &channel.loudness.per_second_dbfs;
    let first = usize::try_from(utterance.span.start.0 / 1000).ok()?;
    let after = usize::try_from(utterance.span.end.0.div_ceil(1000)).ok()?.min(levels.len());
    let touched = levels.get(first..after).filter(|levels| !levels.is_empty())?;
    let sum: i64 = touched.iter().map(|level| level.hundredths()).sum();
    let mean = sum / i64::try_from(touched.len()).ok()?;
    // Hundredths of a dB above -100 dB; a thousand of them are ten dB, one step.
    u8::try_from(((mean + 10_000 + 500) / 1000).clamp(0, 10)).ok()
}

/// Chinese characters, each for itself, and words of other scripts; punctuation counts nothing.
fn spoken_units(text: &str) -> u32 {
    let mut units = 0;
    let mut in_word = false;
    for character in text.chars() {
        let is_han = matches!(character,
            '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}');
        // An apostrophe is inside a word: `don't`.
        let is_word = !is_han && (character.is_alphanumeric() || (in_word && character == '\''));
        units += u32::from(is_han || (is_word && !in_word));
        in_word = is_word;
    }
    units
}

/// Where character `index` of `text` begins, in UTF-16 units; the end where there are fewer.
fn utf16_offset(text: &str, index: u32) -> u32 {
    let before = text.chars().take(usize::try_from(index).unwrap_or(usize::MAX));
    before.map(|character| if character > '\u{ffff}' { 2 } else { 1 }).sum()
}

/// Milliseconds as seconds, rounded to tenths: `2`, `0.6`.
fn seconds(ms: u64) -> String {
    match (ms.saturating_add(50)) / 100 {
        tenths if tenths % 10 == 0 => (tenths / 10).to_string(),
        tenths => format!("{}.{}", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_characters_and_words() {
        let check = |text, units| assert_eq!(spoken_units(text), units, "{text}");
        check("不可能给你退货的。", 8);
        check("hello, it's 12 o'clock", 4);
        check("你好 OK吗？", 4);
        check("……", 0);
    }

    #[test]
    fn offsets_count_as_java_does() {
        // An emoji is two units of UTF-16.
        assert_eq!((utf16_offset("a😀b", 1), utf16_offset("a😀b", 2)), (1, 3));
        assert_eq!((utf16_offset("a😀b", 9), utf16_offset("", 3)), (4, 0));
    }

    #[test]
    fn seconds_have_one_decimal_at_most() {
        assert_eq!([0, 600, 649, 650, 2000].map(seconds), ["0", "0.6", "0.6", "0.7", "2"]);
    }
}
