//! Every kind of bad recording and the answer that it gets.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use fh_audio::{AudioError, ChildProgram, Ffmpeg, LimitKind, PartialPolicy, Place, SandboxPolicy};
use fh_model::{Completeness, Millis};
use support::{
    Folder, best_match, decode_all, le_bytes, options, partial_reason, shared_recordings, speech,
    wav, wav_16, wav_with_sizes,
};

/// The error that a file ends in, without ffmpeg.
fn error_of(path: &Path) -> AudioError {
    let mut options = options();
    options.ffmpeg = Ffmpeg::Never;
    match decode_all(path, &options) {
        Err(error) => error,
        Ok((recording, _)) => panic!("expected an error, found {recording:?}"),
    }
}

/// A file that must end in an error with this code and these words; the file is always named.
fn check(name: &str, bytes: &[u8], code: &str, words: &str) {
    let folder = Folder::new();
    let error = error_of(&folder.write(name, bytes));
    let text = error.to_string();
    assert_eq!(error.code(), code, "{name}: {text}");
    assert!(text.contains(words), "{name}: {text}");
    assert!(text.contains(name), "{text}");
}

fn header_only() -> Vec<u8> {
    wav_with_sizes(1, 1, 8_000, 16, &[], 0)
}

#[test]
fn no_sound_at_all() {
    check("call.wav", b"", "empty", "0 bytes");
    check("call.wav", &header_only(), "empty", "a header and no samples");
    // A format chunk and then the end of the file.
    check("call.wav", &header_only()[..36], "empty", "a header and no samples");
    check("call.aiff", b"FORM\0\0\0\x2EAIFFCOMM\0\0\0\x12\0\x01\0\0\0\0\0\x10\x40\x0B\xFA\0\0\0\0\0\0\0SSND\0\0\0\x08\0\0\0\0\0\0\0\0", "empty", "a header and no samples");
    check("call.amr", b"#!AMR\n", "empty", "a header and no samples");
}

#[test]
fn things_that_are_no_recordings() {
    let noise: Vec<u8> =
        (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 & 0xF7).collect();
    check("call.wav", &noise, "unknown_format", "bytes of no known kind");
    check("call.mp3", &[0; 4_096], "unknown_format", "nothing but zeros");
    check("call.wav", b"%PDF-1.7\n...", "unknown_format", "a PDF document");
    check("call.mp3", b"<!DOCTYPE html><html><body>404</body>", "unknown_format", "an HTML page");
    check("call.wav", b"\x1F\x8B\x08\0\0\0\0\0", "unknown_format", "gzip data");
    check("call.wav", b"#EXTM3U\nhttp://127.0.0.1/a.wav\n", "unknown_format", "a playlist");
    check("call.wav", b"ffconcat version 1.0\nfile /etc/passwd\n", "unknown_format", "a playlist");
    check("call.V3", b"just some notes about a call", "unknown_format", "text");
    // Two bytes that begin an MPEG frame are not an MP3: three frames must follow one another.
    let mut almost = vec![0x93; 60_000];
    almost[1_000..1_004].copy_from_slice(&[0xFF, 0xFB, 0x90, 0x64]);
    check("call.mp3", &almost, "unknown_format", "bytes of no known kind");
}

#[test]
#[ignore = "needs ../shared"]
fn a_wav_without_its_header_is_no_recording() {
    let error = error_of(&shared_recordings().join("azure_missing_wav_header.wav"));
    assert_eq!(error.code(), "unknown_format");
}

#[test]
fn things_that_are_no_files() {
    let folder = Folder::new();
    assert_eq!(error_of(folder.0.path()).code(), "not_a_file");
    assert_eq!(error_of(&folder.path("absent.wav")).code(), "unreadable");
    assert_eq!(error_of(Path::new("/dev/null")).code(), "not_a_file");
}

