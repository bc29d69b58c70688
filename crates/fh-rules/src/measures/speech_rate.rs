use fh_model::{AcousticMeasures, Language, Millis, SpeechRate, Transcript};

/// What counts as a unit of speech, and what time it is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SpeechCounting {
    /// Han characters, and words of other scripts; no punctuation. Over the channel's speech time.
    ///
    /// This is the definition behind Huawei's published `left_speed` figures.
    #[default]
    Units,
    /// As Huawei's manual words it for its speed rules: punctuation counts, spaces count in
    /// Chinese and not in English. Over the sum of the role's utterances, end less start.
    HuaweiManual,
}

/// How fast each channel of the call speaks, in the order of the channels.
///
/// A channel without speech has a rate of zero. Utterances on a channel that was not measured are
/// left out.
pub fn speech_rates(
    transcript: &Transcript,
    measures: &AcousticMeasures,
    counting: SpeechCounting,
) -> Vec<SpeechRate> {
    let rate_of = |channel: &fh_model::ChannelMeasures| {
        let said = || transcript.utterances.iter().filter(|u| u.channel == channel.channel);
        let units = said().fold(0u32, |sum, utterance| {
            sum.saturating_add(match counting {
                SpeechCounting::Units => count_speech_units(&utterance.text),
                SpeechCounting::HuaweiManual => {
                    count_as_huawei(&utterance.text, transcript.language)
                }
            })
        });
        let speech_time = match counting {
            SpeechCounting::Units => channel.speech_time,
            SpeechCounting::HuaweiManual => {
                said().fold(Millis::ZERO, |sum, utterance| sum + utterance.span.length())
            }
        };
        SpeechRate {
            channel: channel.channel,
            role: channel.role,
            units,
            speech_time,
            per_minute_thousandths: SpeechRate::thousandths_per_minute(units, speech_time),
        }
    };
    measures.channels.iter().map(rate_of).collect()
}

/// Han characters (and kana), plus words of other scripts. Punctuation does not count.
///
/// A word is a run of letters and digits; an apostrophe between letters (`don't`) and a point or
/// comma between digits (`3.5`, `1,000`) belong to it.
pub fn count_speech_units(text: &str) -> u32 {
    let mut units = 0u32;
    // The last character of the word that is open, and the joint seen after it, if any.
    let mut open: Option<char> = None;
    let mut joint: Option<char> = None;
    for character in text.chars() {
        if is_syllabic(character) {
            units = units.saturating_add(1);
            (open, joint) = (None, None);
        } else if character.is_alphanumeric() {
            let joined = match (open, joint) {
                (Some(_), None) => true,
                (Some(before), Some('\'' | '\u{2019}')) => {
                    before.is_alphabetic() && character.is_alphabetic()
                }
                (Some(before), Some(_)) => before.is_numeric() && character.is_numeric(),
                (None, _) => false,
            };
            units = units.saturating_add(u32::from(!joined));
            (open, joint) = (Some(character), None);
        } else if open.is_some()
            && joint.is_none()
            && matches!(character, '\'' | '\u{2019}' | '.' | ',')
        {
            joint = Some(character);
        } else if !unicode_normalization::char::is_combining_mark(character) {
            (open, joint) = (None, None);
        }
    }
    units
}

/// Whether one character is one unit of speech: Han, kana and bopomofo.
const fn is_syllabic(character: char) -> bool {
    matches!(character,
        '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30A1}'..='\u{30FA}'
        | '\u{3105}'..='\u{312F}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Punctuation counts; in Chinese so does every character, spaces too; in English words count.
fn count_as_huawei(text: &str, language: Language) -> u32 {
    if language == Language::ZhCn {
        return u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    }
    let is_mark = |c: &char| !c.is_alphanumeric() && !c.is_whitespace();
    let marks = u32::try_from(text.chars().filter(is_mark).count()).unwrap_or(u32::MAX);
    count_speech_units(text).saturating_add(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_and_words_count_and_punctuation_does_not() {
        let check = |text, expected| assert_eq!(count_speech_units(text), expected, "{text}");
        check("您好，请问有什么可以帮您？", 11);
        check("thank you for calling, how can I help?", 8);
        check("don't", 1);
        check("it is 3.5 percent of 1,000", 6);
        check("我的iPhone 15坏了", 6);
        check("well... yes", 2);
        check("12. 13", 2);
        check("", 0);
        check("？！。", 0);
    }

    #[test]
    fn huawei_counts_punctuation_and_chinese_spaces() {
        assert_eq!(count_as_huawei("您好， 请。", Language::ZhCn), 6);
        assert_eq!(count_as_huawei("Hello, how are you?", Language::EnUs), 6);
    }
}
