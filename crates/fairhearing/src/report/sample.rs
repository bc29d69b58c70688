//! Calls that never happened, to look at the report and to test it: two languages, whole and partial
//! recordings, calls without words, hostile names, and tones for voices.

use fh_model::{
    AcousticMeasures, CallMetadata, CallWarning, ChannelIndex, ChannelMeasures, Completeness,
    Decibels, DecoderPath, Distribution, Evidence, Finding, INSPECTION_SCHEMA, Inspection,
    Language, Lineage, Loudness, Millis, NearMiss, NotEvaluatedReason, Points, Recording, Role,
    RuleKind, ScoreCard, SearchedWindow, Severity, Span, SpeechRate, TalkOver, Transcript,
    TranscriptSource, TranscriptState, Utterance, Verdict, VoiceActivity, Word,
};

use super::{FailedCall, ReportCall, ReportOptions, Waveform};

/// What a file name or a transcript must not be able to do to the page.
pub(crate) const HOSTILE: &str =
    "</script><!--<script>alert(1)</script>\"'&amp;<img src=x onerror=alert(2)>\u{2028}\u{202e}";

const AGENT: ChannelIndex = ChannelIndex(0);
const CUSTOMER: ChannelIndex = ChannelIndex(1);
const TONE_RATE_HZ: u32 = 8_000;
const PEAK_BUCKET: Millis = Millis(20);

/// A report of `count` calls, the first of which have sound.
pub(crate) fn sample_calls(count: usize) -> Vec<ReportCall> {
    (0..count).map(|number| sample_call(number, number < 3)).collect()
}

/// Failures of the usual kinds, one of them with a hostile name.
pub(crate) fn sample_options(language: Language) -> ReportOptions {
    let failure = |file: &str, code: &str, message: &str| FailedCall {
        file: file.to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
    };
    ReportOptions {
        title: String::new(),
        language,
        failures: vec![
            failure("2026-10-03/0917.wav", "empty", "`0917.wav` holds no samples"),
            failure(
                "2026-10-03/export.mp3",
                "unknown_format",
                "expected sound in `export.mp3`, found an HTML page",
            ),
            failure(&format!("{HOSTILE}.wav"), "unheard_of", HOSTILE),
        ],
    }
}

/// One call; the number decides everything about it.
fn sample_call(number: usize, with_sound: bool) -> ReportCall {
    let language = if number % 3 == 1 { Language::EnUs } else { Language::ZhCn };
    let mut talk = Talk::new(number, language);
    talk.hold();
    let no_words = number % 11 == 6;
    let partial = number % 13 == 4;
    let mono = number % 17 == 9;
    let mut inspection = talk.inspection(number, partial, mono);
    if number % 11 == 5 {
        inspection.recording.file_name = format!("{HOSTILE}.wav");
        inspection.call.call_id = None;
        if let Some(transcript) = &mut inspection.transcript {
            transcript.utterances[0].text = HOSTILE.to_owned();
            transcript.utterances[0].words.clear();
        }
    }
    if no_words {
        inspection.transcript = None;
        inspection.speech_rates.clear();
        inspection.transcript_state = TranscriptState::NoRecognizer {
            remedy: "fairhearing models pull sensevoice".to_owned(),
        };
        for finding in inspection.score_cards.iter_mut().flat_map(|card| &mut card.findings) {
            if finding.rule_id != "unexplained-silence" {
                finding.verdict =
                    Verdict::NotEvaluated { reason: NotEvaluatedReason::NoTranscript };
                finding.points = Points::default();
                finding.evidence.clear();
            }
        }
    }
    for card in &mut inspection.score_cards {
        let sum = card.findings.iter().map(|finding| finding.points).sum::<Points>();
        card.score = (card.base + sum).clamp_between(card.lower, card.upper);
    }
    let waveform = (number % 7 != 3).then(|| peaks(&inspection.measures));
    let audio = with_sound.then(|| tones(&inspection.measures));
    ReportCall { inspection, waveform, audio }
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }
}

