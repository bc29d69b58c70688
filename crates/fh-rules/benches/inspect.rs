//! How long one call takes: `cargo bench -p fh-rules --bench inspect`.
//!
//! A seeded corpus of Chinese and English calls of 60 utterances is held against packs of 100,
//! 1,000 and 10,000 rules of all kinds. For each pack: compiling, folding a call's text, evaluating
//! all rules with evidence and score, and the whole of `Pack::inspect` with a finding for each rule.
//!
//! Times are CPU time of the one thread (from `/proc`), so that a busy machine does not count;
//! where the system does not tell, they are wall time.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use fh_model::{
    AcousticMeasures, CallMetadata, ChannelIndex, ChannelMeasures, Language, Loudness, Millis,
    Role, Span, TalkOver, Transcript, TranscriptSource, Utterance, VoiceActivity,
};
use fh_rules::{CallView, Inspector, PreparedText, RuleSource, compile};

const CALLS: usize = 400;
const UTTERANCES: usize = 60;
const ROUNDS: usize = 5;

/// A small seeded generator (xorshift): the same corpus everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % sides
    }

    /// Low numbers are much more frequent than high ones, as words are.
    fn skewed(&mut self, sides: usize) -> usize {
        let (one, other) = (self.roll(sides), self.roll(sides));
        one * other / sides
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.roll(from.len())]
    }
}

/// 600 Chinese words of two characters and 600 English ones, made from syllables.
struct Words {
    chinese: Vec<String>,
    english: Vec<String>,
}

impl Words {
    fn new(dice: &mut Dice) -> Self {
        let han: Vec<char> = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运".chars().collect();
        let syllables = [
            "ba", "con", "ter", "mi", "so", "re", "tion", "al", "ver", "in", "cus", "pay", "ment",
            "der", "ly", "ing",
        ];
        let chinese = (0..600).map(|_| (0..2).map(|_| *dice.pick(&han)).collect()).collect();
        let english = (0..600)
            .map(|_| (0..2 + dice.roll(2)).map(|_| *dice.pick(&syllables)).collect())
            .collect();
        Self { chinese, english }
    }

    fn say(&self, dice: &mut Dice, language: Language, words: usize) -> String {
        let mut text = String::new();
        for word in 0..words {
            if language == Language::ZhCn {
                text += &self.chinese[dice.skewed(600)];
                if dice.roll(5) == 0 {
                    text.push('，');
                }
            } else {
                if word > 0 {
                    text.push(' ');
                }
                text += &self.english[dice.skewed(600)];
            }
        }
        text
    }

    /// What a rule listens for: two or three words, seldom said.
    fn phrase(&self, dice: &mut Dice) -> String {
        let language = if dice.roll(3) > 0 { Language::ZhCn } else { Language::EnUs };
        let words = 1 + dice.roll(2) + usize::from(language == Language::EnUs);
        self.say(dice, language, words).replace('，', "")
    }
}

struct Call {
    metadata: CallMetadata,
    transcript: Transcript,
    measures: AcousticMeasures,
}

impl Call {
    fn view(&self) -> CallView<'_> {
        CallView {
            metadata: &self.metadata,
            transcript: Some(&self.transcript),
            measures: &self.measures,
            voice_activity: &VoiceActivity::SileroWithEnergy,
            warnings: &[],
        }
    }
}

fn random_call(dice: &mut Dice, words: &Words, phrases: &[String]) -> Call {
    let language = if dice.roll(3) > 0 { Language::ZhCn } else { Language::EnUs };
    let mut at = 0;
    let (mut utterances, mut silences, mut talk_overs) = (Vec::new(), Vec::new(), Vec::new());
    let mut speech = [Vec::new(), Vec::new()];
    for _ in 0..UTTERANCES {
        let agent = dice.roll(2) == 1;
        let length = 3 + dice.roll(12);
        let mut text = words.say(dice, language, length);
        if dice.roll(6) == 0 {
            text = format!("{text} {}", dice.pick(phrases));
        }
        let span = Span::new(Millis(at), Millis(at + 400 * length as u64));
        let pause = if dice.roll(20) == 0 { 12_000 } else { 300 };
        if pause > 300 {
            silences.push(Span::new(span.end, span.end + Millis(pause)));
        }
        if dice.roll(15) == 0 {
            talk_overs.push(TalkOver {
                span: Span::new(span.start, span.start + Millis(600)),
                by_channel: ChannelIndex(u8::from(agent)),
                by: if agent { Role::Agent } else { Role::Customer },
                other_spoke_for: Millis(1_500),
                inside_other: false,
            });
        }
        at = span.end.0 + pause;
        speech[usize::from(agent)].push(span);
        utterances.push(Utterance {
            id: 0,
            channel: ChannelIndex(u8::from(agent)),
            role: if agent { Role::Agent } else { Role::Customer },
            span,
            text,
            words: Vec::new(),
            confidence_permille: None,
            language: None,
            emotion: None,
        });
    }
    let source = TranscriptSource::Import { format: "bench".to_owned(), digest: String::new() };
    let [customer, agent] = speech;
    let channel = |index: u8, role, speech: Vec<Span>| {
        let speech_time = speech.iter().fold(Millis(0), |sum, span| sum + span.length());
        ChannelMeasures {
            channel: ChannelIndex(index),
            role,
            speech,
            speech_time,
            own_silence_time: Millis(at) - speech_time,
            speech_lengths: None,
            loudness: Loudness {
                integrated_lufs: None,
                peak_dbfs: None,
                per_second_dbfs: Vec::new(),
                speaking_dbfs: None,
            },
        }
    };
    Call {
        metadata: CallMetadata::default(),
        transcript: Transcript::new(language, source, utterances),
        measures: AcousticMeasures {
            duration: Millis(at),
            channels: vec![channel(0, Role::Customer, customer), channel(1, Role::Agent, agent)],
            mutual_silences: silences,
            mutual_silence_lengths: None,
            talk_overs,
            talk_over_lengths: None,
        },
    }
}

