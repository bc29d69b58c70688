//! One hour of stereo telephone sound through decode and resample, against ffmpeg doing the same
//! in the same run: processor time as a ratio, and peak memory.
//!
//! `cargo bench -p fh-audio --bench decode` prints a Markdown table. `-- --day` measures 24 hours as
//! well, to see that memory stays flat. Needs ffmpeg. What counts is the ratio: both run in turns,
//! the best of three each, so that a busy machine slows both. The hour is made of the sample calls
//! of this project.
#![expect(unsafe_code, reason = "a child's processor time has no safe wrapper")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fh_audio::{AudioError, ChildProgram, DecodeOptions, Receiver, decode};
use fh_model::Millis;

/// What is compared: a name, how ffmpeg makes it, the file, the ratio that we want to stay under.
///
/// Opus comes in two kinds. Telephone software sets `voip`, which makes it SILK at these rates; as
/// `audio` it is CELT, whose decoder works at 48 kHz inside whatever rate is asked for.
const FORMATS: [(&str, &str, &str, Option<f64>); 4] = [
    ("WAV mu-law", "-c:a pcm_mulaw", "hour.wav", Some(1.0)),
    ("MP3 32 kb/s", "-c:a libmp3lame -b:a 32k", "hour.mp3", Some(0.85)),
    ("Opus 32 kb/s, voip", "-c:a libopus -b:a 32k -application voip", "hour.opus", Some(0.45)),
    ("Opus 32 kb/s, audio", "-c:a libopus -b:a 32k -application audio", "music.opus", None),
];

/// The sample calls that the hour is made of: two channels each.
const CALLS: [&str; 3] =
    ["en_telecom_complaint.wav", "en_fund_outbound.ogg", "en_insurance_address.opus"];

/// Peak memory of the decoding process that we want to stay under.
const MAX_MEMORY_MB: f64 = 16.0;

const ROUNDS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--ours", file] => run_ours(Path::new(file)),
        ["--ffmpeg", file] => run_ffmpeg(Path::new(file)),
        all => compare(all.contains(&"--day")),
    }
}

/// Processor seconds and peak memory of all children that have ended.
fn print_usage_of_children() {
    // SAFETY: all-zero is a valid `rusage`: it is made of integers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a `rusage` that outlives the call.
    let status = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage) };
    assert_eq!(status, 0, "the usage of children can be asked for");
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    println!("{} {}", seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss);
}

/// Our decoding process, its samples read and thrown away.
fn run_ours(file: &Path) {
    struct Discard;
    impl Receiver for Discard {
        fn block(&mut self, _: &[&[f32]]) -> Result<(), AudioError> {
            Ok(())
        }
    }
    let program = PathBuf::from(env!("CARGO_BIN_EXE_fh-decode-child"));
    let mut options = DecodeOptions::new(ChildProgram { program, args: Vec::new() });
    options.limits.max_duration = Millis::from_secs(25 * 3_600);
    let decoded = decode(file, &options, &mut |_| Ok(Discard)).expect("the file decodes");
    assert!(!decoded.recording.completeness.is_partial(), "{:?}", decoded.recording);
    print_usage_of_children();
}

/// ffmpeg doing the same: each channel by itself at 16 kHz, thrown away.
fn run_ffmpeg(file: &Path) {
    let status = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-y", "-threads", "1", "-i"])
        .arg(file)
        .args(["-filter_complex", "[0:a]aresample=16000,channelsplit=channel_layout=stereo[l][r]"])
        .args(["-map", "[l]", "-c:a", "pcm_f32le", "-f", "f32le", "/dev/null"])
        .args(["-map", "[r]", "-c:a", "pcm_f32le", "-f", "f32le", "/dev/null"])
        .status()
        .expect("ffmpeg is installed");
    assert!(status.success(), "ffmpeg decodes the file");
    print_usage_of_children();
}

#[derive(Debug, Clone, Copy)]
struct Usage {
    seconds: f64,
    megabytes: f64,
}