/// A conversation as it is made up.
struct Talk {
    dice: Dice,
    language: Language,
    utterances: Vec<Utterance>,
    silences: Vec<Span>,
    talk_overs: Vec<TalkOver>,
    greeted: bool,
    rude: Option<usize>,
    excused: Vec<Span>,
    end: u64,
}

impl Talk {
    fn new(number: usize, language: Language) -> Self {
        let mut talk = Self {
            dice: Dice(number as u64 * 7919 + 17),
            language,
            utterances: Vec::new(),
            silences: Vec::new(),
            talk_overs: Vec::new(),
            greeted: number % 4 != 2,
            rude: None,
            excused: Vec::new(),
            end: 600,
        };
        let zh = language == Language::ZhCn;
        talk.say(
            Role::Agent,
            match (zh, talk.greeted) {
                (true, true) => "您好，很高兴为您服务，请问有什么可以帮您？",
                (true, false) => "喂，很高兴服务，什么事你说。",
                (false, true) => {
                    "Thank you for calling Northwind Bank, this is Emma, how can I help you?"
                }
                (false, false) => "Yes hello, thanks for call, what is it?",
            },
        );
        let lines: &[(Role, &str)] = if zh {
            &[
                (Role::Customer, "我上个月的账单好像多扣了三十块钱，想查一下。"),
                (Role::Agent, "好的，请您报一下身份证后四位，我核实一下。"),
                (Role::Customer, "五六七八。"),
                (Role::Agent, "请稍等，我帮您查询。"),
                (Role::Customer, "嗯，这个费用我从来没有开通过，怎么会扣呢？"),
                (Role::Agent, "这笔是增值业务，系统里显示是八月十二号开通的。"),
                (Role::Customer, "我没有开通过，你们这样我要投诉。"),
                (Role::Agent, "非常抱歉给您带来不便，我现在为您取消，并申请退还三十元。"),
                (Role::Customer, "那好吧，什么时候到账？"),
                (Role::Agent, "三个工作日之内到账，请问还有其他可以帮您的吗？"),
                (Role::Customer, "没有了，谢谢。"),
            ]
        } else {
            &[
                (Role::Customer, "Hi, I think I was charged twice for my card this month."),
                (
                    Role::Agent,
                    "I see. May I have your date of birth to verify your identity, please?",
                ),
                (Role::Customer, "Fourth of March, nineteen eighty eight."),
                (Role::Agent, "One moment please, I will check the account."),
                (Role::Customer, "Sure. It was on the twelfth, thirty dollars, two times."),
                (Role::Agent, "Yes, I can see both charges here. One of them is a pending hold."),
                (
                    Role::Customer,
                    "That is not what your colleague told me yesterday, I want to file a complaint.",
                ),
                (
                    Role::Agent,
                    "I am sorry about that. I have released the hold and noted the complaint for you.",
                ),
                (Role::Customer, "Okay. When will I see the money?"),
                (
                    Role::Agent,
                    "Within three working days. Is there anything else I can help you with?",
                ),
                (Role::Customer, "No, that is all. Thanks."),
            ]
        };
        let rounds = 1 + number % 3;
        for round in 0..rounds {
            for (i, (role, text)) in lines.iter().enumerate() {
                talk.say(*role, text);
                if i == 6 && round == 0 && number % 5 == 3 {
                    talk.rude = Some(talk.utterances.len());
                    let text = if zh {
                        "爱投诉就投诉，关我什么事。"
                    } else {
                        "Honestly, that is not my problem."
                    };
                    talk.say(Role::Agent, text);
                }
            }
        }
        let bye =
            if zh { "感谢您的来电，再见。" } else { "Thank you for calling, goodbye." };
        talk.say(Role::Agent, bye);
        talk
    }

