use std::io::{self, Write};

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;

use super::Waveform;

/// Writes the peaks as one data block a channel: `data-bucket` in milliseconds, bytes in base64.
pub(super) fn write_waveform(
    out: &mut impl Write,
    call: usize,
    waveform: &Waveform,
) -> io::Result<()> {
    if waveform.bucket.0 == 0 {
        return Ok(());
    }
    for (channel, peaks) in waveform.peaks.iter().enumerate() {
        write!(
            out,
            "<script type=\"text/plain\" id=\"peaks-{call}-{channel}\" data-bucket=\"{}\">",
            waveform.bucket.0
        )?;
        write_base64(out, peaks)?;
        out.write_all(b"</script>\n")?;
    }
    Ok(())
}

/// Writes the sound as a data block: `data-type` is its media type, bytes in base64.
pub(super) fn write_audio(out: &mut impl Write, call: usize, audio: &[u8]) -> io::Result<()> {
    let media_type = media_type(audio);
    write!(out, "<script type=\"text/plain\" id=\"audio-{call}\" data-type=\"{media_type}\">")?;
    write_base64(out, audio)?;
    out.write_all(b"</script>\n")
}

fn write_base64(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let mut encoder = EncoderWriter::new(out, &STANDARD);
    encoder.write_all(bytes)?;
    encoder.finish().map(|_| ())
}

/// The media type by the first bytes: a browser is told what it is, never asked to guess.
fn media_type(audio: &[u8]) -> &'static str {
    match audio {
        [b'O', b'g', b'g', b'S', ..] => "audio/ogg; codecs=opus",
        [b'R', b'I', b'F', b'F', ..] => "audio/wav",
        [b'f', b'L', b'a', b'C', ..] => "audio/flac",
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "audio/webm",
        _ => "audio/mpeg",
    }
}
