//! Calls made by hand for the engine's tests.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]

use fh_model::{
    AcousticMeasures, CallMetadata, CallWarning, ChannelIndex, ChannelMeasures, Language, Loudness,
    Millis, Role, Span, TalkOver, Transcript, TranscriptSource, Utterance, VoiceActivity,
};
use fh_rules::{CallView, Pack, RuleSource, compile};

/// A small seeded generator (xorshift), so that a failure can be repeated.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % sides
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.roll(from.len())]
    }
}

/// All that a [`CallView`] borrows.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) metadata: CallMetadata,
    pub(crate) transcript: Option<Transcript>,
    pub(crate) measures: AcousticMeasures,
    pub(crate) voice_activity: VoiceActivity,
    pub(crate) warnings: Vec<CallWarning>,
}

impl Call {
    pub(crate) fn view(&self) -> CallView<'_> {
        CallView {
            metadata: &self.metadata,
            transcript: self.transcript.as_ref(),
            measures: &self.measures,
            voice_activity: &self.voice_activity,
            warnings: &self.warnings,
        }
    }
}

pub(crate) fn span(start: u64, end: u64) -> Span {
    Span::new(Millis(start), Millis(end))
}

pub(crate) fn channel_of(role: Role) -> ChannelIndex {
    ChannelIndex(u8::from(role == Role::Agent))
}

pub(crate) fn utterance(role: Role, start: u64, end: u64, text: &str) -> Utterance {
    Utterance {
        id: 0,
        channel: channel_of(role),
        role,
        span: span(start, end),
        text: text.to_owned(),
        words: Vec::new(),
        confidence_permille: None,
        language: None,
        emotion: None,
    }
}

pub(crate) fn channel(
    index: u8,
    role: Role,
    speech: Vec<Span>,
    duration: Millis,
) -> ChannelMeasures {
    let speech_time = speech.iter().fold(Millis(0), |sum, span| sum + span.length());
    ChannelMeasures {
        channel: ChannelIndex(index),
        role,
        speech,
        speech_time,
        own_silence_time: duration - speech_time,
        speech_lengths: None,
        loudness: Loudness {
            integrated_lufs: None,
            peak_dbfs: None,
            per_second_dbfs: Vec::new(),
            speaking_dbfs: None,
        },
    }
}

pub(crate) fn transcript(language: Language, utterances: Vec<Utterance>) -> Transcript {
    let source = TranscriptSource::Import { format: "test".to_owned(), digest: String::new() };
    Transcript::new(language, source, utterances)
}

/// A call on two channels, the customer's first, in which everybody is heard while an utterance
/// lasts; silences and talk-overs are given beside it.
pub(crate) fn call(
    lines: &[(Role, u64, u64, &str)],
    silences: &[Span],
    talk_overs: &[TalkOver],
) -> Call {
    let utterances: Vec<Utterance> =
        lines.iter().map(|&(role, start, end, text)| utterance(role, start, end, text)).collect();
    let duration = Millis(lines.iter().map(|line| line.2).max().unwrap_or(0));
    let speech = |role: Role| {
        lines.iter().filter(|line| line.0 == role).map(|line| span(line.1, line.2)).collect()
    };
    let han = lines.iter().any(|line| line.3.chars().any(|c| c > '\u{2E80}'));
    let language = if han { Language::ZhCn } else { Language::EnUs };
    Call {
        metadata: CallMetadata::default(),
        transcript: Some(transcript(language, utterances)),
        measures: AcousticMeasures {
            duration,
            channels: vec![
                channel(0, Role::Customer, speech(Role::Customer), duration),
                channel(1, Role::Agent, speech(Role::Agent), duration),
            ],
            mutual_silences: silences.to_vec(),
            mutual_silence_lengths: None,
            talk_overs: talk_overs.to_vec(),
            talk_over_lengths: None,
        },
        voice_activity: VoiceActivity::SileroWithEnergy,
        warnings: Vec::new(),
    }
}

/// A pack of one file; panics with its diagnostics.
pub(crate) fn pack(rules: &str) -> Pack {
    let source = RuleSource { name: "test.yaml".to_owned(), text: rules.to_owned() };
    compile(&[source]).unwrap_or_else(|diagnostics| {
        let messages: Vec<&str> = diagnostics.iter().map(|d| d.message.as_str()).collect();
        panic!("{messages:#?}\n{rules}")
    })
}