    /// Puts a line after the last one: after a pause, or cutting into it.
    fn say(&mut self, role: Role, text: &str) {
        let pace = 150 + self.dice.roll(120);
        let units = if self.language == Language::ZhCn {
            text.chars().count() as u64
        } else {
            text.split_whitespace().count() as u64 * 2
        };
        let length = units * pace + 200;
        let cuts_in = self.utterances.len() > 2 && self.dice.roll(7) == 0;
        let start = if cuts_in {
            self.end - 400 - self.dice.roll(500)
        } else {
            self.end + 150 + self.dice.roll(700)
        };
        let span = Span::new(Millis(start), Millis(start + length));
        let channel = if role == Role::Agent { AGENT } else { CUSTOMER };
        if let Some(last) = self.utterances.last()
            && let Some(both) = last.span.overlap(span)
            && last.role != role
        {
            self.talk_overs.push(TalkOver {
                span: both,
                by_channel: channel,
                by: role,
                other_spoke_for: span.start - last.span.start,
                inside_other: false,
            });
        } else if let Some(last) = self.utterances.last() {
            self.silences.push(Span::new(last.span.end, span.start));
        }
        let words = self.words(text, span);
        self.utterances.push(Utterance {
            id: self.utterances.len() as u32 + 1,
            channel,
            role,
            span,
            text: text.to_owned(),
            words,
            confidence_permille: Some(480 + self.dice.roll(500) as u16),
            language: None,
            emotion: None,
        });
        self.end = self.end.max(span.end.0);
    }

    /// Word times for every second line, so that both ways are looked at.
    fn words(&self, text: &str, span: Span) -> Vec<Word> {
        if self.utterances.len() % 2 == 1 {
            return Vec::new();
        }
        let mut pieces: Vec<(usize, usize)> = Vec::new();
        let mut open: Option<usize> = None;
        for (at, letter) in text.char_indices() {
            let ends = letter.is_whitespace() || !letter.is_ascii();
            if ends && let Some(start) = open.take() {
                pieces.push((start, at));
            }
            if !letter.is_ascii() {
                if letter.is_alphabetic() {
                    pieces.push((at, at + letter.len_utf8()));
                }
            } else if !letter.is_whitespace() && open.is_none() {
                open = Some(at);
            }
        }
        pieces.extend(open.map(|start| (start, text.len())));
        let count = pieces.len().max(1) as u64;
        (0..)
            .zip(pieces)
            .map(|(i, (start, end))| Word {
                bytes: start as u32..end as u32,
                span: Span::new(
                    Millis(span.start.0 + span.length().0 * i / count),
                    Millis(span.start.0 + span.length().0 * (i + 1) / count),
                ),
                confidence_permille: None,
            })
            .collect()
    }

    /// Makes room for a long silence in the middle of the call.
    fn hold(&mut self) {
        let Some(at) = (3..self.utterances.len()).find(|&i| {
            self.utterances[i].span.start >= self.utterances[i - 1].span.end
                && self.utterances[i - 1].role == Role::Agent
        }) else {
            return;
        };
        let wait = Millis(1_500 + self.dice.roll(16_000));
        let from = self.utterances[at].span.start;
        let shift = |span: &mut Span| {
            if span.start >= from {
                *span = Span::new(span.start + wait, span.end + wait);
            }
        };
        for utterance in &mut self.utterances {
            shift(&mut utterance.span);
            utterance.words.iter_mut().for_each(|word| shift(&mut word.span));
        }
        self.silences.iter_mut().for_each(shift);
        self.talk_overs.iter_mut().for_each(|talk_over| shift(&mut talk_over.span));
        if let Some(silence) = self.silences.iter_mut().find(|silence| silence.end == from) {
            silence.end = from + wait;
            if self.dice.roll(3) == 0 {
                self.excused.push(*silence);
            }
        }
        self.end += wait.0;
    }

