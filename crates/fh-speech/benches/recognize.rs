//! What recognition costs in this pipeline against the bare engine, and what the try-out recogniser
//! gets wrong.
//!
//! ```sh
//! FAIRHEARING_BENCH_MODEL=FOLDER cargo bench -p fh-speech --bench recognize
//! ```
//!
//! `FOLDER` has `model.int8.onnx` and `tokens.txt` of a model of SenseVoice's shape; the weights do
//! not matter for the cost. Libraries are looked for where `fairhearing` does; recordings are those
//! in `../shared`. Figures are processor seconds, children included, not seconds on the clock, so
//! that other work on the machine disturbs them little; runs alternate, and the least of each counts.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on stops")]

use std::path::{Path, PathBuf};

use fh_model::{ChannelIndex, Language, Millis, Role, Span};
use fh_speech::accuracy::{ErrorCount, spoken_text, word_errors};
use fh_speech::engines::sherpa_onnx::{self, ModelFamily};
use fh_speech::{
    ChannelSpeech, ChildProgram, Clip, Engine, EngineInfo, EngineSettings, ModelChoice, Recognized,
    SpeechError, open_engine, speech_time, transcribe,
};

const RATE: usize = 16_000;
const ROUNDS: usize = 3;

fn main() {
    // `cargo test --benches` runs this too, and means something else.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings");
    assert!(recordings.is_dir(), "expected `../shared/recordings` beside the workspace");
    match std::env::var_os("FAIRHEARING_BENCH_MODEL") {
        Some(folder) => {
            let settings = settings(Some(folder.into()));
            running_speech(&settings, &recordings.join("reference"));
            whole_call(&settings, &recordings);
        }
        None => println!("FAIRHEARING_BENCH_MODEL is not set: the neural engine is left out"),
    }
    read_english(&recordings.join("reference"));
}

/// Two minutes of read speech without a pause to skip: the pipeline has to recognise all of it.
fn running_speech(settings: &EngineSettings, reference: &Path) {
    let samples: Vec<f32> = ["en_az1", "en_aztest", "en_jfk", "en_libri1995"]
        .iter()
        .flat_map(|name| read_wav(&reference.join(format!("{name}.wav"))).1)
        .collect();
    let seconds = samples.len() as f64 / RATE as f64;
    let length = Millis::from_samples(samples.len() as u64, RATE as u32);
    let speech = [everything(0, length)];
    let channels = [samples];

    let mut bare_engine = sherpa_onnx::open_in_this_process(settings, None).unwrap();
    let mut recorder = Recorder { info: bare_engine.info().clone(), clips: Vec::new() };
    recognize(&mut recorder, &speech, &channels);
    let (mut windows, mut clips, mut pipeline) = (f64::MAX, f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        windows = windows.min(cpu_of(|| in_windows(bare_engine.as_mut(), &channels[0])));
        clips = clips.min(cpu_of(|| {
            for samples in &recorder.clips {
                bare_engine.recognize(&clip(samples)).unwrap();
            }
        }));
        pipeline = pipeline.min(pipeline_cpu(settings, &speech, &channels));
    }
    println!("## {seconds:.1} s of running speech, one thread");
    let line =
        |what: &str, cpu: f64| println!("{what} {cpu:.2} CPU s, {:.4} a second", cpu / seconds);
    line("bare engine in this process, windows of 27 s:    ", windows);
    line("bare engine in this process, the pipeline's clips:", clips);
    line("pipeline: cutting, framing, child process:       ", pipeline);
    println!("ratio to the same clips: {:.3}", pipeline / clips);
    println!("ratio to windows of 27 s: {:.3}\n", pipeline / windows);
}

/// Keeps the clips that the pipeline would recognise.
struct Recorder {
    info: EngineInfo,
    clips: Vec<Vec<f32>>,
}

impl Engine for Recorder {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn recognize(&mut self, clip: &Clip<'_>) -> Result<Recognized, SpeechError> {
        self.clips.push(clip.samples.to_vec());
        Ok(Recognized::default())
    }
}

/// A real call of two channels: what it saves to recognise only what a gate lets through. The gate
/// here is by level alone, which the benchmark can do by itself.
fn whole_call(settings: &EngineSettings, recordings: &Path) {
    let channels: Vec<Vec<f32>> = ["agent", "caller"]
        .iter()
        .map(|side| read_wav(&recordings.join(format!("lca_auto_repairs_40_{side}.wav"))))
        .map(|(rate, samples)| if rate == 8_000 { doubled(&samples) } else { samples })
        .collect();
    let seconds: f64 = channels.iter().map(|samples| samples.len() as f64 / RATE as f64).sum();
    let speech: Vec<ChannelSpeech> = (0..).zip(&channels).map(|(n, s)| gated(n, s)).collect();
    let spoken = speech_time(&speech).as_secs_f64();

    let mut bare_engine = sherpa_onnx::open_in_this_process(settings, None).unwrap();
    let bare = cpu_of(|| {
        for samples in &channels {
            in_windows(bare_engine.as_mut(), samples);
        }
    });
    let pipeline = pipeline_cpu(settings, &speech, &channels);
    println!("## a call of {seconds:.0} s on both channels together, {spoken:.0} s of them speech");
    println!("bare engine on all of it:   {bare:.2} CPU s");
    println!("pipeline on speech alone:   {pipeline:.2} CPU s");
    println!("saved: {:.0} %\n", (1.0 - pipeline / bare) * 100.0);
}

