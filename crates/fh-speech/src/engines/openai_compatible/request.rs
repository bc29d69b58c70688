use super::RemoteSettings;
use crate::engine::Clip;

/// A `multipart/form-data` body (RFC 7578).
pub(super) struct Body {
    pub(super) content_type: String,
    pub(super) bytes: Vec<u8>,
}

/// The form that asks for a clip's words.
pub(super) fn body(clip: &Clip<'_>, settings: &RemoteSettings) -> Body {
    let wav = wav(clip);
    // Made of the content, so that the same clip gives the same bytes and the content cannot
    // hold it.
    let boundary = format!("fairhearing-{}", &blake3::hash(&wav).to_hex()[..32]);
    let mut fields = vec![
        ("model", settings.model.as_str()),
        ("language", clip.language.iso_639_1()),
        ("temperature", "0"),
    ];
    if settings.word_times {
        fields.push(("response_format", "verbose_json"));
        fields.push(("timestamp_granularities[]", "word"));
        fields.push(("timestamp_granularities[]", "segment"));
    } else {
        fields.push(("response_format", "json"));
    }
    let mut bytes = Vec::with_capacity(wav.len() + 2048);
    for (name, value) in fields {
        let head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"clip.wav\"\r\n\
         Content-Type: audio/wav\r\n\r\n"
    );
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(&wav);
    bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Body { content_type: format!("multipart/form-data; boundary={boundary}"), bytes }
}

/// The clip as a RIFF file with 16-bit PCM.
fn wav(clip: &Clip<'_>) -> Vec<u8> {
    let data_bytes = (clip.samples.len() * 2) as u32;
    let mut wav = Vec::with_capacity(44 + clip.samples.len() * 2);
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(36 + data_bytes).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend_from_slice(&16_u32.to_le_bytes());
    // PCM, one channel, rate, bytes a second, bytes a frame, bits a sample.
    wav.extend_from_slice(&1_u16.to_le_bytes());
    wav.extend_from_slice(&1_u16.to_le_bytes());
    wav.extend_from_slice(&clip.rate_hz.to_le_bytes());
    wav.extend_from_slice(&(clip.rate_hz * 2).to_le_bytes());
    wav.extend_from_slice(&2_u16.to_le_bytes());
    wav.extend_from_slice(&16_u16.to_le_bytes());
    wav.extend_from_slice(b"data");
    wav.extend_from_slice(&data_bytes.to_le_bytes());
    for sample in clip.samples {
        let sample = (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16;
        wav.extend_from_slice(&sample.to_le_bytes());
    }
    wav
}