    fn inspection(mut self, number: usize, partial: bool, mono: bool) -> Inspection {
        let duration = Millis(self.end + 900);
        let measures = self.measures(duration, mono);
        let zh = self.language == Language::ZhCn;
        let speech_rates = measures
            .channels
            .iter()
            .map(|channel| {
                let units = self
                    .utterances
                    .iter()
                    .filter(|utterance| utterance.channel == channel.channel || mono)
                    .map(|utterance| {
                        if zh {
                            utterance.text.chars().filter(|c| c.is_alphabetic()).count()
                        } else {
                            utterance.text.split_whitespace().count()
                        }
                    })
                    .sum::<usize>() as u32;
                SpeechRate {
                    channel: channel.channel,
                    role: channel.role,
                    units,
                    speech_time: channel.speech_time,
                    per_minute_thousandths: SpeechRate::thousandths_per_minute(
                        units,
                        channel.speech_time,
                    ),
                }
            })
            .collect::<Vec<_>>();
        let warnings = self.warnings(number, mono);
        let findings = self.findings(&measures, &speech_rates, mono);
        let card = |id: &str, name: &str, base| ScoreCard {
            scenario_id: id.to_owned(),
            scenario_name: name.to_owned(),
            scenario_why: String::new(),
            ignore_sensitive: false,
            base: Points::whole(base),
            lower: Points::whole(0),
            upper: Points::whole(100),
            score: Points::whole(base),
            findings: findings.clone(),
        };
        let mut score_cards = vec![card("inbound-service", "呼入服务 / inbound service", 100)];
        if number.is_multiple_of(8) {
            score_cards.push(card("complaints", "投诉处理 / complaint handling", 80));
        }
        if mono {
            for utterance in &mut self.utterances {
                (utterance.role, utterance.channel) = (Role::Unknown, AGENT);
            }
        }
        let agents = ["王小明", "李静", "Emma Brown", "陈伟", "Jack O’Neill", "赵敏", "Priya Nair"];
        let agent = agents[self.dice.roll(agents.len() as u64) as usize];
        Inspection {
            schema: INSPECTION_SCHEMA.to_owned(),
            call: CallMetadata {
                call_id: (number % 5 != 2).then(|| format!("1602666{:05}-{number}", number * 37)),
                agent_id: Some(format!("{}", 1000 + number % 7)),
                agent_name: Some(agent.to_owned()),
                skill_group: Some(if zh {
                    "信用卡客服".to_owned()
                } else {
                    "Card service".to_owned()
                }),
                direction: Some("inbound".to_owned()),
                language: Some(self.language),
                begin_time: format!("2026-10-{:02}T09:{:02}:07", 1 + number % 28, number % 60)
                    .parse()
                    .ok(),
                ..CallMetadata::default()
            },
            recording: Recording {
                file_name: format!("2026-10-{:02}_{number:04}.wav", 1 + number % 28),
                bytes: duration.0 * 16,
                digest: format!("{:064x}", number as u128 * 0x9E37_79B9_7F4A_7C15),
                format: "wav/pcm_mulaw".to_owned(),
                decoder: DecoderPath::Wav,
                sample_rate_hz: 8_000,
                channels: if mono { 1 } else { 2 },
                duration,
                completeness: if partial {
                    Completeness::Partial {
                        reason: format!(
                            "expected {} bytes of samples, found {}",
                            duration.0 * 24,
                            duration.0 * 16
                        ),
                        declared: Some(Millis(duration.0 * 3 / 2)),
                    }
                } else {
                    Completeness::Complete
                },
            },
            warnings,
            measures,
            speech_rates,
            transcript_state: TranscriptState::Available,
            transcript: Some(Transcript {
                language: self.language,
                source: TranscriptSource::Engine {
                    engine: "sherpa-onnx".to_owned(),
                    version: "1.12.0".to_owned(),
                    model: "sensevoice-small-int8-2024-07-17".to_owned(),
                    model_digest:
                        "c71f0ce00bec95b07744e116345e33d8cbbe08cef896382cf907bf4b51a2cd51"
                            .to_owned(),
                },
                utterances: self.utterances,
            }),
            score_cards,
            lineage: Lineage {
                fairhearing: "0.1.0".to_owned(),
                decoder: "wav/1".to_owned(),
                voice_activity: VoiceActivity::SileroWithEnergy,
                voice_activity_version: "silero-v6-16k+energy/2".to_owned(),
                normalizer: "1".to_owned(),
                rule_pack_digest:
                    "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0".to_owned(),
            },
        }
    }

