use fh_model::{
    AcousticMeasures, CallMetadata, CallWarning, ChannelIndex, ChannelMeasures, Distribution,
    Loudness, Millis, Role, Span, TalkOver, Transcript, TranscriptSource, Utterance, VoiceActivity,
};

use crate::model::RuleTest;
use crate::view::CallView;

/// The channel of the agent in a staged call.
const AGENT: ChannelIndex = ChannelIndex(0);
/// The channel of the customer.
const CUSTOMER: ChannelIndex = ChannelIndex(1);

/// A call made from a test's dialogue: every utterance is speech from its start to its end, and
/// there is nothing else to hear.
pub(super) struct StagedCall {
    metadata: CallMetadata,
    transcript: Transcript,
    measures: AcousticMeasures,
    warnings: Vec<CallWarning>,
}

impl StagedCall {
    pub(super) fn of(test: &RuleTest) -> Self {
        let role_of = |role: Role| if test.roles_known { role } else { Role::Unknown };
        let channel_of = |role: Role| if role == Role::Agent { AGENT } else { CUSTOMER };
        let utterances = test
            .call
            .iter()
            .map(|line| Utterance {
                id: 0,
                channel: channel_of(line.role),
                role: role_of(line.role),
                span: line.span,
                text: line.text.clone(),
                words: Vec::new(),
                confidence_permille: None,
                language: None,
                emotion: None,
            })
            .collect();
        let source =
            TranscriptSource::Import { format: "rule-test".to_owned(), digest: String::new() };
        let transcript = Transcript::new(test.language, source, utterances);
        let duration = test.call.iter().map(|line| line.span.end).max().unwrap_or_default();
        let speech_of = |channel: ChannelIndex| {
            let spans = test.call.iter().filter(|line| channel_of(line.role) == channel);
            joined(spans.map(|line| line.span).collect())
        };
        let (agent, customer) = (speech_of(AGENT), speech_of(CUSTOMER));
        let everybody = joined(agent.iter().chain(&customer).copied().collect());
        let mutual_silences: Vec<Span> = everybody
            .windows(2)
            .map(|pair| Span::new(pair[0].end, pair[1].start))
            .filter(|silence| !silence.is_empty())
            .collect();
        let talk_overs = talk_overs(&agent, &customer, &role_of);
        let measures = AcousticMeasures {
            duration,
            channels: vec![
                channel_measures(AGENT, role_of(Role::Agent), agent, duration),
                channel_measures(CUSTOMER, role_of(Role::Customer), customer, duration),
            ],
            mutual_silence_lengths: Distribution::of(lengths(&mutual_silences)),
            mutual_silences,
            talk_over_lengths: Distribution::of(
                talk_overs.iter().map(|talk_over| talk_over.span.length()).collect(),
            ),
            talk_overs,
        };
        let warnings = if test.roles_known { Vec::new() } else { vec![CallWarning::RolesUnknown] };
        Self { metadata: test.about.clone(), transcript, measures, warnings }
    }

    pub(super) fn view(&self) -> CallView<'_> {
        CallView {
            metadata: &self.metadata,
            transcript: Some(&self.transcript),
            measures: &self.measures,
            voice_activity: &VoiceActivity::SileroWithEnergy,
            warnings: &self.warnings,
        }
    }
}

/// The spans in order, those that touch or overlap made one.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.start, span.end));
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}

fn talk_overs(agent: &[Span], customer: &[Span], role_of: &dyn Fn(Role) -> Role) -> Vec<TalkOver> {
    let mut talk_overs = Vec::new();
    for &agent_speech in agent {
        for &customer_speech in customer {
            let Some(span) = agent_speech.overlap(customer_speech) else { continue };
            let agent_cuts_in = agent_speech.start >= customer_speech.start;
            let (by_channel, by, cutting, other) = if agent_cuts_in {
                (AGENT, Role::Agent, agent_speech, customer_speech)
            } else {
                (CUSTOMER, Role::Customer, customer_speech, agent_speech)
            };
            talk_overs.push(TalkOver {
                span,
                by_channel,
                by: role_of(by),
                other_spoke_for: cutting.start - other.start,
                inside_other: cutting.end <= other.end,
            });
        }
    }
    talk_overs.sort_by_key(|talk_over| (talk_over.span.start, talk_over.span.end));
    talk_overs
}

fn channel_measures(
    channel: ChannelIndex,
    role: Role,
    speech: Vec<Span>,
    duration: Millis,
) -> ChannelMeasures {
    let lengths = lengths(&speech);
    let speech_time = lengths.iter().copied().fold(Millis::ZERO, |sum, length| sum + length);
    ChannelMeasures {
        channel,
        role,
        speech,
        speech_time,
        own_silence_time: duration - speech_time,
        speech_lengths: Distribution::of(lengths),
        loudness: Loudness {
            integrated_lufs: None,
            peak_dbfs: None,
            per_second_dbfs: Vec::new(),
            speaking_dbfs: None,
        },
    }
}

fn lengths(spans: &[Span]) -> Vec<Millis> {
    spans.iter().map(|span| span.length()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DialogueLine, Expectation, Place};
    use fh_model::Language;

    #[test]
    fn silences_and_talk_overs_come_from_the_times() {
        let line = |role, start, end| DialogueLine {
            role,
            span: Span::new(Millis(start), Millis(end)),
            text: "words".to_owned(),
        };
        let test = RuleTest {
            name: "staged".to_owned(),
            language: Language::EnUs,
            about: CallMetadata::default(),
            roles_known: true,
            call: vec![
                line(Role::Agent, 500, 3_000),
                line(Role::Customer, 2_200, 5_000),
                line(Role::Agent, 4_000, 4_400),
                line(Role::Agent, 17_000, 18_000),
            ],
            expect: Expectation::Clear,
            evidence: Vec::new(),
            place: Place::default(),
        };
        let measures = StagedCall::of(&test).measures;
        assert_eq!(measures.duration, Millis(18_000));
        assert_eq!(measures.mutual_silences, [Span::new(Millis(5_000), Millis(17_000))]);
        // 2.5 + 0.4 + 1.0 s of the agent, 2.8 s of the customer.
        assert_eq!(measures.channels[0].speech_time, Millis(3_900));
        assert_eq!(measures.channels[1].own_silence_time, Millis(15_200));
        let found: Vec<(Role, u64, bool)> = measures
            .talk_overs
            .iter()
            .map(|talk_over| (talk_over.by, talk_over.other_spoke_for.0, talk_over.inside_other))
            .collect();
        assert_eq!(found, [(Role::Customer, 1_700, false), (Role::Agent, 1_800, true)]);
    }
}