#[test]
fn headers_that_cannot_be() {
    let second = le_bytes(&speech(8_000, 1.0, 1));
    check("call.wav", &wav(1, 0, 8_000, 16, &second), "malformed", "0 channels");
    check("call.wav", &wav(1, 65_535, 8_000, 16, &second), "limit_reached", "at most 8 channels");
    check("call.wav", &wav(1, 1, 0, 16, &second), "malformed", "0 Hz");
    check("call.wav", &wav(1, 1, 1, 16, &second), "malformed", "a rate of at least 4000 Hz");
    check("call.wav", &wav(1, 1, 4_000_000_000, 16, &second), "limit_reached", "192000 hertz");
    check("call.wav", &wav(1, 1, 8_000, 7_000, &second), "malformed", "7000 bits");
    let data_first = [&wav(1, 1, 8_000, 16, &second)[..12], b"data\x04\0\0\0abcd"].concat();
    check("call.wav", &data_first, "malformed", "a format chunk before the samples");
    check("call.m4a", b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom", "malformed", "mp4");
    check("call.flac", b"fLaC", "malformed", "flac");
}

#[test]
fn eight_channels_at_192_khz_are_fine() {
    let folder = Folder::new();
    let path = folder.write("call.wav", &wav_16(8, 192_000, &speech(192_000, 0.25, 8)));
    let (recording, samples) = decode_all(&path, &options()).unwrap();
    assert_eq!((recording.channels, recording.duration), (8, Millis(250)));
    assert_eq!(samples.len(), 8);
}

#[test]
fn a_recorder_that_died_leaves_a_partial_call() {
    let folder = Folder::new();
    let sound = le_bytes(&speech(8_000, 2.0, 1));
    for declared in [0, u32::MAX] {
        let path = folder.write("call.wav", &wav_with_sizes(1, 1, 8_000, 16, &sound, declared));
        let (recording, _) = decode_all(&path, &options()).unwrap();
        assert_eq!(recording.duration, Millis(2_000));
        assert!(partial_reason(&recording).contains("the header gives no length"));
    }
}

#[test]
fn a_length_beyond_the_end_of_the_file_is_cut_there() {
    let folder = Folder::new();
    let sound = le_bytes(&speech(8_000, 2.0, 1));
    // 4 GB declared, 2 s there; and a truncated file: 3 s declared.
    for (declared, seconds) in [(0xFFFF_FFF0_u32, 268_435_u64), (48_000, 3)] {
        let path = folder.write("call.wav", &wav_with_sizes(1, 1, 8_000, 16, &sound, declared));
        let (recording, _) = decode_all(&path, &options()).unwrap();
        assert_eq!(recording.duration, Millis(2_000));
        let Completeness::Partial { reason, declared: Some(length) } = &recording.completeness
        else {
            panic!("expected a partial recording with a declared length: {recording:?}");
        };
        assert_eq!(length.0 / 1_000, seconds);
        assert!(reason.contains("the file ends at byte 32044"), "{reason}");
    }
}

#[test]
fn partial_calls_are_errors_where_they_are_refused() {
    let folder = Folder::new();
    let sound = le_bytes(&speech(8_000, 2.0, 1));
    let path = folder.write("call.wav", &wav_with_sizes(1, 1, 8_000, 16, &sound, 48_000));
    let mut options = options();
    options.partial = PartialPolicy::Refuse;
    let error = decode_all(&path, &options).unwrap_err();
    assert_eq!(error.code(), "partial");
    assert!(matches!(error, AudioError::Partial { decoded: Millis(2_000), .. }), "{error}");
}

#[test]
fn limits_are_on_decoded_seconds_and_on_bytes() {
    let folder = Folder::new();
    let path = folder.write("call.wav", &wav_16(1, 8_000, &speech(8_000, 3.0, 1)));
    let mut options = options();
    options.limits.max_duration = Millis::from_secs(2);
    let error = decode_all(&path, &options).unwrap_err();
    let duration = |error: &AudioError| {
        matches!(error, AudioError::LimitReached { limit: LimitKind::Duration, allowed: 2_000, .. })
    };
    assert!(duration(&error), "{error}");
    options.limits.max_bytes = 1_000;
    let error = decode_all(&path, &options).unwrap_err();
    assert!(
        matches!(
            error,
            AudioError::LimitReached { limit: LimitKind::Bytes, allowed: 1_000, found: 48_044, .. }
        ),
        "{error}"
    );
}

#[test]
fn a_missing_decoder_is_named_with_its_package() {
    let folder = Folder::new();
    // GSM 6.10: format tag 0x31.
    let error = error_of(&folder.write("call.wav", &wav(0x31, 1, 8_000, 0, &[0; 650])));
    assert_eq!(error.code(), "missing_decoder");
    assert!(error.to_string().contains("`apt install ffmpeg`"), "{error}");
    assert!(error.to_string().contains("gsm_610"), "{error}");
    let error = error_of(&folder.write("call.caf", b"caff\0\x01\0\0"));
    assert_eq!(error.code(), "missing_decoder");
}

#[test]
fn g729_with_silence_frames_is_refused_and_not_cut_short() {
    // Frames of 10 bytes and one of 2.
    check("call.g729", &[0xF8; 602], "unsupported", "frames of 10 bytes");
}

/// A program in the place of the decoding process.
fn with_child(script: &str) -> AudioError {
    let folder = Folder::new();
    let path = folder.write("call.wav", &wav_16(1, 8_000, &speech(8_000, 1.0, 1)));
    let mut options = options();
    options.ffmpeg = Ffmpeg::Never;
    options.limits.max_wait = Millis(300);
    options.child =
        ChildProgram { program: "/bin/sh".into(), args: vec!["-c".into(), script.into()] };
    decode_all(&path, &options).unwrap_err()
}

#[test]
fn a_decoder_that_dies_or_hangs_or_lies_is_an_error() {
    let error = with_child("echo out of luck >&2; kill -ABRT $$");
    assert_eq!(error.code(), "decoder_crashed");
    assert!(error.to_string().contains("signal 6: out of luck"), "{error}");
    let error = with_child("kill -XCPU $$");
    assert!(matches!(error, AudioError::LimitReached { limit: LimitKind::Cpu, .. }), "{error}");
    let error = with_child("echo memory allocation of 6174015490 bytes failed >&2; kill -ABRT $$");
    assert!(matches!(error, AudioError::LimitReached { limit: LimitKind::Memory, .. }), "{error}");
    let error = with_child("exec sleep 60");
    assert!(matches!(error, AudioError::LimitReached { limit: LimitKind::Wait, .. }), "{error}");
    // It closes its output and stays.
    assert_eq!(with_child("exec sleep 60 >&-").code(), "decoder_crashed");
    assert_eq!(with_child("exit 0").code(), "decoder_protocol");
    assert_eq!(with_child("echo hello").code(), "decoder_protocol");
    // Samples before the format; a block of 4 GB.
    assert_eq!(with_child(r"printf 'B\002\000\000\000ab'").code(), "decoder_protocol");
    assert_eq!(with_child(r"printf 'B\377\377\377\377ab'").code(), "decoder_protocol");
    // Half a second of sound and then death: the half second counts.
    let facts = r#"{"format":"x","decoder":"wav","rate_hz":16000,"channels":1}"#;
    let script = format!(
        "printf 'F\\{:03o}\\000\\000\\000%s' '{facts}'; printf 'B\\200\\076\\000\\000'; \
         head -c 16000 /dev/zero; kill -SEGV $$",
        facts.len()
    );
    let folder = Folder::new();
    let path = folder.write("call.wav", &wav_16(1, 8_000, &speech(8_000, 1.0, 1)));
    let mut options = options();
    options.ffmpeg = Ffmpeg::Never;
    options.child =
        ChildProgram { program: "/bin/sh".into(), args: vec!["-c".into(), script.into()] };
    let (recording, _) = decode_all(&path, &options).unwrap();
    assert_eq!(recording.duration, Millis(500));
    assert!(partial_reason(&recording).contains("signal 11"), "{recording:?}");
}

/// What comes of a script in the place of ffmpeg. Fails where that never comes back.
fn with_ffmpeg(script: &str) -> AudioError {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let program = folder.write("ffmpeg", format!("#!/bin/sh\n{script}\n").as_bytes());
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.write("call.w64", b"riff\x2E\x91\xCF\x11 and so on");
    let mut options = options();
    options.ffmpeg = Ffmpeg::At(program);
    // The sandbox would let no shell start anything.
    options.sandbox = SandboxPolicy::Off;
    options.limits.max_wait = Millis(300);
    let (sender, result) = mpsc::channel();
    thread::spawn(move || sender.send(decode_all(&path, &options).unwrap_err()));
    result
        .recv_timeout(Duration::from_secs(60))
        .unwrap_or_else(|_| panic!("decoding waits for ever for `{script}`"))
}

#[test]
fn an_ffmpeg_that_stays_is_ended() {
    for script in [
        // Its output stays open: it is us who lose patience.
        "exec sleep 600",
        "sleep 600",
        "sleep 600 & wait",
    ] {
        let error = with_ffmpeg(script);
        assert!(
            matches!(error, AudioError::LimitReached { limit: LimitKind::Wait, .. }),
            "{error}"
        );
    }
    for script in [
        // Its output ends and it stays.
        "echo out of luck >&2; exec sleep 600 >&-",
        "echo out of luck >&2; exec >&-; sleep 600",
        // It ends, and what it started keeps standard error open.
        "echo out of luck >&2; exec >&-; sleep 600 &",
        // The same out of reach, in a session of its own. That one ends by itself.
        "echo out of luck >&2; exec >&-; setsid sleep 120 & sleep 0.1",
    ] {
        let error = with_ffmpeg(script);
        assert_eq!(error.code(), "unsupported", "{script}: {error}");
        assert!(error.to_string().contains("out of luck"), "{script}: {error}");
    }
}

/// A traced process that is stopped is not a dead one, and nobody will ever let it go on.
#[test]
#[ignore = "needs python3"]
fn an_ffmpeg_that_is_stopped_is_ended() {
    let trace_me = "import ctypes, os; ctypes.CDLL(None).ptrace(0, 0, 0, 0)";
    let error = with_ffmpeg(&format!(
        "exec >&-; exec python3 -c '{trace_me}; os.write(2, b\"out of luck\"); os.kill(os.getpid(), 18)'"
    ));
    assert!(error.to_string().contains("out of luck"), "{error}");
}

#[test]
fn a_decoder_that_cannot_be_started_is_an_error() {
    let folder = Folder::new();
    let path = folder.write("call.wav", &wav_16(1, 8_000, &speech(8_000, 1.0, 1)));
    let mut options = options();
    options.child.program = folder.path("absent");
    assert_eq!(decode_all(&path, &options).unwrap_err().code(), "decoder_not_started");
}

/// A minute of something like speech, encoded by ffmpeg.
struct Minute {
    folder: Folder,
    name: &'static str,
    bytes: Vec<u8>,
}

fn minute(codec: &str, name: &'static str) -> Minute {
    let folder = Folder::new();
    folder.write("in.wav", &wav_16(1, 16_000, &speech(16_000, 60.0, 1)));
    folder.ffmpeg(&format!("-i in.wav {codec} {name}"));
    let bytes = fs::read(folder.path(name)).unwrap();
    Minute { folder, name, bytes }
}

impl Minute {
    fn decoded(&self, bytes: &[u8]) -> (fh_model::Recording, Vec<Vec<f32>>) {
        decode_all(&self.folder.write(self.name, bytes), &options()).unwrap()
    }

    /// The file with one byte in 200 replaced, but not in its header.
    fn damaged(&self) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        let mut state = 7_u32;
        for _ in 0..bytes.len() / 200 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = 4_096 + (state as usize >> 4) % (bytes.len() - 4_096);
            bytes[at] = state as u8;
        }
        bytes
    }
}

