use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;

use fh_model::{ChannelIndex, Millis, Span};

use crate::resample::TARGET_RATE_HZ;

/// The samples of a call, 16 kHz, in a temporary file without a name: gone when this is dropped or
/// the process ends, however it ends.
#[derive(Debug)]
pub struct Sound {
    /// One file a channel, of 16-bit samples.
    channels: Vec<File>,
    frames: u64,
}

impl Sound {
    /// How many channels there are.
    pub fn channels(&self) -> u8 {
        u8::try_from(self.channels.len()).unwrap_or(u8::MAX)
    }

    /// How long it is.
    pub fn duration(&self) -> Millis {
        Millis::from_samples(self.frames, TARGET_RATE_HZ)
    }

    /// The samples of `channel` within `span`, 16 kHz, between -1 and 1. What lies beyond the end
    /// is left out.
    ///
    /// # Errors
    /// Where there is no such channel, or the temporary file cannot be read.
    pub fn read(&mut self, channel: ChannelIndex, span: Span) -> io::Result<Vec<f32>> {
        let file = self.channels.get(usize::from(channel.0)).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("expected one of {} channels, found {channel}", self.channels.len()),
            )
        })?;
        let start = span.start.to_samples(TARGET_RATE_HZ).min(self.frames);
        let end = span.end.to_samples(TARGET_RATE_HZ).min(self.frames);
        let mut bytes = vec![0; usize::try_from((end - start) * 2).map_err(io::Error::other)?];
        file.read_exact_at(&mut bytes, start * 2)?;
        let samples = bytes.chunks_exact(2);
        Ok(samples
            .map(|sample| f32::from(i16::from_le_bytes([sample[0], sample[1]])) / 32_768.0)
            .collect())
    }
}

/// Writes a [`Sound`] as its samples come.
pub(crate) struct SoundWriter {
    channels: Vec<BufWriter<File>>,
    frames: u64,
    scratch: Vec<u8>,
}

impl SoundWriter {
    pub(crate) fn new(channels: usize) -> io::Result<Self> {
        let channels = (0..channels)
            .map(|_| tempfile::tempfile().map(|file| BufWriter::with_capacity(1 << 16, file)))
            .collect::<io::Result<_>>()?;
        Ok(Self { channels, frames: 0, scratch: Vec::new() })
    }

    /// One slice a channel, equal lengths.
    pub(crate) fn push(&mut self, channels: &[&[f32]]) -> io::Result<()> {
        for (file, samples) in self.channels.iter_mut().zip(channels) {
            self.scratch.clear();
            // Exact: the decoding process sends 16 bits.
            self.scratch.extend(
                samples.iter().flat_map(|sample| ((sample * 32_768.0) as i16).to_le_bytes()),
            );
            file.write_all(&self.scratch)?;
        }
        self.frames += channels.first().map_or(0, |samples| samples.len()) as u64;
        Ok(())
    }

    pub(crate) fn finish(self) -> io::Result<Sound> {
        let channels = self
            .channels
            .into_iter()
            .map(|file| file.into_inner().map_err(io::IntoInnerError::into_error))
            .collect::<io::Result<_>>()?;
        Ok(Sound { channels, frames: self.frames })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_back_by_channel_and_time() {
        let mut writer = SoundWriter::new(2).unwrap();
        let ramp: Vec<f32> = (0..1_600).map(|n| n as f32 / 32_768.0).collect();
        writer.push(&[&ramp, &vec![-0.5; 1_600]]).unwrap();
        let mut sound = writer.finish().unwrap();
        assert_eq!(sound.duration(), Millis(100));
        let span = |start, end| Span::new(Millis(start), Millis(end));
        // 10 ms is sample 160.
        let read = sound.read(ChannelIndex(0), span(10, 11)).unwrap();
        assert_eq!(read.len(), 16);
        assert_eq!(read[0], 160.0 / 32_768.0);
        assert_eq!(sound.read(ChannelIndex(1), span(99, 500)).unwrap(), vec![-0.5; 16]);
        assert!(sound.read(ChannelIndex(2), span(0, 1)).is_err());
    }
}
