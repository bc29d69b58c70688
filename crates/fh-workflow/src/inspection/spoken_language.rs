use fh_model::{Language, Transcript};

/// The language that a text is written in: Chinese where at least a tenth of its letters are Han
/// characters. A transcript of an English call has none; one of a Chinese call as JSON is half
/// field names.
///
/// ```
/// use fh_model::Language;
/// use fh_workflow::inspection::language_of_text;
///
/// assert_eq!(language_of_text("WEBVTT\n\n00:00.000 --> 00:01.000\n您好，很高兴为您服务"), Language::ZhCn);
/// assert_eq!(language_of_text("WEBVTT\n\n00:00.000 --> 00:01.000\nGood morning"), Language::EnUs);
/// assert_eq!(language_of_text(""), Language::EnUs);
/// ```
pub fn language_of_text(text: &str) -> Language {
    let (mut han, mut letters) = (0_usize, 0_usize);
    for character in text.chars().filter(|character| character.is_alphabetic()) {
        letters += 1;
        han += usize::from(('\u{3400}'..='\u{9fff}').contains(&character));
    }
    if han * 10 >= letters.max(1) { Language::ZhCn } else { Language::EnUs }
}

/// The language of the words: what the recogniser tells of most of them, else their script.
pub(super) fn spoken_language(transcript: &Transcript) -> Language {
    let length = |language: Language| -> usize {
        transcript
            .utterances
            .iter()
            .filter(|utterance| utterance.language == Some(language))
            .map(|utterance| utterance.text.len())
            .sum()
    };
    Language::ALL
        .into_iter()
        .map(|language| (length(language), language))
        .filter(|(length, _)| *length > 0)
        .max_by_key(|(length, _)| *length)
        .map_or_else(
            || {
                let all: Vec<&str> =
                    transcript.utterances.iter().map(|utterance| utterance.text.as_str()).collect();
                language_of_text(&all.join(" "))
            },
            |(_, language)| language,
        )
}
