use fh_model::{Language, Millis, Span};
use serde::Deserialize;

use crate::engine::{Recognized, RecognizedWord};
use crate::spacing::is_unspaced;

/// How long the last token before a pause is taken to last. Models of the CTC kind tell when a token
/// begins, in steps of 60 ms, and not when it ends; a Mandarin syllable lasts about 200 ms.
const TOKEN_LENGTH: Millis = Millis(240);

/// What sherpa-onnx writes of a recognised clip.
#[derive(Deserialize)]
struct Output {
    text: String,
    #[serde(default)]
    tokens: Vec<String>,
    /// When each token begins, in seconds from the start of the clip.
    #[serde(default)]
    timestamps: Vec<f64>,
    #[serde(default)]
    lang: String,
    #[serde(default)]
    emotion: String,
    #[serde(default)]
    event: String,
}

/// Reads sherpa-onnx's result for a clip of this length.
pub(super) fn read_result(json: &[u8], clip_length: Millis) -> Result<Recognized, String> {
    let output: Output = serde_json::from_slice(json).map_err(|error| {
        // serde's message may quote the text; the place is enough.
        format!("expected sherpa-onnx's JSON, found a fault at column {}", error.column())
    })?;
    Ok(Recognized {
        words: words(&output, clip_length),
        language: label(&output.lang).and_then(|code| code.parse::<Language>().ok()),
        emotion: label(&output.emotion).filter(|emotion| emotion != "emo_unknown"),
        event: label(&output.event),
        confidence_permille: None,
        text: output.text,
    })
}

/// `<|HAPPY|>` as `happy`; nothing for an empty label.
fn label(written: &str) -> Option<String> {
    let label = written.trim().trim_start_matches("<|").trim_end_matches("|>").to_lowercase();
    (!label.is_empty()).then_some(label)
}

/// Joins tokens to words: a token goes on with the word before it where nothing but letters stands
/// between; every Han or kana character is a word of its own; punctuation is no word.
fn words(output: &Output, clip_length: Millis) -> Vec<RecognizedWord> {
    let mut words: Vec<RecognizedWord> = Vec::new();
    let mut at = 0;
    for (token, &seconds) in output.tokens.iter().zip(&output.timestamps) {
        // Word pieces mark the beginning of a word with U+2581 or a space, or its going on
        // with `@@`; the text has neither.
        let token = token.trim_start_matches(['\u{2581}', ' ']).trim_end_matches("@@");
        let rest = &output.text[at..];
        let skipped = rest.len() - rest.trim_start().len();
        if token.is_empty() || !rest.trim_start().starts_with(token) {
            continue;
        }
        let (start, end) = (at + skipped, at + skipped + token.len());
        let begins = Millis((seconds.max(0.0) * 1000.0).round() as u64).min(clip_length);
        at = end;
        if !token.chars().any(char::is_alphanumeric) {
            continue;
        }
        let goes_on = skipped == 0
            && !token.starts_with(is_unspaced)
            && words.last().is_some_and(|word| {
                word.bytes.end as usize == start && !output.text[..start].ends_with(is_unspaced)
            });
        // The token before lasts until this one begins, unless a pause lies between.
        if let Some(word) = words.last_mut() {
            let longest = word.span.end;
            word.span.end = begins.clamp(word.span.start, longest);
        }
        let ends = (begins + TOKEN_LENGTH).min(clip_length);
        match words.last_mut() {
            Some(word) if goes_on => {
                word.bytes.end = end as u32;
                word.span.end = ends.max(word.span.start);
            }
            last => {
                let begins = last.map_or(begins, |word| begins.max(word.span.start));
                words.push(RecognizedWord {
                    bytes: start as u32..end as u32,
                    span: Span::new(begins, ends),
                    confidence_permille: None,
                });
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: &[(&str, u64, u64)]) -> Recognized {
        let heard = read_result(json.as_bytes(), Millis(3000)).unwrap();
        let words: Vec<_> = heard
            .words
            .iter()
            .map(|word| {
                let bytes = word.bytes.start as usize..word.bytes.end as usize;
                (&heard.text[bytes], word.span.start.0, word.span.end.0)
            })
            .collect();
        assert_eq!(words, expected);
        heard
    }

    #[test]
    fn every_chinese_character_is_a_word() {
        // 好 begins 0.18 s after 您 and ends it; after 好 there is a pause.
        let heard = check(
            r#"{"text":"您好，再见。","tokens":["您","好","，","再","见","。"],
                "timestamps":[0.30,0.48,0.60,1.80,1.92,2.04],
                "lang":"<|zh|>","emotion":"<|NEUTRAL|>","event":"<|Speech|>"}"#,
            &[("您", 300, 480), ("好", 480, 720), ("再", 1800, 1920), ("见", 1920, 2160)],
        );
        assert_eq!(heard.language, Some(Language::ZhCn));
        assert_eq!(heard.emotion.as_deref(), Some("neutral"));
        assert_eq!(heard.event.as_deref(), Some("speech"));
    }

    #[test]
    fn word_pieces_join() {
        let heard = check(
            r#"{"text":"good morning VIP卡","tokens":["▁good"," mor","ning","▁VI","P","卡"],
                "timestamps":[0.0,0.36,0.48,0.9,0.96,1.2],"emotion":"<|EMO_UNKNOWN|>"}"#,
            &[("good", 0, 240), ("morning", 360, 720), ("VIP", 900, 1200), ("卡", 1200, 1440)],
        );
        assert_eq!(heard.emotion, None);
        check(
            r#"{"text":"我要hello","tokens":["我","要","hel@@","lo"],"timestamps":[0,0.2,0.4,0.6]}"#,
            &[("我", 0, 200), ("要", 200, 400), ("hello", 400, 840)],
        );
    }

    #[test]
    fn times_are_held_inside_the_clip_and_in_order() {
        check(
            r#"{"text":"a b c","tokens":["a","b","c"],"timestamps":[0.5,0.4,9.0]}"#,
            &[("a", 500, 500), ("b", 500, 640), ("c", 3000, 3000)],
        );
    }

    #[test]
    fn a_token_that_the_text_does_not_have_is_left_out() {
        check(r#"{"text":"5","tokens":["five"],"timestamps":[0.5]}"#, &[]);
        check(r#"{"text":"","tokens":[],"timestamps":[]}"#, &[]);
        assert!(read_result(b"{", Millis(1)).is_err());
    }
}