#[test]
#[ignore = "needs ffmpeg"]
fn the_part_of_a_truncated_file_is_used() {
    for (codec, name) in [
        ("-c:a libmp3lame -b:a 32k", "call.mp3"),
        ("-c:a libopus", "call.opus"),
        ("-c:a libvorbis", "call.ogg"),
        ("-c:a flac", "call.flac"),
        ("-c:a aac", "call.mkv"),
        ("-c:a pcm_alaw -ar 8000", "call.wav"),
        ("-c:a pcm_s16be", "call.aiff"),
    ] {
        let minute = minute(codec, name);
        let (recording, _) = minute.decoded(&minute.bytes[..minute.bytes.len() / 2]);
        let seconds = recording.duration.as_secs_f64();
        assert!((10.0..45.0).contains(&seconds), "{name}: {seconds} s");
        assert!(recording.completeness.is_partial(), "{name}: {recording:?}");
    }
}

#[test]
#[ignore = "needs ffmpeg"]
fn an_m4a_without_its_index_is_an_error() {
    let minute = minute("-c:a aac", "call.m4a");
    // The index is at the end.
    let half = minute.folder.write("call.m4a", &minute.bytes[..minute.bytes.len() / 2]);
    assert_eq!(decode_all(&half, &options()).unwrap_err().code(), "malformed");
}