    fn measures(&mut self, duration: Millis, mono: bool) -> AcousticMeasures {
        let lengths =
            |spans: &[Span]| Distribution::of(spans.iter().map(|span| span.length()).collect());
        let mut channel = |channel: ChannelIndex, role: Role| {
            let mut speech: Vec<Span> = Vec::new();
            for utterance in &self.utterances {
                if utterance.role != role && !mono {
                    continue;
                }
                match speech.last_mut() {
                    Some(last) if last.end >= utterance.span.start => {
                        last.end = last.end.max(utterance.span.end)
                    }
                    _ => speech.push(utterance.span),
                }
            }
            let speech_time = speech.iter().fold(Millis::ZERO, |sum, span| sum + span.length());
            let level = -2_900 + self.dice.roll(1_100) as i64;
            let per_second_dbfs: Vec<Decibels> = (0..duration.0.div_ceil(1000))
                .map(|second| {
                    let moment =
                        Span::new(Millis::from_secs(second), Millis::from_secs(second + 1));
                    let speaks = speech.iter().any(|span| span.overlap(moment).is_some());
                    Decibels::from_hundredths(if speaks {
                        level + self.dice.roll(600) as i64
                    } else {
                        -6_200 + self.dice.roll(300) as i64
                    })
                })
                .collect();
            let speaking = per_second_dbfs
                .iter()
                .copied()
                .filter(|level| level.hundredths() > -5_000)
                .collect();
            ChannelMeasures {
                channel,
                role: if mono { Role::Unknown } else { role },
                speech_time,
                own_silence_time: duration - speech_time,
                speech_lengths: lengths(&speech),
                speech,
                loudness: Loudness {
                    integrated_lufs: Some(Decibels::from_hundredths(level + 80)),
                    peak_dbfs: Some(Decibels::from_hundredths(level + 1_800)),
                    per_second_dbfs,
                    speaking_dbfs: Distribution::of(speaking),
                },
            }
        };
        let mut channels = vec![channel(AGENT, Role::Agent)];
        if mono {
            self.talk_overs.clear();
        } else {
            channels.push(channel(CUSTOMER, Role::Customer));
        }
        AcousticMeasures {
            duration,
            channels,
            mutual_silence_lengths: lengths(&self.silences),
            mutual_silences: self.silences.clone(),
            talk_over_lengths: lengths(
                &self.talk_overs.iter().map(|each| each.span).collect::<Vec<_>>(),
            ),
            talk_overs: self.talk_overs.clone(),
        }
    }

    fn warnings(&self, number: usize, mono: bool) -> Vec<CallWarning> {
        let mut warnings = Vec::new();
        if mono {
            warnings.push(CallWarning::MixedParties);
        }
        if number % 9 == 2 {
            warnings.push(CallWarning::Clipping { channel: CUSTOMER, per_million: 1_240 });
            warnings.push(CallWarning::Crosstalk {
                channel: AGENT,
                leak: Decibels::from_hundredths(-2_850),
            });
        }
        if number % 14 == 5 {
            warnings.push(CallWarning::TryOutRecognizer { engine: "pocketsphinx".to_owned() });
        }
        warnings
    }

