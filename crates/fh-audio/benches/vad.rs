//! How good and how dear telling speech from silence is.
//!
//! `cargo bench -p fh-audio --bench vad` makes half an hour of calls whose speech is known (needs
//! `espeak-ng` and `flite`), listens to four variants of it, and to recordings where they are at
//! hand, and prints Markdown tables. The set is explained in `vad_set/mod.rs`, the scores in
//! `vad_set/score.rs`. `VAD_MINUTES` makes it shorter; `VAD_SEEDS`, such as `9-16`, makes other
//! calls, half an hour for each seed, and judges them as one set; with `VAD_DAY` it measures the
//! memory that a day of sound takes, and nothing else.

mod vad_set;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use fh_audio::Analyzer;
use fh_audio::VoiceActivityChoice::{self, EnergyOnly, Silero};
use fh_model::{Millis, RoleMap, Span};
use vad_set::scene::Counts;
use vad_set::score::{self, Events, Frames, Report};

fn main() {
    let minutes = std::env::var("VAD_MINUTES")
        .map_or(30.0, |text| text.parse().expect("`VAD_MINUTES` is a number"));
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vad_set");
    if std::env::var_os("VAD_DAY").is_some() {
        return a_day(&cache);
    }
    let seeds = seeds(&std::env::var("VAD_SEEDS").unwrap_or_else(|_| "1-1".to_owned()))
        .expect("`VAD_SEEDS` is a first and a last number, such as `9-16`");
    let methods = [("network and level", Silero), ("level alone", EnergyOnly)];
    let mut counts = Counts::default();
    let mut hours = 0.0;
    let mut results: Vec<(Report, f64)> = Vec::new();
    results.resize_with(methods.len() * vad_set::VARIANTS.len(), Default::default);
    for seed in seeds {
        let scene = vad_set::make(minutes, seed, &cache);
        counts = counts.plus(scene.counts);
        hours += minutes / 60.0;
        for (at, (_, variant)) in vad_set::VARIANTS.into_iter().enumerate() {
            let channels = vad_set::render(&scene, variant);
            for (method, (_, choice)) in methods.into_iter().enumerate() {
                let before = cpu_seconds();
                let analysis = vad_set::listen(&[&channels[0], &channels[1]], choice);
                let seconds = cpu_seconds() - before;
                let speech = &analysis.measures.channels;
                let report = score::judge(&scene, [&speech[0].speech, &speech[1].speech]);
                let (all, cost) = &mut results[method * vad_set::VARIANTS.len() + at];
                *all = std::mem::take(all).plus(report);
                *cost += seconds;
            }
        }
    }
    println!(
        "{:.0} min of two channels at telephone band: {} turns, {} interruptions, {} murmurs, \
         {} holds, {} dialled numbers.\n",
        hours * 60.0,
        counts.turns,
        counts.interruptions,
        counts.murmurs,
        counts.holds,
        counts.dials
    );
    println!(
        "| method | variant | P | R | F1 | onset median / p90 ms | offset median / p90 ms | \
         silence >= 3 s P / R | overlap >= 0.3 s P / R | tones called speech | speech ratio off by \
         | CPU s per hour |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    let rows = methods.into_iter().flat_map(|(method, _)| {
        vad_set::VARIANTS.into_iter().map(move |(variant, _)| (method, variant))
    });
    for ((method, variant), (report, seconds)) in rows.zip(results) {
        print_row(method, variant, &report, seconds / hours);
    }
    recordings();
}

fn print_row(method: &str, variant: &str, report: &Report, cost: f64) {
    let frames = report.frames;
    let (onset, offset) =
        (score::median_and_p90(&report.onsets), score::median_and_p90(&report.offsets));
    let events = |events: Events| {
        let Events { found, right, real, noticed } = events;
        let (precision, recall) = (events.precision(), events.recall());
        format!("{precision:.3} ({right} of {found}) / {recall:.3} ({noticed} of {real})")
    };
    println!(
        "| {method} | {variant} | {:.3} | {:.3} | **{:.3}** | {:+} / {} | {:+} / {} | {} | {} | \
         {:.1} % | {:.1} % | {cost:.1} |",
        frames.precision(),
        frames.recall(),
        frames.f1(),
        onset.0,
        onset.1,
        offset.0,
        offset.1,
        events(report.silences),
        events(report.overlaps),
        report.tones() * 100.0,
        report.ratio_error * 100.0,
    );
}

/// `9-16` as numbers.
fn seeds(text: &str) -> Option<RangeInclusive<u64>> {
    let (first, last) = text.split_once('-')?;
    Some(first.parse().ok()?..=last.parse().ok()?)
}

