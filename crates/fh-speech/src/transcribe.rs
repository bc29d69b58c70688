use std::io;

use fh_model::{
    ChannelIndex, Language, Millis, Role, Span, Transcript, TranscriptSource, Utterance, Word,
};

use crate::SpeechError;
use crate::cutting::{LONGEST_PIECE, PADDING, Piece, Stretch, pieces, stretches};
use crate::engine::{Clip, Engine, Recognized, SAMPLE_RATE_HZ};
use crate::spacing::space_between;

/// Where speech is on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSpeech {
    /// The channel.
    pub channel: ChannelIndex,
    /// Who speaks on it.
    pub role: Role,
    /// When, in order and apart, as the voice activity detector found it.
    pub speech: Vec<Span>,
}

/// Recognises the speech of a call.
///
/// Only `channels`' speech is read and recognised, with 200 ms around it: silence costs nothing and
/// cannot be taken for words. Speech with less than half a second of pause in it becomes one
/// utterance; what is too long for the engine is cut at its longest pause, or where running
/// speech is quietest, and put together again. Times are on the call's clock.
///
/// `read` gives the samples of a span at 16 kHz, fewer where the recording ends before the span
/// does. `progress` is called with the length of speech recognised so far, which ends at
/// [`speech_time`].
pub fn transcribe(
    engine: &mut dyn Engine,
    channels: &[ChannelSpeech],
    language: Language,
    read: &mut dyn FnMut(ChannelIndex, Span) -> io::Result<Vec<f32>>,
    progress: &mut dyn FnMut(Millis),
) -> Result<Transcript, SpeechError> {
    let info = engine.info().clone();
    let longest = info.longest_clip.saturating_sub(Millis(PADDING.0 * 2)).min(LONGEST_PIECE);
    // Two clips for each worker, so that a long clip does not leave the others idle for long.
    let at_once = if info.parallel_clips > 1 { info.parallel_clips * 2 } else { 1 };

    let stretches = stretches(channels);
    let total = speech_time(channels);
    let mut utterances: Vec<Option<Utterance>> = vec![None; stretches.len()];
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut done = Millis::ZERO;
    for (index, stretch) in stretches.iter().enumerate() {
        let channel = stretch.channel;
        let mut read_span = |span: Span| read(channel, span);
        let pieces = pieces(stretch, longest, &mut read_span)
            .map_err(|source| SpeechError::ReadSamples { channel, span: stretch.span(), source })?;
        for piece in pieces {
            let samples = read_span(piece.padded).map_err(|source| SpeechError::ReadSamples {
                channel,
                span: piece.padded,
                source,
            })?;
            waiting.push(Waiting { stretch: index, piece, samples });
            if waiting.len() >= at_once {
                let speech =
                    recognize(engine, language, &stretches, &mut waiting, &mut utterances)?;
                done = (done + speech).min(total);
                progress(done);
            }
        }
    }
    recognize(engine, language, &stretches, &mut waiting, &mut utterances)?;
    progress(total);

    let source = TranscriptSource::Engine {
        engine: info.id,
        version: info.version,
        model: info.model,
        model_digest: info.model_digest,
    };
    Ok(Transcript::new(language, source, utterances.into_iter().flatten().collect()))
}

/// How much speech there is to recognise on all channels together, short pauses inside an
/// utterance included.
pub fn speech_time(channels: &[ChannelSpeech]) -> Millis {
    stretches(channels).iter().fold(Millis::ZERO, |total, stretch| total + stretch.span().length())
}

struct Waiting {
    stretch: usize,
    piece: Piece,
    samples: Vec<f32>,
}

/// Recognises what is waiting, adds it to the utterances, and says how much speech that was.
fn recognize(
    engine: &mut dyn Engine,
    language: Language,
    stretches: &[Stretch],
    waiting: &mut Vec<Waiting>,
    utterances: &mut [Option<Utterance>],
) -> Result<Millis, SpeechError> {
    let clips: Vec<Clip<'_>> = waiting
        .iter()
        .map(|waiting| Clip {
            samples: &waiting.samples,
            rate_hz: SAMPLE_RATE_HZ,
            language,
            channel: stretches[waiting.stretch].channel,
            start: waiting.piece.padded.start,
        })
        .collect();
    let results = if clips.is_empty() { Vec::new() } else { engine.recognize_all(&clips)? };
    let mut speech = Millis::ZERO;
    for (waiting, recognized) in waiting.drain(..).zip(results) {
        speech = speech + waiting.piece.span.length();
        let heard = on_the_calls_clock(&stretches[waiting.stretch], waiting.piece, recognized);
        if let Some(heard) = heard {
            match &mut utterances[waiting.stretch] {
                Some(utterance) => append(utterance, heard),
                empty => *empty = Some(heard),
            }
        }
    }
    Ok(speech)
}

/// The utterance that a piece holds; `None` where nothing was heard in it.
fn on_the_calls_clock(stretch: &Stretch, piece: Piece, heard: Recognized) -> Option<Utterance> {
    // Engines put spaces around the text; word places move with what is taken off the front.
    let before = (heard.text.len() - heard.text.trim_start().len()) as u32;
    let text = heard.text.trim().to_owned();
    if text.is_empty() {
        return None;
    }
    let place =
        |moment: Millis| (piece.padded.start + moment).clamp(piece.span.start, piece.span.end);
    let words = heard
        .words
        .into_iter()
        .map(|word| Word {
            bytes: word.bytes.start.saturating_sub(before)..word.bytes.end.saturating_sub(before),
            span: Span::new(place(word.span.start), place(word.span.end)),
            confidence_permille: word.confidence_permille,
        })
        .filter(|word| text.get(word.bytes.start as usize..word.bytes.end as usize).is_some())
        .collect();
    Some(Utterance {
        id: 0,
        channel: stretch.channel,
        role: stretch.role,
        span: stretch.span(),
        text,
        words,
        confidence_permille: heard.confidence_permille,
        language: heard.language,
        emotion: heard.emotion,
    })
}

/// Adds the next piece of the same stretch. The first piece that tells a language, an emotion or
/// a confidence tells it for all.
fn append(utterance: &mut Utterance, next: Utterance) {
    if space_between(utterance.text.chars().next_back(), next.text.chars().next()) {
        utterance.text.push(' ');
    }
    let offset = utterance.text.len() as u32;
    utterance.text.push_str(&next.text);
    utterance.words.extend(
        next.words
            .into_iter()
            .map(|word| Word { bytes: word.bytes.start + offset..word.bytes.end + offset, ..word }),
    );
    utterance.language = utterance.language.or(next.language);
    utterance.emotion = utterance.emotion.take().or(next.emotion);
    utterance.confidence_permille = utterance.confidence_permille.or(next.confidence_permille);
}
