use std::path::Path;

use fh_model::{AcousticMeasures, CallWarning, Millis, Recording, VoiceActivity};

use crate::decode::parent::{Decoded, Receiver, decode};
use crate::resample::TARGET_RATE_HZ;
use crate::sound::SoundWriter;
use crate::{Analysis, Analyzer, AudioError, ListenOptions, Sound};

/// What was heard on a call, before any word is known.
#[derive(Debug)]
pub struct Heard {
    /// The recording as it was decoded, and whether all of it was.
    pub recording: Recording,
    /// What a person should know about the sound.
    pub warnings: Vec<CallWarning>,
    /// What was measured.
    pub measures: AcousticMeasures,
    /// How speech was told from silence.
    pub voice_activity: VoiceActivity,
    /// The version of that method, for the lineage of results.
    pub voice_activity_version: String,
    /// The decoder and its version, for the lineage of results.
    pub decoder_version: String,
    /// The samples, where [`ListenOptions::keep_samples`] asks for them.
    pub sound: Option<Sound>,
}

/// Decodes a recording and measures its sound, in one pass and with memory that does not grow
/// with the samples. `progress` is told now and then how far decoding has come; the time goes back
/// to the start where a second decoder takes over.
///
/// # Errors
/// As [`decode`](crate::decode()).
pub fn listen(
    path: &Path,
    options: &ListenOptions,
    progress: &mut dyn FnMut(Millis),
) -> Result<Heard, AudioError> {
    let progress = std::cell::RefCell::new(progress);
    let Decoded { recording, decoder_version, receiver } =
        decode(path, &options.decode, &mut |channels| {
            Ok(Listener {
                analyzer: Analyzer::new(channels, &options.roles, &options.voice_activity)?,
                sound: match options.keep_samples {
                    true => Some(SoundWriter::new(channels).map_err(spill)?),
                    false => None,
                },
                progress: &progress,
                samples: 0,
            })
        })?;
    let Analysis { measures, warnings, voice_activity, voice_activity_version } =
        receiver.analyzer.finish();
    let sound = receiver.sound.map(SoundWriter::finish).transpose().map_err(spill)?;
    Ok(Heard {
        recording,
        warnings,
        measures,
        voice_activity,
        voice_activity_version,
        decoder_version,
        sound,
    })
}

struct Listener<'p, 'f> {
    analyzer: Analyzer,
    sound: Option<SoundWriter>,
    progress: &'p std::cell::RefCell<&'f mut dyn FnMut(Millis)>,
    samples: u64,
}

impl Receiver for Listener<'_, '_> {
    fn block(&mut self, channels: &[&[f32]]) -> Result<(), AudioError> {
        self.analyzer.push(channels)?;
        if let Some(sound) = &mut self.sound {
            sound.push(channels).map_err(spill)?;
        }
        self.samples += channels.first().map_or(0, |samples| samples.len()) as u64;
        (self.progress.borrow_mut())(Millis::from_samples(self.samples, TARGET_RATE_HZ));
        Ok(())
    }
}

fn spill(source: std::io::Error) -> AudioError {
    AudioError::Spill { source }
}