/// Damaged Opus pages are dropped by every decoder without a word.
#[test]
#[ignore = "needs ffmpeg"]
fn what_a_damaged_file_lost_is_found_out_by_its_declared_length() {
    for (codec, name) in [
        ("-c:a libopus", "call.opus"),
        ("-c:a flac", "call.flac"),
        ("-c:a libmp3lame -b:a 32k", "call.mp3"),
    ] {
        let minute = minute(codec, name);
        let (recording, samples) = minute.decoded(&minute.damaged());
        assert!(samples[0].iter().all(|sample| sample.abs() <= 1.0), "{name}");
        if name != "call.mp3" {
            assert!(recording.completeness.is_partial(), "{name}: {recording:?}");
        }
    }
}

/// What survives of a damaged Opus file stays at its own time.
#[test]
#[ignore = "needs ffmpeg"]
fn a_lost_page_leaves_silence_and_not_a_shift() {
    let minute = minute("-c:a libopus", "call.opus");
    let mut bytes = minute.bytes.clone();
    // One byte in the middle of the file: one page of a second is dropped.
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xFF;
    let (whole, expected) = minute.decoded(&minute.bytes);
    let (recording, samples) = minute.decoded(&bytes);
    assert_eq!(recording.duration, whole.duration);
    let last = expected[0].len() - 16_000 * 10;
    let (db, lag) = best_match(&samples[0][last..], &expected[0][last..], 50);
    assert!(lag == 0 && db > 30.0, "{db:.1} dB at lag {lag}");
    assert!(partial_reason(&recording).contains("decoded 00:5"), "{recording:?}");
}

