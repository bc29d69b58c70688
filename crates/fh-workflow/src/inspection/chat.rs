use fh_model::{
    AcousticMeasures, CallMetadata, ChannelIndex, Completeness, DecoderPath, Inspection, Language,
    Millis, Recording, Role, Span, Transcript, TranscriptSource, Utterance, VoiceActivity,
};
use fh_rules::Pack;
use serde::{Deserialize, Serialize};

use super::{Listened, Words, assemble, language_of_text};

/// The format of a chat as it is kept: a JSON array of [`ChatLine`].
const FORMAT: &str = "chat/1";

/// What one party wrote in a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatLine {
    /// Who wrote it.
    pub role: Role,
    /// When, from the chat's beginning; with the line before where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Millis>,
    /// What was written.
    pub text: String,
}

/// Inspects a chat. There is no sound, so rules on silence, pace and interruptions are not evaluated
/// or find nothing. A line lasts until the next one; the agent is on channel 0, the customer on 1,
/// as in a recording with two parties.
pub fn inspect_chat(
    metadata: CallMetadata,
    file_name: &str,
    bytes: &[u8],
    pack: &Pack,
) -> serde_json::Result<Inspection> {
    let lines: Vec<ChatLine> = serde_json::from_slice(bytes)?;
    let digest = blake3::hash(bytes).to_hex().to_string();
    let transcript = transcript(&metadata, &lines, digest.clone());
    let duration = transcript.utterances.last().map_or(Millis::ZERO, |last| last.span.end);
    let listened = Listened {
        recording: Recording {
            file_name: file_name.to_owned(),
            bytes: bytes.len() as u64,
            digest,
            format: FORMAT.to_owned(),
            decoder: DecoderPath::Chat,
            sample_rate_hz: 0,
            channels: 0,
            duration,
            completeness: Completeness::Complete,
        },
        warnings: Vec::new(),
        measures: AcousticMeasures {
            duration,
            channels: Vec::new(),
            mutual_silences: Vec::new(),
            mutual_silence_lengths: None,
            talk_overs: Vec::new(),
            talk_over_lengths: None,
        },
        voice_activity: VoiceActivity::NoSound,
        voice_activity_version: String::new(),
        decoder_version: FORMAT.to_owned(),
    };
    Ok(assemble(metadata, listened, Words::known(transcript), pack, None))
}

fn transcript(metadata: &CallMetadata, lines: &[ChatLine], digest: String) -> Transcript {
    let language = metadata.language.unwrap_or_else(|| language_of(lines));
    // Each line a moment later than the one before: utterances are in order of their times.
    let mut times: Vec<Millis> = Vec::with_capacity(lines.len() + 1);
    for line in lines {
        let earliest = times.last().map_or(Millis::ZERO, |&before| before + Millis(1));
        times.push(line.at.unwrap_or(earliest).max(earliest));
    }
    times.extend(times.last().map(|&last| last + Millis(1)));
    let utterances = lines.iter().zip(times.windows(2)).map(|(line, times)| Utterance {
        id: 0,
        channel: ChannelIndex(u8::from(line.role == Role::Customer)),
        role: line.role,
        span: Span::new(times[0], times[1]),
        text: line.text.clone(),
        words: Vec::new(),
        confidence_permille: None,
        language: None,
        emotion: None,
    });
    let source = TranscriptSource::Import { format: FORMAT.to_owned(), digest };
    Transcript::new(language, source, utterances.collect())
}

fn language_of(lines: &[ChatLine]) -> Language {
    let all: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    language_of_text(&all.join(" "))
}