    fn findings(
        &self,
        measures: &AcousticMeasures,
        rates: &[SpeechRate],
        mono: bool,
    ) -> Vec<Finding> {
        let first = &self.utterances[0];
        let zh = self.language == Language::ZhCn;
        let greeting = Evidence::Absent {
            condition: "hello".to_owned(),
            phrases: [
                "您好",
                "很高兴为您服务",
                "thank you for calling",
                "good morning",
                "good afternoon",
            ]
            .map(str::to_owned)
            .to_vec(),
            searched: SearchedWindow {
                span: Span::new(Millis::ZERO, self.utterances[2].span.end),
                utterances: Some((1, 3)),
                role: Some(Role::Agent),
            },
            nearest: Some(NearMiss {
                phrase: if zh {
                    "很高兴为您服务".to_owned()
                } else {
                    "thank you for calling".to_owned()
                },
                quote: if zh { "很高兴服务".to_owned() } else { "thanks for call".to_owned() },
                utterance: 1,
                chars: if zh { 2..7 } else { 11..26 },
                span: first.span,
                role: Role::Agent,
                similarity_percent: 71,
                why_not: if zh {
                    "只相似 71%，至少需要 90%".to_owned()
                } else {
                    "71 % alike, at least 90 % is needed".to_owned()
                },
            }),
        };
        let silence = |span: &Span| Evidence::Silence {
            condition: "gap".to_owned(),
            span: *span,
            limit: Millis(10_000),
        };
        let long: Vec<Span> = measures
            .mutual_silences
            .iter()
            .copied()
            .filter(|span| span.length() >= Millis(10_000))
            .collect();
        let (excused, silences): (Vec<Span>, Vec<Span>) =
            long.into_iter().partition(|span| self.excused.contains(span));
        let rude = self.rude.map(|at| {
            let utterance = &self.utterances[at];
            let phrase = if zh { "关我什么事" } else { "not my problem" };
            let start = utterance
                .text
                .find(phrase)
                .map_or(0, |byte| utterance.text[..byte].chars().count() as u32);
            Evidence::Said {
                condition: "rude".to_owned(),
                phrase: phrase.to_owned(),
                quote: phrase.to_owned(),
                utterance: utterance.id,
                chars: start..start + phrase.chars().count() as u32,
                span: Span::new(
                    Millis((utterance.span.start.0 + utterance.span.end.0) / 2),
                    utterance.span.end,
                ),
                channel: AGENT,
                role: Role::Agent,
            }
        });
        let bye = self.utterances.last().map(|utterance| Evidence::Said {
            condition: "thanks".to_owned(),
            phrase: if zh {
                "感谢您的来电".to_owned()
            } else {
                "thank you for calling".to_owned()
            },
            quote: if zh {
                "感谢您的来电".to_owned()
            } else {
                "Thank you for calling".to_owned()
            },
            utterance: utterance.id,
            chars: if zh { 0..6 } else { 0..21 },
            span: utterance.span,
            channel: AGENT,
            role: Role::Agent,
        });
        let fast =
            rates.first().filter(|rate| zh && rate.per_minute_thousandths > 240_000).map(|rate| {
                Evidence::Speed {
                    condition: "overall".to_owned(),
                    utterance: None,
                    span: Span::new(Millis::ZERO, measures.duration),
                    channel: AGENT,
                    role: Role::Agent,
                    per_minute_thousandths: rate.per_minute_thousandths,
                    limit_per_minute: 240,
                    above: true,
                }
            });
        let cuts: Vec<Evidence> = measures
            .talk_overs
            .iter()
            .filter(|each| each.by == Role::Agent && each.span.length() >= Millis(500))
            .map(|each| Evidence::Interruption {
                condition: "cut_in".to_owned(),
                span: each.span,
                channel: AGENT,
                role: Role::Agent,
                limit: Millis(500),
            })
            .collect();
        let rule = |id: &str,
                    name: &str,
                    why: &str,
                    severity,
                    points,
                    evidence: Vec<Evidence>,
                    excused: Vec<Evidence>| {
            let verdict = match (mono && id != "unexplained-silence", evidence.is_empty()) {
                (true, _) => Verdict::NotEvaluated { reason: NotEvaluatedReason::MixedParties },
                (false, true) => Verdict::Clear,
                (false, false) => Verdict::Flagged,
            };
            let flagged = verdict == Verdict::Flagged;
            Finding {
                rule_id: id.to_owned(),
                rule_kind: RuleKind::Dialog,
                rule_name: name.to_owned(),
                why: why.to_owned(),
                rule_digest: "ab".repeat(32),
                severity,
                points: if flagged { Points::whole(points) } else { Points::default() },
                rule_points: Points::whole(points),
                evidence: if flagged { evidence } else { Vec::new() },
                excused,
                verdict,
            }
        };
        vec![
            rule(
                "open-greeting",
                "开场白 / Opening greeting",
                "The first impression: greet within the first two turns.",
                Severity::Normal,
                -5,
                if self.greeted { vec![] } else { vec![greeting] },
                vec![],
            ),
            rule(
                "forbidden-words",
                "服务禁语 / Forbidden words",
                "Words that no customer should ever hear.",
                Severity::Critical,
                -20,
                rude.into_iter().collect(),
                vec![],
            ),
            rule(
                "unexplained-silence",
                "长静默未说明 / Unexplained silence",
                "Tell the customer why they wait.",
                Severity::Normal,
                -5,
                silences.iter().map(silence).collect(),
                excused.iter().map(silence).collect(),
            ),
            rule(
                "too-fast",
                "语速过快 / Speaks too fast",
                "",
                Severity::Normal,
                -3,
                fast.into_iter().collect(),
                vec![],
            ),
            rule(
                "interrupts",
                "抢话 / Interrupts",
                "Let customers finish.",
                Severity::Normal,
                -5,
                if cuts.len() >= 2 { cuts } else { vec![] },
                vec![],
            ),
            rule(
                "complaint-not-escalated",
                "投诉未升级 / Complaint not escalated",
                "",
                Severity::Critical,
                -10,
                vec![],
                vec![],
            ),
            rule(
                "closing",
                "结束语 / Closing words",
                "",
                Severity::Info,
                0,
                bye.into_iter().collect(),
                vec![],
            ),
        ]
    }
}