/// Listens to the same minute for a day.
fn a_day(cache: &Path) {
    let minute = vad_set::render(&vad_set::make(1.0, 1, cache), vad_set::Variant::Leak(30.0));
    let blocks: Vec<[&[f32]; 2]> =
        minute[0].chunks(16_000).zip(minute[1].chunks(16_000)).map(|(l, r)| [l, r]).collect();
    let before = peak_memory_kb();
    let mut analyzer =
        Analyzer::new(2, &RoleMap::default(), &Silero).expect("two channels are few");
    for _ in 0..24 * 60 {
        blocks.iter().for_each(|block| analyzer.push(block).expect("blocks of equal lengths"));
    }
    let analysis = analyzer.finish();
    println!(
        "{} of two channels, {} stretches of speech on the first: {:.1} MB more at the peak, {:.0} CPU s.",
        analysis.measures.duration,
        analysis.measures.channels[0].speech.len(),
        (peak_memory_kb() - before) as f64 / 1024.0,
        cpu_seconds(),
    );
}

/// The most memory that this process has had, in KiB.
fn peak_memory_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says so");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("Linux says so");
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number of kB")
}

/// Processor time of this process so far, in seconds.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Real recordings, where they lie beside the project.
fn recordings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings");
    if !folder.exists() {
        println!("\nReal recordings: not at hand.");
        return;
    }
    println!("\n| recording | judged against | method | P | R | F1 |\n|---|---|---|---|---|---|");
    for (method, choice) in [("network and level", Silero), ("level alone", EnergyOnly)] {
        let print = |name: &str, against: &str, frames: Frames| {
            println!(
                "| {name} | {against} | {method} | {:.3} | {:.3} | {:.3} |",
                frames.precision(),
                frames.recall(),
                frames.f1()
            );
        };
        let sample = compare(&folder.join("pyannote_sample.wav"), choice, |_, count| {
            score::frames(&rttm(&folder.join("pyannote_sample.rttm")), count)
        });
        print("pyannote_sample.wav", "hand labels", sample);
        for name in ["lca_auto_repairs_40_agent.wav", "lca_auto_repairs_40_caller.wav"] {
            print(name, "level", compare(&folder.join(name), choice, by_level));
        }
        let mut clips: Vec<PathBuf> = std::fs::read_dir(folder.join("reference"))
            .expect("the folder has `reference/`")
            .map(|entry| entry.expect("the folder can be listed").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "wav"))
            .collect();
        clips.sort();
        let all = clips
            .iter()
            .map(|clip| compare(clip, choice, by_level))
            .fold(Frames::default(), Frames::plus);
        print(&format!("{} clips of reference/", clips.len()), "level", all);
    }
}

fn compare(
    path: &Path,
    choice: VoiceActivityChoice,
    truth: impl Fn(&[f32], usize) -> Vec<bool>,
) -> Frames {
    let channels = vad_set::read_wav(path);
    let analysis = vad_set::listen(&[&channels[0]], choice);
    let count = channels[0].len() / 160;
    let found = score::frames(&analysis.measures.channels[0].speech, count);
    Frames::compare(&found, &truth(&channels[0], count))
}

/// Frames within 25 dB of the 95th percentile, pauses under 200 ms filled, bursts under 100 ms
/// left out: what a person would call loud.
fn by_level(samples: &[f32], count: usize) -> Vec<bool> {
    let levels: Vec<f32> = samples.chunks_exact(160).map(vad_set::sound::rms).collect();
    let mut sorted = levels.clone();
    sorted.sort_by(f32::total_cmp);
    let least = sorted[sorted.len() * 95 / 100] * vad_set::sound::gain(-25.0);
    let mut loud: Vec<bool> = levels.iter().map(|&level| level >= least).collect();
    for (start, end) in score::runs(&loud.iter().map(|loud| !loud).collect::<Vec<_>>()) {
        if end - start < 20 && start > 0 && end < count {
            loud[start..end].fill(true);
        }
    }
    for (start, end) in score::runs(&loud) {
        if end - start < 10 {
            loud[start..end].fill(false);
        }
    }
    loud
}

/// The stretches of an RTTM file, all speakers together.
fn rttm(path: &Path) -> Vec<Span> {
    let text = std::fs::read_to_string(path).expect("the labels lie beside it");
    let milliseconds =
        |text: &str| (text.parse::<f64>().expect("RTTM has seconds there") * 1000.0).round() as u64;
    text.lines()
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (start, length) = (milliseconds(words[3]), milliseconds(words[4]));
            Span::new(Millis(start), Millis(start + length))
        })
        .collect()
}
