use fh_model::Language;

/// The language that a text is written in: Chinese where at least a tenth of its letters are Han
/// characters. A transcript of an English call has none; one of a Chinese call as JSON is half
/// field names.
pub(crate) fn of_text(text: &str) -> Language {
    let (mut han, mut letters) = (0_usize, 0_usize);
    for character in text.chars().filter(|character| character.is_alphabetic()) {
        letters += 1;
        han += usize::from(('\u{3400}'..='\u{9fff}').contains(&character));
    }
    if han * 10 >= letters.max(1) { Language::ZhCn } else { Language::EnUs }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_characters_tell_chinese() {
        assert_eq!(
            of_text("WEBVTT\n\n00:00.000 --> 00:01.000\n您好，很高兴为您服务"),
            Language::ZhCn
        );
        assert_eq!(of_text("WEBVTT\n\n00:00.000 --> 00:01.000\nGood morning"), Language::EnUs);
        assert_eq!(of_text(""), Language::EnUs);
    }
}