/// 45 in 100 keywords, 20 three-way logic, 18 relations in time, 8 regular expressions, 9 acoustic:
/// the mix that the design was measured with.
fn random_pack(dice: &mut Dice, rules: usize, phrases: &[String]) -> String {
    let mut text = "pack: bench\nrules:\n".to_owned();
    for id in 0..rules {
        let list = |dice: &mut Dice| {
            let chosen: Vec<String> =
                (0..1 + dice.roll(4)).map(|_| format!("\"{}\"", dice.pick(phrases))).collect();
            chosen.join(", ")
        };
        let (a, b, c) = (list(dice), list(dice), list(dice));
        let say = |name: &str, phrases: &str, by: &str| {
            format!("{name}: {{ say: [{phrases}], by: {by} }}")
        };
        let kind = dice.roll(100);
        let (conditions, flag_if) = match kind {
            0..45 => (say("a", &a, "agent"), "a"),
            45..65 => (
                [say("a", &a, "agent"), say("b", &b, "customer"), say("c", &c, "agent")].join(", "),
                "a && (b || !c)",
            ),
            65..83 => (
                [
                    say("a", &a, "agent"),
                    say("b", &b, "customer"),
                    "gone: { missing: a, after: b, within: 60s }".to_owned(),
                ]
                .join(", "),
                "gone",
            ),
            83..91 => {
                let phrase = dice.pick(phrases);
                (format!("a: {{ regex: '{phrase}.{{0,8}}[0-9a-z]{{2}}' }}"), "a")
            }
            _ => (
                [
                    say("a", &a, "agent"),
                    "gap: { silence: 10s, unless_before: a }".to_owned(),
                    "cut: { interrupts: 500ms, by: agent, at_least: 6 }".to_owned(),
                ]
                .join(", "),
                "gap && cut",
            ),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  - {{ id: r{id}, points: -1, listen_for: {{ {conditions} }}, flag_if: '{flag_if}' }}"
        );
    }
    text
}

/// A moment on the thread's own clock, counted from `start` where there is none.
fn now(start: Instant) -> Duration {
    // The first field is the time spent on a processor, in nanoseconds.
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse().ok());
    spent.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// The best of several rounds, for one call.
fn per_call(calls: &[Call], mut run: impl FnMut(usize, &Call)) -> Duration {
    let (mut best, clock) = (Duration::MAX, Instant::now());
    for _ in 0..ROUNDS {
        let start = now(clock);
        for (index, call) in calls.iter().enumerate() {
            run(index, call);
        }
        best = best.min(now(clock) - start);
    }
    best / calls.len() as u32
}

fn main() {
    let mut dice = Dice(0xBE7C);
    let words = Words::new(&mut dice);
    let phrases: Vec<String> = (0..20_000).map(|_| words.phrase(&mut dice)).collect();
    let said: Vec<String> = phrases[..2_000].to_vec();
    let calls: Vec<Call> = (0..CALLS).map(|_| random_call(&mut dice, &words, &said)).collect();
    let bytes: usize = calls
        .iter()
        .flat_map(|call| &call.transcript.utterances)
        .map(|utterance| utterance.text.len())
        .sum();
    println!("{CALLS} calls of {UTTERANCES} utterances, {} bytes of text each", bytes / CALLS);
    println!("best of {ROUNDS} rounds, one thread, microseconds of CPU per call");
    println!();
    println!("| rules | compile, ms | fold | evaluate | rules flagged | inspect |");
    println!("|---|---|---|---|---|---|");
    for rules in [100, 1_000, 10_000] {
        let source = RuleSource {
            name: "bench.yaml".to_owned(),
            text: random_pack(&mut Dice(rules as u64), rules, &phrases[..rules.max(2_000) * 2]),
        };
        let clock = Instant::now();
        let start = now(clock);
        let pack = compile(&[source]).expect("the generated rules are sound");
        let compiled = now(clock) - start;
        let fold = per_call(&calls, |_, call| {
            black_box(PreparedText::new(&call.transcript));
        });
        let texts: Vec<PreparedText> =
            calls.iter().map(|call| PreparedText::new(&call.transcript)).collect();
        let mut inspector = Inspector::new(&pack);
        let mut flagged = 0;
        let evaluate = per_call(&calls, |index, call| {
            let evaluation = inspector.evaluate(&call.view(), &texts[index], None);
            flagged += evaluation.flagged();
        });
        let inspect = per_call(&calls, |_, call| {
            black_box(inspector.inspect(&call.view(), None));
        });
        let micros = |duration: Duration| duration.as_secs_f64() * 1e6;
        println!(
            "| {rules} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
            compiled.as_secs_f64() * 1e3,
            micros(fold),
            micros(evaluate),
            flagged as f64 / (CALLS * ROUNDS) as f64,
            micros(inspect),
        );
    }
}
