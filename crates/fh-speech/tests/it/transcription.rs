//! From speech spans to a transcript, with the scripted engine.

use std::io;

use fh_model::{ChannelIndex, Language, Millis, Role, Span, Transcript};
use fh_speech::engines::scripted::{Script, Scripted, ScriptedWord};
use fh_speech::{ChannelSpeech, SpeechError, check_engine, speech_time, transcribe};

fn span(start: u64, end: u64) -> Span {
    Span::new(Millis(start), Millis(end))
}

fn word(channel: u8, start: u64, end: u64, text: &str) -> ScriptedWord {
    ScriptedWord { channel: ChannelIndex(channel), span: span(start, end), text: text.to_owned() }
}

fn speech(channel: u8, role: Role, spans: &[Span]) -> ChannelSpeech {
    ChannelSpeech { channel: ChannelIndex(channel), role, speech: spans.to_vec() }
}

/// Transcribes and gives the spans that were read, too.
fn run(words: Vec<ScriptedWord>, channels: &[ChannelSpeech]) -> (Transcript, Vec<(u8, Span)>) {
    let mut engine = Scripted::new(Script { words });
    let mut asked = Vec::new();
    let mut read = |channel: ChannelIndex, span: Span| -> io::Result<Vec<f32>> {
        asked.push((channel.0, span));
        Ok(vec![0.1; span.length().to_samples(16_000) as usize])
    };
    let mut progress = Vec::new();
    let mut note = |done: Millis| progress.push(done);
    let transcript =
        transcribe(&mut engine, channels, Language::ZhCn, &mut read, &mut note).unwrap();
    assert!(progress.is_sorted());
    assert_eq!(progress.last(), Some(&speech_time(channels)));
    (transcript, asked)
}

#[test]
fn the_scripted_engine_keeps_the_contract() {
    let words = vec![word(0, 0, 300, "您好"), word(0, 400, 700, "hello")];
    let mut engine = Scripted::new(Script { words });
    assert_eq!(check_engine(&mut engine, &[0.1; 16_000]), Vec::<String>::new());
}

#[test]
fn utterances_of_both_channels_stand_in_order_of_time() {
    let words = vec![
        word(0, 1000, 1300, "您好"),
        word(0, 1300, 1600, "VIP"),
        word(0, 1600, 1900, "card"),
        word(1, 1500, 1800, "喂"),
        word(0, 5000, 5400, "再见"),
    ];
    let (transcript, asked) = run(
        words,
        &[
            speech(0, Role::Agent, &[span(1000, 1900), span(5000, 5400)]),
            speech(1, Role::Customer, &[span(1500, 1800), span(3000, 3200)]),
        ],
    );
    let found: Vec<_> = transcript
        .utterances
        .iter()
        .map(|u| (u.id, u.channel.0, u.role, u.span, u.text.as_str()))
        .collect();
    // Nobody says anything at 3 s: what the detector took for speech becomes no utterance.
    assert_eq!(
        found,
        [
            (1, 0, Role::Agent, span(1000, 1900), "您好VIP card"),
            (2, 1, Role::Customer, span(1500, 1800), "喂"),
            (3, 0, Role::Agent, span(5000, 5400), "再见"),
        ]
    );
    // 200 ms around the speech, and nothing else.
    assert_eq!(
        asked,
        [(0, span(800, 2100)), (1, span(1300, 2000)), (1, span(2800, 3400)), (0, span(4800, 5600)),]
    );
}

#[test]
fn a_long_speech_is_cut_and_put_together_again() {
    // A word of 400 ms every half second for a minute, with a pause of 200 ms after each tenth.
    let words: Vec<_> =
        (0..120).map(|n| word(0, n * 500 + 50, n * 500 + 450, &format!("w{n}"))).collect();
    let spans: Vec<_> = (0..12).map(|n| span(n * 5000, n * 5000 + 4800)).collect();
    let expected: Vec<_> = (0..120).map(|n| format!("w{n}")).collect();
    let (transcript, asked) = run(words, &[speech(0, Role::Agent, &spans)]);
    assert_eq!(transcript.utterances.len(), 1);
    let utterance = &transcript.utterances[0];
    assert_eq!(utterance.text, expected.join(" "));
    assert_eq!(utterance.span, span(0, 59_800));
    assert_eq!(utterance.words.len(), 120);
    for (n, word) in (0..).zip(&utterance.words) {
        let bytes = word.bytes.start as usize..word.bytes.end as usize;
        assert_eq!(utterance.text[bytes], format!("w{n}"));
        // The last word of each ten lies partly in the pause; where a cut is, it ends with the speech.
        assert_eq!(word.span.start, Millis(n * 500 + 50));
    }
    assert!(asked.iter().all(|(_, span)| span.length() <= Millis(30_000)));
}

#[test]
fn what_cannot_be_read_is_named() {
    let mut engine = Scripted::new(Script::default());
    let channels = [speech(1, Role::Agent, &[span(1000, 1900)])];
    let mut read =
        |_: ChannelIndex, _: Span| -> io::Result<Vec<f32>> { Err(io::Error::other("gone")) };
    match transcribe(&mut engine, &channels, Language::EnUs, &mut read, &mut |_| {}) {
        Err(SpeechError::ReadSamples { channel: ChannelIndex(1), span: where_, .. }) => {
            assert_eq!(where_, span(800, 2100));
        }
        other => panic!("expected an error of reading, found {other:?}"),
    }
}

#[test]
fn a_recording_may_end_before_the_speech_does() {
    let mut engine = Scripted::new(Script { words: vec![word(0, 100, 300, "hello")] });
    let channels = [speech(0, Role::Agent, &[span(0, 5000)])];
    let mut read = |_: ChannelIndex, _: Span| -> io::Result<Vec<f32>> { Ok(vec![0.1; 8_000]) };
    let transcript =
        transcribe(&mut engine, &channels, Language::EnUs, &mut read, &mut |_| {}).unwrap();
    assert_eq!(transcript.utterances[0].text, "hello");
    let nobody = transcribe(&mut engine, &[], Language::EnUs, &mut read, &mut |_| {}).unwrap();
    assert!(nobody.utterances.is_empty());
}