/// Word error rate of the try-out recogniser on read English.
fn read_english(reference: &Path) {
    let mut engine = open_engine("pocketsphinx", &settings(None)).unwrap();
    let references = std::fs::read_to_string(reference.join("refs.tsv")).unwrap();
    let mut total = ErrorCount::default();
    let mut seconds = 0.0;
    println!("## PocketSphinx on read English at 16 kHz");
    for line in references.lines().filter(|line| line.starts_with("en_")) {
        let (name, words) = line.split_once('\t').unwrap();
        let samples = read_wav(&reference.join(format!("{name}.wav"))).1;
        let length = Millis::from_samples(samples.len() as u64, RATE as u32);
        seconds += length.as_secs_f64();
        let heard = recognize(engine.as_mut(), &[everything(0, length)], &[samples]);
        let errors = word_errors(words, &heard);
        println!("{name}: {:.1} % of {} words", errors.rate().unwrap() * 100.0, errors.reference);
        total = total.plus(errors);
    }
    let rate = total.rate().unwrap() * 100.0;
    println!("word error rate: {rate:.1} % of {} words in {seconds:.0} s", total.reference);
}

/// What the pipeline costs beyond starting and loading the model, which a call shares with others.
fn pipeline_cpu(settings: &EngineSettings, speech: &[ChannelSpeech], channels: &[Vec<f32>]) -> f64 {
    // A child counts when it has ended.
    let loading = cpu_of(|| drop(open_engine("sherpa-onnx", settings).unwrap()));
    let all = cpu_of(|| {
        let mut engine = open_engine("sherpa-onnx", settings).unwrap();
        recognize(engine.as_mut(), speech, channels);
    });
    all - loading
}

fn recognize(engine: &mut dyn Engine, speech: &[ChannelSpeech], channels: &[Vec<f32>]) -> String {
    let mut read = |channel: ChannelIndex, span: Span| {
        let samples = &channels[usize::from(channel.0)];
        let end = (span.end.to_samples(RATE as u32) as usize).min(samples.len());
        Ok(samples[span.start.to_samples(RATE as u32) as usize..end].to_vec())
    };
    let transcript = transcribe(engine, speech, Language::EnUs, &mut read, &mut |_| {}).unwrap();
    spoken_text(&transcript, None)
}

/// The simplest use of an engine: window after window of 27 s.
fn in_windows(engine: &mut dyn Engine, samples: &[f32]) {
    for samples in samples.chunks(27 * RATE) {
        engine.recognize(&clip(samples)).unwrap();
    }
}

fn clip(samples: &[f32]) -> Clip<'_> {
    Clip {
        samples,
        rate_hz: RATE as u32,
        language: Language::EnUs,
        channel: ChannelIndex(0),
        start: Millis::ZERO,
    }
}

fn everything(channel: u8, length: Millis) -> ChannelSpeech {
    let speech = vec![Span::new(Millis::ZERO, length)];
    ChannelSpeech { channel: ChannelIndex(channel), role: Role::Unknown, speech }
}

/// Speech by level: frames of 20 ms above -40 dBFS, and 300 ms around them.
fn gated(channel: u8, samples: &[f32]) -> ChannelSpeech {
    let mut speech: Vec<Span> = Vec::new();
    for (index, frame) in (0_u64..).zip(samples.chunks(RATE / 50)) {
        let power: f32 =
            frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len() as f32;
        if power < 1e-4 {
            continue;
        }
        let span =
            Span::new(Millis(index * 20).saturating_sub(Millis(300)), Millis(index * 20 + 320));
        match speech.last_mut() {
            Some(last) if span.start <= last.end => last.end = span.end,
            _ => speech.push(span),
        }
    }
    ChannelSpeech { channel: ChannelIndex(channel), role: Role::Unknown, speech }
}

/// 8 kHz as 16 kHz, by the mean of neighbours: enough for a model whose weights do not matter.
fn doubled(samples: &[f32]) -> Vec<f32> {
    let next = samples.iter().skip(1).chain(samples.last());
    samples.iter().zip(next).flat_map(|(&this, &next)| [this, (this + next) / 2.0]).collect()
}

fn settings(model: Option<PathBuf>) -> EngineSettings {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = folder("FAIRHEARING_HOME")
        .map(PathBuf::from)
        .or_else(|| folder("XDG_DATA_HOME").map(|data| Path::new(&data).join("fairhearing")))
        .or_else(|| folder("HOME").map(|home| Path::new(&home).join(".local/share/fairhearing")))
        .unwrap();
    let child =
        ChildProgram { program: env!("CARGO_BIN_EXE_fh-recognize-child").into(), args: Vec::new() };
    let mut settings = EngineSettings::new(child, vec![home.join("lib")], home.join("models"));
    if let Some(folder) = model {
        settings.model = ModelChoice::At { folder, family: ModelFamily::SenseVoice };
    }
    settings
}

/// Processor seconds of this process and of its children that have ended, while `work` runs.
fn cpu_of(work: impl FnOnce()) -> f64 {
    let before = cpu();
    work();
    cpu() - before
}

/// From `/proc/self/stat`, fields 14 to 17, which Linux gives in hundredths of a second.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The second field is the program's name in brackets, which may hold anything.
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(11)
        .take(4)
        .map(|field| field.parse::<u64>().unwrap())
        .sum();
    ticks as f64 / 100.0
}

/// Rate and samples of a mono WAV file with 16-bit PCM; a header is skipped, not trusted.
fn read_wav(path: &Path) -> (u32, Vec<f32>) {
    let bytes = std::fs::read(path).unwrap();
    let rate = u32::from_le_bytes(bytes[24..28].try_into().unwrap());
    assert_eq!((bytes[22], bytes[34]), (1, 16), "expected one channel of 16 bits in {path:?}");
    let data = bytes.windows(4).position(|four| four == b"data").unwrap() + 8;
    let sample = |pair: &[u8]| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0;
    (rate, bytes[data..].chunks_exact(2).map(sample).collect())
}
