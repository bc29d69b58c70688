use fh_model::{ChannelIndex, Millis};

use crate::SpeechError;
use crate::engine::{Clip, Engine, Recognized, SAMPLE_RATE_HZ};

/// Holds an engine to the contract of [`Engine`], for tests.
///
/// `speech` is a piece of speech at [`SAMPLE_RATE_HZ`], not longer than the engine takes. Gives one
/// sentence for each fault; none means that the engine keeps the contract.
pub fn check_engine(engine: &mut dyn Engine, speech: &[f32]) -> Vec<String> {
    let mut faults = Vec::new();
    let info = engine.info().clone();
    let Some(&language) = info.languages.first() else {
        return vec!["it recognises no language".to_owned()];
    };
    let clip = |samples, rate_hz| Clip {
        samples,
        rate_hz,
        language,
        channel: ChannelIndex(0),
        start: Millis::ZERO,
    };

    match engine.recognize(&clip(speech, SAMPLE_RATE_HZ)) {
        Ok(heard) => check_times(&clip(speech, SAMPLE_RATE_HZ), &heard, &mut faults),
        Err(error) => faults.push(format!("it fails on speech: {error}")),
    }
    // Below one frame of every front end (25 ms), at it, and a little above.
    for length in [0, 1, 159, 400, 1_600] {
        let short = &speech[..speech.len().min(length)];
        match engine.recognize(&clip(short, SAMPLE_RATE_HZ)) {
            Ok(heard) => check_times(&clip(short, SAMPLE_RATE_HZ), &heard, &mut faults),
            Err(error) => faults.push(format!("it fails on a clip of {length} samples: {error}")),
        }
    }
    let half: Vec<f32> = speech.iter().step_by(2).copied().collect();
    match engine.recognize(&clip(&half, SAMPLE_RATE_HZ / 2)) {
        Ok(heard) => check_times(&clip(&half, SAMPLE_RATE_HZ / 2), &heard, &mut faults),
        Err(SpeechError::WrongRate { .. }) => {}
        Err(error) => faults.push(format!("it does not say that the rate is wrong: {error}")),
    }
    let silence = vec![0.0; SAMPLE_RATE_HZ as usize * 3];
    match engine.recognize(&clip(&silence, SAMPLE_RATE_HZ)) {
        Ok(heard) if heard.text.trim().is_empty() && heard.words.is_empty() => {}
        Ok(_) => faults.push("it hears words in silence".to_owned()),
        Err(error) => faults.push(format!("it fails on silence: {error}")),
    }
    let too_long = vec![0.1; info.longest_clip.to_samples(SAMPLE_RATE_HZ) as usize + 16_000];
    match engine.recognize(&clip(&too_long, SAMPLE_RATE_HZ)) {
        Err(SpeechError::ClipTooLong { .. }) => {}
        Ok(_) => faults.push("it takes a clip longer than its longest".to_owned()),
        Err(error) => faults.push(format!("it does not say that the clip is too long: {error}")),
    }
    let together = [clip(&silence, SAMPLE_RATE_HZ), clip(speech, SAMPLE_RATE_HZ)];
    match engine.recognize_all(&together) {
        Ok(heard) if heard.len() == 2 => {
            if !heard[0].text.trim().is_empty() {
                faults.push("several clips at once come back in another order".to_owned());
            }
            check_times(&together[1], &heard[1], &mut faults);
        }
        Ok(heard) => faults.push(format!("two clips at once give {} results", heard.len())),
        Err(error) => faults.push(format!("it fails on two clips at once: {error}")),
    }
    faults
}

fn check_times(clip: &Clip<'_>, heard: &Recognized, faults: &mut Vec<String>) {
    let (mut time, mut byte) = (Millis::ZERO, 0);
    for word in &heard.words {
        let (start, end) = (word.bytes.start as usize, word.bytes.end as usize);
        if heard.text.get(start..end).is_none_or(str::is_empty) || start < byte {
            faults.push(format!("bytes {start}..{end} are no place for a word in its text"));
        }
        if word.span.start < time || word.span.end > clip.length() {
            let length = clip.length();
            faults.push(format!("a word at {} is out of order in a clip of {length}", word.span));
        }
        (time, byte) = (word.span.start, end);
    }
}