/// Runs this program again, so that each measurement has children of its own.
fn measure(mode: &str, file: &Path) -> Usage {
    let own = std::env::current_exe().expect("this program has a path");
    let output = Command::new(own)
        .arg(mode)
        .arg(file)
        .stderr(Stdio::inherit())
        .output()
        .expect("this program can be run again");
    assert!(output.status.success(), "{mode} {}", file.display());
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(|word| word.parse::<f64>().expect("a number"));
    let (Some(seconds), Some(kilobytes)) = (numbers.next(), numbers.next()) else {
        panic!("expected two numbers, found `{text}`");
    };
    Usage { seconds, megabytes: kilobytes / 1_024.0 }
}

fn best(usages: &[Usage]) -> Usage {
    let seconds = usages.iter().map(|usage| usage.seconds).fold(f64::INFINITY, f64::min);
    let megabytes = usages.iter().map(|usage| usage.megabytes).fold(0.0, f64::max);
    Usage { seconds, megabytes }
}

fn compare(day: bool) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let folder = folder.path();
    write_hour(folder);
    println!(
        "| 1 h stereo 8 kHz | ours, CPU s | ffmpeg, CPU s | ratio | goal | ours, MB | ffmpeg, MB |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (name, codec, file, goal) in FORMATS {
        let path = folder.join(file);
        ffmpeg(folder, &format!("-i sound.wav {codec} {file}"));
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(measure("--ours", &path));
            theirs.push(measure("--ffmpeg", &path));
        }
        let (ours, theirs) = (best(&ours), best(&theirs));
        let goal = goal.map(|goal| format!("{goal:.2}")).unwrap_or_default();
        println!(
            "| {name} | {:.2} | {:.2} | {:.2} | {goal} | {:.1} | {:.1} |",
            ours.seconds,
            theirs.seconds,
            ours.seconds / theirs.seconds,
            ours.megabytes,
            theirs.megabytes
        );
        assert!(ours.megabytes < MAX_MEMORY_MB, "{name} takes {:.1} MB", ours.megabytes);
    }
    if day {
        measure_day(folder);
    }
}

/// Twenty-four hours, and the same memory.
fn measure_day(folder: &Path) {
    println!("\n| 24 h stereo 8 kHz | ours, CPU s | ours, MB | MB of 1 h |");
    println!("|---|---|---|---|");
    for (name, _, file, _) in &FORMATS[..3] {
        let long = format!("day-{file}");
        ffmpeg(folder, &format!("-stream_loop 23 -i {file} -c copy {long}"));
        let hour = measure("--ours", &folder.join(file));
        let day = measure("--ours", &folder.join(&long));
        println!("| {name} | {:.1} | {:.1} | {:.1} |", day.seconds, day.megabytes, hour.megabytes);
        fs::remove_file(folder.join(&long)).expect("the file was just written");
    }
}

fn ffmpeg(folder: &Path, arguments: &str) {
    let status = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-y"])
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .status()
        .expect("ffmpeg is installed");
    assert!(status.success(), "ffmpeg {arguments}");
}

/// An hour of calls at 8 kHz as `sound.wav`: the sample calls, again and again.
fn write_hour(folder: &Path) {
    const RATE: u32 = 8_000;
    const BYTES: usize = RATE as usize * 4 * 3_600;
    let calls = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/calls");
    let mut sound = Vec::new();
    for call in CALLS {
        fs::copy(calls.join(call), folder.join(call)).expect("the sample calls are there");
        ffmpeg(folder, &format!("-i {call} -ac 2 -ar {RATE} -f s16le call.raw"));
        sound.extend(fs::read(folder.join("call.raw")).expect("ffmpeg wrote it"));
    }
    let mut file = b"RIFF".to_vec();
    file.extend((BYTES as u32 + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * 4).to_le_bytes());
    file.extend(b"\x04\0\x10\0data");
    file.extend((BYTES as u32).to_le_bytes());
    file.extend(sound.iter().cycle().take(BYTES));
    fs::write(folder.join("sound.wav"), file).expect("the folder can be written");
}