/// Peaks as a voice would leave them: swelling inside speech, a little noise outside.
fn peaks(measures: &AcousticMeasures) -> Waveform {
    let channel = |channel: &ChannelMeasures| {
        let mut dice = Dice(u64::from(channel.channel.0) + measures.duration.0);
        (0..)
            .zip(speaking(channel, measures.duration))
            .map(|(bucket, speaks): (u64, bool)| {
                let swell = (bucket % 9).abs_diff(4) * 12;
                (if speaks { 30 + swell + dice.roll(60) } else { 2 + dice.roll(5) }) as u8
            })
            .collect()
    };
    Waveform { bucket: PEAK_BUCKET, peaks: measures.channels.iter().map(channel).collect() }
}

/// Whether the channel speaks, bucket by bucket.
fn speaking(channel: &ChannelMeasures, duration: Millis) -> Vec<bool> {
    let mut speaks = vec![false; (duration.0 / PEAK_BUCKET.0) as usize];
    for span in &channel.speech {
        let (start, end) = (span.start.0 / PEAK_BUCKET.0, span.end.0 / PEAK_BUCKET.0);
        speaks[start as usize..end as usize].fill(true);
    }
    speaks
}

/// The call as an 8-bit WAV with a tone for each voice.
fn tones(measures: &AcousticMeasures) -> Vec<u8> {
    let channels = measures.channels.len() as u32;
    let per_bucket = TONE_RATE_HZ * PEAK_BUCKET.0 as u32 / 1000;
    let speaks: Vec<Vec<bool>> =
        measures.channels.iter().map(|channel| speaking(channel, measures.duration)).collect();
    let buckets = speaks.first().map_or(0, Vec::len);
    let data = buckets as u32 * per_bucket * channels;
    let mut wav = Vec::new();
    wav.extend_from_slice(b"RIFF");
    wav.extend((36 + data).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend(1_u16.to_le_bytes());
    wav.extend((channels as u16).to_le_bytes());
    wav.extend(TONE_RATE_HZ.to_le_bytes());
    wav.extend((TONE_RATE_HZ * channels).to_le_bytes());
    wav.extend((channels as u16).to_le_bytes());
    wav.extend(8_u16.to_le_bytes());
    wav.extend_from_slice(b"data");
    wav.extend(data.to_le_bytes());
    // Square waves of 200 and 250 Hz: whole numbers of samples, and no sine to compute.
    let half_waves = [TONE_RATE_HZ / 400, TONE_RATE_HZ / 500];
    for bucket in 0..buckets {
        for frame in 0..per_bucket {
            for (speaks, half_wave) in speaks.iter().zip(half_waves) {
                let up = (frame / half_wave).is_multiple_of(2);
                wav.push(match (speaks[bucket], up) {
                    (false, _) => 128,
                    (true, true) => 158,
                    (true, false) => 98,
                });
            }
        }
    }
    wav
}