#[test]
#[ignore = "needs ffmpeg"]
fn a_day_of_silence_is_stopped_by_the_limit_on_seconds() {
    let folder = Folder::new();
    folder.ffmpeg("-f lavfi -i anullsrc=r=8000:cl=mono -t 86400 -c:a flac day.flac");
    let error = decode_all(&folder.path("day.flac"), &options()).unwrap_err();
    assert!(
        matches!(
            error,
            AudioError::LimitReached { limit: LimitKind::Duration, allowed: 21_600_000, .. }
        ),
        "{error}"
    );
}

#[test]
#[ignore = "needs ffmpeg"]
fn content_decides_and_not_the_name() {
    for (codec, made, name, format) in [
        ("-c:a libmp3lame", "call.mp3", "call.wav", "mp3/mp3"),
        ("-c:a libopus", "call.opus", "call.mp3", "ogg/opus"),
        ("-c:a aac", "call.mkv", "call.wav", "matroska/aac"),
        ("-c:a gsm_ms -ar 8000", "gsm.wav", "call.V3", "wav/gsm_ms"),
    ] {
        let minute = minute(codec, made);
        let path = minute.folder.write(name, &minute.bytes);
        let (recording, _) = decode_all(&path, &options()).unwrap();
        assert_eq!(recording.format, format);
        assert_eq!(recording.completeness, Completeness::Complete, "{format}");
    }
}

#[test]
fn errors_say_where() {
    let folder = Folder::new();
    let second = le_bytes(&speech(8_000, 1.0, 1));
    let error = error_of(&folder.write("call.wav", &wav(1, 0, 8_000, 16, &second)));
    // The number of channels is 2 bytes into the format chunk, which begins at 20.
    assert!(matches!(error, AudioError::Malformed { place: Place::Byte(22), .. }), "{error:?}");
    let mut amr = b"#!AMR\n".to_vec();
    amr.extend([0x7C, 0x7C, 0x48]);
    let error = decode_all(&folder.write("call.amr", &amr), &options());
    // Type 9 does not exist; the two empty frames before it count.
    match error {
        Ok((recording, _)) => {
            assert!(partial_reason(&recording).contains("packet 2"), "{recording:?}");
        }
        Err(error) => assert_eq!(error.code(), "missing_decoder", "{error}"),
    }
}
