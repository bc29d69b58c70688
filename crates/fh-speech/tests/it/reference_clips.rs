//! True recognition of read English, the only kind that can be had from package registries.

use fh_model::{ChannelIndex, Language, Millis, Role, Span};
use fh_speech::accuracy::{ErrorCount, spoken_text, word_errors};
use fh_speech::{ChannelSpeech, open_engine, transcribe};

use crate::settings;
use crate::sound::read_wav;

#[test]
#[ignore = "needs pocketsphinx, ../shared"]
fn pocketsphinx_gets_most_words_of_read_english() {
    let folder = crate::shared().join("recordings/reference");
    let references = std::fs::read_to_string(folder.join("refs.tsv")).unwrap();
    let mut engine = open_engine("pocketsphinx", &settings()).unwrap();
    let mut total = ErrorCount::default();
    for line in references.lines().filter(|line| line.starts_with("en_")) {
        let (name, reference) = line.split_once('\t').unwrap();
        let samples = read_wav(&folder.join(format!("{name}.wav")));
        let length = Millis::from_samples(samples.len() as u64, 16_000);
        let speech = ChannelSpeech {
            channel: ChannelIndex(0),
            role: Role::Unknown,
            speech: vec![Span::new(Millis::ZERO, length)],
        };
        let mut read = |_: ChannelIndex, span: Span| {
            let end = (span.end.to_samples(16_000) as usize).min(samples.len());
            Ok(samples[span.start.to_samples(16_000) as usize..end].to_vec())
        };
        let transcript =
            transcribe(engine.as_mut(), &[speech], Language::EnUs, &mut read, &mut |_| {}).unwrap();
        let errors = word_errors(reference, &spoken_text(&transcript, None));
        println!("{name}: {:.1} % of {} words", errors.rate().unwrap() * 100.0, errors.reference);
        total = total.plus(errors);
    }
    let rate = total.rate().unwrap();
    println!("all: {:.1} % of {} words", rate * 100.0, total.reference);
    // 17 % were measured with the same library by hand; clips are cut here, so a little more is
    // allowed, and much less would mean that the count is wrong.
    assert!((0.08..0.25).contains(&rate), "word error rate {rate:.3}");
}
