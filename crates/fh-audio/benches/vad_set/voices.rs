//! What is said, and the programs that say it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::sound;

/// A synthetic speaker.
#[derive(Debug, Clone, Copy)]
pub enum Voice {
    /// A voice of flite, all of them English.
    Flite(&'static str),
    /// A voice of espeak-ng.
    Espeak(&'static str),
}

pub const ENGLISH: &[Voice] = &[
    Voice::Flite("slt"),
    Voice::Flite("rms"),
    Voice::Flite("awb"),
    Voice::Flite("kal16"),
    Voice::Espeak("en-us"),
    Voice::Espeak("en-us+f3"),
    Voice::Espeak("en-gb+m4"),
];

pub const MANDARIN: &[Voice] =
    &[Voice::Espeak("cmn"), Voice::Espeak("cmn+f2"), Voice::Espeak("cmn+m3")];

pub const ENGLISH_LINES: &[&str] = &[
    "Good morning, thank you for calling the service desk, how may I help you?",
    "My kettle stopped working last week and I would like to send it back.",
    "Could you please tell me the order number? It is on the first page of the letter.",
    "Yes, one moment, I have it here. It is seven, three, nine, zero, zero, four.",
    "Thank you. I can see that it was delivered on the second of October.",
    "That is right, but it never worked properly, not even on the first day.",
    "I am sorry to hear that. I will make a note of it.",
    "Well, I have already spoken to two of your colleagues about this.",
    "Let me just check with the warehouse whether we have a new one for you.",
    "How long is that going to take? I have to leave in ten minutes.",
    "It usually takes between three and five working days.",
    "And who is going to pay for the parcel?",
    "There is no charge for you at all, we will send you a label by email.",
    "Fine. Can you also change my address while we are talking?",
    "Certainly. What is the new street and the house number?",
    "Forty two Station Road, and the town is still the same.",
    "I have changed that. Is there anything else that I can do for you today?",
    "No, that was everything. Thanks for your help, goodbye.",
    "Before we go on I need to ask you two questions to be sure who you are.",
    "What is your date of birth, please?",
    "The fourth of March, nineteen eighty one.",
    "I do not think that this is acceptable, frankly.",
    "Would you mind holding the line for a minute?",
    "The payment was taken twice from my account, and nobody answers my letters.",
];

pub const MANDARIN_LINES: &[&str] = &[
    "您好，这里是客户服务中心，请问有什么可以帮您？",
    "我上个星期买的水壶坏了，想退货。",
    "请您告诉我订单号，好吗？",
    "好的，请稍等，订单号是七三九零零四。",
    "谢谢您，我看到商品是十月二号送到的。",
    "对，可是第一天就不能用了，一直没有人来处理。",
    "非常抱歉给您带来不便，我马上为您登记。",
    "我已经给你们打过两次电话了。",
    "请您不要挂机，我帮您查一下仓库有没有新的。",
    "要等多长时间？我十分钟以后要出门。",
    "一般需要三到五个工作日。",
    "那运费谁来付？",
    "运费由我们承担，您不用付钱。",
    "另外，我的地址也换了，可以改一下吗？",
    "可以的，请问新的地址是什么？",
    "车站路四十二号，城市没有变。",
    "已经为您修改好了，请问还有其他问题吗？",
    "没有了，谢谢你，再见。",
    "为了您的账户安全，我需要核对一下您的身份。",
    "我的钱被扣了两次，到现在也没有退回来。",
];

pub const ENGLISH_MURMURS: &[&str] =
    &["Okay.", "Right.", "Yes.", "I see.", "Sure.", "Uh huh.", "All right."];

pub const MANDARIN_MURMURS: &[&str] = &["嗯。", "好的。", "对。", "是的。", "明白。", "行。"];

/// What `voice` makes of `text`: 8 kHz, telephone band, silence trimmed from both ends.
///
/// Kept in `cache`, since the same sentences come back.
pub fn say(voice: Voice, text: &str, cache: &Path) -> Vec<f32> {
    let path = cache.join(format!("{}.wav", file_stem(voice, text)));
    if !path.exists() {
        let unfinished = path.with_extension(format!("{}.part.wav", std::process::id()));
        synthesize(voice, text, &unfinished);
        fs::rename(&unfinished, &path).expect("the cache is one folder");
    }
    let bytes = fs::read(&path).expect("it was just written");
    let (rate, channels) = sound::parse_wav_at_its_rate(&bytes).expect("the programs write PCM");
    let mut samples = sound::resample(&channels[0], rate, 8_000);
    sound::telephone_highpass(&mut samples, 8_000.0);
    let loud = samples.iter().fold(0_f32, |peak, sample| peak.max(sample.abs())) * 0.003;
    let first = samples.iter().position(|sample| sample.abs() > loud).unwrap_or(0);
    let last = samples.iter().rposition(|sample| sample.abs() > loud).unwrap_or(0);
    samples[first..=last].to_vec()
}

fn synthesize(voice: Voice, text: &str, into: &PathBuf) {
    let mut command = match voice {
        Voice::Flite(name) => {
            let mut command = Command::new("flite");
            command.args(["-voice", name, "-t", text, "-o"]).arg(into);
            command
        }
        Voice::Espeak(name) => {
            let mut command = Command::new("espeak-ng");
            command.args(["-v", name, "-s", "165", "-w"]).arg(into).arg(text);
            command
        }
    };
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
}

/// FNV-1a over voice and text.
fn file_stem(voice: Voice, text: &str) -> String {
    let digest =
        format!("{voice:?}/{text}").bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{digest:016x}")
}
